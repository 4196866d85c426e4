"""A technician in front of a real `huma live`: what the broadcast says, and what the page does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, Request

from huma.cli.output import now_ms
from huma.keys.creation import create
from huma.keys.eventtoml import EventConfig
from huma.keys.ladder import VideoRung
from huma.protocol.event import Language
from tests.cli.airing import Airing
from tests.cli.running import huma
from tests.keys.eventmaking import DAY_MS

WITHIN_MS = 30_000
TITLE = {"en": "Try", "fa": "آزمایش"}
DEAD = "http://127.0.0.1:9/dead/"


@dataclass
class Studio:
    """A broadcast on the air, and where its console is."""

    airing: Airing
    address: str

    @property
    def origin(self) -> str:
        return self.address.partition("#")[0]

    @property
    def token(self) -> str:
        return self.address.partition("#")[2]

    def get(self, what: str) -> dict[str, Any]:
        answer = httpx.get(f"{self.origin}{what}", headers={"X-Huma-Token": self.token}, timeout=10)
        found: dict[str, Any] = answer.raise_for_status().json()
        return found

    def state(self) -> dict[str, Any]:
        return self.get("state")


@dataclass
class Technician:
    """One tab, what it asked for and what it complained of."""

    page: Page
    context: BrowserContext
    asked: list[Request] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def begin(self, url: str) -> None:
        """Open it, and listen to what it does."""
        self.context.on("request", self._saw)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._heard)
        self.page.goto(url)

    def until(self, what: Callable[[], Any]) -> Any:
        """What is found as soon as it is true; polled from outside, since the page's policy forbids it inside."""
        for _ in range(WITHIN_MS // 100):
            try:
                found = what()
            except (Error, httpx.HTTPError):
                found = None
            if found:
                return found
            self.page.wait_for_timeout(100)
        raise AssertionError(f"it never came: {self.page.inner_text('body')}")

    def said(self, command: str) -> list[Any]:
        """The bodies of all commands of that name."""
        return [
            json.loads(each.post_data or "null") for each in self.asked if each.url.endswith(f"/do/{command}")
        ]

    def _saw(self, request: Request) -> None:
        self.asked.append(request)

    def _heard(self, message: ConsoleMessage) -> None:
        if "Security Policy" in message.text:
            self.complaints.append(message.text)


@contextmanager
def a_studio(folder: Path) -> Iterator[Studio]:
    """Two inputs, a language with a source of its own, a store that is there and one that is not, a recording."""
    (folder / "home").mkdir()
    now = now_ms()
    spoken = (Language("en", "English"), Language("fa", "فارسی"))
    video = (VideoRung("v144", 256, 144, 120_000),)
    event = create(folder / "event", EventConfig(TITLE, now, now + DAY_MS, spoken, video=video), now=now)
    words = ["test", "--event", str(event.path), "--backup", "test", "--language", "fa=test"]
    places = ["--console", "127.0.0.1:0", "--to", str(folder / "out"), "--to", DEAD]
    with Airing([*words, *places, "--record", str(folder / "record")], folder / "home") as airing:
        airing.until_ticks(2)
        found = huma("status", "--address", "--event", str(event.path), home=folder / "home")
        assert found.returncode == 0, found.stderr
        yield Studio(airing, found.stdout.strip())


@contextmanager
def technicians(browser: Browser, origin: str) -> Iterator[Callable[..., Technician]]:
    """Make technicians. None of them asks anybody but the console, and no page of theirs does what is forbidden."""
    all_of_them: list[Technician] = []

    def enter(url: str, language: str = "en", width: int = 1280, height: int = 900) -> Technician:
        context = browser.new_context(
            viewport={"width": width, "height": height}, locale="fa-IR" if language == "fa" else "en-GB"
        )
        all_of_them.append(Technician(context.new_page(), context))
        all_of_them[-1].begin(url)
        return all_of_them[-1]

    yield enter
    for one in all_of_them:
        one.context.close()
    for one in all_of_them:
        assert [each.url for each in one.asked if not each.url.startswith((origin, "data:"))] == []
        assert one.complaints == []
