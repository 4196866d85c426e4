"""A mirror misbehaves while it is in use: the viewer notices nothing but, at most, a line that says so."""

from __future__ import annotations

import pytest

from huma.demo.faults import Fault
from tests.browser.conftest import AirMaker, ViewerMaker

pytestmark = pytest.mark.browser

CAUGHT = {Fault.CORRUPT: "forging", Fault.FORGE: "forging", Fault.FREEZE: "frozen"}


@pytest.mark.parametrize("fault", [fault for fault in Fault if fault is not Fault.NONE])
def test_playback_goes_on(fault: Fault, on_air: AirMaker, viewer: ViewerMaker) -> None:
    air = on_air()
    one = viewer().open(air.url()).until_playing()
    assert one.goes_on(2)
    mirror = one.report["mirror"]
    air.switch(mirror, fault)
    one.page.wait_for_timeout(6_000)
    assert one.goes_on(2)
    # that it goes on and where to; how little it pauses is for the benchmarks: this machine may be busy
    if fault is not Fault.FREEZE:
        one.until(lambda: one.report["mirror"] != mirror, 45, "another mirror in use")
    if fault in CAUGHT:
        one.until(lambda: f"{CAUGHT[fault]} {mirror}" in one.report["caught"], 45, "the mirror caught")
        assert "Proof and details" in one.text
    if air.mirrors[mirror].counts.lies:
        assert one.report["refusedBytes"] > 0
    one.stays_clean()


def test_two_of_three_mirrors_lie_from_the_start(on_air: AirMaker, viewer: ViewerMaker) -> None:
    air = on_air()
    air.switch("m1", Fault.FORGE)
    air.switch("m2", Fault.CORRUPT)
    one = viewer().open(air.url()).until_playing(30)
    assert one.goes_on(4)
    assert one.report["mirror"] == "m3"
    one.stays_clean()


def test_a_mirror_that_is_stale_when_the_page_opens(on_air: AirMaker, viewer: ViewerMaker) -> None:
    air = on_air()
    air.switch("m1", Fault.FREEZE)
    one = viewer()
    one.page.wait_for_timeout(12_000)
    one.open(air.url(mirrors=["m1", "m2", "m3"])).until_playing()
    assert one.goes_on(3)
    assert one.report["badge"] == "live"
    assert one.report["behindMs"] < 8_000
    one.stays_clean()


def test_all_mirrors_die_and_return(on_air: AirMaker, viewer: ViewerMaker) -> None:
    air = on_air()
    one = viewer().open(air.url()).until_playing()
    for name in air.mirrors:
        air.switch(name, Fault.KILL)
    one.until(lambda: one.report["badge"] == "cutOff", 30, "cut off")
    assert "Cut off since" in one.text
    assert "ended" not in one.text.lower().replace("was not ended by", "")
    air.restore()
    one.until(lambda: one.report["badge"] in {"live", "behind"}, 15, "live again")
    assert one.goes_on(3)
    one.stays_clean()
