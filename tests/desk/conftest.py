from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from huma.desk.desk import Desk
from huma.keys.creation import create
from huma.keys.eventdir import EventDir
from huma.keys.eventtoml import EventConfig
from tests.desk.shelves import Shelf, TestClock
from tests.keys.eventmaking import DAY_MS, LANGUAGES, NOW


@pytest.fixture
def event(tmp_path: Path) -> EventDir:
    return create(tmp_path / "event", EventConfig({"en": "Try"}, NOW, NOW + DAY_MS, LANGUAGES), now=NOW)


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
def make(event: EventDir, clock: TestClock) -> Callable[..., Desk]:
    def made(*shelves: Shelf, at: EventDir | None = None, pair: int = 1, resume: bool = False) -> Desk:
        return Desk(at or event, shelves, clock=clock, pair=pair, resume=resume)

    return made
