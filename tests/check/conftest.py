from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from huma.keys.creation import Holders, create
from huma.keys.eventdir import EventDir
from huma.keys.eventtoml import EventConfig
from huma.protocol.event import ScheduleItem
from huma.protocol.roster import Mirror
from tests.check.stage import Stage
from tests.keys.eventmaking import DAY_MS, LANGUAGES, NOW, passphrase

BOTH = {"en": "Opening", "fa": "گشایش"}
MIRRORS = (
    Mirror("m1", "https://a.example/", "A", "cdn", "trusted"),
    Mirror("m2", "https://b.example/", "B", "server", "volunteer"),
)


@pytest.fixture(scope="session")
def good_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An event with which nothing at all is wrong: keys handed out, safe locked away, mirrors in the roster."""
    config = EventConfig(
        {"en": "Try", "fa": "آزمایش"},
        NOW,
        NOW + DAY_MS,
        LANGUAGES,
        schedule=(ScheduleItem(NOW + 3_600_000, BOTH),),
        mirrors=MIRRORS,
        origin=("203.0.113.9",),
    )
    made = create(
        tmp_path_factory.mktemp("good") / "event",
        config,
        now=NOW,
        holders=Holders(2, 3, solo=False),
        passphrases=passphrase,
        extra_targets={"player.html": b"<p>"},
    )
    aside = made.path / "aside"
    aside.mkdir()
    for file in made.keys.glob("*.pem"):
        if file.stem not in ("timestamp", "snapshot", "roster", "steering"):
            file.rename(aside / file.name)
    return made.path


@pytest.fixture
def good(tmp_path: Path, good_template: Path) -> EventDir:
    shutil.copytree(good_template, tmp_path / "event")
    return EventDir(tmp_path / "event", passphrase)


@pytest.fixture
def stage(good: EventDir, tmp_path: Path) -> Stage:
    return Stage(good, tmp_path / "state").published()
