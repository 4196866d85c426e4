"""What one opened container has given so far: decoded pictures and sound on the container's own clock."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from huma.media.soundtrack import Soundtrack

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from av.video.frame import VideoFrame
    from numpy.typing import NDArray

# Pictures that stop while the sound goes on stand so long, then give way to the still.
_HELD_PICTURE_S: Final = 10.0
PICTURES: Final = -1


class Take:
    """One stretch of a source without a break in its clock. Whoever touches it holds the feed's lock.

    Attributes:
        closed: Whether nothing will be added.
        discarded: Whether it was thrown away: nothing of it may be shown or heard any more.
        position: The time that is on the air, None before it is.
        absent: Streams that have no packets while others have many (PICTURES stands for the pictures).
    """

    def __init__(
        self,
        *,
        pictures: bool,
        languages: Mapping[str, int],
        rate: int,
        still: VideoFrame,
        live: bool,
        pushed: bool,
    ) -> None:
        self.live = live
        self.pushed = pushed
        self.closed = False
        self.discarded = False
        self.position: float | None = None
        self.absent: set[int] = set()
        self._given_up: set[int] = set()
        self._still = still
        self._has_pictures = pictures
        self._languages = dict(languages)
        self._pictures: deque[tuple[float, VideoFrame]] = deque()
        self._shown: tuple[float, VideoFrame] | None = None
        self._picture_first: float | None = None
        self._picture_end: float | None = None
        self._heard: dict[int, tuple[tuple[float, int], NDArray[np.float32]]] = {}
        self._tracks = {stream: Soundtrack(rate) for stream in sorted(set(languages.values()))}

    def add_picture(self, time: float, frame: VideoFrame, length: float) -> None:
        """A decoded picture. Times that go back a little are put in order."""
        if self._pictures:
            time = max(time, self._pictures[-1][0])
        if self._picture_first is None:
            self._picture_first = time
        self._pictures.append((time, frame))
        self._picture_end = max(self._picture_end or time, time + length)

    def add_sound(self, stream: int, time: float, samples: NDArray[np.float32]) -> None:
        """Decoded sound."""
        self._tracks[stream].append(time, samples)

    @property
    def start(self) -> float | None:
        """Where the take begins: with its first picture when live, with whatever is first otherwise."""
        if self.live and self._picture_first is not None:
            return self._picture_first
        firsts = (self._picture_first, *(track.start for track in self._tracks.values()))
        return min((time for time in firsts if time is not None), default=None)

    @property
    def end(self) -> float:
        """Where the take ends, as far as is known."""
        return max((end for end in self._ends().values() if end is not None), default=0.0)

    def ready(self, ahead: float) -> bool:
        """Whether so many seconds are there from the start, or all that will ever come."""
        start = self.start
        return start is not None and (self.closed or self.holds(start, ahead))

    def holds(self, time: float, ahead: float) -> bool:
        """Whether every stream that is waited for has so many seconds from `time`."""
        here = {stream for stream, end in self._ends().items() if end is not None and end >= time + ahead}
        self._given_up -= here
        return bool(here) and self._ends().keys() <= here | self._given_up | self.absent

    def give_up_on_missing(self, time: float, ahead: float) -> None:
        """Let those that have something go on without those that have not, until they have."""
        missing = {stream for stream, end in self._ends().items() if end is None or end < time + ahead}
        if len(missing) < len(self._ends()):
            self._given_up = missing

    def ahead(self, stream: int | None) -> float:
        """How many seconds of that sound stream (None: of the pictures) wait to be used."""
        end = self._picture_end if stream is None else self._tracks[stream].end
        if end is None or self.discarded:
            return 0.0
        begin = self.position if self.position is not None else self.start
        return end - (begin if begin is not None else end)

    def picture_at(self, time: float, tolerance: float) -> VideoFrame | None:
        """The newest picture that is due at `time`; the still where there are none, or none for long."""
        while self._pictures and self._pictures[0][0] <= time + tolerance:
            self._shown = self._pictures.popleft()
        if self._shown is None:
            return self._pictures[0][1] if self._pictures else self._still
        held_too_long = time - self._shown[0] > _HELD_PICTURE_S and not self._pictures
        return self._still if held_too_long else self._shown[1]

    def sound_at(self, language: str, time: float, count: int) -> NDArray[np.float32] | None:
        """Samples of a language from `time`, or None where the take has no sound."""
        stream = self._languages.get(language)
        if stream is None:
            return None
        # Several languages may have to share a stream, which can be read on only once.
        asked, heard = self._heard.get(stream, (None, None))
        if asked != (time, count) or heard is None:
            heard = self._tracks[stream].read(time, count)
            self._heard[stream] = (time, count), heard
        return heard

    def _ends(self) -> dict[int, float | None]:
        pictures = {PICTURES: self._picture_end} if self._has_pictures else {}
        return pictures | {stream: track.end for stream, track in self._tracks.items()}
