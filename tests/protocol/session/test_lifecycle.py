"""Sleep, restarts, renewals, wishes withdrawn: the shell's life with a session."""

from __future__ import annotations

from itertools import pairwise

import pytest
from tests.simulator.broadcaster import EPOCH_MS, Broadcaster, another_event
from tests.simulator.mirrors import Attack
from tests.simulator.shell import MONO_0, Shell, trust_of
from tests.simulator.viewer import Viewer, attacked, three

from huma.protocol.saved import SavedBelief, parse_saved
from huma.protocol.session.commands import Cancel, Deliver, Fetch, Forget, GiveUp, Save, WakeAt
from huma.protocol.session.config import SessionConfig
from huma.protocol.session.events import Failed, Failure, FileVerified, Progress, RootSeen, Wake

BEGIN = EPOCH_MS + 1_000_137
ALL = ("m1", "m2", "m3")


def playing(**rest: object) -> Viewer:
    broadcaster = Broadcaster()
    viewer = Viewer(three(broadcaster), broadcaster, now=BEGIN, **rest)  # type: ignore[arg-type]
    viewer.start().run_for(5_000)
    return viewer


@pytest.mark.parametrize("told", [True, False])
def test_after_a_sleep_it_goes_on_and_blames_nobody(told: bool) -> None:
    viewer = playing()
    viewer.run_for(880)
    viewer.sleep(3_600_000, told=told)
    viewer.run_for(5_000)
    assert viewer.told("penalty") == []
    assert viewer.view().caught == ()
    newest = viewer.broadcaster.event.grid.tick_at(viewer.now)
    assert newest - viewer.ticks["v360"][-1][1] <= 3
    assert viewer.ticks["v360"] == sorted(set(viewer.ticks["v360"]))
    revoked = [at for at, fetch in viewer.fetches if fetch.kind == "revoked" and at > viewer.now - 5_100]
    assert revoked, "a revocation may be waiting"


def test_after_a_sleep_penalties_are_forgotten() -> None:
    viewer = playing()
    bad = viewer.view().mirror or ""
    viewer.turn((bad,), Attack.DEAD)
    while not viewer.told("penalty"):
        viewer.run_for(5)
    viewer.turn((bad,), Attack.NONE)
    viewer.sleep(100)
    again = [fetch for at, fetch in viewer.fetches if at == viewer.now and fetch.kind == "playlist"]
    assert bad in {fetch.mirror for fetch in again}


def test_what_was_in_flight_when_it_slept_is_cancelled_and_asked_again() -> None:
    broadcaster = Broadcaster()
    viewer = Viewer(attacked(broadcaster, Attack.HANG, ALL, BEGIN), broadcaster, now=BEGIN).start()
    viewer.run_for(100)
    viewer.turn(ALL, Attack.NONE)
    viewer.sleep(60_000)
    assert any(isinstance(command, Cancel) for command in viewer.steps[-1].commands)
    viewer.run_for(200)
    assert viewer.ticks


def test_the_floors_are_told_before_anything_is_delivered_from_them() -> None:
    viewer = playing()
    saved = SavedBelief(viewer.broadcaster.event_id, {}, ())
    for step in viewer.steps:
        for command in step.commands:
            if isinstance(command, Save):
                saved = command.state
            if isinstance(command, Deliver) and command.want in viewer.playlist_wants:
                rendition = viewer.playlist_wants[command.want]
                delivered = [
                    tick for tick in viewer.ticks[rendition] if tick[1] <= saved.floors[1][rendition]
                ]
                assert delivered


def test_killed_and_restored_it_never_goes_back() -> None:
    before = playing()
    restored = parse_saved(before.saved[-1].state.as_dict())
    broadcaster = before.broadcaster
    mirrors = attacked(broadcaster, Attack.REPLAY_OLD, ("m1", "m2"), before.now)
    after = Viewer(
        mirrors, broadcaster, now=before.now, config=SessionConfig(restored), clock_off=-86_400_000
    )
    after.start().run_for(8_000)
    assert after.ticks["v360"][0] >= before.ticks["v360"][-1]
    assert after.lost_ms() == 0


