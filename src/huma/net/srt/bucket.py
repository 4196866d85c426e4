"""So much a second, and a burst."""

from __future__ import annotations

from typing import Final

_ORIGINS: Final = 1024


class Bucket:
    """Fills evenly up to its burst. Times are monotonic ms."""

    def __init__(self, per_second: float, burst: float) -> None:
        self._rate, self._burst = per_second / 1000, burst
        self._left = burst
        self._at_ms: int | None = None

    def take(self, amount: float, now_ms: int) -> bool:
        """Whether there was so much; where there was not, it is empty now."""
        self._fill(now_ms)
        enough = amount <= self._left
        self._left = self._left - amount if enough else 0.0
        return enough

    def has(self, amount: float, now_ms: int) -> bool:
        """Whether there is so much."""
        self._fill(now_ms)
        return amount <= self._left

    def _fill(self, now_ms: int) -> None:
        passed = 0 if self._at_ms is None else max(0, now_ms - self._at_ms)
        self._at_ms = now_ms
        self._left = min(self._burst, self._left + passed * self._rate)


class Turnstile:
    """Lets through so many of each origin, and so many in all. Remembers a bounded number of origins, for a moment."""

    def __init__(self, each: int, everyone: int) -> None:
        self._each = each
        self._everyone = Bucket(everyone, everyone)
        self._origins: dict[bytes, Bucket] = {}

    def let_in(self, origin: bytes, now_ms: int) -> bool:
        """Whether one more may pass. An origin that may not takes nothing from the others."""
        if origin not in self._origins and len(self._origins) >= _ORIGINS:
            self._origins = {
                known: bucket
                for known, bucket in self._origins.items()
                if not bucket.has(2 * self._each, now_ms)
            }
            if len(self._origins) >= _ORIGINS:
                self._origins.clear()
        bucket = self._origins.setdefault(origin, Bucket(self._each, 2 * self._each))
        if not bucket.has(1, now_ms) or not self._everyone.has(1, now_ms):
            return False
        return bucket.take(1, now_ms) and self._everyone.take(1, now_ms)
