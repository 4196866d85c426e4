from __future__ import annotations

from pathlib import Path

import pytest

from huma.keys.creation import create
from huma.keys.eventdir import EventDir
from huma.keys.eventtoml import EventConfig
from tests.keys.eventmaking import DAY_MS, LANGUAGES, NOW


@pytest.fixture
def event(tmp_path: Path) -> EventDir:
    return create(tmp_path / "event", EventConfig({"en": "Try"}, NOW, NOW + DAY_MS, LANGUAGES), now=NOW)
