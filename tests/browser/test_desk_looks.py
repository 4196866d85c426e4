"""The organiser's page, wide and narrow, in both languages, and with everything as bad as it can be.

`HUMA_SCREENS=DIR pytest tests/browser/test_desk_looks.py` keeps the pictures, for eyes.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import TechnicianMaker
from tests.browser.organiser import Headquarters
from tests.browser.technician import WITHIN_MS
from tests.browser.test_console_looks import BLEEDING, EVIL, LONG, OVERFLOWING
from tests.browser.test_screens import FARSI, UNNAMED, keep

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def fits(page: Page) -> None:
    assert page.evaluate(OVERFLOWING) == []
    assert page.evaluate(BLEEDING) == []
    assert page.evaluate(UNNAMED) == []
    assert not re.search(r"undefined|NaN|\[object|null", page.inner_text("body"))


@pytest.mark.parametrize(
    ("language", "width"),
    [("en", 1280), ("fa", 1280), ("fa", 900), ("en", 360), ("fa", 360), ("en", 320), ("fa", 320)],
)
def test_it_fits(office: Headquarters, organiser: TechnicianMaker, language: str, width: int) -> None:
    one = organiser(office.address, language, width)
    page = one.page
    expect(page.locator(".verdict")).to_have_attribute("data-standing", "on", timeout=WITHIN_MS)
    expect(page.locator("[data-desk-store='1']")).to_be_visible(timeout=WITHIN_MS)
    fits(page)
    assert bool(FARSI.search(page.inner_text("#mirrors h2"))) == (language == "fa")
    keep(page, f"desk-{language}-{width}")
    page.locator("[data-key] [data-do=revoke]").first.click()
    expect(page.locator("dialog")).to_be_visible()
    fits(page)
    keep(page, f"desk-revoke-{language}-{width}")


def strained(state: dict[str, Any]) -> dict[str, Any]:
    """The same event with everything as bad, as long and as unknown as it can be."""
    state["event"]["title"] = {"en": f"{EVIL} {'endless ' * 12}", "fa": "بی‌پایان " * 12}
    state["on_air"] = "off"
    for each in state["mirrors"]:
        each |= {
            "operator": "W" * 60,
            "url": LONG,
            "signed": False,
            "withdrawn": True,
            "class": "of-tomorrow",
        }
    for n, each in enumerate(state["seen"]):
        each |= {"state": ("wrong", "away", "late")[n % 3], "code": ("forged", "constructor", "")[n % 3]}
        each |= {"tick": 10**9, "age_ms": 9 * 10**9, "weighed": False, "message": EVIL}
    state["seen"][-1]["name"] = LONG
    for key in state["live_keys"]:
        key |= {"sealed": False, "name": "live-9007199254740991"}
    state["live_keys"][0]["revoked"] = True
    for each in state["trust"]:
        each |= {"left_s": 600, "age": 0.9, "short": True}
    state["desk"] |= {
        "resting": True,
        "stores": [{"name": LONG, "ok": False, "code": "store-of-tomorrow", "message": "", "written": 0}],
        "warnings": [{"code": "keys-locked", "message": "x" * 300, "hint": EVIL}],
    }
    state["alarms"] = [
        {"code": code, "where": where, "level": "alarm", "since_ms": None}
        for code, where in (("off-air", "event"), ("forged", "north"), ("constructor", EVIL), ("late", LONG))
    ]
    return state


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("fa", 360), ("en", 320)])
def test_it_fits_when_all_is_wrong(
    office: Headquarters, organiser: TechnicianMaker, language: str, width: int
) -> None:
    one = organiser(office.origin, language, width)
    page = one.page
    one.until(lambda: office.state()["desk"] is not None)
    answer = json.dumps(strained(office.state()))

    def strain(route: Route) -> None:
        route.fulfill(body=answer, content_type="application/json")

    page.route("**/state", strain)
    page.goto(office.address)
    expect(page.locator("li[data-code=constructor]")).to_contain_text(EVIL, timeout=WITHIN_MS)
    fits(page)
    assert page.locator("img").count() == 0
    assert page.locator("[data-do=revoke]:not(:disabled)").count() == 0, "what does not lie ready is offered"
    keep(page, f"desk-strained-{language}-{width}")
