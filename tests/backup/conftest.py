from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from huma.backup import making, restoring
from huma.keys.creation import create
from huma.keys.eventdir import EventDir
from huma.keys.eventtoml import EventConfig
from tests.backup.packing import quick
from tests.keys.eventmaking import DAY_MS, LANGUAGES, NOW

PLAYER = b"".join(hashlib.sha256(bytes([n % 256, n // 256])).digest() for n in range(6000))
"""As large as three pieces, and nothing that could be guessed."""


@pytest.fixture
def solo(tmp_path: Path) -> EventDir:
    config = EventConfig({"en": "Try", "fa": "آزمایش"}, NOW, NOW + DAY_MS, LANGUAGES)
    return create(tmp_path / "event", config, now=NOW, extra_targets={"player.html": PLAYER})


@pytest.fixture
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stretching takes half a second, which is its purpose. Where a test is not about it, it need not."""
    monkeypatch.setattr(making, "stretch", quick)
    monkeypatch.setattr(restoring, "stretch", quick)
