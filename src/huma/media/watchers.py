"""Alarms about what is on the air: pure functions of what was, what is seen now, and the time.

Each has two thresholds with a band between them in which nothing changes, and a time for which things must be well before
the alarm ends: an alarm that flickers is switched off by the one whom it should warn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Code = Literal["silence", "black", "frozen", "slate", "slow"]

_SILENT_DB: Final = -60.0
_HEARD_DB: Final = -55.0
_DARK: Final = 0.005
_LIT: Final = 0.01
_STILL: Final = 0.0005
_MOVING: Final = 0.002
_SLOW: Final = 0.98
_FAST_ENOUGH: Final = 0.99


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that a technician should know now.

    Attributes:
        code: What it is.
        since_ms: When it began, which is before the alarm was raised.
        where: The language, `picture`, or `encoder`.
    """

    code: Code
    since_ms: int
    where: str


@dataclass(frozen=True, slots=True)
class Rule:
    """For how long something must be wrong before the alarm, and well again before its end."""

    code: Code
    after_ms: int
    clear_ms: int


SILENCE: Final = Rule("silence", 10_000, 500)
BLACK: Final = Rule("black", 5_000, 500)
FROZEN: Final = Rule("frozen", 5_000, 500)
SLATE: Final = Rule("slate", 0, 0)
SLOW: Final = Rule("slow", 10_000, 3_000)


@dataclass(frozen=True, slots=True)
class Watch:
    """What one watcher remembers."""

    wrong_since: int | None = None
    well_since: int | None = None
    raised: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """A picture in two numbers, both shares of it.

    Attributes:
        lit: What is brighter than black.
        moved: What differs from the picture that it is compared with.
    """

    lit: float
    moved: float


def step(before: Watch, wrong: bool | None, now: int, rule: Rule) -> Watch:
    """What the watcher knows after seeing that things are wrong (None: in the band, where all stays as it was)."""
    if wrong is None:
        wrong = before.wrong_since is not None and before.well_since is None
    if wrong:
        since = now if before.wrong_since is None else before.wrong_since
        return Watch(since, None, before.raised or now - since >= rule.after_ms)
    if not before.raised:
        return Watch()
    well = now if before.well_since is None else before.well_since
    return Watch() if now - well >= rule.clear_ms else Watch(before.wrong_since, well, raised=True)


def alarm_of(watch: Watch, rule: Rule, where: str) -> Alarm | None:
    """The alarm that a watcher raises, if it does."""
    if not watch.raised or watch.wrong_since is None:
        return None
    return Alarm(rule.code, watch.wrong_since, where)


def is_silent(peak_db: float) -> bool | None:
    """Whether a stretch of sound with that peak is silence."""
    return _judged(peak_db, _SILENT_DB, _HEARD_DB)


def is_black(look: Look) -> bool | None:
    """Whether a picture is black."""
    return _judged(look.lit, _DARK, _LIT)


def is_frozen(look: Look) -> bool | None:
    """Whether a picture is the one that it is compared with."""
    return _judged(look.moved, _STILL, _MOVING)


def is_slow(speed: float) -> bool | None:
    """Whether encoding is slower than the clock."""
    return _judged(speed, _SLOW, _FAST_ENOUGH)


def _judged(value: float, wrong_below: float, well_from: float) -> bool | None:
    return True if value < wrong_below else False if value >= well_from else None
