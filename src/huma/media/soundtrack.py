"""One language's sound on its way from a source's clock to ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from huma.media.feed import CHANNELS, silence

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Time stamps that wander less than this are one stretch of sound; beyond it there is a hole, or an overlap.
_SEAM_S: Final = 0.04
_LONGEST_HOLE_S: Final = 10.0
_LONGEST_KEPT_S: Final = 30.0
_TRUST_IN_STAMPS: Final = 0.02
# Sound that is this far from where it belongs is pulled there slowly; farther, at once.
_OFF_S: Final = 0.005
_HOME_S: Final = 0.0005
_JUMP_S: Final = 0.08
_PULL: Final = 0.002


class Soundtrack:
    """Samples with the source's times, read back continuously at ours. The owner locks it."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._chunks: list[NDArray[np.float32]] = []
        self._first = 0
        self._count = 0
        self._zero: float | None = None
        self._cursor: int | None = None
        self._pulling = False

    @property
    def start(self) -> float | None:
        """The time of the first sample, once there is one."""
        return self._zero

    @property
    def end(self) -> float | None:
        """The time after the last sample."""
        return None if self._zero is None else self._zero + self._count / self._rate

    def append(self, time: float, samples: NDArray[np.float32]) -> None:
        """Add what sounds from `time` on."""
        if self._zero is None:
            self._zero = time
        gap = time - (self._zero + self._count / self._rate)
        if gap > _SEAM_S:
            self._push(silence(round(min(gap, _LONGEST_HOLE_S) * self._rate)))
        elif gap < -_SEAM_S:
            samples = samples[:, round(-gap * self._rate) :]
        else:
            self._zero += gap * _TRUST_IN_STAMPS
        self._push(samples)
        while (self._count - self._first) > _LONGEST_KEPT_S * self._rate:
            self._first += self._chunks.pop(0).shape[1]

    def read(self, time: float, count: int) -> NDArray[np.float32]:
        """`count` samples for the stretch that begins at `time`, following on what was read before."""
        if self._zero is None:
            return silence(count)
        wanted = round((time - self._zero) * self._rate)
        if self._cursor is None or abs(wanted - self._cursor) > _JUMP_S * self._rate:
            self._cursor = wanted
        off = wanted - self._cursor
        self._pulling = abs(off) > (_HOME_S if self._pulling else _OFF_S) * self._rate
        step = max(1, int(count * _PULL))
        length = count + (max(-step, min(step, off)) if self._pulling else 0)
        heard = self._slice(self._cursor, length)
        self._cursor += length
        self._forget(self._cursor)
        return heard if length == count else _stretched(heard, count)

    def _push(self, samples: NDArray[np.float32]) -> None:
        if samples.shape[1]:
            self._chunks.append(samples)
            self._count += samples.shape[1]

    def _slice(self, start: int, length: int) -> NDArray[np.float32]:
        """Samples by number, with silence where there are none."""
        heard = silence(length)
        at = self._first
        for chunk in self._chunks:
            lower, upper = max(start, at), min(start + length, at + chunk.shape[1])
            if lower < upper:
                heard[:, lower - start : upper - start] = chunk[:, lower - at : upper - at]
            at += chunk.shape[1]
            if at >= start + length:
                break
        return heard

    def _forget(self, before: int) -> None:
        while self._chunks and self._first + self._chunks[0].shape[1] <= before:
            self._first += self._chunks.pop(0).shape[1]


def _stretched(samples: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """The same sound in a few samples more or fewer."""
    length = samples.shape[1]
    places = np.arange(count) * (length / count)
    known = np.arange(length)
    return np.stack([np.interp(places, known, samples[channel]) for channel in range(CHANNELS)]).astype(
        np.float32
    )
