"""A clock that a step of the machine's clock cannot shake: set once, then counted on."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from huma.config import CLOCK_OFF_MAX_S

if TYPE_CHECKING:
    import threading

JUMP_MS: Final = int(CLOCK_OFF_MAX_S * 1000)


class SteadyClock:
    """Unix time as it was at the start, plus what has gone by since.

    Ticks and ISSUED follow it, so that somebody who sets the machine's clock neither tears the programme nor makes
    it sign a moment that is not now. Slewing (NTP) is followed; a step is noticed, and told.
    """

    paced: Final = True

    def __init__(self) -> None:
        self._wall_ns = time.time_ns()
        self._boot_ns = _boot_ns()

    def wall(self) -> int:
        """Unix milliseconds."""
        return (self._wall_ns + _boot_ns() - self._boot_ns) // 1_000_000

    def mono(self) -> float:
        """Milliseconds that never go back, and do not stand still while the machine sleeps."""
        return _boot_ns() / 1e6

    def wait(self, until_mono: float, stop: threading.Event) -> None:
        """Sleep until then, or until `stop` is set."""
        left = (until_mono - self.mono()) / 1000
        if left > 0:
            stop.wait(left)

    def jumped_ms(self) -> int:
        """How far the machine's clock was set since the start; 0 if it was not."""
        away = time.time_ns() // 1_000_000 - self.wall()
        return away if abs(away) >= JUMP_MS else 0


def _boot_ns() -> int:
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)
