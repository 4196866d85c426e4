"""A programme that was encoded beforehand and goes round: for machines that cannot encode and show two players."""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from huma.demo.fragments import decode_times, moved_to
from huma.media.clock import FastClock, RealClock
from huma.media.programme import ProgrammeState, open_programme
from huma.media.timeline import open_timeline

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from huma.media.clock import Clock
    from huma.media.segment import Segment, Sink
    from huma.media.timeline import Timeline
    from huma.protocol.event import Event, Rendition

PREPARED_TICKS: Final = 24
"""About 25 seconds; whole segments of the slow ladder fit in it."""


def prepare(source: str | list[str], event: Event, ticks: int = PREPARED_TICKS) -> dict[str, list[Segment]]:
    """Encode the first `ticks` ticks of a source as fast as this machine can."""
    programme = open_programme(
        source, event=event, first_tick=0, loop=True, clock=FastClock(event.grid.start_ms(0))
    )
    programme.stop(at_tick=ticks)
    made: defaultdict[str, list[Segment]] = defaultdict(list)
    programme.run(lambda segment: made[segment.rendition].append(segment))
    return dict(made)


class PreparedProgramme:
    """Hands prepared segments to the same sink as any other programme, each moved to its place on the time line."""

    def __init__(
        self,
        prepared: Mapping[str, Sequence[Segment]],
        event: Event,
        first_tick: int,
        clock: Clock | None = None,
    ) -> None:
        self._prepared = prepared
        self._event = event
        self._tick = first_tick
        self._first_tick = first_tick
        self._clock = clock or RealClock()
        self._timeline: Timeline = open_timeline(event, first_tick)
        self._stop = threading.Event()
        self._end: int | None = None

    def run(self, sink: Sink) -> None:
        """Segment after segment, each when its last frame would have been made."""
        grid, clock = self._event.grid, self._clock
        zero = clock.mono() - clock.wall()
        while self._end is None or self._tick < self._end:
            clock.wait(zero + grid.start_ms(self._tick + 1), self._stop)
            if self._stop.is_set():
                return
            for rendition in self._event.renditions:
                if (self._tick + 1) % rendition.ticks_per_segment == 0:
                    self._hand(rendition, sink)
            self._tick += 1

    def stop(self, at_tick: int | None = None) -> None:
        """End now, or before tick `at_tick`."""
        if at_tick is None:
            self._stop.set()
        else:
            self._end = at_tick

    def state(self) -> ProgrammeState:
        """How it is doing."""
        return ProgrammeState(source="playing", origin="programme", tick=self._tick)

    def _hand(self, rendition: Rendition, sink: Sink) -> None:
        ticks = rendition.ticks_per_segment
        n = (self._tick + 1) // ticks - 1
        if n * ticks < self._first_tick:
            return  # it began before the programme did
        made = self._prepared[rendition.name]
        segment = made[n % len(made)]
        sink(
            replace(
                segment,
                n=n,
                data=moved_to(segment.data, self._times(rendition, segment, n)),
                start_ms=self._event.grid.start_ms(n * ticks),
                complete_mono=self._clock.mono(),
            )
        )

    def _times(self, rendition: Rendition, segment: Segment, n: int) -> list[int]:
        """The decode times of its fragments, as far on as the segment goes."""
        ticks = rendition.ticks_per_segment
        video = rendition.kind == "video"
        timescale = self._timeline.video_timescale if video else rendition.sample_rate or 48_000
        base = self._timeline.base_time
        shift = base(n * ticks, timescale) - base(segment.n * ticks, timescale)
        return [time + shift for time in decode_times(segment.data)]
