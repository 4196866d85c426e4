"""The demo in Debian's Chromium: both players play, every switch is thrown, and not one false byte gets to a decoder."""

from __future__ import annotations

import hashlib
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bench.browser import METER, Picture, forged_pictures, old_pictures, page_now, take_pictures
from bench.faults import open_both, report
from bench.running import RunningDemo, running_demo
from playwright.sync_api import Browser, Frame, Page

from huma.demo.fragments import media_data
from huma.demo.prepared import PREPARED_TICKS

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

SETTLE_MS = 2_500
LOOK_MS = 6_000  # the picture is two seconds behind, and must go on for three
NOTICED_WITHIN_S = 40
ROUND_MS = PREPARED_TICKS * 16_000 // 15
ROUND_SLACK_MS = 2_000  # a swapped picture is half a round old
GOES_ON_MS = 3_000
POLICY = "Content Security Policy"

# what is handed to the decoders, as digests of the media in it: hls.js may move fragments in time, never change them
APPENDED = """
(() => {
  const digests = [];
  const original = SourceBuffer.prototype.appendBuffer;
  const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  SourceBuffer.prototype.appendBuffer = function (data) {
    const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; at + 8 <= bytes.length; ) {
      const size = view.getUint32(at);
      if (size < 8) break;
      if (view.getUint32(at + 4) === 0x6d646174)
        digests.push(crypto.subtle.digest('SHA-256', bytes.slice(at + 8, at + size)).then(hex));
      at += size;
    }
    return original.call(this, data);
  };
  window.appendedMedia = () => Promise.all(digests);
})();
"""


@pytest.fixture(scope="module")
def demo() -> Iterator[RunningDemo]:
    # prepared: what is judged is the players, and they shall have the machine
    with running_demo("--light") as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    context.add_init_script(METER)
    context.add_init_script(APPENDED)
    page = context.new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if POLICY in message.text else None)
    yield page
    context.close()
    assert refused == [], "the policy of a page forbids what the page itself does"


def store_of(demo: RunningDemo) -> Path:
    """The folder into which the demo's broadcast publishes, as its `--json` names it."""
    stores = [line["stores"] for line in demo.lines if line.get("state") == "stores"]
    return Path(stores[-1][0]["name"])


def genuine_media(demo: RunningDemo) -> set[str]:
    """The digests of the media inside every segment that was published."""
    found = set()
    for path in store_of(demo).glob("media/*.m4s"):
        data = path.read_bytes()
        assert hashlib.sha256(data).hexdigest() == path.stem
        found |= {hashlib.sha256(data[start:end]).hexdigest() for start, end in media_data(data)}
    return found


def appended(frame: Frame | Page) -> list[str]:
    digests: list[str] = frame.evaluate("appendedMedia()")
    return digests


def unrolled(pictures: list[Picture]) -> list[Picture]:
    """As if the prepared programme did not go round: where its clock begins again, time goes on."""
    found, newest, rounds = [], 0, 0
    for picture in pictures:
        stamp = picture.stamp
        if stamp:
            if abs(newest - stamp - rounds * ROUND_MS - ROUND_MS) < ROUND_SLACK_MS:
                rounds += 1
            stamp += rounds * ROUND_MS
            newest = max(newest, stamp)
        found.append(replace(picture, stamp=stamp))
    return found


def until(page: Page, what: Callable[[], bool]) -> None:
    """Wait until `what` is true; polled from outside, since the page's policy forbids it inside."""
    deadline = time.monotonic() + NOTICED_WITHIN_S
    while not what():
        assert time.monotonic() < deadline, report(page)
        page.wait_for_timeout(100)


def noticed(own: dict[str, Any], kind: str, faulty: str) -> bool:
    """Whether Huma has done about it what it must: leave a mirror, refuse its bytes, say that it lies."""
    if kind in {"kill", "hang", "slow"}:
        return bool(own["mirror"] != faulty)
    if kind in {"corrupt", "forge"}:
        return own["refusedBytes"] > 0 and any(one.startswith("forging") for one in own["caught"])
    return kind != "swap" or own["refusedBytes"] > 0


def plays_on(pictures: list[Picture], now: float) -> bool:
    # a busy machine shows few of the pictures; a player that is stuck shows none
    return sum(picture.at > now - GOES_ON_MS for picture in pictures) > 2


