"""How long the picture stands still while a mirror misbehaves, in Huma and in stock hls.js, side by side.

Both players run in the demo's page on the same three mirrors. In each round both have played for a while from one of
them; then that mirror misbehaves, and the pictures that reach the screen are counted for a time. The
stock player has its default settings, redundant variants and the error recovery of its documentation.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bench.browser import (
    Picture,
    chromium,
    first_moments,
    forged_pictures,
    longest_stall_s,
    measured_page,
    old_pictures,
    page_now,
    take_pictures,
)
from bench.report import MIN_ROUNDS, Comparison, Goal, Report, Series
from bench.running import RunningDemo, running_demo

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Frame, Page

SETTLE_S = 6.0
LOOK_S = 20.0
REST_S = 2.0
STALE_FOR_S = 20.0
STALE = "stale at page load"
CALM = "no fault (noise of the machine)"
START_WITHIN_S = 60.0
TRIES = 20
STARTED = "['stock', 'huma'].every((one) => globalThis.demoReport?.()[one]?.showing.started)"
CASES = {
    CALM: "restore",
    "dead": "kill",
    "hung": "hang",
    "corrupt": "corrupt",
    "forged playlist": "forge",
    "swapped segment": "swap",
    "frozen": "freeze",
    "slow": "slow",
    STALE: "freeze",
}
HUMA_SETTINGS = {"page": "huma demo, three mirrors of three operators", "looked for": f"{LOOK_S:.0f} s"}
STOCK_SETTINGS = {
    "config": "defaults",
    "fail-over": "redundant variants",
    "recovery": "startLoad / recoverMediaError on fatal errors",
}


@dataclass(slots=True)
class Side:
    """What one player did in all rounds of a case."""

    stalls: list[float] = field(default_factory=list)
    forged: int = 0
    old: int = 0
    first_s: list[float] = field(default_factory=list)
    behind_s: list[float] = field(default_factory=list)

    def add(self, pictures: list[Picture], end: float) -> None:
        """One round."""
        self.stalls.append(longest_stall_s(pictures, end))
        self.forged += forged_pictures(pictures)
        self.old += old_pictures(pictures)


def players(page: Page) -> tuple[Page, Frame]:
    """Where the stock player is, and where Huma is."""
    frame = page.frame(url=lambda url: "local.html" in url)
    assert frame is not None
    return page, frame


def open_both(page: Page, address: str) -> tuple[Page, Frame]:
    """Open the demo and wait until both show pictures."""
    page.goto(address)
    until = time.monotonic() + START_WITHIN_S
    # polled from outside: the page's policy forbids what wait_for_function does inside
    while not page.evaluate(STARTED):
        if time.monotonic() > until:
            raise RuntimeError(f"the players did not start: {report(page)}")
        page.wait_for_timeout(100)
    return players(page)


def report(page: Page) -> dict[str, Any]:
    """What the demo's page says of both players."""
    found: dict[str, Any] = page.evaluate("demoReport()")
    return found


def in_use(page: Page) -> set[str]:
    """The mirrors that the two players are using now."""
    both = report(page)
    return {both[side]["report"]["mirror"] for side in ("stock", "huma")} - {None}


def misbehave(demo: RunningDemo, browser: Browser, kind: str, huma: Side, stock: Side) -> None:
    """One round: the mirror that both use, and that served well until now, misbehaves."""
    for _ in range(TRIES):
        with measured_page(browser) as page:
            left, right = open_both(page, demo.address)
            page.wait_for_timeout(SETTLE_S * 1000)
            if len(in_use(page)) > 1:
                continue  # Huma chooses by chance: open again until both are on the stock player's first
            take_pictures(left)
            take_pictures(right)
            demo.switch(in_use(page).pop(), kind)
            page.wait_for_timeout(LOOK_S * 1000)
            stock.add(take_pictures(left), page_now(left))
            huma.add(take_pictures(right), page_now(right))
            demo.restore_all()
            return
    raise RuntimeError("the players never came to use one mirror")


def stale(demo: RunningDemo, browser: Browser, huma: Side, stock: Side) -> None:
    """One round: the first mirror has stood still for a while when the page is opened."""
    demo.switch("north", "freeze")
    time.sleep(STALE_FOR_S)
    with measured_page(browser) as page:
        left, right = open_both(page, demo.address)
        page.wait_for_timeout(LOOK_S * 1000)
        for side, frame in ((stock, left), (huma, right)):
            pictures = take_pictures(frame)
            side.add(pictures, page_now(frame))
            side.first_s.append(first_moments(frame)["frame"] / 1000)
            stamped = next((picture for picture in pictures if picture.stamp), None)
            if stamped is not None and stamped.stamp is not None:
                side.behind_s.append((stamped.shown_at - stamped.stamp) / 1000)
    demo.restore_all()


def main(cases: list[str] | None = None, rounds: int = MIN_ROUNDS) -> int:
    """Every case, `rounds` rounds of each."""
    result = Report("faults", "longest stall while the mirror in use misbehaves")
    with running_demo() as demo, chromium() as browser:
        for case in cases or CASES:
            huma, stock = Side(), Side()
            for _ in range(rounds):
                if case == STALE:
                    stale(demo, browser, huma, stock)
                else:
                    misbehave(demo, browser, CASES[case], huma, stock)
                time.sleep(REST_S)
            result.add(row(case, huma, stock))
            print(f"  {case}: huma {huma.stalls}, stock {stock.stalls}", file=sys.stderr, flush=True)
    return result.show()


def row(case: str, huma: Side, stock: Side) -> Comparison:
    """A case of the report. One forged picture misses the goal, however smooth."""
    note = (
        f"forged pictures shown: huma {huma.forged}, stock {stock.forged}; old ones: {huma.old}, {stock.old}"
    )
    if huma.behind_s and stock.behind_s:
        note += (
            f"; first picture was old by: huma {max(huma.behind_s):.1f} s, stock {max(stock.behind_s):.1f} s"
        )
    stalls = tuple(huma.stalls) if huma.forged == 0 and huma.old == 0 else tuple([LOOK_S] * len(huma.stalls))
    return Comparison(
        case,
        Series("huma", "s", stalls, HUMA_SETTINGS),
        Series("hls.js", "s", tuple(stock.stalls), STOCK_SETTINGS),
        None if case == CALM else Goal(0.0, statistic="worst"),
        note,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or None))
