"""Moments as people say them: a time of day, a date with it, or so long after the beginning."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from typing import Final, Literal

from huma.errors import UsageError

_DAY_MS: Final = 86_400_000
_CLOCK = re.compile(r"([0-9]{1,2}):([0-5][0-9])(?::([0-5][0-9](?:\.[0-9]{1,3})?))?Z?")
_SPAN = re.compile(r"\+?(?:([0-9]{1,4})h)?(?:([0-9]{1,6})m(?:in)?)?(?:([0-9]{1,8}(?:\.[0-9]{1,3})?)s)?")
_AFTER = re.compile(r"\+(?:([0-9]{1,4}):)?([0-9]{1,6}):([0-5]?[0-9](?:\.[0-9]{1,3})?)|\+([0-9]{1,8})")
_FORMS: Final = (
    "Write 18:30:00 (UTC), 2026-11-24T18:30Z, or +1:30 or 90s for so long after the first picture."
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment of a programme: in Unix milliseconds, since midnight UTC, or since its beginning."""

    kind: Literal["wall", "day", "offset"]
    ms: int

    def at(self, *, began_ms: int, not_before_ms: int | None, newest_ms: int) -> int:
        """In Unix milliseconds. A time of day is the last one that the programme has seen, or the first after another."""
        if self.kind == "wall":
            return self.ms
        if self.kind == "offset":
            return began_ms + self.ms
        if not_before_ms is not None:
            return not_before_ms + (self.ms - not_before_ms) % _DAY_MS
        return newest_ms - (newest_ms - self.ms) % _DAY_MS


def parse_moment(option: str, text: str) -> Moment:
    """What was typed behind `option`."""
    text = text.strip()
    if found := _CLOCK.fullmatch(text):
        if int(found[1]) < 24:
            return Moment("day", _ms(found[1], found[2], found[3]))
    elif found := _AFTER.fullmatch(text):
        return Moment("offset", _ms(found[1], found[2], found[3] or found[4]))
    elif text not in ("", "+") and (found := _SPAN.fullmatch(text)):
        return Moment("offset", _ms(found[1], found[2], found[3]))
    else:
        moment = _dated(option, text)
        if moment is not None:
            return Moment("wall", moment)
    raise UsageError(f"{option}: {text[:40]!r} is no moment", hint=_FORMS)


def _ms(hours: str | None, minutes: str | None, seconds: str | None) -> int:
    return int((int(hours or 0) * 3600 + int(minutes or 0) * 60 + Fraction(seconds or 0)) * 1000)


def _dated(option: str, text: str) -> int | None:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise UsageError(
                f"{option}: {text[:40]!r} does not say in which zone", hint="End it with Z for UTC."
            )
        return int(moment.astimezone(UTC).timestamp() * 1000)
    except (ValueError, OverflowError):
        return None