def test_restored_behind_all_mirrors_it_waits_and_does_not_spin() -> None:
    broadcaster = Broadcaster()
    floors = {1: {"v360": 5_000}}
    config = SessionConfig(SavedBelief(broadcaster.event_id, floors, ()))
    viewer = Viewer(three(broadcaster), broadcaster, now=BEGIN, config=config).start()
    viewer.run_for(30_000)
    assert viewer.ticks == {}
    assert len(viewer.fetches) / 30 < 8
    assert viewer.view().status == "waiting"


def test_another_events_documents_change_nothing() -> None:
    viewer = playing()
    other = another_event(viewer.broadcaster)
    viewer.send(trust_of(other, three(other)))
    viewer.run_for(3_000)
    assert [note.code for note in viewer.told("refusal")] == ["wrong-event"]
    assert viewer.lost_ms() == 0


def test_wants_before_the_trust_documents_are_kept() -> None:
    broadcaster = Broadcaster()
    shell = Shell(three(broadcaster), broadcaster, now=BEGIN)
    shell.want_playlist("v360")
    assert shell.fetches == []
    shell.run_for(1_000)
    shell.send(shell.trust)
    shell.run_for(500)
    assert shell.ticks["v360"]


def test_a_want_is_answered_once_and_only_by_something_newer() -> None:
    viewer = playing(playing=())
    first = viewer.want_playlist("v360")
    viewer.run_for(200)
    assert first in viewer.answered
    second = viewer.want_playlist("v360")
    viewer.run_for(2_500)
    assert second in viewer.answered
    assert viewer.ticks["v360"][0] < viewer.ticks["v360"][1]
    assert viewer.answered[second] - viewer.wanted[second] < 1_300


def test_an_asker_who_has_nothing_gets_what_is_believed_at_once() -> None:
    viewer = playing(playing=())
    viewer.want_playlist("v360")
    viewer.run_for(200)
    before = len(viewer.fetches)
    again = viewer.want_playlist("v360", have=-1)
    assert viewer.answered[again] == viewer.now
    assert len(viewer.fetches) == before


def test_an_asker_who_has_a_tick_gets_only_a_later_one() -> None:
    viewer = playing(playing=())
    viewer.want_playlist("v360")
    viewer.run_for(200)
    tick = viewer.ticks["v360"][-1][1]
    for have, now in ((tick, False), (tick - 1, True), (tick + 3, False)):
        want = viewer.want_playlist("v360", have=have)
        assert (want in viewer.answered) is now
        if not now:
            viewer.run_for((have - tick + 2) * 1_070)
            assert viewer.ticks["v360"][-1][1] > have
            tick = viewer.ticks["v360"][-1][1]


def test_what_is_no_longer_wanted_is_cancelled_and_never_delivered() -> None:
    broadcaster = Broadcaster()
    viewer = Viewer(
        attacked(broadcaster, Attack.HANG, ALL, BEGIN), broadcaster, now=BEGIN, playing=()
    ).start()
    viewer.run_for(50)
    for want in (
        viewer.want_playlist("v360"),
        viewer.want_file("media/" + "0" * 64 + ".m4s", "0" * 64, 9, "v360"),
    ):
        in_flight = {fetch.req for _, fetch in viewer.fetches if fetch.kind in {"playlist", "file"}}
        viewer.unwant(want)
        commands = viewer.steps[-1].commands
        assert GiveUp(want) in commands
        assert {command.req for command in commands if isinstance(command, Cancel)} <= in_flight
        assert any(isinstance(command, Cancel) for command in commands)
    viewer.turn(ALL, Attack.NONE)
    viewer.run_for(5_000)
    assert viewer.answered == {}
    viewer.unwant(99)
    assert GiveUp(99) not in viewer.steps[-1].commands


def test_whatever_a_cancelled_request_still_reports_is_ignored() -> None:
    viewer = playing()
    before = viewer.view()
    for event in (
        Progress(1, 10**9),
        FileVerified(1),
        Failed(1, Failure.MISMATCH, bytes=10**9),
        Progress(10**6, 5),
    ):
        commands = [each for each in viewer.send(event) if not isinstance(each, WakeAt)]
        assert commands == []
    assert viewer.view() == before


