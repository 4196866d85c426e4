"""The SRT door: one port, one publisher at a time, one publication after the other as MPEG-TS.

    encoder ──UDP──▶ the listener, a process of its own ──pipe──▶ our thread ──▶ an arrival ──▶ whoever reads

The passphrase stays here and in the listener. The UDP socket is ours: the port stays the same, and stays ours, while a
listener that died is started again.
"""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING, Final

from huma.errors import TransportError, UsageError
from huma.net.srt.library import PACKAGE
from huma.net.srt.limits import LATENCY_MS, LIMITS, SRT_PORT, Limits
from huma.net.srt.news import LineQuality
from huma.net.srt.order import Order
from huma.net.srt.process import Process
from huma.net.srt.publication import Publication
from huma.net.srt.settings import bind, check_settings
from huma.net.srt.state import SrtState

if TYPE_CHECKING:
    from collections.abc import Callable

    from huma.net.srt.arrival import Arrival

MISSING: Final = "srt-missing"
CRASHED: Final = "srt-crashed"
_LOOK_S: Final = 0.1
_STEP_S: Final = 0.25


def _mono_ms() -> int:
    return int(time.monotonic() * 1000)


class SrtDoor:
    """What a reader holds. Its port is taken from the moment it is made; encoders come in between `start` and `stop`.

    Args:
        name: What it is called by `door:NAME`.
        host: Where to listen; empty is everywhere.
        port: 0 takes a free one.
        passphrase: 10 to 79 characters; may be empty on loopback only.
        latency_ms: For how long what was lost on the way is waited for; the encoder may ask for more.
        streamid: Only who gives this stream id may send; None takes any.
        limits: All of them.
        option: What named the place on the command line, for errors.
        mono_ms: A clock.

    Raises:
        UsageError: The passphrase is missing or unfit, a number is out of bounds, or the port cannot be had.
    """

    protocol: Final = "srt"
    form: Final = "mpegts"

    def __init__(
        self,
        name: str,
        host: str = "127.0.0.1",
        port: int = SRT_PORT,
        passphrase: str = "",
        *,
        latency_ms: int = LATENCY_MS,
        streamid: str | None = None,
        limits: Limits = LIMITS,
        option: str = "--srt",
        mono_ms: Callable[[], int] = _mono_ms,
    ) -> None:
        check_settings(host, passphrase, latency_ms, streamid)
        self.name = name
        self._limits, self._now_ms = limits, mono_ms
        self._socket = bind(host, port, option)
        self.port: int = self._socket.getsockname()[1]
        self._order = Order(self._socket.fileno(), -1, latency_ms, passphrase, streamid, limits)
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._changed = threading.Condition()
        self._waiting: Arrival | None = None
        self._reading: Arrival | None = None
        self._stopping, self._ready = threading.Event(), threading.Event()
        self._process: Process | None = None
        self._publication: Publication | None = None
        self._refused: Counter[str] = Counter()
        self._publications = self._restarts = self._unread = 0
        self._code = ""
        self._thread = threading.Thread(target=self._run, name="huma-srt", daemon=True)
        self._state = SrtState(name, self.port)

    @property
    def state(self) -> SrtState:
        """What is going on, at most a quarter of a second old. Any thread may ask."""
        return self._state

    @property
    def pid(self) -> int | None:
        """The listener's process, if one runs."""
        process = self._process
        return None if process is None else process.pid

    def start(self) -> None:
        """Let encoders in.

        Raises:
            UsageError: libsrt is not installed.
            TransportError: The listener does not start.
        """
        self._thread.start()
        self._ready.wait(self._limits.start_ms / 1000)
        if self._state.listening:
            return
        code = self._code or CRASHED
        self.stop()
        if code == MISSING:
            raise UsageError(
                "SRT needs libsrt, which is not installed", code=MISSING, hint=f"apt install {PACKAGE}"
            )
        raise TransportError("the SRT door does not open", code=code, hint="Try again, or push by RTMP.")

    def stop(self) -> None:
        """Send the encoder away and free the port. What has come can still be read. May be called again."""
        self._stopping.set()
        if self._thread.is_alive():
            os.eventfd_write(self._wake, 1)
            self._thread.join(3 * self._limits.leave_ms / 1000)
        if not self._thread.is_alive() and self._wake >= 0:
            os.close(self._wake)
            self._wake = -1
        self._socket.close()
        with self._changed:
            self._changed.notify_all()

    def open_next(self, stop: threading.Event) -> Arrival | None:
        """The next publication, or None when stopped. The one before is let go of.

        An encoder whose publication was let go of stays: what it sends from then on comes as another one.
        """
        with self._changed:
            reading, self._reading = self._reading, None
        if reading is not None:
            reading.close()
        with self._changed:
            while self._waiting is None or self._waiting.stale:
                if stop.is_set() or self._stopping.is_set():
                    return None
                self._changed.wait(_LOOK_S)
            arrival, self._waiting = self._waiting, None
            self._reading = arrival
        arrival.attend(stop, self._limits.read_ms / 1000)
        return arrival

    # -- the thread ---------------------------------------------------------------------------------------

    def _run(self) -> None:
        first, longest = self._limits.first_pause_ms, self._limits.longest_pause_ms
        pause = first
        while not self._stopping.is_set():
            began = self._now_ms()
            self._code = self._serve()
            self._look(None)
            if self._code == MISSING and not self._ready.is_set():
                break
            if self._now_ms() - began > self._limits.settled_ms:
                pause = first
            if not self._stopping.wait(pause / 1000):
                self._restarts += 1
            pause = min(2 * pause, longest)
        self._ready.set()

    def _serve(self) -> str:
        """One life of a listener; why it ended, empty where that was asked for."""
        try:
            process = self._process = Process(self._order, self._wake)
        except OSError:
            return CRASHED
        try:
            while not process.over and not self._stopping.is_set():
                self._hand_on(process.step(_STEP_S))
                if process.news.listening:
                    self._code = ""
                self._look(process)
                if process.news.listening:
                    self._ready.set()
            if self._stopping.is_set():
                self._hand_on(process.end())
        finally:
            self._process = None
            process.kill()
            self._end()
            self._refused.update(process.news.refused)
        return "" if self._stopping.is_set() else process.news.failed or CRASHED

    def _hand_on(self, frames: list[tuple[int, bytes]]) -> None:
        for number, data in frames:
            if self._publication is not None and (self._publication.number != number or not data):
                self._end()
            if not data:
                continue
            if self._publication is None:
                self._publications += 1
                self._publication = Publication(number, self._limits, self._now_ms, self._offer)
            self._publication.take(data)

    def _offer(self, arrival: Arrival) -> None:
        """Let a reader have this one; an older one that nobody took is given up."""
        with self._changed:
            if self._waiting is not None:
                self._waiting.close()
            self._waiting = arrival
            self._changed.notify_all()

    def _end(self) -> None:
        """The encoder has gone; what has come can still be read."""
        publication, self._publication = self._publication, None
        if publication is not None:
            publication.end()
            self._unread += publication.unread

    def _look(self, process: Process | None) -> None:
        """Put down how things are."""
        refused = Counter(self._refused)
        if process is not None:
            refused.update(process.news.refused)
        state = SrtState(
            self.name,
            self.port,
            listening=process is not None and process.news.listening,
            unread_bytes=self._unread,
            publications=self._publications,
            restarts=self._restarts,
            code=self._code,
            confined=process is not None and process.news.confined,
            refused=dict(refused),
        )
        if self._publication is not None and process is not None:
            state = self._publication.show(state, process.news.line or LineQuality())
        self._state = state
