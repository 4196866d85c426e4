"""Stores that are empty, broken, slow, full, damaged or lying."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from huma.desk import desk as desk_module
from huma.desk import publishing
from huma.desk.desk import Desk
from huma.keys import repository
from huma.keys.eventdir import EventDir
from huma.protocol.roster import Mirror, Roster, render_roster
from tests.desk.shelves import Shelf, TestClock, believed, one_turn, twin_of, version
from tests.keys.eventmaking import NOW

MIRROR = Mirror("m1", "https://a.example/", "A", "server", "trusted")
MINUTE = 60


def test_an_empty_store_gets_everything_and_what_points_comes_last(
    event: EventDir, make: Callable[..., Desk]
) -> None:
    shelf = Shelf()
    turn = one_turn(make(shelf))
    assert turn.ok
    assert shelf.files == event.public_files()
    assert believed(event, shelf) == event.trusted
    assert shelf.written[-2:] == ["trust/timestamp.json", "trust/boot.json"]
    assert shelf.written.index("trust/1.root.json") == 0
    assert shelf.written.index("trust/2.snapshot.json") > shelf.written.index("trust/1.targets.json")
    for path in (path for path in shelf.written if path.startswith("targets/")):
        assert shelf.written.index(path) < shelf.written.index("trust/1.targets.json")


def test_one_broken_store_stops_no_other(
    event: EventDir, make: Callable[..., Desk], clock: TestClock
) -> None:
    broken, good = Shelf("broken"), Shelf("good")
    broken.broken = True
    desk = make(broken, good)
    turn = desk.turn()
    assert [(store.name, store.ok, store.code) for store in turn.stores] == [
        ("broken", False, "store"),
        ("good", True, ""),
    ]
    assert not turn.ok
    assert believed(event, good) == event.trusted
    clock.pass_s(5 * MINUTE)
    broken.broken = False
    assert one_turn(desk).ok
    assert broken.files == good.files | {}
    assert version(event, broken) == 4


def test_a_store_that_hangs_keeps_nobody_waiting(
    event: EventDir, make: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_module, "READ_WITHIN_S", 0.2)
    hanging, good = Shelf("hanging"), Shelf("good")
    hanging.hang = threading.Event()
    desk = make(hanging, good)
    try:
        began = time.monotonic()
        first, second = desk.turn(), desk.turn()
        assert time.monotonic() - began < 5
        for turn in (first, second):
            assert [store.code for store in turn.stores] == ["store-slow", ""]
        assert version(event, good) == 2
        assert hanging.written == []
    finally:
        hanging.hang.set()
        desk.close()


def test_a_full_store_is_filled_in_when_there_is_room(event: EventDir, make: Callable[..., Desk]) -> None:
    shelf = Shelf()
    shelf.full_after = 4
    desk = make(shelf)
    assert desk.turn().stores[0].code == "store-full"
    assert "trust/timestamp.json" not in shelf.files
    shelf.full_after = None
    assert one_turn(desk).ok
    assert believed(event, shelf) == event.trusted


def test_a_wiped_store_is_filled_again(event: EventDir, make: Callable[..., Desk]) -> None:
    shelf = Shelf()
    desk = make(shelf)
    desk.turn()
    shelf.files.clear()
    one_turn(desk)
    assert shelf.files == event.public_files()


def test_a_store_is_never_set_back(
    event: EventDir, make: Callable[..., Desk], tmp_path: Path, clock: TestClock
) -> None:
    """A desk that comes back from a backup takes in what the store has, and goes on above it."""
    old = twin_of(event, tmp_path / "backup")
    shelf = Shelf()
    desk = make(shelf)
    repository.set_target(event, "roster.json", render_roster(Roster((MIRROR,))), clock.now)
    for _ in range(3):
        clock.pass_s(5 * MINUTE)
        desk.turn()
    desk.close()
    assert version(event, shelf) == 10
    clock.pass_s(MINUTE)
    turn = one_turn(make(shelf, at=old))
    assert turn.timestamp_version == 10
    assert version(event, shelf) == 10
    assert old.roster == Roster((MIRROR,))
    clock.pass_s(5 * MINUTE)
    one_turn(make(shelf, at=old))
    assert version(event, shelf) == 12


def test_a_forged_timestamp_in_a_store_moves_nobody(event: EventDir, make: Callable[..., Desk]) -> None:
    shelf = Shelf()
    one_turn(make(shelf))
    forged = shelf.files["trust/timestamp.json"].replace(b'"version":2', b'"version":9007199254740990')
    assert forged != shelf.files["trust/timestamp.json"]
    for lie in (forged, b"", b"{", b"<html>", b"[" * 20_000, b"x" * 100_000):
        shelf.files["trust/timestamp.json"] = lie
        shelf.files["trust/boot.json"] = lie
        assert one_turn(make(shelf)).ok
        assert shelf.files == event.public_files()


def test_lies_about_roots_and_revocations_move_nobody(event: EventDir, make: Callable[..., Desk]) -> None:
    shelf = Shelf()
    one_turn(make(shelf))
    for path in ("trust/2.root.json", "live/revoked.json"):
        for lie in (
            b"",
            b"{}",
            b'{"revoked":[{"event":"x"}]}',
            shelf.files["trust/1.root.json"],
            b"x" * 600_000,
        ):
            shelf.files[path] = lie
            assert one_turn(make(shelf)).ok
            assert event.trusted.root.head.version == 1
            assert event.read("live/revoked.json") == b'{"revoked":[]}\n'
    shelf.files["live/revoked.json"] = b""
    one_turn(make(shelf))
    assert shelf.files["live/revoked.json"] == b'{"revoked":[]}\n'


def test_a_damaged_file_in_a_store_is_mended(event: EventDir, make: Callable[..., Desk]) -> None:
    shelf = Shelf()
    one_turn(make(shelf))
    for path in ("trust/1.targets.json", event.trusted.target_path("event.json"), "index.m3u8"):
        shelf.files[path] = b"torn"
    assert one_turn(make(shelf)).ok
    assert shelf.files == event.public_files()


def test_what_is_lost_behind_its_back_is_found_within_the_hour(
    event: EventDir, make: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "LOOK_AGAIN_EVERY", 3)
    shelf = Shelf()
    desk = make(shelf)
    desk.turn()
    shelf.files.pop("trust/1.targets.json")
    for _ in range(2):
        desk.turn()
    desk.close()
    assert shelf.files == event.public_files()


@pytest.mark.parametrize("what", ["targets/", "roster.json", "snapshot.json"])
@pytest.mark.parametrize("how", [None, b"", b"swapped"])
def test_newer_documents_are_taken_in_whole_or_not_at_all(
    event: EventDir, make: Callable[..., Desk], tmp_path: Path, what: str, how: bytes | None
) -> None:
    other = twin_of(event, tmp_path / "another machine")
    repository.set_target(other, "roster.json", render_roster(Roster((MIRROR,))), NOW + 1000)
    store = Shelf()
    store.files = dict(other.public_files())
    for path in sorted(set(store.files) - set(event.public_files())):
        if what in path:
            store.files.pop(path)
            if how is not None:
                store.files[path] = how
    before = event.public_files()
    one_turn(make(store))
    assert event.public_files() == before
    store.files |= other.public_files()
    one_turn(make(store))
    assert event.roster == Roster((MIRROR,))
