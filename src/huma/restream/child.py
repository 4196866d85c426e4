"""A sender process, seen from outside: bytes go in without waiting, news come out, and it can be killed at any moment."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from huma.restream.order import render_order

if TYPE_CHECKING:
    from huma.restream.order import Order

_CHUNK: Final = 64 * 1024
_NEWS_MAX_BYTES: Final = 16 * 1024
_LEAVE_S: Final = 2.0


class Child:
    """One life of a sender. Used by one thread."""

    def __init__(self, order: Order, wake: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "huma.restream.sender"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a library's last words may hold the address
            start_new_session=True,  # Ctrl-C is ours: we end it when its stream has ended
            pass_fds=(order.handle,) if order.handle >= 0 else (),
        )
        assert self._process.stdin is not None  # noqa: S101 - as asked for above
        assert self._process.stdout is not None  # noqa: S101 - as asked for above
        self._in, self._out, self._wake = self._process.stdin, self._process.stdout, wake
        self._unsent = bytearray(render_order(order))
        self._news = b""
        self._told = False
        self.connected = False
        self.sent = 0
        self.at = 0.0
        self.code = ""
        for stream in (self._in, self._out):
            os.set_blocking(stream.fileno(), False)

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    @property
    def unsent(self) -> int:
        """Bytes that it has not taken yet."""
        return len(self._unsent)

    @property
    def over(self) -> bool:
        """Whether it has ended, and all its news have been read."""
        return self._told and self._process.poll() is not None

    @property
    def succeeded(self) -> bool:
        """Whether it passed on everything."""
        return self._process.poll() == 0

    def offer(self, data: bytes) -> None:
        """Bytes for it to take when it can."""
        self._unsent += data

    def step(self, timeout: float) -> None:
        """Wait until it takes bytes, says something or ends, somebody wakes us, or time is up."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._wake, selectors.EVENT_READ)
            if not self._told:
                selector.register(self._out, selectors.EVENT_READ)
            if self._unsent and not self._in.closed:
                selector.register(self._in, selectors.EVENT_WRITE)
            ready = {key.fileobj for key, _ in selector.select(timeout)}
        if self._wake in ready:
            with suppress(BlockingIOError):
                os.eventfd_read(self._wake)
        if self._in in ready:
            self._write()
        if self._out in ready:
            self._read()

    def finish(self) -> None:
        """Nothing follows: it ends when it has passed on what it has."""
        if not self._in.closed:
            with suppress(OSError):
                self._in.close()

    def stop(self) -> None:
        """End it now, whatever it is doing; from any thread."""
        self._process.kill()

    def kill(self) -> None:
        """End it now, and see it off."""
        self.stop()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_LEAVE_S)
        self.finish()
        self._out.close()

    def _write(self) -> None:
        try:
            done = os.write(self._in.fileno(), self._unsent[:_CHUNK])
        except BlockingIOError:
            return
        except OSError:  # it has gone: what it said is read yet
            self._unsent.clear()
            self.finish()
            return
        del self._unsent[:done]

    def _read(self) -> None:
        try:
            data = os.read(self._out.fileno(), _CHUNK)
        except BlockingIOError:
            return
        if not data:
            self._told = True
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_LEAVE_S)
            return
        *lines, self._news = (self._news + data).split(b"\n")
        self._news = self._news[-_NEWS_MAX_BYTES:]
        for line in lines:
            with suppress(ValueError):
                self._note(json.loads(line))

    def _note(self, news: dict[str, Any]) -> None:
        self.connected = self.connected or bool(news.get("connected"))
        self.sent = int(news.get("sent", self.sent))
        self.at = float(news.get("at", self.at))
        self.code = str(news.get("failed", self.code))
