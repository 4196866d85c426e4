from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from huma.cli.output import now_ms
from huma.keys.creation import create
from huma.keys.eventdir import EventDir
from huma.keys.eventtoml import EventConfig
from huma.keys.ladder import VideoRung
from tests.keys.eventmaking import DAY_MS, LANGUAGES


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


@pytest.fixture
def event(tmp_path: Path) -> EventDir:
    """An event that two busy cores can encode beside six other things."""
    now = now_ms()
    video = (VideoRung("v144", 256, 144, 120_000),)
    config = EventConfig({"en": "Try", "fa": "آزمایش"}, now, now + DAY_MS, LANGUAGES, video=video)
    return create(tmp_path / "event", config, now=now)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def no_left_over(home: Path) -> Iterator[None]:
    """Whatever a test has started is gone at its end."""
    yield
    left = subprocess.run(["pgrep", "-f", str(home.parent)], capture_output=True, text=True, check=False)
    assert left.stdout == "", "a process was left behind"
