"""The sender: a process of its own that takes one stream of fragments and passes it on, encoding nothing.

    standard input    an order, then fragmented MP4 of one picture and one sound, for as long as it lasts
    standard output   a line of JSON now and then: connected, how far it is, how many bytes; at the end, why

It is started by `huma.restream.child` and no person. It may hang, crash or be killed: nobody waits for it.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys
import threading
import time
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import av
import av.logging
from av.error import FFmpegError

from huma.net.srt.library import SrtMissingError
from huma.restream.order import Order, read_order
from huma.restream.sinks import open_sink
from huma.restream.srt import SrtRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from av.container.input import InputContainer
    from av.container.output import OutputContainer
    from av.packet import Packet

    from huma.restream.sinks import Counted

_CUSHION_S: Final = 0.6
"""Fragments arrive a tick at a time and leave evenly: so much is kept in hand for one that comes late."""
_LATE_S: Final = 2.0
_AHEAD_S: Final = 12.0
"""No segment is longer: who is further ahead has jumped."""
_TELL_EVERY_S: Final = 0.25
_NICE: Final = 5
_PR_SET_PDEATHSIG: Final = 1


class Pace:
    """Lets packets leave as evenly as they are to be shown. One that is late leaves at once."""

    def __init__(self) -> None:
        self._zero: float | None = None

    def wait(self, at: float) -> None:
        """Return when a packet of the time `at` is due."""
        now = time.monotonic()
        if self._zero is None or not -_LATE_S < self._zero + at - now < _AHEAD_S:
            self._zero = now - at + _CUSHION_S
        time.sleep(max(0.0, self._zero + at - now))


class Progress:
    """Tells the supervisor how far it is, also while nothing comes or nothing leaves."""

    def __init__(self) -> None:
        self.sent = 0
        self.at = 0.0
        threading.Thread(target=self._keep_telling, daemon=True).start()

    def tell(self, **members: Any) -> None:
        """One line, now."""
        os.write(1, json.dumps(members).encode() + b"\n")

    def _keep_telling(self) -> None:
        told = (0, 0.0)
        while True:
            time.sleep(_TELL_EVERY_S)
            if (self.sent, self.at) != told:
                told = self.sent, self.at
                self.tell(sent=told[0], at=told[1])


def main() -> int:
    """Pass on what comes, until it ends."""
    _settle_in()
    progress = Progress()
    try:
        _pass_on(read_order(lambda count: os.read(0, count)), progress)
    except Exception as error:  # noqa: BLE001 - whatever it is, its text may carry the address: only its kind is told
        progress.tell(failed=code_of(error), sent=progress.sent, at=progress.at)
        return 1
    progress.tell(done=True, sent=progress.sent, at=progress.at)
    return 0


def code_of(error: BaseException) -> str:
    """The kind of a fault."""
    if isinstance(error, FFmpegError) and error.__context__ is not None and error.__context__ is not error:
        inner = code_of(error.__context__)
        if inner != "output-failed":
            return inner
    table: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
        ((SrtMissingError,), "output-missing"),
        ((SrtRefusedError, PermissionError), "output-refused"),
        ((BrokenPipeError, ConnectionResetError, ConnectionAbortedError), "output-closed"),
        ((ConnectionError, TimeoutError, OSError), "output-unreachable"),
    )
    return next((code for kinds, code in table if isinstance(error, kinds)), "output-failed")


def _settle_in() -> None:
    """Come after everybody else, leave no trace of the key, and do not outlive the one who started us."""
    av.logging.set_level(None)
    os.nice(_NICE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)


def _pass_on(order: Order, progress: Progress) -> None:
    pace = Pace() if order.kind in ("rtmp", "srt") else None
    with av.open("pipe:0", format="mp4", options={"probesize": "32", "analyzeduration": "0"}) as source:
        sink, counted = open_sink(order)
        try:
            streams = {each.index: sink.add_stream_from_template(each) for each in source.streams}
            sink.start_encoding()
            progress.tell(connected=True)
            for packet, at in _packets(source):
                if pace is not None:
                    pace.wait(at)
                size = packet.size
                packet.stream = streams[packet.stream_index]
                sink.mux(packet)
                progress.at = max(progress.at, at)
                progress.sent = progress.sent + size if counted is None else counted.sent
        finally:
            _close(sink, counted)
            if counted is not None:
                progress.sent = counted.sent  # the last packets leave when the container is closed


def _close(sink: OutputContainer, counted: Counted | None) -> None:
    try:
        sink.close()
    finally:
        if counted is not None:
            counted.close()
            if counted.fault is not None:
                raise counted.fault


def _packets(source: InputContainer) -> Iterator[tuple[Packet[Any], float]]:
    """Every packet with the time at which it is decoded."""
    for packet in source.demux():
        if packet.dts is not None and packet.size:
            yield packet, float(packet.dts * (packet.time_base or Fraction(1)))


if __name__ == "__main__":
    sys.exit(main())
