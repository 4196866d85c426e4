"""The clocks that pace a programme: the wall's own, and one that never waits."""

from __future__ import annotations

import threading
import time
from typing import Protocol


class Clock(Protocol):
    """Where a programme takes its time from, so that a test can bring its own."""

    @property
    def paced(self) -> bool:
        """Whether time passes by itself. If not, everyone waits for everyone and no frame is ever dropped."""

    def wall(self) -> int:
        """Unix milliseconds."""

    def mono(self) -> float:
        """Milliseconds that never go back."""

    def wait(self, until_mono: float, stop: threading.Event) -> None:
        """Return when `mono()` has come to `until_mono`, or `stop` is set."""


class RealClock:
    """The machine's clock."""

    paced = True

    def wall(self) -> int:
        """Unix milliseconds."""
        return time.time_ns() // 1_000_000

    def mono(self) -> float:
        """Milliseconds that never go back."""
        return time.monotonic_ns() / 1e6

    def wait(self, until_mono: float, stop: threading.Event) -> None:
        """Sleep until then, or until `stop` is set."""
        left = (until_mono - self.mono()) / 1000
        if left > 0:
            stop.wait(left)


class FastClock:
    """As fast as possible: time passes only by being waited for. For prepared programmes and benchmarks."""

    paced = False

    def __init__(self, wall_ms: int) -> None:
        self._wall_ms = wall_ms
        self._mono = 0.0
        self._lock = threading.Lock()

    def wall(self) -> int:
        """Unix milliseconds, counted from the one given."""
        return self._wall_ms + int(self._mono)

    def mono(self) -> float:
        """Milliseconds waited for so far."""
        return self._mono

    def wait(self, until_mono: float, stop: threading.Event) -> None:  # noqa: ARG002 - the port's signature
        """Be there at once."""
        with self._lock:
            self._mono = max(self._mono, until_mono)
