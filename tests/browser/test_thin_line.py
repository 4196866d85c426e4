"""A line of 200 kbit/s and 0.8 s: sound before picture, long segments, and back when the line is good again."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import AirMaker, ViewerMaker
from tests.browser.viewer import Viewer

pytestmark = pytest.mark.browser

THIN_BYTES_PER_S = 25_000
LONG_MS = 800


def squeeze(one: Viewer, *, thin: bool) -> None:
    """The browser's own throttle: for logic. The benchmark uses a delaying proxy."""
    devtools: Any = one.devtools
    devtools.send("Network.enable")
    rate = THIN_BYTES_PER_S if thin else -1
    devtools.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": LONG_MS if thin else 0,
            "downloadThroughput": rate,
            "uploadThroughput": rate,
        },
    )


@pytest.mark.timeout(200)
def test_sound_comes_first_and_the_picture_behind_it(on_air: AirMaker, viewer: ViewerMaker) -> None:
    air = on_air(past_ms=90_000)
    one = viewer(service_workers="block")
    squeeze(one, thin=True)
    one.open(air.url())
    one.until_playing(40, picture=False)
    assert one.report["soundOnly"]
    assert one.report["rendition"] == "n-en"
    assert one.decoded["audio"] > 0
    assert "Your line is slow" in one.text
    one.until(lambda: not one.report["soundOnly"], 110, "the picture")
    assert one.report["rendition"] == "v144s"
    one.page.wait_for_timeout(8_000)
    assert one.goes_on(3)
    # a busy machine is late with a picture; a buffer that ran dry waits for a segment of four seconds
    assert max(one.watch["stalls"], default=0) < 1_000
    assert one.asked("/live/v360") == 0
    one.stays_clean()


@pytest.mark.timeout(200)
def test_a_line_that_turns_thin_is_answered_with_long_segments_and_left_again(
    on_air: AirMaker, viewer: ViewerMaker
) -> None:
    air = on_air(past_ms=90_000)
    one = viewer(service_workers="block").open(air.url()).until_playing()
    one.page.wait_for_timeout(12_000)
    squeeze(one, thin=True)
    one.until(lambda: one.report["lineSlow"], 20, "the slow line")
    one.until(lambda: one.asked("/live/v144s"), 10, "the slow ladder")
    one.page.wait_for_timeout(15_000)
    assert one.goes_on(3)
    assert max(one.watch["stalls"], default=0) < 6_000
    squeeze(one, thin=False)
    one.until(lambda: not one.report["lineSlow"], 60, "the good line")
    one.until(lambda: one.report["rendition"] in {"v360", "v144"}, 30, "the fast ladder")
    if "Rejoin live" in one.text:
        one.press("Rejoin live")
    one.until(lambda: one.report["badge"] == "live" and (one.report["latencyMs"] or 1e9) < 5_000, 15, "live")
    assert one.goes_on(3)
    one.stays_clean()
