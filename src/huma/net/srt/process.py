"""A listener process, seen from outside: frames and news come out, and it can be killed at any moment."""

from __future__ import annotations

import fcntl
import os
import selectors
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from huma.config import MIB
from huma.net.srt.frames import FrameError, FrameReader
from huma.net.srt.news import News, NewsError, parse_news
from huma.net.srt.order import render_order

if TYPE_CHECKING:
    from huma.net.srt.limits import Limits
    from huma.net.srt.order import Order

_CHUNK: Final = 256 * 1024
_PIPE_BYTES: Final = MIB
_ENVIRONMENT: Final = (
    "HOME",
    "LANG",
    "LD_LIBRARY_PATH",
    "PATH",
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONUSERBASE",
)
"""All that it is told of our environment, where passwords may stand."""
PROGRAM: Final = (sys.executable, "-P", "-m", "huma.net.srt.listener")


class Process:
    """One life of a listener. Used by one thread, which must live as long: the kernel ends the listener with it."""

    def __init__(self, order: Order, wake: int) -> None:
        self._limits: Limits = order.limits
        self._wake = wake
        self._media, writer = os.pipe()
        with suppress(OSError):  # a short one will do
            fcntl.fcntl(self._media, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        try:
            self._process = subprocess.Popen(
                PROGRAM,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # a library's last words may hold an address
                start_new_session=True,
                pass_fds=(order.socket, writer),
                env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
            )
        except OSError:
            os.close(self._media)
            raise
        finally:
            os.close(writer)
        assert self._process.stdin is not None  # noqa: S101 - as asked for above
        assert self._process.stdout is not None  # noqa: S101
        self._in, self._out = self._process.stdin, self._process.stdout
        self._frames = FrameReader(order.limits.frame_bytes)
        self._line = b""
        self._heard = time.monotonic()
        self._open = {self._media, self._out.fileno()}
        self.news = News()
        self.broken = False
        for handle in self._open:
            os.set_blocking(handle, False)
        with suppress(OSError):  # it died at once
            self._in.write(render_order(replace(order, media=writer)))
            self._in.flush()

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    @property
    def over(self) -> bool:
        """Whether it has ended, or is to be ended: it has hung, or said what no listener of ours says."""
        hung = time.monotonic() - self._heard > self._limits.hung_ms / 1000
        return self.broken or hung or not self._open

    def step(self, timeout: float) -> list[tuple[int, bytes]]:
        """Wait until it says something, somebody wakes us, or time is up; gives its frames."""
        with selectors.DefaultSelector() as selector:
            for handle in (self._wake, *self._open):
                selector.register(handle, selectors.EVENT_READ)
            ready = {key.fd for key, _ in selector.select(timeout)}
        if self._wake in ready:
            with suppress(BlockingIOError):
                os.eventfd_read(self._wake)
        try:
            if self._out.fileno() in ready:
                self._read_news()
            return list(self._frames.feed(self._read(self._media))) if self._media in ready else []
        except (FrameError, NewsError):
            self.broken = True
            return []

    def end(self) -> list[tuple[int, bytes]]:
        """Let it say goodbye to its publisher, then end it; gives what it still said."""
        with suppress(OSError):
            self._in.close()
        frames: list[tuple[int, bytes]] = []
        until = time.monotonic() + self._limits.leave_ms / 1000
        while not self.over and time.monotonic() < until:
            frames += self.step(max(0.0, until - time.monotonic()))
        self.kill()
        return frames

    def kill(self) -> None:
        """End it now, and see it off. May be called again."""
        self._process.kill()
        if self._out.closed:
            return
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(self._limits.leave_ms / 1000)
        with suppress(OSError):
            self._in.close()
        self._out.close()
        os.close(self._media)

    def _read_news(self) -> None:
        *lines, self._line = (self._line + self._read(self._out.fileno())).split(b"\n")
        if any(len(line) > self._limits.news_bytes for line in (*lines, self._line)):
            raise NewsError
        for line in lines:
            self.news = parse_news(line)
            self._heard = time.monotonic()

    def _read(self, handle: int) -> bytes:
        try:
            data = os.read(handle, _CHUNK)
        except BlockingIOError:
            return b""
        if not data:
            self._open.discard(handle)
        return data
