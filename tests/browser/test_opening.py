"""What opens, what refuses to open, what is kept of it, and what is left behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from huma.demo.faults import Fault
from huma.keys.repository import set_target, sign_snapshot
from huma.net.pages import PagePin, pinned
from huma.protocol.names import sha256_hex
from tests.browser.air import now_ms
from tests.browser.conftest import AirMaker, ViewerMaker, serving
from tests.browser.viewer import Viewer

pytestmark = pytest.mark.browser

OTHER_EVENT = "a" * 51 + "q"


# -- links and pins --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fragment", "sentence"),
    [
        ("", "There is no event in this link"),
        ("#1:abc", "This link is damaged"),
        (f"#1:{OTHER_EVENT[:-1]}1", "This link is damaged"),
        (f"#2:{OTHER_EVENT}", "This link is damaged"),
        (f"#1:{OTHER_EVENT}?m=javascript:alert(1)", "This link is damaged"),
    ],
)
def test_a_wrong_link_is_told_and_nothing_is_asked(
    fragment: str, sentence: str, on_air: AirMaker, viewer: ViewerMaker
) -> None:
    air = on_air(on_air=False)
    one = viewer().open(f"{air.origin}/local.html{fragment}")
    one.until(lambda: sentence in one.text, why=sentence)
    one.page.wait_for_timeout(500)
    assert one.hosts == {air.origin.removeprefix("http://")}
    assert one.storage() == {}


@pytest.mark.parametrize(
    ("fragment", "origins"),
    [
        (f"#1:{OTHER_EVENT}?m=https://a.invalid/&m=https://b.invalid:8443/x/", 2),
        (f"#1:{OTHER_EVENT}?m=https://127.0.0.1:9/", 0),
        ("#junk?m=https://a.invalid/", 0),
    ],
)
def test_only_the_public_mirrors_of_a_good_link_are_warmed_up(
    fragment: str, origins: int, pages: Path, viewer: ViewerMaker
) -> None:
    with serving(pages) as site:
        one = viewer().open(f"{site}/index.html{fragment}")
        assert one.page.locator("link[rel=preconnect]").count() == origins


def test_a_pinned_page_refuses_another_event_and_shows_nothing_else(
    on_air: AirMaker, viewer: ViewerMaker
) -> None:
    air = on_air()
    air.pin = PagePin(OTHER_EVENT, tuple(f"{server.origin}/" for server in air.servers.values()))
    one = viewer().open(air.url())
    one.until(lambda: "This player belongs to another event" in one.text, why="the error")
    one.page.wait_for_timeout(500)
    assert one.hosts == {air.origin.removeprefix("http://")}
    assert one.page.locator("video").count() == 0
    assert "rally" not in one.text
    one.page.goto("about:blank")
    # and with the right link to its own event's mirrors, who cannot prove that event
    one.open(f"{air.origin}/local.html")
    one.until(lambda: "This event cannot be proved" in one.text, 20, "no proof")
    assert one.page.locator("video").count() == 0
    assert "rally" not in one.text


def test_a_spoilt_pin_is_not_no_pin(
    on_air: AirMaker, viewer: ViewerMaker, pages: Path, tmp_path: Path
) -> None:
    page = (pages / "player.html").read_text()
    file = tmp_path / "player.html"
    file.write_text(page.replace('id="huma-pin"></script>', 'id="huma-pin">{"event":"x"}</script>'))
    air = on_air()
    one = viewer().open(f"{file.as_uri()}#1:{air.event_id}?m={air.servers['m1'].origin}/")
    one.until(lambda: "This link is damaged" in one.text, why="the error")
    assert one.hosts == set()


def test_no_mirror_answers(on_air: AirMaker, viewer: ViewerMaker) -> None:
    air = on_air()
    for name in air.mirrors:
        air.switch(name, Fault.KILL)
    one = viewer().open(air.url())
    one.until(lambda: "No mirror answers" in one.text, 30, "no mirror")
    air.restore()
    one.until_playing(40)
    one.stays_clean()


# -- the single file -------------------------------------------------------------------------------------------


def test_the_single_file_plays_from_a_disk(on_air: AirMaker, viewer: ViewerMaker, tmp_path: Path) -> None:
    air = on_air()
    one = viewer().open(air.single_file(tmp_path).as_uri()).until_playing()
    assert one.goes_on(2)
    assert one.decoded["audio"] > 5_000
    assert one.report["badge"] == "live"
    assert one.hosts <= {server.origin.removeprefix("http://") for server in air.servers.values()}
    one.press("Share")
    one.until(lambda: one.page.locator(".qr path").count() == 1, why="the QR code")
    assert f"huma:1:{air.event_id}" in one.text
    one.page.keyboard.press("Escape")
    one.press("Event verified" if "Event verified" in one.text else "Verified")
    one.until(lambda: one.page.locator(".words li").count() == 12, why="twelve words")
    one.stays_clean()


def test_the_single_file_of_another_event_shows_only_its_error(
    on_air: AirMaker, viewer: ViewerMaker, tmp_path: Path
) -> None:
    air = on_air()
    path = air.single_file(tmp_path, event=OTHER_EVENT)
    one = viewer().open(f"{path.as_uri()}#1:{air.event_id}")
    one.until(lambda: "This player belongs to another event" in one.text, why="the error")
    assert one.hosts == set()
    assert one.page.locator("video, .stage, .about").count() == 0
    assert "rally" not in one.text
    assert one.storage() == {}


# -- kept, and left behind -------------------------------------------------------------------------------------


def test_a_page_that_was_loaded_once_starts_without_its_server(on_air: AirMaker, viewer: ViewerMaker) -> None:
    air = on_air()
    one = viewer().open(air.url()).until_playing()
    one.until(lambda: kept_files(one), 30, "the page is kept")
    air.run(air.page_server.stop())
    one.page.reload()
    one.until_playing()
    assert one.goes_on(2)
    one.stays_clean()


def test_a_kept_page_gives_way_only_to_a_signed_player(
    on_air: AirMaker, viewer: ViewerMaker, pages: Path, tmp_path: Path
) -> None:
    air = on_air()
    pin = PagePin(air.event_id, tuple(f"{server.origin}/" for server in air.servers.values()))
    air.pin = pin
    marked = pinned((pages / "player.html").read_bytes(), pin).replace(
        b"<title>", b'<meta name="player" content="signed" /><title>', 1
    )
    set_target(air.folder, "player.html", marked, now_ms())
    sign_snapshot(air.folder, now_ms())
    air.publish_trust()
    one = viewer().open(air.url()).until_playing()
    # a page that is not pinned hands nothing over: another event's organiser would own this host's page
    air.pin = None
    other = viewer().open(air.url()).until_playing()
    one.until(lambda: kept_player(one) == sha256_hex(marked), 40, "the signed player is kept")
    other.until(lambda: kept_files(other), 30, "the page is kept")  # it asks for these files as well
    asked = len(air.asked)
    one.page.reload()
    one.until_playing()
    assert one.page.locator('meta[name="player"][content="signed"]').count() == 1
    assert not {"local.html", "index.html"} & set(air.asked[asked:])
    other.page.wait_for_timeout(3_000)
    assert kept_player(other) is None
    other.stays_clean()


def test_a_host_that_was_taken_over_cannot_replace_a_kept_page(
    on_air: AirMaker, viewer: ViewerMaker, tmp_path: Path
) -> None:
    air = on_air()
    one = viewer().open(air.url()).until_playing()
    one.until(lambda: kept_files(one), 30, "the page is kept")
    other = tmp_path / "taken over"
    other.mkdir()
    for name in ("index.html", "local.html"):
        (other / name).write_text("<!doctype html><title>Taken over</title>")
    air.pages = other
    one.page.reload()
    one.until_playing()
    assert one.page.title() != "Taken over"
    one.stays_clean()


def test_a_player_whose_hash_is_not_the_signed_one_is_not_kept(
    on_air: AirMaker, viewer: ViewerMaker, pages: Path
) -> None:
    air = on_air()
    air.pin = PagePin(air.event_id, tuple(f"{server.origin}/" for server in air.servers.values()))
    signed = pinned((pages / "player.html").read_bytes(), air.pin)
    set_target(air.folder, "player.html", signed, now_ms())
    sign_snapshot(air.folder, now_ms())
    air.publish_trust()
    # every mirror has something else under the signed name
    place = f"targets/{sha256_hex(signed)}.player.html"
    air.put(place, signed.replace(b"<title>", b"<title>Another ", 1))
    one = viewer().open(air.url()).until_playing()
    one.until(lambda: one.asked(place) >= 1, 40, "the player is fetched")
    one.until(lambda: kept_files(one), 30, "the page is kept")
    assert one.goes_on(2)
    assert kept_player(one) is None
    # nor does the worker take a page's word for it; messages are handled in their order
    one.page.reload()
    one.until_playing()
    one.page.evaluate(
        """async (digest) => {
          const page = new TextEncoder().encode('<title>mine</title>');
          const own = [...new Uint8Array(await crypto.subtle.digest('SHA-256', page))].map((it) => it.toString(16).padStart(2, '0')).join('');
          for (const each of [digest, own, digest]) navigator.serviceWorker.controller.postMessage({ type: 'keep', digest: each, page: page.slice().buffer });
        }""",
        sha256_hex(signed),
    )
    own = sha256_hex(b"<title>mine</title>")
    one.until(lambda: kept_player(one) == own, why="what fits its digest")
    one.page.wait_for_timeout(500)
    assert kept_player(one) == own


def test_leave_no_trace(on_air: AirMaker, viewer: ViewerMaker) -> None:
    air = on_air()
    one = viewer().open(air.url()).until_playing()
    one.until(lambda: kept_files(one), 30, "the page is kept")
    one.press("فارسی")
    one.press("تنظیمات")
    one.page.get_by_label("بی‌ردپا").check()
    one.page.keyboard.press("Escape")
    one.until(lambda: one.page.evaluate(TRACES) == [0, 0, 0], 10, "no trace")
    assert one.context.cookies() == []
    # nor is anything written by what goes on
    assert one.goes_on(2)
    assert one.page.evaluate(TRACES) == [0, 0, 0]


TRACES = """async () => [
  localStorage.length, (await caches.keys()).length, (await navigator.serviceWorker.getRegistrations()).length,
]"""


def kept_files(one: Viewer) -> Any:
    return one.page.evaluate(
        "navigator.serviceWorker.getRegistration().then((it) => it?.active != null && caches.keys())"
        ".then((names) => names && names.some((name) => name.startsWith('huma-page-')))"
    )


def kept_player(one: Viewer) -> str | None:
    found: str | None = one.page.evaluate(
        "caches.match('./huma-kept-digest').then((it) => it?.text() ?? null)"
    )
    return found


# -- devices ---------------------------------------------------------------------------------------------------


def test_an_old_iphone_is_told_plainly(on_air: AirMaker, viewer: ViewerMaker) -> None:
    air = on_air()
    one = viewer()
    one.page.add_init_script("delete globalThis.MediaSource; delete globalThis.ManagedMediaSource;")
    one.open(air.url())
    one.until(lambda: "This device cannot check what it plays" in one.text, why="the sentence")
    assert "17.1" in one.text
    assert one.page.locator("video").count() == 0
    assert one.hosts == {air.origin.removeprefix("http://")}


def test_a_wrong_clock_is_told_and_nothing_is_called_live_by_it(
    on_air: AirMaker, viewer: ViewerMaker
) -> None:
    air = on_air()
    for name in ("m2", "m3"):
        air.switch(name, Fault.KILL)
    one = viewer()
    # a day behind: what is signed now lies in the future of this device
    one.page.add_init_script("const now = Date.now; Date.now = () => now() - 86_400_000;")
    one.open(air.url()).until_playing()
    one.until(lambda: "The clock of this device is wrong" in one.text, why="the clock")
    assert one.report["badge"] == "unconfirmed"
    assert "not confirmed live" in one.text


def test_a_browser_that_wants_a_tap_gets_one(browser: Browser, on_air: AirMaker, viewer: ViewerMaker) -> None:
    air = on_air()
    one = viewer()
    one.page.add_init_script(
        """
        const play = HTMLMediaElement.prototype.play;
        let tapped = false;
        addEventListener('pointerdown', () => (tapped = true), true);
        HTMLMediaElement.prototype.play = function () {
          return tapped || this.muted ? play.call(this) : Promise.reject(new DOMException('tap first', 'NotAllowedError'));
        };
        """
    )
    one.open(air.url()).until_playing()
    one.press("Tap for sound")
    one.until(lambda: one.page.evaluate("!document.querySelector('video.shown').muted"), why="sound")
    assert one.goes_on(2)


ELEMENT = """<script src="{origin}/embed.js"></script>
<huma-player event="{event}" mirrors="{mirrors}" page="{origin}/local.html" title="The programme"></huma-player>"""
FRAME = """<div style="container-type:inline-size">
<iframe src="{url}" title="The programme" style="border:0;width:100%;height:720px;height:calc(56.25cqi + 420px)"
  allow="autoplay; picture-in-picture; clipboard-write" allowfullscreen referrerpolicy="no-referrer"
  sandbox="allow-scripts allow-same-origin allow-popups allow-downloads"></iframe></div>"""

SHOWS_ALL = """() => {
  const box = (name) => document.querySelector(name).getBoundingClientRect();
  return box('.actions').bottom <= innerHeight && box('.stage').width > Math.min(1180, innerWidth) - 40;
}"""


@pytest.mark.parametrize("markup", [ELEMENT, FRAME], ids=["element", "frame"])
def test_the_page_stands_in_other_peoples_sites(
    markup: str, on_air: AirMaker, viewer: ViewerMaker, tmp_path: Path
) -> None:
    air = on_air()
    mirrors = " ".join(f"{server.origin}/" for server in air.servers.values())
    text = markup.format(origin=air.origin, event=air.event_id, mirrors=mirrors, url=air.url())
    (tmp_path / "site.html").write_text(f"<!doctype html><title>Somebody else</title>{text}")
    one = viewer(viewport={"width": 1280, "height": 1300})
    said: list[str] = []
    one.page.on("console", lambda message: said.append(message.text))
    with serving(tmp_path) as origin:
        one.open(f"{origin}/site.html")
        frame = one.page.frame_locator("iframe[title='The programme']")
        frame.locator(".scene-playing").wait_for(timeout=60_000)
        video = frame.locator("video.shown")
        one.until(lambda: video.evaluate("(it) => it.webkitDecodedFrameCount") > 5, why="a picture")
        assert video.evaluate("(it) => it.webkitAudioDecodedByteCount") > 0
        for width in (1280, 800, 360):
            one.page.set_viewport_size({"width": width, "height": 1300})
            one.until(lambda: frame.locator("body").evaluate(SHOWS_ALL), why=f"all within a frame of {width}")
        assert not [text for text in said if "allow" in text.lower()], said
        # the site sees nothing of what stands in the frame
        assert one.page.evaluate("document.querySelector('iframe').contentDocument") is None
        assert not one.complaints, one.complaints


def test_the_element_says_what_is_wrong_with_its_event(
    on_air: AirMaker, viewer: ViewerMaker, tmp_path: Path
) -> None:
    air = on_air(on_air=False)
    text = ELEMENT.format(origin=air.origin, event="x", mirrors="")
    (tmp_path / "site.html").write_text(f"<!doctype html>{text}")
    one = viewer()
    with serving(tmp_path) as origin:
        one.open(f"{origin}/site.html")
        one.until(lambda: "52 letters and digits" in one.text, why="the mistake")
        assert one.page.locator("iframe").count() == 0
