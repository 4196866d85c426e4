"""What stands between arrival and decoding: the moment of arrival, the delay to the air, the gauge."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from huma.errors import UsageError
from huma.media.gauge import InputGauge

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST_DELAY_S: Final = 60.0


class Ingest:
    """One input's delay and gauge. Who changes the delay holds the reader's lock."""

    def __init__(self, now: Callable[[], float] = time.monotonic, delay_s: float = 0.0) -> None:
        self.now = now
        self.gauge = InputGauge(now)
        self._delay_s = 0.0
        self.delay_s = delay_s

    @property
    def delay_s(self) -> float:
        """How long a packet is kept after its arrival."""
        return self._delay_s

    @delay_s.setter
    def delay_s(self, seconds: float) -> None:
        if not 0 <= seconds <= LONGEST_DELAY_S:
            raise UsageError(
                f"a delay of {seconds} s is not possible",
                code="delay",
                hint=f"Give 0 to {LONGEST_DELAY_S:.0f} seconds.",
            )
        self._delay_s = seconds

    def is_due(self, arrived: float) -> bool:
        """Whether what arrived then may go on now."""
        return self._delay_s <= 0 or self.now() >= arrived + self._delay_s
