"""LIVE, unconfirmed, cut off, ended: what is shown, with right and with wrong clocks."""

from __future__ import annotations

import pytest
from tests.simulator.broadcaster import EPOCH_MS, Broadcaster
from tests.simulator.mirrors import Attack
from tests.simulator.shell import trust_of
from tests.simulator.viewer import Viewer, attacked, three

BEGIN = EPOCH_MS + 1_000_137
DAY_MS = 86_400_000
ALL = ("m1", "m2", "m3")


def viewer_of(broadcaster: Broadcaster, **rest: object) -> Viewer:
    return Viewer(three(broadcaster), broadcaster, now=BEGIN, **rest)  # type: ignore[arg-type]


def test_waiting_before_the_first_playlist() -> None:
    viewer = viewer_of(Broadcaster(first_tick=950)).start()
    viewer.run_for(8_000)
    assert viewer.view().status == "waiting"
    assert viewer.view().signed_at is None
    assert viewer.told("penalty") == []
    viewer.run_for(10_000)
    assert viewer.view().status == "live"


@pytest.mark.parametrize("off", [0, 55_000, -55_000])
def test_live_by_the_clock(off: int) -> None:
    viewer = viewer_of(Broadcaster(), clock_off=off).start()
    viewer.run_for(1_000)
    assert viewer.view().status == "live"


@pytest.mark.parametrize("off", [DAY_MS, 3650 * DAY_MS])
def test_with_a_clock_far_ahead_two_operators_confirm(off: int) -> None:
    viewer = viewer_of(Broadcaster(), clock_off=off).start()
    viewer.run_for(2_000)
    assert viewer.view().status == "unconfirmed"
    viewer.run_for(8_000)
    assert viewer.view().status == "live"
    viewer.run_for(60_000)
    assert [note.what for _, note in viewer.notes] == ["unconfirmed", "live"], "and it does not flicker"


def test_with_a_clock_behind_the_signed_time_nothing_confirms() -> None:
    viewer = viewer_of(Broadcaster(), clock_off=-DAY_MS).start()
    viewer.run_for(30_000)
    assert viewer.view().status == "unconfirmed"
    assert viewer.lost_ms() == 0


def test_one_operator_confirms_nothing() -> None:
    broadcaster = Broadcaster()
    mirrors = three(broadcaster)
    trust = trust_of(broadcaster, mirrors, operators=dict.fromkeys(ALL, "one"))
    viewer = Viewer(mirrors, broadcaster, now=BEGIN, clock_off=DAY_MS, trust=trust).start()
    viewer.run_for(30_000)
    assert viewer.view().status == "unconfirmed"


def test_all_hints_of_a_link_have_one_voice() -> None:
    broadcaster = Broadcaster()
    mirrors = three(broadcaster)
    viewer = Viewer(
        mirrors, broadcaster, now=BEGIN, clock_off=DAY_MS, trust=trust_of(broadcaster, mirrors, hints=ALL)
    ).start()
    viewer.run_for(30_000)
    assert viewer.view().status == "unconfirmed"
    assert len({fetch.mirror for _, fetch in viewer.fetches if fetch.kind == "playlist"}) == 3


def test_old_is_never_shown_as_live_where_the_clock_is_right() -> None:
    broadcaster = Broadcaster()
    mirrors = attacked(broadcaster, Attack.STALE, ALL, BEGIN)
    viewer = Viewer(mirrors, broadcaster, now=BEGIN).start()
    shown = set()
    for _ in range(60):
        viewer.run_for(500)
        shown.add(viewer.view().status)
    assert shown == {"unconfirmed", "cut_off"}


@pytest.mark.parametrize("off", [0, DAY_MS, -DAY_MS])
@pytest.mark.parametrize("attack", [Attack.STALE, Attack.FREEZE, Attack.ROLLBACK, Attack.REPLAY_OLD])
def test_old_is_never_shown_as_live_where_one_honest_mirror_is_reachable(attack: Attack, off: int) -> None:
    broadcaster = Broadcaster()
    mirrors = attacked(broadcaster, attack, ("m1", "m2"), BEGIN)
    viewer = Viewer(mirrors, broadcaster, now=BEGIN, clock_off=off).start()
    for _ in range(60):
        viewer.run_for(500)
        newest = broadcaster.event.grid.tick_at(viewer.now)
        if viewer.view().status == "live":
            assert newest - viewer.ticks["v360"][-1][1] <= 4


def test_silence_is_cut_off_and_never_over() -> None:
    viewer = viewer_of(Broadcaster()).start()
    viewer.run_for(5_000)
    viewer.turn(ALL, Attack.FREEZE)
    viewer.run_for(9_500)
    assert viewer.view().status == "live"
    viewer.run_for(2_000)
    assert viewer.view().status == "cut_off"
    assert viewer.told("cut-off")
    viewer.run_for(60_000)
    assert viewer.view().status == "cut_off"
    viewer.turn(ALL, Attack.NONE)
    viewer.run_for(10_000)
    assert viewer.view().status == "live"


def test_a_paused_player_that_asks_nobody_is_not_cut_off() -> None:
    viewer = viewer_of(Broadcaster(), playing=())
    viewer.start()
    viewer.want_playlist("v360")
    viewer.run_for(40_000)
    assert viewer.view().status == "live"
    viewer.run_for(40_000)
    assert viewer.view().status == "unconfirmed"
    viewer.want_playlist("v360")
    viewer.run_for(500)
    assert viewer.view().status == "live"
    assert viewer.told("cut-off") == []


def test_ended_and_asked_again_every_half_minute_for_half_an_hour() -> None:
    viewer = viewer_of(Broadcaster(ends_at=BEGIN + 5_000)).start()
    viewer.run_for(10_000)
    assert viewer.view().status == "ended"
    before = len(viewer.fetches)
    viewer.run_for(600_000)
    kinds = [fetch.kind for _, fetch in viewer.fetches[before:]]
    assert 35 <= kinds.count("playlist") <= 45, "two renditions, twenty times"
    assert 19 <= kinds.count("revoked") <= 21
    viewer.run_for(1_300_000)
    before = len(viewer.fetches)
    viewer.run_for(600_000)
    assert len(viewer.fetches) == before
    assert viewer.view().status == "ended"


def test_ended_may_be_a_thiefs_and_is_taken_back_by_a_later_tick() -> None:
    broadcaster = Broadcaster(ends_at=BEGIN + 5_000)
    viewer = viewer_of(broadcaster).start()
    viewer.run_for(20_000)
    for mirror in viewer.mirrors.values():
        mirror.broadcaster = Broadcaster()
    viewer.run_for(40_000)
    assert [note.what for _, note in viewer.notes] == ["live", "ended", "live"]


def test_a_revoked_key_leaves_cut_off_and_not_waiting() -> None:
    viewer = viewer_of(Broadcaster()).start()
    viewer.run_for(3_000)
    keyid = viewer.trust.live_keys[0].keyid
    viewer.revoked = dict.fromkeys(ALL, (keyid,))
    viewer.run_for(12_000)
    assert viewer.view().status == "cut_off"


def test_behind_is_told_by_this_machines_clock() -> None:
    viewer = viewer_of(Broadcaster(), clock_off=20_000).start()
    viewer.run_for(5_000)
    view = viewer.view()
    assert view.signed_at is not None
    assert view.behind_ms == viewer.wall - view.signed_at
    assert 20_000 <= view.behind_ms <= 22_000
