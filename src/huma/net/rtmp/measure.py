"""What a technician wants to know of a stream, measured over its last seconds."""

from __future__ import annotations

from collections import deque
from itertools import pairwise
from typing import Final

WINDOW_MS: Final = 5_000
_BUCKET_MS: Final = 250
_KEYS_KEPT: Final = 4


class BitRate:
    """Bits per second over the last seconds, from a bounded number of sums."""

    def __init__(self, began_ms: int) -> None:
        self._began = began_ms
        self._sums: deque[tuple[int, int]] = deque()
        self.total = 0

    def add(self, size: int, now_ms: int) -> None:
        """Count bytes that came now."""
        self.total += size
        bucket = now_ms // _BUCKET_MS * _BUCKET_MS
        if self._sums and self._sums[-1][0] == bucket:
            size += self._sums.pop()[1]
        self._sums.append((bucket, size))
        self._forget(now_ms)

    def bits_per_second(self, now_ms: int) -> int:
        """The rate now; a stream that is younger than the window is measured over its own time."""
        self._forget(now_ms)
        span = max(1_000, min(WINDOW_MS, now_ms - self._began))
        return sum(size for _, size in self._sums) * 8_000 // span

    def _forget(self, now_ms: int) -> None:
        while self._sums and self._sums[0][0] <= now_ms - WINDOW_MS:
            self._sums.popleft()


class KeyInterval:
    """The longest of the last distances between key frames, in the stream's own time."""

    def __init__(self) -> None:
        self._moments: deque[int] = deque(maxlen=_KEYS_KEPT)

    def add(self, moment_ms: int) -> None:
        """A key frame at this moment."""
        self._moments.append(moment_ms)

    @property
    def longest_ms(self) -> int:
        """Zero before the second key frame."""
        moments = list(self._moments)
        return max((after - before for before, after in pairwise(moments)), default=0)
