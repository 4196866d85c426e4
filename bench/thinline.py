"""A line of 200 kbit/s with 800 ms of delay: how long until the first sound, and how often it stops in five minutes.

`huma live test` serves page and stream; everything the browser gets comes through bench/line.py. Cold: a browser that
has never seen the page. Kept: the service worker has kept it, the event is opened anew. Stock: hls.js on the smallest
page that plays the slow ladder, cold, and with the page in the browser's cache.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from bench.browser import METER, chromium, first_moments, page_now, stalls_s, take_played
from bench.line import Line, LineProxy
from bench.report import MIN_ROUNDS, Comparison, Goal, Report, Series
from bench.stockpage import StockPage
from huma.keys.creation import Holders, create
from huma.keys.eventtoml import EventConfig
from huma.protocol.event import Language
from huma.protocol.roster import Mirror

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

THIN_BITS = 200_000.0
THIN_TRIP_S = 0.8
QUICK_BITS = 100_000_000.0
QUICK_TRIP_S = 0.01
GIVE_UP_S = 60.0
WATCH_S = 300.0
WARM_UP_S = 20.0
AWAY_S = 32.0
"""Longer than the window of the slow ladder: a visitor who comes back finds no segment of then."""


@dataclass(slots=True)
class Scene:
    """The line, and what stands behind it."""

    browser: Browser
    line: Line
    huma_url: str
    stock_url: str

    def set_line(self, *, thin: bool) -> None:
        """Make the line thin, or quick."""
        self.line.down.bits_per_s = self.line.up.bits_per_s = THIN_BITS if thin else QUICK_BITS
        self.line.round_trip_s = THIN_TRIP_S if thin else QUICK_TRIP_S
        self.line.down.one_way_s = self.line.up.one_way_s = self.line.round_trip_s / 2

    @contextmanager
    def visitor(self) -> Iterator[BrowserContext]:
        """A browser that has never been here."""
        context = self.browser.new_context(locale="en-GB")
        context.add_init_script(METER)
        try:
            yield context
        finally:
            context.close()


@contextmanager
def scene() -> Iterator[Scene]:
    """Everything on its way, and the line still quick."""
    with ExitStack() as parts:
        folder = Path(parts.enter_context(tempfile.TemporaryDirectory()))
        proxy = parts.enter_context(LineProxy(Line(QUICK_BITS, QUICK_TRIP_S)))
        port = free_port()
        doors = [proxy.open(port), proxy.open(port)]
        parts.enter_context(on_air(folder, port, doors))
        stock = parts.enter_context(StockPage(f"http://127.0.0.1:{doors[0]}/index-slow.m3u8"))
        browser = parts.enter_context(chromium())
        yield Scene(
            browser,
            proxy.line,
            f"http://127.0.0.1:{doors[0]}/",
            f"http://127.0.0.1:{proxy.open(stock.port)}/",
        )


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        port: int = door.getsockname()[1]
        return port


@contextmanager
def on_air(folder: Path, port: int, doors: list[int]) -> Iterator[None]:
    """`huma live test` with an event whose mirrors are the near ends of the line."""
    now = time.time_ns() // 1_000_000
    mirrors = tuple(
        Mirror(f"m{number}", f"http://127.0.0.1:{door}/", f"Operator {number}", "lan", "trusted")
        for number, door in enumerate(doors, start=1)
    )
    config = EventConfig(
        title={"en": "Thin line", "fa": "خط باریک"},
        start_ms=now,
        end_ms=now + 86_400_000,
        languages=(Language("en", "English"), Language("fa", "فارسی")),
        mirrors=mirrors,
    )
    create(folder / "event", config, now=now, holders=Holders())
    command = [str(Path(sys.executable).with_name("huma")), "live", "test", "--event", str(folder / "event")]
    # the page must not learn of the server's own address: it lies on this side of the line
    command += ["--serve", f"127.0.0.1:{port}", "--url", f"http://127.0.0.1:{doors[0]}/"]
    command += ["--ntp", "none", "--json"]
    environment = {**os.environ, "XDG_STATE_HOME": str(folder / "state")}
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        try:
            wait_for(f"http://127.0.0.1:{port}/live/v144s.m3u8", process)
            time.sleep(WARM_UP_S)
            yield
        finally:
            process.terminate()
            process.wait(20)


def wait_for(url: str, process: subprocess.Popen[bytes], within_s: float = 60.0) -> None:
    """Wait until the slow ladder has its first segment."""
    until = time.monotonic() + within_s
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(url).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.3)
    raise RuntimeError("huma live did not come on the air")


def first_sound_s(page: Page, url: str) -> float:
    """Open `url` and give the seconds until something is heard; the limit if nothing is."""
    page.goto(url, wait_until="commit", timeout=GIVE_UP_S * 1000)
    until = time.monotonic() + GIVE_UP_S
    while time.monotonic() < until:
        sound = first_moments(page)["sound"]
        if sound is not None:
            return float(sound) / 1000
        page.wait_for_timeout(100)
    return GIVE_UP_S


def cold(place: Scene, url: str) -> float:
    """A first visit over the thin line."""
    place.set_line(thin=True)
    with place.visitor() as context:
        return first_sound_s(context.new_page(), url)


def kept(place: Scene, url: str, *, worker: bool) -> float:
    """A visit over the thin line by someone who was here before over a quick one."""
    place.set_line(thin=False)
    with place.visitor() as context:
        page = context.new_page()
        first_sound_s(page, url)
        if worker:
            page.evaluate("navigator.serviceWorker.ready.then(() => null)")
        page.wait_for_timeout(3000)
        page.close()
        place.set_line(thin=True)
        time.sleep(AWAY_S)
        return first_sound_s(context.new_page(), url)


def stalls_in_five_minutes(place: Scene, url: str) -> list[float]:
    """Watch for five minutes over the thin line, and give every stop of what plays."""
    place.set_line(thin=True)
    with place.visitor() as context:
        page = context.new_page()
        first_sound_s(page, url)
        take_played(page)
        page.wait_for_timeout(WATCH_S * 1000)
        return stalls_s(take_played(page), page_now(page))


def main(rounds: int = MIN_ROUNDS) -> int:
    """Rounds of first sounds, then five minutes of each player."""
    times: dict[str, list[float]] = {"kept": [], "cold": [], "stock kept": [], "stock cold": []}
    with scene() as place:
        for _ in range(rounds):
            times["cold"].append(cold(place, place.huma_url))
            times["stock cold"].append(cold(place, place.stock_url))
            times["kept"].append(kept(place, place.huma_url, worker=True))
            times["stock kept"].append(kept(place, place.stock_url, worker=False))
            print(f"  {times}", file=sys.stderr, flush=True)
        stalls = {
            "huma": stalls_in_five_minutes(place, place.huma_url),
            "stock": stalls_in_five_minutes(place, place.stock_url),
        }
    return report(times, stalls).show()


def report(times: dict[str, list[float]], stalls: dict[str, list[float]]) -> Report:
    """Three rows, and the stalls told apart."""
    line = f"{THIN_BITS / 1000:.0f} kbit/s each way, {THIN_TRIP_S * 1000:.0f} ms round trip, no loss, no TLS"
    ours = {"line": line, "stream": "huma live test --serve, default ladders", "mirrors": 2}
    peer = {
        "line": line,
        "page": "hls.min.js and index-slow.m3u8, gzipped",
        "version": "hls.js 1.7.4, defaults",
    }
    result = Report("thinline", "first sound, and stops in five minutes, on a long, thin line")
    for case, goal in (("kept", 8.0), ("cold", 15.0)):
        result.add(
            Comparison(
                f"first sound, page {case}",
                Series("huma", "s", tuple(times[case]), ours),
                Series("hls.js", "s", tuple(times[f"stock {case}"]), peer),
                Goal(goal),
            )
        )
    result.add(
        Comparison(
            "stops in 5 minutes",
            Series("huma", "", (float(len(stalls["huma"])),), ours),
            Series("hls.js", "", (float(len(stalls["stock"])),), peer),
            Goal(0),
            f"longest: huma {max(stalls['huma'], default=0):.1f} s, hls.js {max(stalls['stock'], default=0):.1f} s",
        )
    )
    return result


if __name__ == "__main__":
    sys.exit(main())
