from __future__ import annotations

from pathlib import Path

import pytest

from huma.cli.output import now_ms
from huma.keys.creation import create
from huma.keys.eventdir import EventDir
from huma.keys.eventtoml import EventConfig
from tests.keys.eventmaking import DAY_MS, LANGUAGES


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


@pytest.fixture
def event(tmp_path: Path) -> EventDir:
    now = now_ms()
    config = EventConfig({"en": "Try", "fa": "آزمایش"}, now, now + DAY_MS, LANGUAGES)
    return create(tmp_path / "event", config, now=now)
