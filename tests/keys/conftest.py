from __future__ import annotations

import shutil
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


@pytest.fixture(scope="session")
def held_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once: stretching eleven passphrases takes a second."""
    config = EventConfig({"en": "Try", "fa": "آزمایش"}, NOW, NOW + DAY_MS, LANGUAGES)
    holders = Holders(2, 3, solo=False)
    place = tmp_path_factory.mktemp("held") / "event"
    return create(place, config, now=NOW, holders=holders, passphrases=passphrase).path


@pytest.fixture
def held(tmp_path: Path, held_template: Path) -> EventDir:
    """An event of two of three holders."""
    shutil.copytree(held_template, tmp_path / "held")
    return EventDir(tmp_path / "held", passphrase)
