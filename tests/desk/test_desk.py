from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from huma.desk import desk as desk_module
from huma.desk import publishing
from huma.desk.desk import Desk, DeskTurn
from huma.desk.publishing import StoreShelf
from huma.errors import KeyStoreError
from huma.keys import repository
from huma.keys.eventdir import EventDir
from huma.keys.sealed import release_revocation, release_root
from huma.keys.template import render_config
from huma.protocol.boot import parse_boot
from huma.protocol.roster import Mirror, Roster, render_roster
from huma.protocol.trust import TrustedDocuments
from tests.desk.shelves import Shelf, TestClock, one_turn, twin_of
from tests.keys.eventmaking import NOW

MIRROR = Mirror("m1", "https://a.example/", "A", "server", "trusted")
MINUTE, HOUR = 60, 3600


def believed(event: EventDir, shelf: Shelf) -> TrustedDocuments:
    """What a stranger believes who has nothing but the event id and this store."""
    return TrustedDocuments.start(event.event_id, shelf.files["trust/1.root.json"]).take(shelf.files)


def version(event: EventDir, shelf: Shelf) -> int:
    timestamp = believed(event, shelf).timestamp
    assert timestamp is not None
    return timestamp.head.version


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
def make(event: EventDir, clock: TestClock) -> Callable[..., Desk]:
    def made(*shelves: Shelf, at: EventDir | None = None, pair: int = 1, resume: bool = False) -> Desk:
        return Desk(at or event, shelves, clock=clock, pair=pair, resume=resume)

    return made


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


def test_two_desks_with_the_same_keys_are_noticed(
    event: EventDir, make: Callable[..., Desk], tmp_path: Path, clock: TestClock
) -> None:
    twin = twin_of(event, tmp_path / "twin")
    repository.sign_timestamp(twin, clock.now + 1000)
    repository.sign_timestamp(event, clock.now + 2000)
    shelf = Shelf()
    one_turn(make(shelf, at=twin))
    turn = one_turn(make(shelf))
    assert [warning.code for warning in turn.warnings] == ["conflict"]
    assert shelf.files["trust/timestamp.json"] == twin.read("trust/timestamp.json")
    clock.pass_s(6 * MINUTE)
    one_turn(make(shelf))
    assert version(event, shelf) == 6


def test_a_revocation_spreads_from_one_store_to_all(
    event: EventDir, make: Callable[..., Desk], tmp_path: Path
) -> None:
    other = twin_of(event, tmp_path / "another machine")
    first, second = Shelf("first"), Shelf("second")
    desk = make(first, second)
    desk.turn()
    keyid = release_revocation(other, event.event.live_keys[0].keyid)
    second.files["live/revoked.json"] = other.read("live/revoked.json") or b""
    turn = desk.turn()
    assert turn.revoked == 1
    one_turn(desk)
    for shelf in (first, second):
        assert believed(event, shelf).revoked(shelf.files["live/revoked.json"]) == {keyid}


def test_revocations_from_both_sides_make_a_union(
    event: EventDir, make: Callable[..., Desk], tmp_path: Path
) -> None:
    other = twin_of(event, tmp_path / "another machine")
    shelf = Shelf()
    desk = make(shelf)
    desk.turn()
    keys = [key.keyid for key in event.event.live_keys]
    release_revocation(other, keys[0])
    release_revocation(event, keys[1])
    shelf.files["live/revoked.json"] = other.read("live/revoked.json") or b""
    one_turn(desk)
    assert believed(event, shelf).revoked(shelf.files["live/revoked.json"]) == set(keys[:2])


def test_a_revocation_that_comes_between_reading_and_writing_is_not_lost(
    event: EventDir, tmp_path: Path
) -> None:
    other = twin_of(event, tmp_path / "another machine")
    store = Shelf()
    shelf = StoreShelf(store, event)
    shelf.read()
    shelf.publish()
    mine, theirs = (key.keyid for key in event.event.live_keys[:2])
    shelf.read()
    release_revocation(event, mine)
    release_revocation(other, theirs)
    store.files["live/revoked.json"] = other.read("live/revoked.json") or b""
    shelf.publish()
    assert store.files["live/revoked.json"] == other.read("live/revoked.json")
    shelf.read()
    shelf.publish()
    assert believed(event, store).revoked(store.files["live/revoked.json"]) == {mine, theirs}


