"""One language of a feed's sound, asked for once and in order, kept for a while, without clicks at its edges."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from huma.media.feed import silence
from huma.media.sounds import LOOKAHEAD_SAMPLES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from huma.media.feed import Feed

FADE_S: Final = 0.02


def fade_samples(rate: int) -> int:
    """How many samples a fade takes."""
    return round(FADE_S * rate)


def ahead_samples(rate: int) -> int:
    """How far ahead of the pictures a tap is drawn: what the encoders ask for, and what a fade at a loss needs."""
    return LOOKAHEAD_SAMPLES + fade_samples(rate)


@dataclass(slots=True)
class _Draught:
    """What the feed gave at once: samples, or None where it had nothing."""

    start: int
    count: int
    samples: NDArray[np.float32] | None


class Tap:
    """Draws a feed's sound. Where the feed falls silent what is in hand fades out; where it returns it fades in."""

    def __init__(self, feed: Feed, language: str, *, rate: int, kept_s: float) -> None:
        self._feed = feed
        self._language = language
        self._fade = fade_samples(rate)
        self._kept = round(kept_s * rate)
        self._drawn: deque[_Draught] = deque()
        self._end = 0
        self._sounding = False

    def draw(self, until: int) -> None:
        """Have everything before sample `until`."""
        count = until - self._end
        if count <= 0:
            return
        heard = self._feed.sound(self._language, self._end, count)
        if heard is None and self._sounding:
            self._fade_out()
        elif heard is not None and not self._sounding:
            heard = _faded(heard, np.linspace(0, 1, min(self._fade, count), dtype=np.float32), first=True)
        self._sounding = heard is not None
        self._drawn.append(_Draught(self._end, count, heard))
        self._end = until
        while self._drawn[0].start + self._drawn[0].count <= until - self._kept:
            self._drawn.popleft()

    def sounds(self, start: int, count: int = 1) -> bool:
        """Whether the feed had anything there."""
        return any(
            each.samples is not None and each.start < start + count and start < each.start + each.count
            for each in self._drawn
        )

    def read(self, start: int, count: int) -> NDArray[np.float32]:
        """Samples from `start`; silence where there is nothing, or nothing any more."""
        heard = silence(count)
        for each in self._drawn:
            lower, upper = max(start, each.start), min(start + count, each.start + each.count)
            if each.samples is not None and lower < upper:
                heard[:, lower - start : upper - start] = each.samples[
                    :, lower - each.start : upper - each.start
                ]
        return heard

    def _fade_out(self) -> None:
        """Let the last that was drawn go down: it has not been heard yet."""
        left = self._fade
        for each in reversed(self._drawn):
            if left <= 0 or each.samples is None:
                return
            length = min(left, each.count)
            # The fade's last sample is the last one drawn; what stands before has the higher part of the slope.
            slope = np.linspace(1, 0, self._fade, dtype=np.float32)[left - length : left]
            each.samples = _faded(each.samples, slope, first=False)
            left -= length


def _faded(samples: NDArray[np.float32], slope: NDArray[np.float32], *, first: bool) -> NDArray[np.float32]:
    """A copy whose first or last samples follow the slope."""
    copy = samples.copy()
    if first:
        copy[:, : len(slope)] *= slope
    else:
        copy[:, copy.shape[1] - len(slope) :] *= slope
    return copy
