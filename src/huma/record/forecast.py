"""How long a disk will last, from how fast it has been filled of late."""

from __future__ import annotations

from collections import deque
from typing import Final

_WINDOW_S: Final = 120.0
_LEAST_S: Final = 3.0


class Forecast:
    """Watches a growing number of bytes."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def note(self, mono_s: float, total_bytes: int) -> None:
        """So many bytes have been written by now."""
        self._seen.append((mono_s, total_bytes))
        while len(self._seen) > 2 and self._seen[1][0] < mono_s - _WINDOW_S:
            self._seen.popleft()

    @property
    def bytes_per_s(self) -> float | None:
        """How fast, over the last two minutes; None before anything can be said."""
        if not self._seen:
            return None
        (first_s, first), (last_s, last) = self._seen[0], self._seen[-1]
        return (last - first) / (last_s - first_s) if last_s - first_s >= _LEAST_S else None

    def full_in_s(self, free_bytes: int) -> float | None:
        """When so much room is used up; None where that is not known, or never."""
        rate = self.bytes_per_s
        return None if not rate else max(0, free_bytes) / rate
