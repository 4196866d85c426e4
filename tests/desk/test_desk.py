"""Turn after turn: what a desk signs, and when."""

from __future__ import annotations

import threading
from collections.abc import Callable

from huma.desk.desk import Desk, DeskTurn
from huma.keys import repository
from huma.keys.eventdir import EventDir
from huma.keys.template import render_config
from huma.protocol.roster import Mirror, Roster, render_roster
from tests.desk.shelves import Shelf, TestClock, believed, one_turn, version

MIRROR = Mirror("m1", "https://a.example/", "A", "server", "trusted")
MINUTE, HOUR = 60, 3600


def test_a_quiet_turn_writes_nothing(make: Callable[..., Desk]) -> None:
    shelf = Shelf()
    desk = make(shelf)
    desk.turn()
    shelf.forget_writes()
    turn = one_turn(desk)
    assert (shelf.written, turn.signed) == ([], ())


def test_the_timestamp_is_renewed_every_five_minutes(
    event: EventDir, make: Callable[..., Desk], clock: TestClock
) -> None:
    shelf = Shelf()
    desk = make(shelf)
    desk.turn()
    signed = []
    for _ in range(30):
        clock.pass_s(MINUTE)
        signed.append(desk.turn().signed)
    desk.close()
    assert signed.count(("timestamp",)) == 6
    assert signed.count(()) == 24
    assert version(event, shelf) == 14
    assert not believed(event, shelf).expired(clock.now + 23 * HOUR * 1000)


def test_a_week_of_turns_never_lets_anything_expire(
    event: EventDir, make: Callable[..., Desk], clock: TestClock
) -> None:
    shelf = Shelf()
    desk = make(shelf)
    for _ in range(7 * 4):
        clock.pass_s(6 * HOUR)
        desk.turn()
        assert believed(event, shelf).expired(clock.now) == ()
    desk.close()
    seen = {name: each.version for name, each in event.trusted.seen.items()}
    assert seen["steering"] == 15
    assert seen["snapshot"] == 2 * 15
    assert seen["targets"] == seen["roster"] == 1


def test_mirrors_written_into_event_toml_reach_the_roster(
    event: EventDir, make: Callable[..., Desk], clock: TestClock
) -> None:
    from huma.keys.eventtoml import with_mirrors

    shelf = Shelf()
    desk = make(shelf)
    desk.turn()
    (event.path / "event.toml").write_bytes(render_config(with_mirrors(event.config, (MIRROR,))))
    turn = desk.turn()
    assert turn.signed == ("roster", "snapshot", "timestamp")
    assert event.roster == Roster((MIRROR,))
    assert desk.turn().signed == ()
    (event.path / "event.toml").write_text("half a li")
    assert one_turn(desk).ok


def test_a_roster_that_was_set_by_another_way_stays(
    event: EventDir, make: Callable[..., Desk], clock: TestClock
) -> None:
    repository.set_target(event, "roster.json", render_roster(Roster((MIRROR,))), clock.now)
    one_turn(make(Shelf()))
    assert event.roster == Roster((MIRROR,))


def test_without_the_steering_key_the_rest_goes_on(
    event: EventDir, make: Callable[..., Desk], clock: TestClock
) -> None:
    (event.keys / "steering.pem").unlink()
    clock.pass_s(30 * HOUR)
    turn = one_turn(make(Shelf()))
    assert turn.ok
    assert turn.signed == ("snapshot", "timestamp")
    assert event.trusted.expired(clock.now) == ("steering",)


def test_without_the_timestamp_key_the_stores_are_still_kept_up(
    event: EventDir, make: Callable[..., Desk], clock: TestClock
) -> None:
    (event.keys / "timestamp.pem").unlink()
    clock.pass_s(HOUR)
    shelf = Shelf()
    turn = one_turn(make(shelf))
    assert [warning.code for warning in turn.warnings] == ["keys-missing"]
    assert not turn.ok
    assert believed(event, shelf) == event.trusted


def test_an_index_that_the_event_lost_leaves_the_stores(
    event: EventDir, make: Callable[..., Desk], clock: TestClock
) -> None:
    from dataclasses import replace

    shelf = Shelf()
    desk = make(shelf)
    desk.turn()
    held = event.event
    fast = tuple(each for each in held.renditions if each.ticks_per_segment == 1)
    repository.resign_event(event, replace(held, renditions=fast), clock.now)
    one_turn(desk)
    assert "index-slow.m3u8" not in shelf.files
    assert shelf.files["index.m3u8"] == event.read("index.m3u8")


def test_run_takes_turns_until_it_is_told_to_stop(event: EventDir) -> None:
    turns: list[DeskTurn] = []
    stop = threading.Event()

    def report(turn: DeskTurn) -> None:
        turns.append(turn)
        if len(turns) == 3:
            stop.set()

    Desk(event, [Shelf()], report=report).run(stop, every_s=0.01)
    assert len(turns) == 3


def test_run_survives_a_turn_that_fails(event: EventDir) -> None:
    turns: list[DeskTurn] = []
    stop = threading.Event()

    def report(turn: DeskTurn) -> None:
        turns.append(turn)
        root = event.public / "trust/1.root.json"
        if len(turns) == 1:
            root.rename(root.with_suffix(".away"))
        if len(turns) == 2:
            root.with_suffix(".away").rename(root)
        if len(turns) == 3:
            stop.set()

    Desk(event, [Shelf()], report=report).run(stop, every_s=0.01)
    assert [turn.ok for turn in turns] == [True, False, True]
    assert turns[1].warnings[0].code == "missing"
