"""Where frames and samples stand: slots of the picture, samples of the sound, both counted from the first tick."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING, Final

from huma.errors import MediaError
from huma.media.aac import FRAME_SAMPLES

if TYPE_CHECKING:
    from huma.protocol.event import Event
    from huma.protocol.grid import Grid

# AAC begins with a frame of priming before its first sound: the time line begins late enough for it.
BASE_SECONDS: Final = 10
_COMMON_TIMESCALE: Final = 90_000


@dataclass(frozen=True, slots=True)
class Timeline:
    """Exact times of an encoded programme. Slot 0 and sample 0 stand where tick `first_tick` begins."""

    grid: Grid
    first_tick: int
    frame_rate: Fraction
    sample_rate: int

    @property
    def slots_per_tick(self) -> int:
        """Pictures in a tick."""
        return int(self.grid.duration * self.frame_rate)

    @property
    def samples_per_tick(self) -> int:
        """Samples in a tick."""
        return int(self.grid.duration * self.sample_rate)

    @property
    def video_timescale(self) -> int:
        """Units a second in which ticks and pictures are whole."""
        needed = lcm(self.grid.tick[1], self.frame_rate.numerator)
        return _COMMON_TIMESCALE if _COMMON_TIMESCALE % needed == 0 else needed

    def tick_of_slot(self, slot: int) -> int:
        """The tick that a slot belongs to."""
        return self.first_tick + slot // self.slots_per_tick

    def slot_ms(self, slot: int) -> Fraction:
        """When a slot is due, in Unix milliseconds."""
        return self._start_ms() + slot * 1000 / self.frame_rate

    def sample_ms(self, sample: int) -> Fraction:
        """When a sample is due, in Unix milliseconds."""
        return self._start_ms() + Fraction(sample * 1000, self.sample_rate)

    def sample_of_slot(self, slot: int) -> int:
        """The first sample that sounds while a slot is shown."""
        return int(slot * self.sample_rate / self.frame_rate)

    def base_time(self, tick: int, timescale: int) -> int:
        """The decode time at which a tick begins: the same for every encoder of the event."""
        return int((BASE_SECONDS + tick * self.grid.duration) * timescale)

    def _start_ms(self) -> Fraction:
        return self.grid.epoch_ms + self.first_tick * self.grid.duration * 1000


def open_timeline(event: Event, first_tick: int) -> Timeline:
    """The time line of `event`, refused where pictures or sound would not come out even with its ticks."""
    rates = {Fraction(*each.frame_rate) for each in event.renditions if each.frame_rate}
    sample_rates = {each.sample_rate for each in event.renditions if each.sample_rate}
    if len(rates) > 1 or len(sample_rates) > 1:
        raise MediaError(
            "the event's renditions have different frame rates or sample rates",
            code="renditions",
            hint="Give every rendition of event.toml the same fps and sample rate.",
        )
    tick = event.grid.duration
    frame_rate = next(iter(rates), None) or _slots_for_sound(tick)
    sample_rate = next(iter(sample_rates), None) or 48_000
    if (tick * frame_rate).denominator != 1 or (tick * sample_rate / FRAME_SAMPLES).denominator != 1:
        raise MediaError(
            f"a tick of {tick} s does not hold whole pictures at {frame_rate} and whole AAC frames at {sample_rate} Hz",
            code="renditions",
            hint="Use 16/15 s at 30 fps or 24/25 s at 25 fps, with 48,000 Hz.",
        )
    return Timeline(event.grid, first_tick, frame_rate, sample_rate)


def _slots_for_sound(tick: Fraction) -> Fraction:
    """The pace of an event without pictures: 32 steps a tick."""
    return 32 / tick