def test_a_new_root_is_taken_in_with_its_timestamp_only(
    event: EventDir, make: Callable[..., Desk], tmp_path: Path, clock: TestClock
) -> None:
    other = twin_of(event, tmp_path / "another machine")
    store = Shelf()
    one_turn(make(store))
    release_root(other, clock.now)
    store.files["trust/2.root.json"] = other.read("trust/2.root.json") or b""
    one_turn(make(store))
    assert event.trusted.root.head.version == 1
    store.files |= other.public_files()
    one_turn(make(store))
    assert event.trusted == other.trusted


def test_a_lost_revoked_json_is_made_anew(event: EventDir, make: Callable[..., Desk]) -> None:
    (event.public / "live/revoked.json").unlink()
    store = Shelf()
    assert one_turn(make(store)).ok
    assert store.files["live/revoked.json"] == b'{"revoked":[]}\n'


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


def test_the_first_pair_rests_when_the_cold_one_has_signed(
    event: EventDir, make: Callable[..., Desk], tmp_path: Path, clock: TestClock
) -> None:
    elsewhere = twin_of(event, tmp_path / "elsewhere")
    one, two = Shelf("one"), Shelf("two")
    desk = make(one, two)
    desk.turn()
    clock.pass_s(MINUTE)
    assert one_turn(make(one, two, at=elsewhere, pair=2)).timestamp_version == 3
    for _ in range(3):
        clock.pass_s(10 * MINUTE)
        turn = desk.turn()
        assert turn.resting
        assert turn.signed == ()
        assert turn.timestamp_version == 3
    desk.close()
    told = one_turn(make(one, two, resume=True))
    assert not told.resting
    assert told.timestamp_version == 4
    assert version(event, one) == version(event, two) == 4


def test_the_cold_pair_reads_two_stores_first(event: EventDir, make: Callable[..., Desk]) -> None:
    broken = Shelf("broken")
    broken.broken = True
    for shelves in ((), (Shelf(),), (Shelf(), broken)):
        with pytest.raises(KeyStoreError) as refused:
            one_turn(make(*shelves, pair=2))
        assert refused.value.code == "cold-reads"
    assert event.trusted.timestamp is not None
    assert event.trusted.timestamp.head.version == 2


def test_the_cold_pair_signs_above_the_newest_of_two(
    event: EventDir, make: Callable[..., Desk], tmp_path: Path, clock: TestClock
) -> None:
    cold = twin_of(event, tmp_path / "cold")
    stale, fresh = Shelf("stale"), Shelf("fresh")
    desk = make(stale, fresh)
    desk.turn()
    stale.broken = True
    for _ in range(4):
        clock.pass_s(5 * MINUTE)
        desk.turn()
    desk.close()
    stale.broken = False
    assert one_turn(make(stale, fresh, at=cold, pair=2)).timestamp_version == 11


def test_after_the_sealed_root_the_old_desk_is_shut_out_of_every_store(
    event: EventDir, make: Callable[..., Desk], tmp_path: Path, clock: TestClock
) -> None:
    thief = twin_of(event, tmp_path / "seized")
    shelf = Shelf()
    one_turn(make(shelf))
    release_root(event, clock.now)
    assert one_turn(make(shelf, pair=3)).ok
    after = dict(shelf.files)
    clock.pass_s(HOUR)
    turn = one_turn(make(shelf, at=thief))
    assert shelf.files["trust/timestamp.json"] == after["trust/timestamp.json"]
    assert shelf.files["trust/boot.json"] == after["trust/boot.json"]
    assert thief.trusted.root.head.version == 2
    assert turn.signed == ()
    files = parse_boot(shelf.files["trust/boot.json"])
    assert (
        TrustedDocuments.start(event.event_id, files["trust/1.root.json"]).take(files).root.head.version == 2
    )


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
