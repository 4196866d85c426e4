"""The listener: a process of its own that takes publications in by SRT and hands them on as they come.

    standard input    an order; then nothing, until its end says that this one ends too
    standard output   news: a line of JSON now and then
    a pipe            frames of MPEG-TS, one publication after the other

It is started by `huma.net.srt.process` and no person. It may hang, crash or be killed: it is started again.
"""

from __future__ import annotations

import ctypes
import os
import select
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from huma.net.srt import admission
from huma.net.srt.admission import Admission, Knock
from huma.net.srt.confine import Memory, confine, settle_in
from huma.net.srt.frames import render_head
from huma.net.srt.library import SrtMissingError, load_library
from huma.net.srt.news import LineQuality, News, render_news
from huma.net.srt.order import Order, read_order
from huma.net.srt.sieve import attach
from huma.net.srt.sockets import BROKEN, READABLE, Sockets, SrtFault

if TYPE_CHECKING:
    from huma.net.srt.crowd import Passage

_WAIT_MS: Final = 100
_REST_S: Final = 0.01
"""Packets become ready one by one: to wake for each would cost most of a core at high rates."""
_READS: Final = 8
_SLACK_MS: Final = 50
_FAREWELL_S: Final = 1.0
_NO_CODE: Final = 1400
_CODES: Final = {
    admission.BUSY: 1409,
    admission.STREAMID: 1403,
    admission.OLD: 1505,
    admission.CROWDED: 1402,
}
"""What libsrt tells a stranger, by reason (SRT_REJX_…)."""


class PipeStuckError(Exception):
    """The supervisor takes nothing any more."""


