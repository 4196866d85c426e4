"""How far our clock is off, as far as an HTTP server's Date header can tell."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from huma.config import CLOCK_OFF_MAX_S


@dataclass(frozen=True, slots=True)
class ClockReading:
    """Our clock minus theirs lies between `least` and `most` seconds; a Date tells whole seconds only."""

    least: float
    most: float

    @property
    def off_s(self) -> float:
        """What is certain: 0 where no error at all would explain the reading too."""
        if self.least <= 0 <= self.most:
            return 0.0
        return self.least if self.least > 0 else self.most

    @property
    def is_off(self) -> bool:
        """Whether the clock is certainly too far off to sign with."""
        return abs(self.off_s) >= CLOCK_OFF_MAX_S


def read_clock(asked_at: float, answered_at: float, date: str | None) -> ClockReading | None:
    """The reading from a request sent and answered at these moments of our clock; None without a usable Date."""
    if date is None:
        return None
    try:
        theirs = parsedate_to_datetime(date).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
    return ClockReading(asked_at - (theirs + 1.0), answered_at - theirs)
