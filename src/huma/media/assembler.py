"""Fragments into segments: one for the fast ladder, several for the slow one."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from huma.media.segment import Origin, Segment

if TYPE_CHECKING:
    from huma.media.clock import Clock
    from huma.media.pictures import Fragment
    from huma.media.segment import Sink
    from huma.media.timeline import Timeline
    from huma.protocol.event import Rendition


class Assembler:
    """Fills one rendition's segments and hands each to the sink when its last fragment is there.

    The first segment is short where the programme begins inside it, the last where it ends inside it.
    """

    def __init__(
        self, rendition: Rendition, timeline: Timeline, init: bytes, sink: Sink, clock: Clock
    ) -> None:
        self._rendition = rendition
        self._timeline = timeline
        self._init = init
        self._sink = sink
        self._clock = clock
        self._parts: list[tuple[Fragment, bool]] = []
        self._rate = timeline.frame_rate if rendition.kind == "video" else Fraction(timeline.sample_rate)
        self._per_tick = timeline.slots_per_tick if rendition.kind == "video" else timeline.samples_per_tick

    def add(self, part: Fragment, *, slate: bool) -> None:
        """Take the next fragment. `slate` says that most of it is not the programme."""
        self._parts.append((part, slate))
        through = part.tick + self.ticks(part)
        if through % self._rendition.ticks_per_segment == 0 and part.length % self._per_tick == 0:
            self._complete()

    def ticks(self, part: Fragment) -> int:
        """How many ticks a fragment covers, a part of one counted as one."""
        return -(-part.length // self._per_tick)

    def finish(self) -> None:
        """Hand over what has been begun."""
        if self._parts:
            self._complete()

    def _complete(self) -> None:
        parts, self._parts = self._parts, []
        length = sum(part.length for part, _ in parts)
        first = parts[0][0].tick
        slates = sum(part.length for part, slate in parts if slate)
        origin: Origin = "slate" if slates * 2 > length else "programme"
        self._sink(
            Segment(
                rendition=self._rendition.name,
                n=first // self._rendition.ticks_per_segment,
                ticks=-(-length // self._per_tick),
                data=b"".join(part.data for part, _ in parts),
                init=self._init,
                duration=length / self._rate,
                start_ms=self._timeline.grid.start_ms(first),
                discontinuity=False,
                origin=origin,
                complete_mono=self._clock.mono(),
            )
        )
