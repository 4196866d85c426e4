"""Alarms: when they begin, when they end, and what does not raise them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huma.media.canvas import blank, planes
from huma.media.onair import OnAir
from huma.media.watchers import (
    BLACK,
    FROZEN,
    SILENCE,
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
    from collections.abc import Callable

    from av.video.frame import VideoFrame


def follow(rule: Rule, *stretches: tuple[bool | None, int], every: int = 100) -> list[tuple[int, bool]]:
    """Play so many milliseconds of each; the moments at which the alarm changed."""
    watch, now, changes = Watch(), 0, []
    for wrong, length in stretches:
        for _ in range(length // every):
            after = step(watch, wrong, now, rule)
            if after.raised != watch.raised:
                changes.append((now, after.raised))
            watch, now = after, now + every
    return changes


# These figures, and those of the thresholds below, are the promise of docs/reference/inputs.md, not taken from the code.
@pytest.mark.parametrize(
    ("rule", "after"), [(SILENCE, 10_000), (BLACK, 5_000), (FROZEN, 5_000), (SLOW, 10_000)]
)
def test_an_alarm_comes_after_its_time_and_says_since_when(rule: Rule, after: int) -> None:
    assert follow(rule, (False, 1000), (True, 30_000)) == [(1000 + after, True)]
    watch = Watch()
    for now in range(1000, 1000 + after + 1, 100):
        watch = step(watch, True, now, rule)
    assert alarm_of(watch, rule, "en") == Alarm(rule.code, 1000, "en")


def test_a_moment_of_sound_begins_the_time_anew() -> None:
    assert follow(SILENCE, (True, 9_900), (False, 100), (True, 9_900)) == []


def test_it_ends_when_all_has_been_well_for_a_while() -> None:
    assert follow(SILENCE, (True, 12_000), (False, 5_000)) == [(10_000, True), (12_500, False)]


def test_a_short_moment_does_not_end_it() -> None:
    changes = follow(SILENCE, (True, 12_000), (False, 300), (True, 5_000), (False, 300), (True, 5_000))
    assert changes == [(10_000, True)]


def test_between_the_thresholds_all_stays_as_it_was() -> None:
    assert follow(SILENCE, (True, 4_000), (None, 8_000)) == [(10_000, True)]
    assert follow(SILENCE, (False, 4_000), (None, 60_000)) == []
    assert follow(SILENCE, (True, 12_000), (None, 60_000), (False, 1_000)) == [
        (10_000, True),
        (72_500, False),
    ]


@pytest.mark.parametrize(
    ("judge", "wrong", "band", "well"),
    [
        (is_silent, -60.1, -57, -55),
        (is_slow, 0.979, 0.985, 0.99),
        (lambda value: is_black(Look(value, 1)), 0.004, 0.007, 0.01),
        (lambda value: is_frozen(Look(1, value)), 0.0004, 0.001, 0.002),
    ],
)
def test_the_thresholds(
    judge: Callable[[float], bool | None], wrong: float, band: float, well: float
) -> None:
    assert [judge(wrong), judge(band), judge(well)] == [True, None, False]


@given(
    seen=st.lists(st.tuples(st.sampled_from([True, False, None]), st.integers(1, 4000)), max_size=60),
    rule=st.sampled_from([SILENCE, BLACK, SLOW]),
)
def test_an_alarm_is_never_raised_before_its_time_nor_while_all_is_well(
    seen: list[tuple[bool | None, int]], rule: Rule
) -> None:
    watch, now, last_well, raised_before = Watch(), 0, 0, False
    for wrong, passed in seen:
        now += passed
        watch = step(watch, wrong, now, rule)
        if wrong is False:
            last_well = now
            assert raised_before or not watch.raised
        if watch.raised and not raised_before:
            assert now - last_well >= rule.after_ms or last_well == 0
            assert watch.wrong_since is not None
            assert now - watch.wrong_since >= rule.after_ms
        raised_before = watch.raised


def scenery(shift: int = 0, noise: int = 0) -> VideoFrame:
    """A picture of stripes; shifted, or with a little noise on it."""
    frame = blank(640, 360)
    luma = planes(frame)[0]
    columns = (np.arange(640) + shift) // 40 % 2 * 120 + 60
    luma[:] = columns[None, :]
    if noise:
        luma[:] += (
            np.random.default_rng(shift + noise).integers(-3, 4, luma.shape).astype(np.int8).view(np.uint8)
        )
    return frame


def shown(*stretches: tuple[VideoFrame | None, int]) -> list[tuple[int, tuple[str, ...]]]:
    """Five pictures a second; when the alarms were others than before."""
    on_air, now, changes = OnAir(["en"], 48_000), 0, list[tuple[int, tuple[str, ...]]]()
    before: tuple[str, ...] = ()
    for frame, seconds in stretches:
        for _ in range(seconds * 5):
            on_air.see(frame, now)
            codes = tuple(each.code for each in on_air.state().alarms)
            if codes != before:
                changes.append((now, codes))
            before, now = codes, now + 200
    return changes


def test_a_picture_that_stands_is_frozen_and_one_that_moves_is_not() -> None:
    assert shown((scenery(), 8)) == [(5_200, ("frozen",))]
    moving = [(scenery(shift), 1) for shift in range(0, 200, 10)]
    assert shown(*moving) == []


def test_noise_on_a_picture_that_stands_is_no_movement() -> None:
    on_air = OnAir(["en"], 48_000)
    for index in range(40):
        on_air.see(scenery(0, noise=index + 1), index * 200)
    assert [each.code for each in on_air.state().alarms] == ["frozen"]


def test_a_slow_drift_is_movement() -> None:
    on_air = OnAir(["en"], 48_000)
    for index in range(100):
        on_air.see(scenery(index), index * 200)
    assert on_air.state().alarms == ()


def test_black_is_both_black_and_frozen() -> None:
    assert shown((scenery(), 2), (blank(640, 360), 8))[-1][1] in {("black", "frozen"), ("frozen", "black")}
    on_air = OnAir(["en"], 48_000)
    for index in range(40):
        on_air.see(blank(640, 360), index * 200)
    assert len(on_air.state().alarms) == 2
    for index in range(40, 50):
        on_air.see(scenery(index * 10), index * 200)
    assert on_air.state().alarms == ()


def test_the_slate_is_an_alarm_at_once_and_not_a_frozen_picture() -> None:
    assert shown((scenery(), 1), (None, 30), (scenery(10), 1)) == [(1_000, ("slate",)), (31_000, ())]


def test_silence_is_told_by_language() -> None:
    on_air, quiet = OnAir(["en", "fa"], 48_000), np.zeros((2, 4800), np.float32)
    loud = np.full((2, 4800), 0.1, np.float32)
    for index in range(120):
        on_air.hear({"en": loud, "fa": quiet}, 50_000 + index * 100)
    assert on_air.state().alarms == (Alarm("silence", 50_000, "fa"),)
    assert on_air.state().levels.keys() == {"en", "fa"}


def test_an_encoder_that_falls_behind_is_told() -> None:
    on_air = OnAir([], 48_000)
    for index in range(120):
        on_air.pace(0.9, index * 100)
    assert on_air.state().alarms == (Alarm("slow", 0, "encoder"),)
    on_air.pace(None, 13_000)
    for index in range(130, 170):
        on_air.pace(1.0, index * 100)
    assert on_air.state().alarms == ()
