"""Rows about the event as people wrote it, each provoked by what can go wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from huma.keys import repository
from huma.protocol.event import Event, ScheduleItem
from tests.check.conftest import BOTH
from tests.check.stage import FAIL, HOUR_MS, WARN, Provocation, Stage, bring, later, long_event, provoked
from tests.keys.eventmaking import DAY_MS, NOW


def broken_toml(stage: Stage) -> None:
    (stage.event.path / "event.toml").write_text("title = ")


def lost_root(stage: Stage) -> None:
    (stage.event.public / "trust/1.targets.json").unlink()


def edited_toml(stage: Stage) -> None:
    stage.write(replace(stage.event.config, title={"en": "Other", "fa": "دیگر"}))


def untitled(stage: Stage) -> None:
    stage.sign(title={"en": "Try"})


def schedule(*items: ScheduleItem) -> Callable[[Stage], None]:
    return lambda stage: stage.sign(schedule=items)


def without(keep: Callable[[Event], Iterable[Any]]) -> Callable[[Stage], None]:
    return lambda stage: stage.sign(renditions=tuple(keep(stage.event.event)))


def other_player(stage: Stage) -> None:
    stage.options["player"] = b"<p>another"


def no_player(stage: Stage) -> None:
    bring(stage, "targets-1", "targets-2")
    repository.set_targets(stage.event, {}, NOW, remove=["player.html"])
    for name in ("targets-1", "targets-2"):
        (stage.event.keys / f"{name}.pem").unlink()


PROVOCATIONS: list[Provocation] = [
    ("event-toml", FAIL, "not TOML", broken_toml),
    ("documents", FAIL, "1.targets.json is missing", lost_root),
    ("event-signed", WARN, "title", edited_toml),
    ("titles", WARN, "no title in fa", untitled),
    ("schedule", WARN, "in the past", later(2 * HOUR_MS)),
    ("schedule", WARN, "before the start", schedule(ScheduleItem(NOW - 1, BOTH), ScheduleItem(NOW + HOUR_MS, BOTH))),
    ("schedule", WARN, "not in every language: 'Only'", schedule(ScheduleItem(NOW + HOUR_MS, {"en": "Only"}))),
    ("times", FAIL, "over since", later(2 * DAY_MS)),
    ("times", WARN, "more than 14 days", long_event),
    ("ladders", WARN, "no slow ladder", without(lambda event: event.ladder(1))),
    ("ladders", WARN, "no fast ladder", without(lambda event: event.ladder(4))),
    ("ladders", WARN, "no sound in fa", without(lambda event: [r for r in event.renditions if r.name != "a-fa"])),
    ("player", WARN, "no player is signed", no_player),
    ("player", WARN, "not the one of this installation", other_player),
]  # fmt: skip


test_what_is_wrong_is_said_with_its_mend = provoked(PROVOCATIONS)
