from __future__ import annotations

from pathlib import Path

import pytest

from huma.keys.creation import Holders, create
from huma.keys.eventdir import EventDir
from huma.keys.eventtoml import EventConfig
from tests.keys.eventmaking import DAY_MS, LANGUAGES, NOW, passphrase


@pytest.fixture
def now() -> int:
    return NOW


@pytest.fixture
def config() -> EventConfig:
    return EventConfig({"en": "Try", "fa": "آزمایش"}, NOW, NOW + DAY_MS, LANGUAGES)


@pytest.fixture
def solo(tmp_path: Path, config: EventConfig) -> EventDir:
    return create(tmp_path / "event", config, now=NOW)


@pytest.fixture
def held(tmp_path: Path, config: EventConfig) -> EventDir:
    """An event of two of three holders."""
    return create(
        tmp_path / "held", config, now=NOW, holders=Holders(2, 3, solo=False), passphrases=passphrase
    )
