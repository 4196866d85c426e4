from __future__ import annotations

import pytest

from huma.net.clock import ClockReading, read_clock

NOON = 1_800_014_400.0  # 2027-01-15T12:00:00Z
DATE = "Fri, 15 Jan 2027 12:00:00 GMT"


@pytest.mark.parametrize(
    ("asked", "answered", "off", "is_off"),
    [
        (0.0, 0.1, 0.0, False), (0.9, 0.95, 0.0, False), (-0.4, 0.2, 0.0, False), (1.5, 1.6, 0.5, False),
        (2.9, 2.95, 1.9, False), (3.1, 3.2, 2.1, True), (-2.5, -1.9, -1.9, False), (-2.5, -2.1, -2.1, True),
        (-20, 20, 0.0, False), (86400, 86400.1, 86399, True),
    ],
)  # fmt: skip
def test_only_what_is_certain_counts(asked: float, answered: float, off: float, is_off: bool) -> None:
    reading = read_clock(NOON + asked, NOON + answered, DATE)
    assert reading is not None
    assert reading.off_s == pytest.approx(off, abs=1e-6)
    assert reading.is_off is is_off


@pytest.mark.parametrize(
    "date", [None, "", "yesterday", "Fri, 99 Jan 2027 12:00:00 GMT", "Fri, 15 Jan 99999 1:1:1 GMT"]
)
def test_no_usable_date_is_no_reading(date: str | None) -> None:
    assert read_clock(NOON, NOON, date) is None


def test_a_reading_in_both_directions() -> None:
    assert ClockReading(3, 4).off_s == 3
    assert ClockReading(-4, -3).off_s == -3
