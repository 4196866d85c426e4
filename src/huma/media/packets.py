"""Packets read ahead of their decoding, so that a source that comes in bursts does not starve a decoder."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from av.error import EOFError as ContainerEnd
from av.error import FFmpegError
from av.packet import Packet

from huma.errors import HumaError, TransportError
from huma.media.inputs import reason

if TYPE_CHECKING:
    import threading
    from collections.abc import Collection

    from huma.media.ingest import Ingest
    from huma.media.inputs import Opened

_READ_AHEAD_S: Final = 15.0
_WAITING_BYTES: Final = 48 * 1024 * 1024
# What a delay may need besides: 20 Mbit/s.
_HELD_BYTES_A_SECOND: Final = 2_500_000
# After a dump pictures begin with a key frame, unless the source has none for so long.
_MOST_SKIPPED: Final = 600
_ABSENT_S: Final = 4.0
_LOOK_S: Final = 0.2
# A jump of the time stamps beyond these is a new beginning of the source's clock.
_FORWARD_BREAK_S: Final = 10.0
_BACKWARD_BREAK_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Waiting:
    """A packet, and how often the source's clock had begun anew before it. An empty one ends its stream."""

    epoch: int
    time: float | None
    packet: Packet[Any]
    arrived: float

    @property
    def last(self) -> bool:
        """Whether nothing follows in this stream."""
        return self.packet.size == 0


