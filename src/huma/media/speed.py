"""How fast encoding is: made time by real time, over the last seconds."""

from __future__ import annotations

from collections import deque
from typing import Final

WINDOW_MS: Final = 10_000.0
_LEAST_MS: Final = 2_000.0


class SpeedGauge:
    """Takes notes of how much has been made by when."""

    def __init__(self) -> None:
        self._notes: deque[tuple[float, float]] = deque()

    def note(self, mono_ms: float, made_s: float) -> None:
        """So many seconds of programme had been made at that moment."""
        self._notes.append((mono_ms, made_s))
        # One note from before the window stays: the window is then whole.
        while len(self._notes) > 2 and self._notes[1][0] <= mono_ms - WINDOW_MS:
            self._notes.popleft()

    @property
    def speed(self) -> float | None:
        """1.0 keeps pace; None before there is enough to tell."""
        if len(self._notes) < 2:
            return None
        (begin, before), (end, after) = self._notes[0], self._notes[-1]
        return (after - before) * 1000 / (end - begin) if end - begin >= _LEAST_MS else None
