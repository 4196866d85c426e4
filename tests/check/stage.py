"""An event with which nothing is wrong, and the things around it that a test may break."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from huma.check.finding import Level, Row, look_at
from huma.check.scene import Scene
from huma.check.table import CHECKS
from huma.desk.desk import Desk
from huma.errors import StoreError
from huma.keys import repository
from huma.keys.eventdir import EventDir
from huma.keys.eventtoml import EventConfig, with_mirrors
from huma.keys.template import render_config
from huma.net.clock import ClockReading
from huma.protocol.roster import Mirror, Roster, render_roster
from huma.store.memory import MemoryStore
from tests.keys.eventmaking import DAY_MS, NOW

HOUR_MS = 3_600_000
RIGHT = {"ntp.example": ClockReading(-0.1, 0.2)}
WARN, FAIL = Level.WARN, Level.FAIL


class Named(MemoryStore):
    """A store with a name, and attack knobs."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self.deaf = False
        self.forgets = False

    @property
    def name(self) -> str:
        return self._name

    def put(self, path: str, data: bytes, *, content_type: str = "", cache_control: str = "") -> None:
        if self.deaf:
            raise StoreError(f"{self.name} refuses", code="store-refused")
        if not self.forgets:
            super().put(path, data, content_type=content_type, cache_control=cache_control)


@dataclass
class Stage:
    """What a provocation may change."""

    event: EventDir
    state: Path
    stores: list[Named] = field(default_factory=lambda: [Named("one"), Named("two")])
    options: dict[str, Any] = field(default_factory=dict)
    now: int = NOW + 60_000

    def published(self) -> Stage:
        desk = Desk(self.event, self.stores, clock=lambda: NOW)
        desk.turn()
        desk.close()
        return self

    def rows(self) -> list[Row]:
        given: dict[str, Any] = {
            "clocks": lambda: RIGHT,
            "resolve": lambda _: ("198.51.100.1",),
            "player": b"<p>",
        }
        scene = Scene(self.event, self.now, self.state, self.stores, **(given | self.options))
        return list(look_at(scene, CHECKS))

    def write(self, config: EventConfig) -> None:
        (self.event.path / "event.toml").write_bytes(render_config(config))

    def sign(self, **changes: Any) -> None:
        """Sign another event, by holders who have met."""
        bring(self, "targets-1", "targets-2")
        repository.resign_event(self.event, replace(self.event.event, **changes), NOW)
        for name in ("targets-1", "targets-2"):
            (self.event.keys / f"{name}.pem").unlink()


def bring(stage: Stage, *names: str) -> None:
    for name in names:
        shutil.copy2(stage.event.path / "aside" / f"{name}.pem", stage.event.keys)


def later(ms: int) -> Callable[[Stage], None]:
    def provoke(stage: Stage) -> None:
        stage.now = NOW + ms

    return provoke


def long_event(stage: Stage) -> None:
    stage.sign(end_ms=NOW + 40 * DAY_MS)


def roster(*mirrors: Mirror) -> Callable[[Stage], None]:
    def provoke(stage: Stage) -> None:
        repository.set_target(stage.event, "roster.json", render_roster(Roster(mirrors)), NOW)
        stage.write(with_mirrors(stage.event.config, mirrors))

    return provoke


Provocation = tuple[str, Level, str, Callable[[Stage], None]]
"""A row, how bad it is, words of what it says, and what provokes it."""


def provoked(provocations: list[Provocation]) -> Callable[..., None]:
    """A test with one case for each provocation: what is wrong is said, with its mend."""

    @pytest.mark.parametrize(
        ("check", "level", "text", "provoke"),
        provocations,
        ids=[f"{n}-{check}" for n, (check, *_) in enumerate(provocations)],
    )
    def test(stage: Stage, check: str, level: Level, text: str, provoke: Callable[[Stage], None]) -> None:
        provoke(stage)
        rows = stage.rows()
        found = [row for row in rows if row.id == check and row.level is level and text in row.text]
        assert found, [(row.level, row.text) for row in rows if row.id == check]
        assert all(row.mend for row in found)

    return test
