"""The technician's page, wide and narrow, in both languages, and with everything as bad as it can be.

`HUMA_SCREENS=DIR pytest tests/browser/test_console_looks.py` keeps the pictures, for eyes.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import TechnicianMaker
from tests.browser.technician import WITHIN_MS, Studio
from tests.browser.test_screens import FARSI, UNNAMED, keep

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

OVERFLOWING = """() => [...document.querySelectorAll('body *')].filter((it) => {
  const box = it.getBoundingClientRect();
  return box.width > 0 && (box.right > innerWidth + 1 || box.left < -1) && !it.closest('canvas, .spoken, thead');
}).map((it) => `${it.tagName} ${it.getAttribute('class')}`)
  .concat(document.documentElement.scrollWidth > innerWidth ? ['the page itself'] : [])"""

BLEEDING = """() => [...document.querySelectorAll('button, dd, h1, h3, td, .lamp, .alarms p, .card > p')].filter((it) =>
  it.clientWidth > 0 && it.scrollWidth > it.clientWidth + 2
).map((it) => `${it.tagName} ${it.textContent}`)"""


@pytest.mark.parametrize(
    ("language", "width"),
    [
        ("en", 1600),
        ("en", 1280),
        ("fa", 1280),
        ("fa", 900),
        ("en", 360),
        ("fa", 360),
        ("en", 320),
        ("fa", 320),
    ],
)
def test_it_fits(studio: Studio, technician: TechnicianMaker, language: str, width: int) -> None:
    one = technician(studio.address, language, width)
    page = one.page
    one.until(lambda: page.locator("[data-store]").count() == 2)
    page.wait_for_timeout(500)
    assert page.evaluate(OVERFLOWING) == []
    assert page.evaluate(BLEEDING) == []
    assert page.evaluate(UNNAMED) == []
    text = page.inner_text("body")
    assert not re.search(r"undefined|NaN|\[object|null", text)
    assert bool(FARSI.search(page.inner_text("#inputs h2"))) == (language == "fa")
    page.locator(".dump > .strong").click()
    assert page.evaluate(OVERFLOWING) == []
    keep(page, f"console-{language}-{width}")


LONG = "http://very-long-name-of-a-store-that-nobody-can-remember.example/with/a/path/that/goes/on/and/on/"
EVIL = '<img src=x onerror="document.title=1">'


def strained(state: dict[str, Any]) -> dict[str, Any]:
    """The same broadcast with everything as bad, as long and as unknown as it can be."""
    state["event"]["title"] = {"en": f"{EVIL} {'endless ' * 12}", "fa": "بی‌پایان " * 12}
    for each in state["inputs"]:
        each |= {
            "protocol": "rtmp",
            "kbps": 123_456,
            "key_interval_s": 10.7,
            "frame_rate": 59.94,
            "width": 3840,
            "height": 2160,
            "codecs": ["h264", "aac", "x" * 40],
            "faults": 1_234_567,
            "opened": 99,
            "delay_s": 60.0,
            "held_s": 59.9,
            "door": {
                "open": False,
                "streams": 3,
                "lost": 5,
                "round_trip_ms": 180.4,
                "code": "srt-crashed",
                "key_left_s": -5,
                "refused": {"wrong-key": 12, "garbage": 3, "of-tomorrow": 1},
            },
        }
    for each in state["languages"]:
        each["levels"] = {"momentary": 3.2, "short_term": -80.0, "integrated": None, "true_peak": 4.2}
    for each in state["stores"]:
        each |= {"name": LONG, "ok": False, "code": "store-of-tomorrow", "behind": 123_456, "age_ms": 9e7}
    state["outputs"] = [
        {
            "label": "W" * 60,
            "kind": "srt",
            "connected": False,
            "since_ms": None,
            "sent_bytes": 10**12,
            "reconnects": 7,
            "dropped": 8,
            "code": "",
        }
    ]
    state["recording"] |= {"code": "record-full", "full_in_s": 0, "free_bytes": 0, "dropped": 4}
    for each in state["trust"]:
        each |= {"left_s": 600, "age": 0.9, "short": True}
    rows = (
        ("silence", "en"),
        ("silence", "fa"),
        ("srt-crashed", "backup"),
        ("store-of-tomorrow", LONG),
        ("constructor", EVIL),
    )
    state["alarms"] = [
        {"code": code, "where": where, "level": "alarm", "since_ms": None} for code, where in rows
    ]
    return state


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("fa", 360), ("en", 320)])
def test_it_fits_when_all_is_wrong(
    studio: Studio, technician: TechnicianMaker, language: str, width: int
) -> None:
    one = technician(studio.origin, language, width)
    page = one.page
    answer = json.dumps(strained(studio.state()))

    def strain(route: Route) -> None:
        route.fulfill(body=answer, content_type="application/json")

    page.route("**/state", strain)
    page.goto(studio.address)
    expect(page.locator("li[data-code=constructor]")).to_contain_text(EVIL, timeout=WITHIN_MS)
    page.wait_for_timeout(500)
    assert page.evaluate(OVERFLOWING) == []
    assert page.evaluate(BLEEDING) == []
    assert page.locator("img").count() == 0
    assert page.locator(".figure.warn[data-figure=key-interval]").count() == 2
    assert page.locator(".figure.bad[data-figure=true-peak]").count() == 2
    assert not re.search(r"undefined|NaN|\[object", page.inner_text("body"))
    keep(page, f"console-strained-{language}-{width}")
