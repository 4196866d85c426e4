"""What another desk, or another holder, has signed: revocations, roots, the other pair."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from huma.desk.desk import Desk
from huma.desk.publishing import StoreShelf
from huma.errors import KeyStoreError
from huma.keys import repository
from huma.keys.eventdir import EventDir
from huma.keys.sealed import release_revocation, release_root
from huma.protocol.boot import parse_boot
from huma.protocol.trust import TrustedDocuments
from tests.desk.shelves import Shelf, TestClock, believed, one_turn, twin_of, version

MINUTE, HOUR = 60, 3600


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
