"""What a technician sees of what goes on the air: levels of each language, and alarms."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from huma.media.canvas import planes
from huma.media.loudness import Loudness, LoudnessMeter
from huma.media.watchers import (
    BLACK,
    FROZEN,
    SILENCE,
    SLATE,
    SLOW,
    Alarm,
    Look,
    Rule,
    Watch,
    alarm_of,
    is_black,
    is_frozen,
    is_silent,
    is_slow,
    step,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from av.video.frame import VideoFrame
    from numpy.typing import NDArray

PICTURE: Final = "picture"
ENCODER: Final = "encoder"
# Every eighth pixel both ways: 14,400 of a picture of 720 lines.
_STRIDE: Final = 8
_BLACK_LUMA: Final = 36
_NOISE: Final = 6
# Less than this share has moved: the picture that others are compared with stays.
_MOVED: Final = 0.002
_QUIETEST_DB: Final = -200.0


@dataclass(frozen=True, slots=True)
class OnAirState:
    """Levels by language, and what is wrong now, what began first standing first."""

    levels: Mapping[str, Loudness] = field(default_factory=dict)
    alarms: tuple[Alarm, ...] = ()


class Eye:
    """Looks at pictures: how much is lit, and how much has moved since it last moved."""

    def __init__(self) -> None:
        self._reference: NDArray[np.int16] | None = None

    def look(self, frame: VideoFrame) -> Look:
        """The picture in numbers."""
        luma = planes(frame)[0][::_STRIDE, ::_STRIDE].astype(np.int16)
        lit = np.count_nonzero(luma > _BLACK_LUMA) / luma.size
        if self._reference is None or self._reference.shape != luma.shape:
            moved = 1.0
        else:
            moved = np.count_nonzero(np.abs(luma - self._reference) > _NOISE) / luma.size
        if moved >= _MOVED:
            self._reference = luma
        return Look(lit, moved)

    def forget(self) -> None:
        """What comes next is compared with nothing."""
        self._reference = None


class OnAir:
    """Meters and watchers. One thread shows it what goes out; `state` may be asked from any."""

    def __init__(self, languages: Sequence[str], rate: int) -> None:
        self._meters = {code: LoudnessMeter(rate) for code in languages}
        self._eye = Eye()
        self._watches: dict[tuple[Rule, str], Watch] = {}

    def see(self, frame: VideoFrame | None, now: int) -> None:
        """A picture that goes out (None: the slate), at that time."""
        self._step(SLATE, PICTURE, frame is None, now)
        if frame is None:
            # The slate stands still on purpose, and has an alarm of its own.
            self._eye.forget()
            self._watches[BLACK, PICTURE] = self._watches[FROZEN, PICTURE] = Watch()
            return
        look = self._eye.look(frame)
        self._step(BLACK, PICTURE, is_black(look), now)
        self._step(FROZEN, PICTURE, is_frozen(look), now)

    def hear(self, samples: Mapping[str, NDArray[np.float32]], now: int) -> None:
        """The next sound of every language that goes out, at that time."""
        for code, wave in samples.items():
            self._meters[code].add(wave)
            peak = float(np.abs(wave).max(initial=0.0))
            level = 20 * math.log10(peak) if peak > 0 else _QUIETEST_DB
            self._step(SILENCE, code, is_silent(level), now)

    def pace(self, speed: float | None, now: int) -> None:
        """How fast encoding is, as a share of the clock's pace."""
        if speed is not None:
            self._step(SLOW, ENCODER, is_slow(speed), now)

    def state(self) -> OnAirState:
        """How it stands."""
        found = (alarm_of(watch, rule, where) for (rule, where), watch in list(self._watches.items()))
        alarms = sorted((each for each in found if each is not None), key=lambda each: each.since_ms)
        return OnAirState({code: meter.reading for code, meter in self._meters.items()}, tuple(alarms))

    def _step(self, rule: Rule, where: str, wrong: bool | None, now: int) -> None:
        self._watches[rule, where] = step(self._watches.get((rule, where), Watch()), wrong, now, rule)
