"""The page plays a signed live programme, verified, and asks nobody but its mirrors."""

from __future__ import annotations

import json

import pytest

from tests.browser.conftest import AirMaker, ViewerMaker
from tests.browser.viewer import Viewer

pytestmark = pytest.mark.browser


def test_it_plays_picture_and_sound_and_leaves_only_counters(on_air: AirMaker, viewer: ViewerMaker) -> None:
    air = on_air()
    one = viewer().open(air.url()).until_playing()
    assert one.goes_on(3)
    decoded = one.decoded
    assert decoded["video"] > 20_000
    assert decoded["audio"] > 5_000
    assert decoded["frames"] > 60
    report = one.report
    assert report["badge"] == "live"
    assert report["behindMs"] < 6_000
    assert report["verifiedBytes"] > 100_000
    assert report["refusedBytes"] == 0
    assert "Verified" in one.text
    one.stays_clean()
    # nobody else was asked, and what stays is what PROTOCOL 6.5 lists
    assert one.hosts <= {
        server.origin.removeprefix("http://") for server in (air.page_server, *air.servers.values())
    }
    assert one.context.cookies() == []
    kept = one.storage()
    assert set(kept) == {"huma:1"}
    (event,) = json.loads(kept["huma:1"])["events"]
    assert set(event) == {"trust", "belief", "seed"}
    assert set(event["trust"]) == {"event", "root", "versions"}
    assert set(event["belief"]) == {"v", "eventId", "floors", "revoked"}


def test_languages_and_ladders_change_without_a_break(on_air: AirMaker, viewer: ViewerMaker) -> None:
    air = on_air(past_ms=90_000)
    one = viewer().open(air.url()).until_playing()
    assert one.asked("/live/a-fa.m3u8") == 0
    one.page.keyboard.press("c")
    one.until(lambda: one.asked("/live/a-fa.m3u8") > 0, why="the Farsi sound")
    before = one.decoded["audio"]
    assert one.goes_on(2)
    assert one.decoded["audio"] > before

    one.press("Quality")
    one.page.get_by_text("144p").click()
    one.page.keyboard.press("Escape")
    one.until(lambda: one.report["rendition"] == "v144", why="144 lines")
    one.press("Quality")
    one.page.get_by_label("Data saver").check()
    one.page.keyboard.press("Escape")
    one.until(lambda: one.report["rendition"] == "v144s", why="the slow ladder")
    assert one.goes_on(3)
    assert one.report["badge"] == "live"
    one.stays_clean()


def test_sound_only_fetches_no_picture(on_air: AirMaker, viewer: ViewerMaker) -> None:
    air = on_air()
    one = viewer().open(air.url()).until_playing()
    one.press("Quality")
    one.page.get_by_label("Sound only").check()
    one.page.keyboard.press("Escape")
    one.until(lambda: one.report["soundOnly"], why="sound only")
    one.page.wait_for_timeout(1_500)
    asked = one.asked("/live/v")
    before = one.decoded["audio"]
    assert one.goes_on(3)
    assert one.decoded["audio"] > before
    assert one.asked("/live/v") == asked
    one.press("Quality")
    one.page.get_by_label("Sound only").uncheck()
    one.page.keyboard.press("Escape")
    one.until(lambda: not one.report["soundOnly"], why="the picture again")
    assert one.goes_on(2)
    one.stays_clean()


def test_farsi_reads_from_right_to_left(on_air: AirMaker, viewer: ViewerMaker) -> None:
    air = on_air()
    one = viewer(locale="fa-IR").open(air.url()).until_playing()
    assert one.page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == ["fa", "rtl"]
    assert "تأییدشده" in one.text
    assert one.asked("/live/a-fa.m3u8") > 0
    one.press("English")
    one.until(lambda: one.page.evaluate("document.documentElement.dir") == "ltr", why="left to right")
    assert one.storage()["huma:language"] == "en"
    one.page.reload()
    one.until_playing()
    assert "Verified" in one.text


def test_it_plays_without_the_browsers_cryptography(on_air: AirMaker, viewer: ViewerMaker) -> None:
    air = on_air()
    one = viewer()
    one.page.add_init_script("Object.defineProperty(crypto, 'subtle', { value: undefined })")
    one.open(air.url()).until_playing()
    assert one.goes_on(2)
    one.press("Verified")
    one.until(lambda: "built-in cryptography" in one.text, why="the engine's name")
    one.stays_clean()


def test_the_page_has_no_way_to_anybody_else(on_air: AirMaker, viewer: ViewerMaker) -> None:
    air = on_air()
    one = viewer().open(air.url()).until_playing()
    assert one.page.evaluate(
        "typeof RTCPeerConnection === 'undefined' || !document.body.innerHTML.includes('RTC')"
    )
    policy = one.page.get_attribute('meta[http-equiv="Content-Security-Policy"]', "content")
    assert policy is not None
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    refused = one.page.evaluate(
        "new Promise((told) => { addEventListener('securitypolicyviolation', () => told(true));"
        "const image = new Image(); image.src = 'https://elsewhere.example/x.png'; setTimeout(() => told(false), 2000); })"
    )
    assert refused


def test_volunteers_can_be_turned_off(on_air: AirMaker, viewer: ViewerMaker) -> None:
    air = on_air()
    one = viewer().open(air.url()).until_playing()
    one.press("Settings")
    one.page.get_by_label("Volunteers’ mirrors").uncheck()
    one.page.keyboard.press("Escape")
    one.until_playing()
    one.until(lambda: one.report["mirror"] == "m1", why="the trusted mirror")
    before = {name: mirror.counts.requests for name, mirror in air.mirrors.items()}
    assert one.goes_on(4)
    asked = {name: mirror.counts.requests - before[name] for name, mirror in air.mirrors.items()}
    assert asked["m1"] > 5
    assert (asked["m2"], asked["m3"]) == (0, 0)
    one.stays_clean()
    # the next visit knows, before it asks anybody
    assert one.storage()["huma:volunteers"] == "off"
    before = {name: mirror.counts.requests for name, mirror in air.mirrors.items()}
    one.page.goto("about:blank")
    one.open(air.url(mirrors=["m1"])).until_playing()
    assert one.goes_on(2)
    asked = {name: mirror.counts.requests - before[name] for name, mirror in air.mirrors.items()}
    assert (asked["m2"], asked["m3"]) == (0, 0)
    one.press("Settings")
    one.page.get_by_label("Volunteers’ mirrors").check()
    one.until(lambda: "huma:volunteers" not in one.storage(), why="the choice is taken back")


def test_the_next_visit_asks_the_mirrors_of_this_one(on_air: AirMaker, viewer: ViewerMaker) -> None:
    air = on_air()
    one = viewer().open(air.url()).until_playing()
    seed = seed_in(one)
    one.page.reload()
    one.until_playing()
    assert seed_in(one) == seed
    # chosen by chance, and by each viewer for itself
    assert any(seed_in(viewer().open(air.url()).until_playing()) != seed for _ in range(3))


def seed_in(one: Viewer) -> int:
    one.until(lambda: "huma:1" in one.storage(), why="what is kept")
    (event,) = json.loads(one.storage()["huma:1"])["events"]
    assert 0 <= event["seed"] < 2**32
    return int(event["seed"])
