from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from bench.browser import chromium
from playwright.sync_api import Browser

import huma
from tests.browser.air import Air, Film, an_air, shoot
from tests.browser.viewer import Viewer

AirMaker = Callable[..., Air]
ViewerMaker = Callable[..., Viewer]


@pytest.fixture(scope="session")
def pages() -> Path:
    folder = Path(os.environ.get("HUMA_PAGES") or Path(huma.__file__).parent / "pages")
    assert (folder / "index.html").is_file(), "the pages have not been built: make pages"
    return folder


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Film:
    return shoot(tmp_path_factory.mktemp("film") / "event")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for each module, and gone before the next: while Playwright runs, its thread can have no other event loop."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def on_air(film: Film, pages: Path, tmp_path: Path) -> Iterator[AirMaker]:
    """Make an event that is on the air; it ends with the test."""
    open_now: list[Any] = []

    def make(**settings: Any) -> Air:
        maker = an_air(film, tmp_path / f"event-{len(open_now)}", settings.pop("pages", pages), **settings)
        open_now.append(maker)
        return maker.__enter__()

    yield make
    for maker in open_now:
        maker.__exit__(None, None, None)


@pytest.fixture
def viewer(browser: Browser) -> Iterator[ViewerMaker]:
    """Make a viewer; it leaves with the test."""
    watching: list[Viewer] = []

    def enter(**settings: Any) -> Viewer:
        watching.append(Viewer.enter(browser, **settings))
        return watching[-1]

    yield enter
    for one in watching:
        one.leave()
