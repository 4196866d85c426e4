"""The threads that encode: one for each picture rendition, one for all the sound."""

from __future__ import annotations

import queue
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from av.video.frame import VideoFrame
    from numpy.typing import NDArray

    from huma.media.assembler import Assembler
    from huma.media.crew import Crew
    from huma.media.pictures import Fragment, PictureEncoder
    from huma.media.sounds import SoundEncoder
    from huma.media.timeline import Timeline


_KEPT_TICKS: Final = 64


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture and its slot."""

    slot: int
    frame: VideoFrame
    slate: bool


@dataclass(frozen=True, slots=True)
class Stretch:
    """The next samples of every language, and the tick in which they begin."""

    tick: int
    samples: Mapping[str, NDArray[np.float32]]
    slate: bool


@dataclass(frozen=True, slots=True)
class End:
    """The programme is over before this slot, or sample."""

    at: int


class _SlateCount:
    """How much of each tick was the slate."""

    def __init__(self) -> None:
        self._seen: dict[int, list[bool]] = {}

    def note(self, tick: int, *, slate: bool) -> None:
        """Something of that tick was the slate, or was not."""
        if tick not in self._seen:
            self._seen = {each: marks for each, marks in self._seen.items() if each > tick - _KEPT_TICKS}
        self._seen.setdefault(tick, []).append(slate)

    def mostly(self, tick: int, ticks: int) -> bool:
        """Whether so many ticks from `tick` were mostly slate."""
        seen = [mark for each in range(tick, tick + ticks) for mark in self._seen.get(each, [])]
        return sum(seen) * 2 > len(seen)


class PictureWorker:
    """Scales, encodes and assembles one rendition, and those that carry the same fragments."""

    def __init__(
        self,
        encoder: PictureEncoder,
        assemblers: list[Assembler],
        timeline: Timeline,
        crew: Crew,
        *,
        depth: int,
    ) -> None:
        self.encoder = encoder
        self.dropped = 0
        self.made = 0
        self._assemblers = assemblers
        self._timeline = timeline
        self._crew = crew
        self._line: queue.Queue[Shot | End] = queue.Queue(depth)
        self._slates = _SlateCount()

    def offer(self, shot: Shot, *, may_drop: bool) -> None:
        """Put a picture in line. Where time passes, one that finds the line full is left out."""
        if may_drop and self._line.full():
            self.dropped += 1
            return
        self._crew.put(self._line, shot)

    def end(self, slot: int) -> None:
        """No picture follows."""
        self._crew.put(self._line, End(slot))

    def work(self) -> None:
        """Encode until the end."""
        while True:
            item = self._crew.get(self._line)
            if isinstance(item, End):
                break
            self._slates.note(self._timeline.tick_of_slot(item.slot), slate=item.slate)
            self._hand_over(self.encoder.encode(item.frame, item.slot))
            self.made += 1
        self._hand_over(self.encoder.finish(item.at))
        for assembler in self._assemblers:
            assembler.finish()

    def _hand_over(self, parts: list[Fragment]) -> None:
        for part in parts:
            slate = self._slates.mostly(part.tick, 1)
            for assembler in self._assemblers:
                assembler.add(part, slate=slate)


class SoundWorker:
    """Encodes every sound rendition."""

    def __init__(
        self, encoders: list[tuple[str, SoundEncoder, Assembler]], crew: Crew, *, depth: int
    ) -> None:
        self._encoders = encoders
        self._crew = crew
        self._line: queue.Queue[Stretch | End] = queue.Queue(depth)
        self._slates = _SlateCount()

    def offer(self, stretch: Stretch) -> None:
        """Put the next samples in line. Sound is never left out."""
        self._crew.put(self._line, stretch)

    def end(self, sample: int) -> None:
        """No sound follows."""
        self._crew.put(self._line, End(sample))

    def work(self) -> None:
        """Encode until the end."""
        while True:
            item = self._crew.get(self._line)
            if isinstance(item, End):
                break
            self._slates.note(item.tick, slate=item.slate)
            for language, encoder, assembler in self._encoders:
                self._hand_over(assembler, encoder.encode(item.samples[language]))
        for _, encoder, assembler in self._encoders:
            self._hand_over(assembler, encoder.finish(item.at))
            assembler.finish()

    def _hand_over(self, assembler: Assembler, parts: list[Fragment]) -> None:
        for part in parts:
            assembler.add(part, slate=self._slates.mostly(part.tick, assembler.ticks(part)))
