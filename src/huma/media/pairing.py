"""A picture's segments and a sound's, two by two as they belong together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from huma.media.segment import Segment
    from huma.media.selection import Selection

PATIENCE: Final = 6
"""A segment whose other half does not come is let go when its track is so many segments further."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Segments of the same number, the picture first; or one alone."""

    segments: tuple[Segment, ...]

    @property
    def size(self) -> int:
        """Their bytes."""
        return sum(len(each.data) for each in self.segments)


class Pairing:
    """Waits for the other half of each segment, but not for ever. Not safe for threads by itself."""

    def __init__(self, selection: Selection) -> None:
        self._names = selection.names
        self._waiting: dict[int, dict[str, Segment]] = {}

    @property
    def size(self) -> int:
        """The bytes that wait."""
        return sum(len(each.data) for found in self._waiting.values() for each in found.values())

    def add(self, segment: Segment) -> list[Pair]:
        """Take a segment; gives the pairs that are complete by it, or that have waited too long, in order."""
        if segment.rendition not in self._names:
            return []
        self._waiting.setdefault(segment.n, {})[segment.rendition] = segment
        complete = [n for n, found in self._waiting.items() if len(found) == len(self._names)]
        until = max(complete, default=segment.n - PATIENCE)
        return [self._let_go(n) for n in sorted(self._waiting) if n <= until]

    def rest(self) -> list[Pair]:
        """Those that still wait: no half follows."""
        return [self._let_go(n) for n in sorted(self._waiting)]

    def _let_go(self, n: int) -> Pair:
        found = self._waiting.pop(n)
        return Pair(tuple(found[name] for name in self._names if name in found))
