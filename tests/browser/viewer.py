"""A viewer in Debian's Chromium: opens the page, looks at the picture, and reads what the page says of itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, CDPSession, ConsoleMessage, Error, Page, Request

STALL_MS = 250
JUMP_S = 1.0

WATCH = """() => {
  const watch = (globalThis.watch = { stalls: [], frames: 0, stamps: 0, forged: 0, newest: 0, last: performance.now(), at: -1 });
  const pen = Object.assign(document.createElement('canvas'), { width: 320, height: 20 }).getContext('2d', { willReadFrequently: true });
  // the clock in the picture: 64 cells in its lowest ninth (huma.media.barcode); a forger's shows 0
  const stampOf = (video) => {
    const { videoWidth: w, videoHeight: h } = video;
    pen.drawImage(video, 0, h - h / 9, w, h / 9, 0, 0, 320, 20);
    const { data } = pen.getImageData(0, 0, 320, 20);
    const level = (n) => data[4 * (320 * (n < 32 ? 5 : 15) + 10 * (n % 32) + 5)];
    const cells = Array.from({ length: 64 }, (_, n) => level(n));
    if (Math.min(cells[0], cells[63]) - Math.max(cells[1], cells[62]) < 60) return null;
    const middle = (cells[0] + cells[1]) / 2;
    return cells.slice(2, 50).reduce((sum, cell) => sum * 2 + (cell > middle ? 1 : 0), 0);
  };
  const look = () => {
    const video = document.querySelector('video.shown');
    const now = performance.now();
    if (video !== null && video.currentTime !== watch.at) {
      if (watch.at > 0 && now - watch.last >= STALL_MS && !video.paused) watch.stalls.push(Math.round(now - watch.last));
      watch.at = video.currentTime;
      watch.last = now;
      // a picture is what is drawn: time moves before the first one stands there, and while one is looked for
      if (video.videoWidth > 0 && video.readyState >= 2 && !video.seeking) {
        watch.frames += 1;
        const stamp = stampOf(video);
        if (stamp !== null) watch.stamps += 1;
        if (stamp === 0) watch.forged += 1;
        else if (stamp !== null) watch.newest = stamp;
      }
    }
    requestAnimationFrame(look);
  };
  look();
}""".replace("STALL_MS", str(STALL_MS))

DECODED = """() => {
  const video = document.querySelector('video.shown');
  return video === null ? null : {
    video: video.webkitVideoDecodedByteCount, audio: video.webkitAudioDecodedByteCount,
    frames: video.getVideoPlaybackQuality().totalVideoFrames, time: video.currentTime, paused: video.paused,
  };
}"""


@dataclass
class Viewer:
    """One page in one browser context."""

    page: Page
    context: BrowserContext
    hosts: set[str] = field(default_factory=set)
    paths: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @classmethod
    def enter(cls, browser: Browser, **settings: Any) -> Viewer:
        context = browser.new_context(
            **{"viewport": {"width": 1000, "height": 800}, "locale": "en-GB", **settings}
        )
        viewer = cls(context.new_page(), context)
        context.on("request", viewer._saw)
        viewer.page.on("pageerror", lambda error: viewer.complaints.append(str(error)))
        viewer.page.on("console", viewer._heard)
        viewer.page.add_init_script(f"window.addEventListener('DOMContentLoaded', {WATCH})")
        return viewer

    def open(self, url: str) -> Viewer:
        self.page.goto(url)
        return self

    def leave(self) -> None:
        self.context.close()

    @cached_property
    def devtools(self) -> CDPSession:
        """One for the page: what a session was told to emulate, it emulates until it is told otherwise."""
        return self.context.new_cdp_session(self.page)

    # -- what it shows ------------------------------------------------------------------------------------

    @property
    def report(self) -> dict[str, Any]:
        found: dict[str, Any] = self.page.evaluate("globalThis.humaReport?.() ?? {}")
        return found

    @property
    def watch(self) -> dict[str, Any]:
        found: dict[str, Any] = self.page.evaluate("globalThis.watch")
        return found

    @property
    def decoded(self) -> dict[str, Any]:
        found: dict[str, Any] = self.page.evaluate(DECODED)
        return found

    @property
    def text(self) -> str:
        return self.page.inner_text("body")

    def until(self, what: Callable[[], Any], seconds: float = 20, why: str = "") -> Any:
        """Wait until `what` is true, and return it."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                found = what()
            except Error:
                found = None  # the page is being replaced
            if found:
                return found
            self.page.wait_for_timeout(100)
        raise AssertionError(f"{why or what} not within {seconds} s: {self.report} {self.complaints}")

    def until_playing(self, seconds: float = 30, *, picture: bool = True) -> Viewer:
        """Wait for a picture, or where that is enough for sound: a line that looks slow begins with sound."""
        self.until(lambda: self._plays(picture=picture), seconds, "playing")
        return self

    def _plays(self, *, picture: bool) -> bool:
        plays = self.report.get("scene") == "playing" and self.decoded["time"] > 0
        return bool(plays and (not picture or self.watch["frames"] > 2))

    def goes_on(self, seconds: float = 2, within: float = 45) -> bool:
        """Whether so much of the programme plays from now on. A busy machine may take longer; jumps do not count."""
        last, at, played = self.decoded["time"], time.monotonic(), 0.0
        deadline = at + within
        while played < seconds and time.monotonic() < deadline:
            self.page.wait_for_timeout(100)
            now, moment = self.decoded["time"], time.monotonic()
            # a machine that answers late has played meanwhile; nobody plays at twice the speed
            played += now - last if 0 < now - last < max(JUMP_S, 2 * (moment - at)) else 0
            last, at = now, moment
        return played >= seconds

    def stays_clean(self) -> None:
        """No byte that was not verified, no frame that was not made by the broadcaster, and no error."""
        assert self.report["unverifiedPlayed"] == 0
        watch = self.watch
        assert watch["forged"] == 0
        assert watch["stamps"] >= 0.8 * watch["frames"], watch
        assert not self.complaints, self.complaints

    # -- what it does -------------------------------------------------------------------------------------

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name).first.click()

    def asked(self, text: str) -> int:
        return sum(text in path for path in self.paths)

    def storage(self) -> dict[str, str]:
        found: dict[str, str] = self.page.evaluate("({...localStorage})")
        return found

    def _saw(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https"}:
            self.hosts.add(parts.netloc)
            self.paths.append(parts.path)

    def _heard(self, message: ConsoleMessage) -> None:
        # mirrors that fail are the point of half of these tests; the browser reports each as an error of loading
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.complaints.append(message.text)
