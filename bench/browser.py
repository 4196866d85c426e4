"""Chromium under measurement: how it is started, and what is read from the pictures that it shows."""

from __future__ import annotations

import itertools
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from playwright.sync_api import Browser, Frame, Page

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)
METER = (Path(__file__).parent / "meter.js").read_text(encoding="utf-8")
STALL_MS = 250
FORGED_STAMP = 0
OLD_MS = 4000
FRAME_MS = 1000 / 30


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, started once for a benchmark."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def measured_page(browser: Browser, *, width: int = 1280, height: int = 900) -> Iterator[Page]:
    """A page with nothing kept from before, and the meter in all its frames."""
    context = browser.new_context(viewport={"width": width, "height": height}, locale="en-GB")
    context.add_init_script(METER)
    try:
        yield context.new_page()
    finally:
        context.close()


@dataclass(frozen=True, slots=True)
class Picture:
    """One new picture on the screen. Times are milliseconds: the page's clock, Unix time, the barcode."""

    at: float
    shown_at: float
    number: int
    stamp: int | None
    rate: float


def take_pictures(frame: Frame | Page) -> list[Picture]:
    """What was shown since the last call."""
    return [Picture(*row) for row in frame.evaluate("benchMeter.take()")]


def page_now(frame: Frame | Page) -> float:
    """The page's own clock."""
    return float(frame.evaluate("benchMeter.now()"))


def first_moments(frame: Frame | Page) -> dict[str, Any]:
    """When the first picture and the first sound came, in milliseconds since the page was asked for."""
    found: dict[str, Any] = frame.evaluate("benchMeter.first()")
    return found


def longest_stall_s(pictures: Sequence[Picture], end: float) -> float:
    """The longest time in which the picture stood still for a stall's length or more; up to `end`.

    The page's thread may be late to notice pictures that were on the screen in time. The browser numbers them, so
    those that passed unnoticed within a gap are taken off it at the pace of the programme.
    """
    gaps = [0.0]
    for before, after in itertools.pairwise(pictures):
        unnoticed = max(0, after.number - before.number - 1)
        gaps.append(after.at - before.at - unnoticed * FRAME_MS)
    if pictures:
        gaps.append(end - pictures[-1].at)
    longest = max(gaps)
    return longest / 1000 if longest >= STALL_MS else 0.0


def stalls_s(moments: Sequence[float], end: float) -> list[float]:
    """All stalls between moments at which something moved, in seconds."""
    gaps = [after - before for before, after in itertools.pairwise([*moments, end])]
    return [gap / 1000 for gap in gaps if gap >= STALL_MS]


def take_played(frame: Frame | Page) -> list[float]:
    """The moments at which anything played on, since the last call."""
    found: list[float] = frame.evaluate("benchMeter.takePlayed()")
    return found


def forged_pictures(pictures: Sequence[Picture]) -> int:
    """Pictures of the forger's own programme."""
    return sum(picture.stamp == FORGED_STAMP for picture in pictures)


def old_pictures(pictures: Sequence[Picture]) -> int:
    """Genuine pictures that came after much newer ones: another moment in the place of this one."""
    newest, old = 0, 0
    for picture in pictures:
        if picture.stamp:
            old += picture.stamp < newest - OLD_MS
            newest = max(newest, picture.stamp)
    return old
