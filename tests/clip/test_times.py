from __future__ import annotations

from typing import Literal

import pytest

from huma.clip.times import Moment, parse_moment
from huma.errors import UsageError

HOUR = 3_600_000
DAY = 24 * HOUR
MIDNIGHT = 20_000 * DAY


@pytest.mark.parametrize(
    ("text", "kind", "ms"),
    [
        ("18:30", "day", 18 * HOUR + 30 * 60_000),
        ("18:30:05", "day", 18 * HOUR + 30 * 60_000 + 5000),
        ("8:30:05.25Z", "day", 8 * HOUR + 30 * 60_000 + 5250),
        ("+90", "offset", 90_000),
        ("+1:30", "offset", 90_000),
        ("+1:02:03", "offset", HOUR + 2 * 60_000 + 3000),
        ("90s", "offset", 90_000),
        ("+1h2m3s", "offset", HOUR + 2 * 60_000 + 3000),
        ("10min", "offset", 600_000),
        ("1970-01-02T00:00Z", "wall", DAY),
        ("1970-01-02T03:30+03:30", "wall", DAY),
    ],
)
def test_moments(text: str, kind: Literal["wall", "day", "offset"], ms: int) -> None:
    assert parse_moment("--from", text) == Moment(kind, ms)


@pytest.mark.parametrize(
    "text",
    ["", "+", "24:00", "18:61", "noon", "2026-11-24T18:30", "-5", "1e5s", "٣:٠٠", "+1:2:3:4", "9" * 40],
)
def test_no_moments(text: str) -> None:
    with pytest.raises(UsageError, match="--from"):
        parse_moment("--from", text)


def test_a_time_of_day_is_the_last_one_that_the_programme_has_seen() -> None:
    newest = MIDNIGHT + 2 * HOUR
    begin = Moment("day", 23 * HOUR).at(began_ms=0, not_before_ms=None, newest_ms=newest)
    assert begin == MIDNIGHT - HOUR
    assert Moment("day", HOUR).at(began_ms=0, not_before_ms=begin, newest_ms=newest) == MIDNIGHT + HOUR
    assert Moment("day", HOUR).at(began_ms=0, not_before_ms=None, newest_ms=newest) == MIDNIGHT + HOUR
    assert Moment("offset", 5).at(began_ms=7, not_before_ms=None, newest_ms=newest) == 12
