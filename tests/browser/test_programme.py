"""Before, behind, back to the start, cut off, ended and replayed."""

from __future__ import annotations

import pytest

from tests.browser.air import MINUTE_MS
from tests.browser.conftest import AirMaker, ViewerMaker

pytestmark = pytest.mark.browser


def test_before_it_begins_the_page_says_when_and_then_begins_by_itself(
    on_air: AirMaker, viewer: ViewerMaker
) -> None:
    air = on_air(past_ms=0, on_air=False)
    one = viewer().open(air.url())
    one.until(lambda: "Starts in" in one.text, why="the time it starts")
    assert "your time" in one.text
    assert "A rally of thirty thousand places" in one.text
    assert one.report["badge"] == "none"
    air.go_on_air()
    one.until_playing()
    one.until(lambda: one.report["badge"] == "live", why="live")
    one.stays_clean()


def test_back_to_the_start_through_the_chapters_and_live_again(on_air: AirMaker, viewer: ViewerMaker) -> None:
    air = on_air(past_ms=11 * MINUTE_MS)
    one = viewer().open(air.url()).until_playing()
    one.press("Back to the start")
    one.until(lambda: one.report["badge"] == "replay", 30, "the replay")
    one.until(lambda: (one.report["behindMs"] or 0) > 10 * MINUTE_MS, 30, "the start")
    assert one.goes_on(2)
    assert one.asked("/archive/v") >= 2
    assert "Replay, signed at" in one.text
    # across the seam of two chapters
    slider = one.page.get_by_label("Position in the programme")
    slider.evaluate("(it) => { it.value = 296; it.dispatchEvent(new Event('change', { bubbles: true })); }")
    one.until(lambda: (one.report["behindMs"] or 1e9) < 7 * MINUTE_MS, why="the seam")
    assert one.goes_on(6)
    one.press("Rejoin live")
    one.until(lambda: one.report["badge"] == "live", 20, "live again")
    assert one.goes_on(2)
    one.stays_clean()


def test_a_pause_leaves_one_behind_until_one_rejoins(on_air: AirMaker, viewer: ViewerMaker) -> None:
    air = on_air()
    one = viewer().open(air.url()).until_playing()
    one.page.keyboard.press(" ")
    one.until(lambda: one.report["latencyMs"] > 11_000, 30, "well behind")
    assert one.report["badge"] == "behind"
    one.page.keyboard.press(" ")
    assert one.goes_on(3)
    assert one.report["badge"] == "behind"
    one.page.keyboard.press("l")
    one.until(lambda: one.report["badge"] == "live", 10, "live again")
    assert one.goes_on(2)
    one.stays_clean()


def test_silence_is_cut_off_and_never_over(on_air: AirMaker, viewer: ViewerMaker) -> None:
    air = on_air()
    one = viewer().open(air.url()).until_playing()
    air.go_off_air()
    one.until(lambda: one.report["scene"] == "cutOff", 25, "cut off")
    assert "Cut off since" in one.text
    assert "The programme has ended" not in one.text
    air.go_on_air()
    one.until(lambda: one.report["badge"] == "live", 25, "live again")
    assert one.goes_on(2)
    one.stays_clean()


def test_who_only_listens_waits_for_sound_and_not_for_a_picture(
    on_air: AirMaker, viewer: ViewerMaker
) -> None:
    air = on_air()
    one = viewer().open(air.url()).until_playing()
    one.press("Quality")
    one.page.get_by_label("Sound only").check()
    one.page.keyboard.press("Escape")
    one.until(lambda: one.report["soundOnly"], why="sound only")
    air.go_off_air()
    one.until(lambda: one.report["badge"] == "nothingNewer", 25, "all has been played")
    assert "Waiting for more sound" in one.text
    assert "next picture" not in one.text


def test_the_signed_end_and_the_replay(on_air: AirMaker, viewer: ViewerMaker) -> None:
    air = on_air(past_ms=20_000)
    one = viewer().open(air.url()).until_playing()
    air.end()
    one.until(lambda: one.report["scene"] == "ended", 25, "the end")
    assert "The programme has ended" in one.text
    one.press("Watch from the start")
    one.until(lambda: one.report["badge"] == "replay" and one.report["scene"] == "playing", 20, "the replay")
    assert one.goes_on(2)
    one.stays_clean()


def test_who_comes_after_the_end_sees_the_replay(on_air: AirMaker, viewer: ViewerMaker) -> None:
    air = on_air(past_ms=20_000)
    air.end()
    one = viewer().open(air.url())
    one.until(lambda: one.report.get("scene") == "ended", 30, "the end")
    one.press("Watch from the start")
    one.until(lambda: one.report["scene"] == "playing", 20, "the replay")
    assert one.goes_on(2)
    one.stays_clean()