class Listener:
    """The loop of the process."""

    def __init__(self, order: Order, library: ctypes.CDLL, memory: Memory, *, confined: bool) -> None:
        self._limits, self._media, self._socket = order.limits, order.media, order.socket
        self._memory, self._confined = memory, confined
        self._passage: Passage | None = None
        self._passing = threading.Lock()
        self._admission = Admission(order.limits, order.streamid)
        self._let_pass(_now_ms())
        self._sockets = Sockets(library, order, self._knock)
        self._buffer = ctypes.create_string_buffer(order.limits.frame_bytes)
        self._publication: int | None = None
        self._number = 0
        self._over_ms: int | None = None
        self._told_ms = 0
        self._line: LineQuality | None = None
        self.ended = threading.Event()
        os.set_blocking(self._media, False)

    def run(self) -> None:
        """Until `ended` is set."""
        while not self.ended.is_set():
            for socket, events in self._sockets.wait(_WAIT_MS):
                if socket == self._sockets.listener:
                    self._accept()
                else:
                    self._hear(socket, events)
            if self._publication is not None and self._over_ms is not None:
                self._drain(self._publication, self._over_ms)
            self._sweep()
            time.sleep(_REST_S)
        if self._publication is not None:
            self._sockets.close(self._publication)

    def _knock(self, socket: int, knock: Knock) -> int:
        """In libsrt's thread: a code for whoever is refused, 0 for whoever may show his passphrase."""
        now = _now_ms()
        reason = self._admission.knock(socket, knock, now)
        self._let_pass(now)
        return _CODES.get(reason, _NO_CODE) if reason else 0

    def _accept(self) -> None:
        while (socket := self._sockets.accept()) is not None:
            if self._admission.enter(socket, self._sockets.latency(socket), _now_ms()):
                self._sockets.close(socket)

    def _hear(self, socket: int, events: int) -> None:
        stands = not events & BROKEN or bool(events & READABLE)
        for _ in range(_READS):
            size, stands = self._sockets.receive(socket, self._buffer) if stands else (0, False)
            if not size or not self._take(socket, bytes(memoryview(self._buffer)[:size])):
                break
        if not stands:
            self._see_off(socket)

    def _see_off(self, socket: int) -> None:
        """Its line is gone. What libsrt holds of a publication, for the latency's sake, is still handed on."""
        self._admission.leave(socket)
        if socket != self._publication:
            self._sockets.close(socket)
        elif self._over_ms is None:
            self._sockets.unwatch(socket)
            self._over_ms = _now_ms() + self._sockets.latency(socket) + _SLACK_MS

    def _drain(self, socket: int, over_ms: int) -> None:
        """Hand on what is due of a publication whose line is gone."""
        size, _ = self._sockets.receive(socket, self._buffer)
        if size:
            self._write(render_head(self._number, size) + bytes(memoryview(self._buffer)[:size]))
        elif _now_ms() > over_ms:
            self._hang_up(socket)

    def _take(self, socket: int, data: bytes) -> bool:
        """Pass on what came, if it may; whether whoever sent it is still there."""
        for each, _ in self._admission.speak(socket, data, _now_ms()):
            self._hang_up(each)
        if self._admission.publisher != socket:
            return False
        if self._publication is not None and self._publication != socket:
            self._hang_up(self._publication)
        self._publication, self._number = socket, self._admission.publications
        self._write(render_head(self._number, len(data)) + data)
        return True

    def _hang_up(self, socket: int) -> None:
        self._sockets.close(socket)
        if socket == self._publication:
            self._publication = self._over_ms = None
            self._write(render_head(self._number, 0))

    def _sweep(self) -> None:
        now = _now_ms()
        self._let_pass(now)
        for socket, _ in self._admission.sweep(now):
            self._hang_up(socket)
        for socket in self._admission.knocked:
            if self._sockets.is_gone(socket):
                self._admission.turned_away(socket)
        if now - self._told_ms >= self._limits.tell_ms:
            self._told_ms = now
            if self._memory.is_short or self._sockets.is_gone(self._sockets.listener):
                raise SrtFault
            tell(self._look())

    def _let_pass(self, now: int) -> None:
        """Keep from the socket whom it must be kept from; in both threads."""
        with self._passing:
            passage = self._admission.look(now)
            if passage is not None and passage != self._passage:
                self._passage = passage
                with suppress(OSError):  # it is only a help
                    attach(self._socket, passage)

    def _look(self) -> News:
        publication = self._publication
        self._line = None if publication is None else self._sockets.measure(publication) or self._line
        return News(
            listening=True,
            confined=self._confined,
            line=self._line,
            refused=self._admission.refused,
        )

    def _write(self, frame: bytes) -> None:
        """Hand on a frame. While the supervisor is slow, libsrt holds what comes, and drops what is too old."""
        rest, until = memoryview(frame), time.monotonic() + self._limits.write_ms / 1000
        while rest:
            try:
                rest = rest[os.write(self._media, rest) :]
            except BlockingIOError:
                left = until - time.monotonic()
                if left <= 0:
                    raise PipeStuckError from None
                select.select([], [self._media], [], left)


def tell(news: News) -> None:
    """One line, now."""
    os.write(1, render_news(news))


def main() -> int:
    """Take publications in until the standard input ends."""
    settle_in()
    order = read_order(lambda count: os.read(0, count))
    try:
        library = load_library()
    except SrtMissingError:
        tell(News(failed="srt-missing"))
        return 1
    memory = Memory(order.limits.memory_bytes)
    confined = confine()
    try:
        listener = Listener(order, library, memory, confined=confined)
        threading.Thread(target=_attend, args=(listener.ended,), daemon=True).start()
        listener.run()
    except Exception:  # noqa: BLE001 - whatever it is, it is started again; its words may hold an address
        tell(News(failed="srt-failed"))
        return 1
    return 0


def _attend(ended: threading.Event) -> None:
    """Wait for the end of the standard input; whoever does not end then is ended."""
    while os.read(0, 64):
        pass
    ended.set()
    time.sleep(_FAREWELL_S)
    os._exit(0)


def _now_ms() -> int:
    return int(time.monotonic() * 1000)


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # libsrt's own end waits for its threads
