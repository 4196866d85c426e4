"""The stream of fragments that one sender takes: a picture and a sound in one MP4 that never ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from huma.media.movie import Movie, decode_time, read_track

if TYPE_CHECKING:
    from huma.media.pairing import Pair

_LAST_PACKET_S: Final = 0.2


class Stream:
    """Pairs as one movie, from the first of them on."""

    def __init__(self, first: Pair) -> None:
        self._inits = {each.rendition: each.init for each in first.segments}
        self._tracks = {name: read_track(init) for name, init in self._inits.items()}
        self._numbers = {name: number for number, name in enumerate(self._tracks)}
        self._base = min(decode_time(self._tracks[each.rendition], each.data) for each in first.segments)
        self._movie = Movie(
            list(self._tracks.values()), base=self._base, created_ms=first.segments[0].start_ms
        )
        self._begun = False
        self._ends: list[float] = []
        self.end = 0.0

    def fits(self, pair: Pair) -> bool:
        """Whether a pair has the parameters that this stream began with."""
        return all(self._inits.get(each.rendition) == each.init for each in pair.segments)

    def place(self, pair: Pair) -> bytes:
        """The next bytes of the stream; `end` is then where they end, in seconds of it."""
        head = b"" if self._begun else self._movie.head
        self._begun = True
        data = self._movie.place([(self._numbers[each.rendition], each.data) for each in pair.segments], 0)
        self._movie.forget(0)  # a stream has no index
        for each in pair.segments:
            at = decode_time(self._tracks[each.rendition], each.data) - self._base
            self.end = max(self.end, float(at + each.duration))
        self._ends.append(self.end)
        return head + data

    def lost(self, at: float) -> int:
        """How many pairs were not passed on whole, when the last of it that was passed on stands at `at`."""
        return sum(end > at + _LAST_PACKET_S for end in self._ends)

    def passed(self, at: float) -> None:
        """Forget pairs that lie behind `at`."""
        while self._ends and self._ends[0] <= at:
            del self._ends[0]
