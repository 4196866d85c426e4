"""Without a mouse and without eyes: every control is reached, seen where it is, named, and told when it changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

# what has the focus: how it is called, whether a ring stands around it, and whether all of it can be seen
FOCUSED = """() => {
  const it = document.activeElement;
  if (it === null || it === document.body) return null;
  const ringed = it.closest('.choice') ?? it;
  const { outlineStyle, outlineWidth, opacity } = getComputedStyle(ringed);
  const box = ringed.getBoundingClientRect();
  const faded = [...document.querySelectorAll('*')].some((each) => each.contains(it) && each !== it && getComputedStyle(each).opacity < 0.5);
  return {
    name: it.getAttribute('aria-label') || it.closest('label')?.textContent || it.textContent || '',
    ring: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2,
    seen: opacity > 0.5 && !faded && box.left >= -1 && box.right <= innerWidth + 1 && box.top >= -1 && box.bottom <= innerHeight + 1,
    at: [box.left, box.top, box.right, box.bottom].map(Math.round).join(' '),
    inSheet: it.closest('dialog') !== null,
    id: [...document.querySelectorAll('*')].indexOf(it),
  };
}"""

# of a group of choices Tab reaches the one that is chosen; under a sheet nothing
REACHABLE = """() => [...(document.querySelector('dialog') ?? document).querySelectorAll('button:enabled, input:enabled')]
  .filter((it) => it.checkVisibility() && (it.type !== 'radio' || it.checked))
  .map((it) => [...document.querySelectorAll('*')].indexOf(it))"""

SHEETS = ("Settings", "Quality", "Sound", "Share", "Verified")


@pytest.fixture(params=[(1280, 900), (360, 740)], ids=["wide", "narrow"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    width, height = request.param
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale="en-GB", reduced_motion="reduce"
    )
    yield context.new_page()
    context.close()


def tab_through(page: Page) -> list[dict[str, Any]]:
    """Everything that Tab reaches, once."""
    found: list[dict[str, Any]] = []
    for _ in range(60):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        if focused is None or (found and focused["id"] == found[0]["id"]):
            break
        found.append(focused)
    return found


@pytest.mark.parametrize(
    "scene", ["live", "behind", "replay", "caught", "ended", "tapPlay", "details", "settings"]
)
def test_tab_reaches_everything_and_shows_where_it_is(scene: str, gallery: str, page: Page) -> None:
    for language in ("en", "fa"):
        page.goto(f"{gallery}#{scene},{language}")
        page.locator(f".page:lang({language})").wait_for()
        reachable = set(page.evaluate(REACHABLE))
        reached = tab_through(page)
        assert reachable <= {each["id"] for each in reached}
        assert [each["name"] for each in reached if not each["name"].strip()] == []
        assert [each["name"] for each in reached if not each["ring"]] == []
        assert [(each["name"], each["at"]) for each in reached if not each["seen"]] == []


@pytest.mark.parametrize("name", SHEETS)
def test_a_sheet_holds_the_focus_and_escape_gives_it_back(name: str, gallery: str, page: Page) -> None:
    page.goto(f"{gallery}#live,en")
    opener = page.locator("header.top, .about").get_by_role("button", name=name)
    opener.focus()
    page.keyboard.press("Enter")
    sheet = page.get_by_role("dialog")
    sheet.wait_for()
    assert sheet.get_attribute("aria-label")
    assert page.evaluate(FOCUSED)["inSheet"]
    inside = tab_through(page)
    assert len(inside) > 0
    assert all(each["inSheet"] for each in inside)
    page.keyboard.press("Escape")
    sheet.wait_for(state="detached")
    page.wait_for_function(
        "(it) => it === document.activeElement", arg=opener.element_handle(), timeout=10_000
    )


def test_the_keys_are_listed_and_the_list_has_a_key(gallery: str, page: Page) -> None:
    page.goto(f"{gallery}#live,en")
    page.locator(".about").wait_for()
    page.keyboard.press("?")
    page.get_by_role("dialog", name="Settings").wait_for()
    assert page.locator("kbd").all_inner_texts() == ["space", "m", "f", "↑ ↓", "← →", "l", "c", "p", "d", "?"]
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="detached")
    # the same key where Farsi is typed
    page.evaluate("dispatchEvent(new KeyboardEvent('keydown', { key: 'ی', code: 'KeyD' }))")
    page.get_by_role("dialog", name="Proof and details").wait_for()


def test_what_changes_is_told(gallery: str, page: Page) -> None:
    told = {
        "caught": ".notices[aria-live=polite] .notice",
        "twoVersions": ".notices[aria-live=polite] .notice",
        "cutOff": ".card[role=alert]",
        "otherEvent": ".refused [role=alert]",
        "live": ".about .badge[role=status]",
        "starved": ".spinner[role=status][aria-label]",
        "checking": ".action [role=status]",
        "before": "[role=timer]",
        "opening": ".card[role=status]",
    }
    for scene, place in told.items():
        page.goto(f"{gallery}#{scene},en")
        page.locator(place).first.wait_for()
    page.goto(f"{gallery}#otherEvent,en")
    page.locator(".refused").wait_for()
    # an error of another event stands alone: no picture, no title, nothing to press but the header
    assert page.locator("video, .stage, .about").count() == 0
    assert page.get_by_role("button").all_inner_texts() == ["فارسی", ""]


def test_nothing_moves_for_who_wants_no_motion(gallery: str, page: Page) -> None:
    moving = "(it) => getComputedStyle(it).animationName !== 'none'"
    for scene, place in (("caught", ".notice"), ("details", "dialog")):
        page.goto(f"{gallery}#{scene},en")
        page.emulate_media(reduced_motion="no-preference")
        assert page.locator(place).first.evaluate(moving) is True
        page.emulate_media(reduced_motion="reduce")
        assert page.locator(place).first.evaluate(moving) is False
