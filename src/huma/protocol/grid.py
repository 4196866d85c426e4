"""The tick grid: which tick it is, and when a tick begins, in exact arithmetic (spec/documents.md, D11)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Grid:
    """Tick n covers epoch + [n, n+1)·tick; a start that is no whole millisecond is rounded down."""

    tick: tuple[int, int]
    epoch_ms: int

    @property
    def duration(self) -> Fraction:
        """The length of one tick in seconds."""
        return Fraction(*self.tick)

    def start_ms(self, n: int) -> int:
        """The Unix millisecond at which tick `n` begins."""
        seconds, parts = self.tick
        return self.epoch_ms + n * seconds * 1000 // parts

    def tick_at(self, wall_ms: int) -> int:
        """The tick with start_ms(n) <= wall_ms < start_ms(n+1); negative before the epoch."""
        seconds, parts = self.tick
        return ((wall_ms - self.epoch_ms + 1) * parts - 1) // (seconds * 1000)

    def ticks_within(self, ms: int) -> int:
        """How many whole ticks `ms` milliseconds hold."""
        seconds, parts = self.tick
        return ms * parts // (seconds * 1000)
