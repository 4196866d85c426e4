"""A mirror misbehaves while it is in use: the viewer notices nothing but, at most, a line that says so."""

from __future__ import annotations

import pytest

from huma.demo.faults import Fault
from tests.browser.air import now_ms
from tests.browser.conftest import AirMaker, ViewerMaker

pytestmark = [pytest.mark.browser, pytest.mark.timeout(200)]

STALE_MS = 14_000
CAUGHT = {Fault.CORRUPT: "forging", Fault.FORGE: "forging", Fault.FREEZE: "frozen"}


@pytest.mark.parametrize("fault", [fault for fault in Fault if fault is not Fault.NONE])
def test_playback_goes_on(fault: Fault, on_air: AirMaker, viewer: ViewerMaker) -> None:
    air = on_air()
    one = viewer().open(air.url()).until_playing()
    if fault is Fault.FREEZE:
        assert one.goes_on(3)  # one that was never seen to move would be called stale
    mirror = one.report["mirror"]
    air.switch(mirror, fault)
    # more than any buffer held when the mirror failed
    assert one.goes_on(5)
    # that it goes on and where to; how little it pauses is for the benchmarks: this machine may be busy
    if fault is not Fault.FREEZE:
        one.until(lambda: one.report["mirror"] != mirror, 45, "another mirror in use")
    if fault in CAUGHT:
        one.until(lambda: f"{CAUGHT[fault]} {mirror}" in one.report["caught"], 90, "the mirror caught")
        assert "Proof and details" in one.text
    if air.mirrors[mirror].counts.lies:
        assert one.report["refusedBytes"] > 0
    assert one.goes_on(1)
    one.stays_clean()


def test_two_of_three_mirrors_lie_from_the_start(on_air: AirMaker, viewer: ViewerMaker) -> None:
    air = on_air()
    air.switch("m1", Fault.FORGE)
    air.switch("m2", Fault.CORRUPT)
    one = viewer().open(air.url()).until_playing(30)
    assert one.goes_on(3)
    assert one.report["mirror"] == "m3"
    one.stays_clean()


def test_a_mirror_that_is_stale_when_the_page_opens(on_air: AirMaker, viewer: ViewerMaker) -> None:
    air = on_air(on_air=False)
    air.show_up_to(now_ms() - STALE_MS)
    air.switch("m1", Fault.FREEZE)
    air.go_on_air()
    one = viewer().open(air.url(mirrors=["m1", "m2", "m3"])).until_playing()
    assert one.goes_on(2)
    one.until(lambda: one.report["badge"] == "live", why="live")
    assert one.report["behindMs"] < STALE_MS
    one.stays_clean()


def test_a_programme_that_nobody_goes_on_with_is_not_a_slow_line(
    on_air: AirMaker, viewer: ViewerMaker
) -> None:
    air = on_air()
    one = viewer().open(air.url()).until_playing()
    air.go_off_air()
    badges: list[str] = []
    warnings: set[str] = set()

    def cut_off() -> bool:
        report = one.report
        warnings.update(report["warnings"])
        if not badges or badges[-1] != report["badge"]:
            badges.append(report["badge"])
        return badges[-1] == "cutOff"

    one.until(cut_off, 40, "cut off")
    assert badges[-2:] == ["nothingNewer", "cutOff"], badges
    assert "lineSlow" not in warnings
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
    assert one.goes_on(2)
    one.stays_clean()
