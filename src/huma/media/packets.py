"""Packets read ahead of their decoding, so that a source that comes in bursts does not starve a decoder."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from av.error import EOFError as ContainerEnd
from av.error import FFmpegError
from av.packet import Packet

from huma.errors import TransportError
from huma.media.inputs import reason

if TYPE_CHECKING:
    import threading
    from collections.abc import Collection

    from huma.media.inputs import Opened

_READ_AHEAD_S: Final = 15.0
_WAITING_BYTES: Final = 48 * 1024 * 1024
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

    @property
    def last(self) -> bool:
        """Whether nothing follows in this stream."""
        return self.packet.size == 0


class PacketLines:
    """A line of packets for each chosen stream of a container, under the lock of the condition `changed`."""

    def __init__(self, opened: Opened, chosen: Collection[int], changed: threading.Condition) -> None:
        self.changed = changed
        self.error: TransportError | None = None
        self._opened = opened
        self._lines: dict[int, deque[Waiting]] = {index: deque() for index in chosen}
        self._bytes = 0
        self._epoch = 0
        self._newest: float | None = None
        self._before: float | None = None
        self._arrived: set[int] = set()

    def fill(self, stop: threading.Event) -> None:
        """Read until the end, waiting while enough is there."""
        packets = self._opened.container.demux()
        while not stop.is_set():
            try:
                packet = next(packets)
            except (StopIteration, ContainerEnd):
                break
            except FFmpegError as error:
                self.error = TransportError(f"cannot be read further: {reason(error)}", code="source-lost")
                break
            if packet.size and packet.stream_index in self._lines:
                self._add(packet, stop)
        with self.changed:
            for line in self._lines.values():
                line.append(Waiting(self._epoch, None, Packet()))
            self.changed.notify_all()

    def heads(self) -> dict[int, Waiting]:
        """The first packet of each line that has one."""
        with self.changed:
            return {index: line[0] for index, line in self._lines.items() if line}

    def absent(self) -> set[int]:
        """The streams of which nothing has come for so long that the others should go on without them."""
        with self.changed:
            longest = max(map(_span, self._lines.values()))
            return {index for index, line in self._lines.items() if not line and longest > _ABSENT_S}

    def take(self, index: int) -> Waiting:
        """The first packet of a line."""
        with self.changed:
            waiting = self._lines[index].popleft()
            self._bytes -= waiting.packet.size
            self.changed.notify_all()
        return waiting

    def _add(self, packet: Packet[Any], stop: threading.Event) -> None:
        stamp = packet.dts if packet.dts is not None else packet.pts
        time = None if stamp is None else float(stamp * packet.time_base)
        waiting = Waiting(
            self._epoch if time is None else self._epoch_of(packet.stream_index, time), time, packet
        )
        with self.changed:
            self._lines[packet.stream_index].append(waiting)
            self._bytes += packet.size
            self.changed.notify_all()
            while not stop.is_set() and self._enough():
                self.changed.wait(_LOOK_S)

    def _enough(self) -> bool:
        return self._bytes > _WAITING_BYTES or min(map(_span, self._lines.values())) > _READ_AHEAD_S

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
    return (line[-1].time or 0.0) - (line[0].time or 0.0) if line else 0.0
