"""What comes from one encoder between its first byte and its end, and the arrival that a reader has of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from huma.net.rtmp.measure import BitRate
from huma.net.srt.arrival import Arrival

if TYPE_CHECKING:
    from collections.abc import Callable

    from huma.net.srt.limits import Limits
    from huma.net.srt.news import LineQuality
    from huma.net.srt.state import SrtState


class Publication:
    """Lives in the door's thread. `offer` is told of each arrival that a reader may take."""

    def __init__(
        self, number: int, limits: Limits, clock: Callable[[], int], offer: Callable[[Arrival], None]
    ) -> None:
        self.number = number
        self._limits = limits
        self._clock = clock
        self._offer = offer
        self._began_ms = self._heard_ms = clock()
        self._rate = BitRate(self._began_ms)
        self._unread = 0
        self._arrival = self._open()

    @property
    def unread(self) -> int:
        """Bytes that no reader took in time."""
        return self._unread + self._arrival.unread

    def take(self, data: bytes) -> None:
        """What came next. A reader that let go, or was too slow, gets another arrival."""
        self._heard_ms = self._clock()
        self._rate.add(len(data), self._heard_ms)
        if self._arrival.over:
            self._unread += self._arrival.unread
            self._arrival = self._open()
        self._arrival.put(data)

    def end(self) -> None:
        """The encoder has gone; what has come can still be read."""
        self._arrival.end()

    def show(self, state: SrtState, line: LineQuality) -> SrtState:
        """The door's state with this publication in it."""
        return replace(
            state,
            in_use=True,
            since_ms=self._began_ms,
            heard_ms=self._heard_ms,
            bytes=self._rate.total,
            bits_per_second=self._rate.bits_per_second(self._clock()),
            latency_ms=line.latency_ms,
            round_trip_ms=line.round_trip_ms,
            packets_lost=line.lost,
            packets_dropped=line.dropped,
            packets_retransmitted=line.retransmitted,
            unread_bytes=state.unread_bytes + self.unread,
        )

    def _open(self) -> Arrival:
        arrival = Arrival(self._limits, self._clock)
        self._offer(arrival)
        return arrival