class PacketLines:
    """A line of packets for each chosen stream of a container, under the lock of the condition `changed`."""

    def __init__(
        self, opened: Opened, chosen: Collection[int], changed: threading.Condition, ingest: Ingest
    ) -> None:
        self.changed = changed
        self.received = False
        self.dumped_epoch = 0
        self.error: HumaError | None = None
        self.cut_short = False
        self._opened = opened
        self._ingest = ingest
        self._skipped: dict[int, int] = {}
        self._lines: dict[int, deque[Waiting]] = {index: deque() for index in chosen}
        self._bytes = 0
        self._epoch = 0
        self._newest: float | None = None
        self._before: float | None = None
        self._arrived: set[int] = set()

    def fill(self, stop: threading.Event) -> None:
        """Read until the end, waiting while enough is there."""
        packets = self._opened.packets()
        while not stop.is_set():
            try:
                packet = next(packets)
            except (StopIteration, ContainerEnd):
                self._notice_cut()
                break
            except FFmpegError as error:
                self.error = TransportError(f"cannot be read further: {reason(error)}", code="source-lost")
                break
            except HumaError as error:
                self.error = None if stop.is_set() else error
                break
            if packet.size and packet.stream_index in self._lines:
                self._add(packet, stop)
        with self.changed:
            now = self._ingest.now()
            for line in self._lines.values():
                line.append(Waiting(self._epoch, None, Packet(), now))
            self.changed.notify_all()

    def _notice_cut(self) -> None:
        """FFmpeg sometimes takes a connection that broke for the end of the file."""
        if self.received and self._newest is not None and self._opened.is_cut_short(self._newest):
            self.cut_short = True
            self.error = TransportError(
                f"ended {self._opened.ends_s - self._newest:.0f} s before its end", code="source-lost"
            )

    def heads(self) -> dict[int, Waiting]:
        """The first packet of each line that has one which may go on."""
        with self.changed:
            heads = {index: line[0] for index, line in self._lines.items() if line}
            return {index: head for index, head in heads.items() if self._ingest.is_due(head.arrived)}

    @property
    def held_bytes(self) -> int:
        """How much is waiting."""
        return self._bytes

    @property
    def held_s(self) -> float:
        """How many seconds of it."""
        with self.changed:
            return max(map(_span, self._lines.values()))

    def dump(self) -> None:
        """Throw away what waits: of a recording only as much as the delay, since the rest has not arrived yet."""
        with self.changed:
            now, until = self._ingest.now(), self._dumped_until()
            self._epoch += 1
            self.dumped_epoch = self._epoch
            self._newest = self._before = None
            self._arrived = set()
            for index, line in self._lines.items():
                ends = [each for each in line if each.last]
                kept = [each for each in line if each.time is not None and each.time >= until]
                line.clear()
                if self._opened.container.streams[index].type == "video":
                    self._skipped[index] = 0
                for each in kept:
                    if self._wanted(each.packet):
                        line.append(replace(each, epoch=self._epoch, arrived=now))
                line.extend(
                    replace(each, epoch=self._epoch, arrived=now - self._ingest.delay_s) for each in ends
                )
            self._bytes = sum(each.packet.size for line in self._lines.values() for each in line)
            self.changed.notify_all()

    def absent(self) -> set[int]:
        """The streams of which nothing has come for so long that the others should go on without them."""
        with self.changed:
            longest = max(map(_span, self._lines.values()))
            return {index for index, line in self._lines.items() if not line and longest > _ABSENT_S}

    def take(self, index: int, epoch: int) -> Waiting | None:
        """The first packet of a line, if one may go on and belongs to that run of the source's clock."""
        with self.changed:
            head = self.heads().get(index)
            if head is None or (head.epoch > epoch and not head.last):
                return None
            waiting = self._lines[index].popleft()
            self._bytes -= waiting.packet.size
            self.changed.notify_all()
        return waiting

    def _add(self, packet: Packet[Any], stop: threading.Event) -> None:
        stamp = packet.dts if packet.dts is not None else packet.pts
        time = None if stamp is None else float(stamp * packet.time_base)
        self._ingest.gauge.note(packet, time)
        with self.changed:
            self.received = True
            if not self._wanted(packet):
                return
            epoch = self._epoch if time is None else self._epoch_of(packet.stream_index, time)
            waiting = Waiting(epoch, time, packet, self._ingest.now())
            self._lines[packet.stream_index].append(waiting)
            self._bytes += packet.size
            self.changed.notify_all()
            while not stop.is_set() and self._enough():
                self.changed.wait(_LOOK_S)

    def _enough(self) -> bool:
        delay = self._ingest.delay_s
        return (
            self._bytes > _WAITING_BYTES + delay * _HELD_BYTES_A_SECOND
            or min(map(_span, self._lines.values())) > _READ_AHEAD_S + delay
        )

    def _wanted(self, packet: Packet[Any]) -> bool:
        """Whether a packet is of use: after a dump pictures are left out until a key frame."""
        skipped = self._skipped.get(packet.stream_index)
        if skipped is None:
            return True
        if packet.is_keyframe or skipped >= _MOST_SKIPPED:
            del self._skipped[packet.stream_index]
            return True
        self._skipped[packet.stream_index] = skipped + 1
        return False

    def _dumped_until(self) -> float:
        """The source's time before which everything goes."""
        firsts = [line[0].time for line in self._lines.values() if line and line[0].time is not None]
        return float("inf") if self._opened.live or not firsts else min(firsts) + self._ingest.delay_s

    def _epoch_of(self, index: int, time: float) -> int:
        """The source's clock may start anew, and streams tell of it one after the other."""
        if self._newest is None or not self._opened.live:
            self._newest = time
        elif -_BACKWARD_BREAK_S < time - self._newest < _FORWARD_BREAK_S:
            self._newest = max(self._newest, time)
        elif (
            self._before is not None
            and index not in self._arrived
            and -_FORWARD_BREAK_S < time - self._before < _BACKWARD_BREAK_S
        ):
            return self._epoch - 1
        else:
            self._before, self._newest = self._newest, time
            self._epoch += 1
            self._arrived = set()
        self._arrived.add(index)
        return self._epoch


def _span(line: deque[Waiting]) -> float:
    """How many seconds of packets wait in a line."""
    newest = next((each for each in reversed(line) if not each.last), None)
    return 0.0 if newest is None else (newest.time or 0.0) - (line[0].time or 0.0)