def test_every_playlist_that_is_kept_is_forgotten_but_the_one_held() -> None:
    viewer = playing()
    viewer.run_for(20_000)
    assert len(viewer._bodies) - len([n for n in viewer.file_wants if n in viewer.answered]) <= 4
    forgotten = {each.req for step in viewer.steps for each in step.commands if isinstance(each, Forget)}
    verified = {step.event.req for step in viewer.steps if type(step.event).__name__ == "PlaylistVerified"}  # type: ignore[union-attr]
    assert len(verified - forgotten) <= 3


def test_deliveries_come_last_in_a_batch() -> None:
    viewer = playing()
    for step in viewer.steps:
        kinds = [isinstance(command, Deliver) for command in step.commands]
        assert kinds == sorted(kinds)


def test_a_wake_that_comes_early_is_asked_for_again() -> None:
    viewer = playing(playing=())
    at = viewer.steps[-1].mono
    wish = [each for step in viewer.steps for each in step.commands if isinstance(each, WakeAt)][-1]
    assert wish.mono > at
    commands = viewer.session.handle(Wake(), viewer.wall, viewer.mono)
    assert any(isinstance(each, WakeAt) and each.mono == wish.mono for each in commands)


def test_time_that_runs_backwards_does_no_harm() -> None:
    viewer = playing()
    viewer.session.handle(Wake(), viewer.wall - 10_000, viewer.mono - 10_000)
    viewer.run_for(5_000)
    assert viewer.lost_ms() == 0


def test_a_newer_timestamp_asks_for_the_trust_workflow() -> None:
    viewer = playing()
    viewer.newer_timestamp = True
    viewer.run_for(40_000)
    assert viewer.refreshed == 1
    asked = [at for at, fetch in viewer.fetches if fetch.kind == "timestamp"]
    viewer.run_for(300_000)
    asked = [at for at, fetch in viewer.fetches if fetch.kind == "timestamp"]
    gaps = [later - earlier for earlier, later in pairwise(asked)]
    assert all(24_000 <= gap <= 36_100 for gap in gaps)
    assert len(set(gaps)) > 5
    assert len({fetch.mirror for _, fetch in viewer.fetches if fetch.kind == "timestamp"}) == 3


def test_a_note_never_holds_an_address_of_a_viewer() -> None:
    viewer = playing()
    viewer.turn(ALL, Attack.CORRUPT)
    viewer.run_for(5_000)
    mirrors = {*ALL, None}
    assert viewer.notes
    assert all(note.mirror in mirrors for _, note in viewer.notes)


def test_the_seed_alone_decides_what_is_left_to_chance() -> None:
    def run(seed: int) -> list[object]:
        broadcaster = Broadcaster()
        viewer = Viewer(attacked(broadcaster, Attack.DEAD, ALL, BEGIN), broadcaster, now=BEGIN, seed=seed)
        viewer.start().run_for(10_000)
        return [(at, fetch) for at, fetch in viewer.fetches]

    assert run(7) == run(7)
    assert run(7) != run(8)


def test_a_mirror_that_has_shown_its_root_gets_more_than_one_try() -> None:
    broadcaster = Broadcaster()
    for proven, most in ((True, 100), (False, 1)):
        mirrors = attacked(broadcaster, Attack.DEAD, ("m2",), BEGIN)
        viewer = Viewer(mirrors, broadcaster, now=BEGIN, introduces=False)
        if proven:
            viewer.send(RootSeen("m2"))
        viewer.start().run_for(60_000)
        tries = sum(1 for _, fetch in viewer.fetches if fetch.mirror == "m2")
        launched_together = sum(1 for at, fetch in viewer.fetches if fetch.mirror == "m2" and at == BEGIN)
        assert tries <= max(most, launched_together)
        assert (tries > launched_together) is proven
    assert viewer.mono == viewer.now - BEGIN + MONO_0


def test_commands_name_what_the_shell_must_know() -> None:
    viewer = playing()
    for _, fetch in viewer.fetches:
        assert isinstance(fetch, Fetch)
        assert fetch.max_bytes > 0
        assert fetch.first_byte_ms >= 2_500
        if fetch.kind == "file":
            assert fetch.size == fetch.max_bytes
            assert fetch.min_bytes_per_s > 0
            assert fetch.digest is not None
            assert fetch.path == f"media/{fetch.digest}.{fetch.path[-3:]}"
