"""Take-over, theft and revocation, as a viewer goes through them."""

from __future__ import annotations

import pytest
from tests.simulator.broadcaster import EPOCH_MS, Broadcaster, signer
from tests.simulator.mirrors import Attack
from tests.simulator.viewer import Viewer, three

BEGIN = EPOCH_MS + 1_000_137
ALL = ("m1", "m2", "m3")
KEY_A = signer("key-a").public.keyid


def playing() -> Viewer:
    broadcaster = Broadcaster()
    viewer = Viewer(three(broadcaster), broadcaster, now=BEGIN).start()
    viewer.run_for(6_000)
    return viewer


def standby(viewer: Viewer) -> Broadcaster:
    a = viewer.broadcaster
    return Broadcaster(
        key="key-b", branch="b", first_tick=a.event.grid.tick_at(viewer.now) + 1, takes_over_from=a
    )


def test_a_take_over_is_followed_without_a_stall() -> None:
    viewer = playing()
    b = standby(viewer)
    for mirror in viewer.mirrors.values():
        mirror.broadcaster = b
    viewer.run_for(10_000)
    assert viewer.view().rank == 2
    assert viewer.lost_ms() == 0
    assert viewer.ticks["v360"] == sorted(set(viewer.ticks["v360"]))
    assert [note.rank for note in viewer.told("rank")] == [2]


def test_after_a_take_over_there_is_no_way_back() -> None:
    viewer = playing()
    a, b = viewer.broadcaster, standby(viewer)
    for mirror in viewer.mirrors.values():
        mirror.broadcaster = b
    viewer.run_for(5_000)
    viewer.mirrors["m1"].broadcaster = viewer.mirrors["m2"].broadcaster = a
    viewer.run_for(20_000)
    ranks = [rank for rank, _ in viewer.ticks["v360"]]
    assert ranks == sorted(ranks)
    assert ranks[-1] == 2
    assert viewer.lost_ms() < 1_500


def test_a_higher_rank_at_one_mirror_of_the_set_is_found_soon() -> None:
    viewer = playing()
    in_use = viewer.view().mirror
    b = standby(viewer)
    for name, mirror in viewer.mirrors.items():
        mirror.broadcaster = mirror.broadcaster if name == in_use else b
    viewer.run_for(25_000)
    assert viewer.view().rank == 2


def test_a_thiefs_branch_is_refused_and_told_and_the_true_one_goes_on() -> None:
    viewer = playing()
    thief = viewer.broadcaster.fork("the thief's")
    in_use = viewer.view().mirror
    for name, mirror in viewer.mirrors.items():
        mirror.broadcaster = mirror.broadcaster if name == in_use else thief
    viewer.run_for(15_000)
    assert viewer.view().two_versions
    assert viewer.told("two-versions")[0].code == KEY_A
    true = viewer.broadcaster
    for rendition, ticks in viewer.ticks.items():
        for rank, tick in ticks:
            body = true.playlist(rendition, true.event.grid.start_ms(tick + 1) + 100)
            assert body is not None
            assert viewer.digests[rendition, rank, tick] == digest_of(body)
    assert viewer.lost_ms() == 0


def digest_of(body: bytes) -> str:
    from huma.protocol.playlist import signed_digest

    return signed_digest(body)


def test_a_tick_of_tomorrow_locks_nobody_out() -> None:
    viewer = playing()
    in_use = viewer.view().mirror or ""
    viewer.mirrors[in_use].broadcaster = Broadcaster(branch="the thief's", jump_ticks=80_000)
    viewer.run_for(15_000)
    assert viewer.told("implausible")
    assert viewer.ticks["v360"][-1][1] < 2_000
    assert viewer.lost_ms() == 0
    assert viewer.view().status == "live"


@pytest.mark.parametrize("told", [True, False])
def test_nor_is_a_viewer_locked_out_who_wakes_to_it(told: bool) -> None:
    viewer = playing()
    in_use = viewer.view().mirror or ""
    viewer.mirrors[in_use].broadcaster = Broadcaster(branch="the thief's", jump_ticks=80_000)
    viewer.sleep(3_600_000, told=told)
    viewer.run_for(10_000)
    newest = viewer.broadcaster.event.grid.tick_at(viewer.now)
    assert abs(newest - viewer.ticks["v360"][-1][1]) <= 3
    assert viewer.view().status == "live"


def test_one_honest_mirror_is_enough_for_a_revocation() -> None:
    viewer = playing()
    viewer.revoked["m3"] = (KEY_A,)
    began = viewer.now
    viewer.run_for(31_000)
    told = [at for at, note in viewer.notes if note.what == "revoked"]
    assert told, "in turn over three mirrors every ten seconds"
    assert told[0] - began <= 30_000
    asked = [at for at, fetch in viewer.fetches if fetch.kind == "revoked"]
    assert len({fetch.mirror for _, fetch in viewer.fetches if fetch.kind == "revoked"}) == 3
    assert len(asked) <= 6
    assert KEY_A in viewer.saved[-1].state.revoked
    last = viewer.ticks["v360"][-1]
    viewer.run_for(10_000)
    assert viewer.ticks["v360"][-1] == last, "nothing of that key is delivered any more"
    b = standby(viewer)
    for mirror in viewer.mirrors.values():
        mirror.broadcaster = b
    viewer.run_for(10_000)
    assert viewer.ticks["v360"][-1][0] == 2


def test_revocations_are_asked_for_at_the_start_from_two_mirrors() -> None:
    broadcaster = Broadcaster()
    viewer = Viewer(three(broadcaster), broadcaster, now=BEGIN).start()
    first = [fetch.mirror for at, fetch in viewer.fetches if fetch.kind == "revoked" and at == BEGIN]
    assert len(set(first)) == 2


def test_a_mirror_that_hides_the_revocations_is_passed_over_in_its_turn() -> None:
    viewer = playing()
    for name in ("m1", "m2"):
        viewer.mirrors[name].turn(Attack.DEAD, viewer.now)
    viewer.revoked["m3"] = (KEY_A,)
    viewer.run_for(11_000)
    assert viewer.told("revoked")


def test_all_honest_after_a_theft_and_a_clear_rank() -> None:
    viewer = playing()
    thief = viewer.broadcaster.fork("the thief's")
    viewer.mirrors["m1"].broadcaster = thief
    viewer.run_for(15_000)
    b = standby(viewer)
    for mirror in viewer.mirrors.values():
        mirror.broadcaster = b
    viewer.run_for(5_000)
    assert viewer.view().rank == 2
    assert not viewer.view().two_versions