def test_both_players_play_picture_and_sound(demo: RunningDemo, page: Page) -> None:
    left, right = open_both(page, demo.address)
    page.wait_for_timeout(SETTLE_MS + 2000)
    for frame in (left, right):
        assert plays_on(take_pictures(frame), page_now(frame))
        decoded = (
            "Math.max(...[...document.querySelectorAll('video')].map((v) => v.webkitAudioDecodedByteCount))"
        )
        assert frame.evaluate(decoded) > 0
    own = report(page)["huma"]["report"]
    assert own["badge"] == "live"
    assert own["unverifiedPlayed"] == 0
    assert own["verifiedBytes"] > 0


@pytest.mark.parametrize("kind", ["kill", "hang", "freeze", "slow", "corrupt", "swap", "forge"])
def test_huma_plays_on_and_plays_nothing_false(demo: RunningDemo, page: Page, kind: str) -> None:
    _, right = open_both(page, demo.address)
    page.wait_for_timeout(SETTLE_MS)
    faulty = report(page)["huma"]["report"]["mirror"]
    try:
        demo.switch(faulty, kind)
        page.wait_for_timeout(LOOK_MS)
        until(page, lambda: noticed(report(page)["huma"]["report"], kind, faulty))
        pictures, now = take_pictures(right), page_now(right)
        own: dict[str, Any] = report(page)["huma"]["report"]
        digests = appended(right)
    finally:
        demo.restore_all()
    assert plays_on(pictures, now), f"{kind}: the picture stands still"
    assert forged_pictures(pictures) == 0, own
    assert old_pictures(unrolled(pictures)) == 0, own
    assert own["unverifiedPlayed"] == 0
    assert digests
    assert set(digests) <= genuine_media(demo)


def test_the_stock_player_shows_the_forgery(demo: RunningDemo, page: Page) -> None:
    """The control: without it, Huma's result would prove nothing."""
    left, _ = open_both(page, demo.address)
    page.wait_for_timeout(SETTLE_MS)
    take_pictures(left)
    try:
        demo.switch(report(page)["stock"]["report"]["mirror"], "forge")
        pictures: list[Picture] = []

        def forged() -> bool:
            pictures.extend(take_pictures(left))
            return forged_pictures(pictures) > 10

        until(page, forged)
        seen = report(page)["stock"]["report"]
        sentence = page.inner_text("#stock .line")
        digests = appended(left)
    finally:
        demo.restore_all()
    assert seen["falseSegments"] > 0
    assert "forged picture" in sentence
    assert not set(digests) <= genuine_media(demo)


def test_the_switches_in_the_page_work(demo: RunningDemo, page: Page) -> None:
    open_both(page, demo.address)
    card = page.locator("[data-mirror=west]")
    card.locator("[data-kind=freeze]").click()
    page.wait_for_selector("[data-mirror=west][data-fault=freeze]")
    assert card.locator("[data-kind=freeze]").get_attribute("aria-pressed") == "true"
    card.locator("[data-kind=restore]").click()
    page.wait_for_selector("[data-mirror=west][data-fault=none]")
    switched = [line["code"] for line in demo.lines if line["event"] == "mirror" and line["mirror"] == "west"]
    assert switched[-2:] == ["freeze", "none"]


def test_the_page_speaks_farsi_and_stays_on_this_machine(demo: RunningDemo, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    _, right = open_both(page, f"{demo.address}?lang=fa")
    page.wait_for_timeout(SETTLE_MS)
    assert page.evaluate("document.documentElement.dir") == "rtl"
    assert right.evaluate("document.documentElement.dir") == "rtl"
    assert "در حال پخش" in page.inner_text("#huma .line")
    allowed = (demo.address, *demo.mirrors.values(), "data:", "blob:")
    assert [url for url in asked if not url.startswith(allowed)] == []
    assert complaints == []
    page.set_viewport_size({"width": 320, "height": 640})
    page.wait_for_timeout(300)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.system
def test_a_file_plays_and_can_be_prepared(browser: Browser, tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    make = "ffmpeg -v error -f lavfi -i testsrc2=size=640x360:rate=25 -f lavfi -i sine=frequency=440 -t 6"
    subprocess.run([*make.split(), "-pix_fmt", "yuv420p", str(clip)], check=True)
    with running_demo("--light", str(clip)) as demo:
        context = browser.new_context()
        context.add_init_script(METER)
        page = context.new_page()
        left, right = open_both(page, demo.address)
        page.wait_for_timeout(SETTLE_MS + 1500)
        for frame in (left, right):
            assert plays_on(take_pictures(frame), page_now(frame))
        assert str(tmp_path) not in page.content()
        context.close()
