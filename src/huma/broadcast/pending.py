"""Finished segments that are not signed yet, and which of them may be.

Renditions go out side by side: none runs further ahead of the slowest than viewers' floors allow (PROTOCOL 6.4).
Only a new tick can say ENDED, so the last segment of each must be known as such before it goes out: because its number
was agreed on, because it is shorter than all others may be, or because it was held back until nothing more came.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from huma.config import GAP_FILL_SEGMENTS, RENDITION_SKEW_TICKS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from fractions import Fraction

    from huma.media.segment import Segment


@dataclass(frozen=True, slots=True)
class Ready:
    """Segments of one rendition to publish now, in order; `ended` says that the last of them is the last of all."""

    segments: tuple[Segment, ...]
    ended: bool


class Pending:
    """Segments by rendition. Not safe for threads by itself."""

    def __init__(
        self,
        ticks_per_segment: Mapping[str, int],
        *,
        first_tick: int,
        tick: Fraction | None,
    ) -> None:
        """A copy has no `tick`: its segments are as long as the source has it, and wait for nobody."""
        self._ticks = dict(ticks_per_segment)
        self._tick_s = tick
        self._lines: dict[str, deque[Segment]] = {name: deque() for name in self._ticks}
        self._through = dict.fromkeys(self._ticks, first_tick - 1)
        self._skew = RENDITION_SKEW_TICKS + max(self._ticks.values()) - 1 if tick is not None else None
        self._end_tick: int | None = None
        self._holding = False
        self._closing = False
        self.dropped = 0

    @property
    def waiting(self) -> int:
        """How many segments are not published yet."""
        return sum(map(len, self._lines.values()))

    @property
    def slowest(self) -> str:
        """The rendition that is furthest behind."""
        return min(self._lines, key=self._reached)

    def add(self, segment: Segment) -> None:
        """Take a finished segment."""
        self._lines[segment.rendition].append(segment)

    def put_back(self, ready: Mapping[str, Ready]) -> None:
        """They could not be published: keep the newest of them, for as long as a gap could be filled."""
        for name, each in ready.items():
            line = self._lines[name]
            line.extendleft(reversed(each.segments))
            while len(line) > GAP_FILL_SEGMENTS:
                line.popleft()
                self.dropped += 1
            self._through[name] = self._tick(line[0]) - self._ticks[name]

    def end_before(self, tick: int) -> None:
        """The programme will end before `tick`, which no segment has reached."""
        self._end_tick = tick

    def hold_last(self) -> None:
        """The programme will end at a tick not known yet: keep the newest segment of each back."""
        self._holding = True

    def close(self) -> None:
        """No more will come: whatever was held back is the last."""
        self._closing = True

    def drop(self) -> None:
        """What has not been taken shall not be published."""
        for line in self._lines.values():
            line.clear()

    def take(self) -> dict[str, Ready]:
        """All that may be published now."""
        ready = {name: self._take_line(name) for name, line in self._lines.items() if line}
        return {name: each for name, each in ready.items() if each.segments}

    def _take_line(self, name: str) -> Ready:
        line = self._lines[name]
        most = len(line)
        holding = self._holding and not self._closing
        if holding:
            most -= 1
        limit = self._limit()
        taken: list[Segment] = []
        while len(taken) < most and (limit is None or self._tick(line[0]) <= limit):
            taken.append(line.popleft())
        if not taken:
            return Ready((), ended=False)
        self._through[name] = self._tick(taken[-1])
        return Ready(tuple(taken), ended=self._is_last(name, taken[-1]))

    def _is_last(self, name: str, segment: Segment) -> bool:
        if self._end_tick is not None and segment.n >= (self._end_tick - 1) // self._ticks[name]:
            return True
        if self._tick_s is not None and segment.duration < self._tick_s * self._ticks[name]:
            return True
        return self._holding and self._closing and not self._lines[name]

    def _limit(self) -> int | None:
        """The tick that no rendition may pass before the slowest has come nearer."""
        if self._skew is None or self._closing:
            return None
        return self._reached(self.slowest) + self._skew

    def _reached(self, name: str) -> int:
        line = self._lines[name]
        return self._tick(line[-1]) if line else self._through[name]

    def _tick(self, segment: Segment) -> int:
        return (segment.n + 1) * self._ticks[segment.rendition] - 1
