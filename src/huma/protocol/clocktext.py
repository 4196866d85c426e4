"""Moments as text: exactly `YYYY-MM-DDTHH:MM:SS.mmmZ`, and nothing else (spec/documents.md, D10)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from huma.errors import MalformedError

MAX_MS: Final = 253_402_300_799_999
"""The last millisecond of the year 9999."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TEXT = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})\.([0-9]{3})Z")


def format_ms(ms: int) -> str:
    """Unix milliseconds as text."""
    if not 0 <= ms <= MAX_MS:
        raise MalformedError(f"no moment between 1970 and 9999: {ms}")
    moment = _EPOCH + timedelta(milliseconds=ms)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}Z"


def parse_ms(text: str) -> int:
    """Text as Unix milliseconds. Days that no calendar has, and leap seconds, are refused."""
    found = _TEXT.fullmatch(text)
    if found is None or found[1] < "1970":
        raise MalformedError(f"not a moment: {text[:40]!r}")
    year, month, day, hour, minute, second, ms = (int(part) for part in found.groups())
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        raise MalformedError(f"no such moment: {text[:40]!r}") from None
    return (moment - _EPOCH) // timedelta(milliseconds=1) + ms
