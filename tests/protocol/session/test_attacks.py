"""A viewer with one honest fresh mirror does not notice what the others do."""

from __future__ import annotations

import pytest
from tests.simulator.broadcaster import EPOCH_MS, Broadcaster, audio, make_event, video
from tests.simulator.mirrors import LIES, Attack, MirrorSimulator
from tests.simulator.shell import trust_of
from tests.simulator.viewer import Viewer, attacked, three

from huma.protocol.session.commands import Caught

BEGIN = EPOCH_MS + 1_000_137
SEEDS = (1, 2, 3)


def playing(seed: int = 1, **rest: object) -> Viewer:
    broadcaster = Broadcaster()
    viewer = Viewer(three(broadcaster), broadcaster, now=BEGIN, seed=seed, **rest)  # type: ignore[arg-type]
    viewer.start().run_for(10_000)
    return viewer


def in_use(viewer: Viewer) -> str:
    mirror = viewer.view().mirror
    assert mirror is not None
    return mirror


def is_in_order(viewer: Viewer) -> bool:
    return all(ticks == sorted(set(ticks)) for ticks in viewer.ticks.values())


def is_at_the_edge(viewer: Viewer) -> bool:
    newest = viewer.broadcaster.event.grid.tick_at(viewer.now)
    return all(newest - ticks[-1][1] <= 3 for ticks in viewer.ticks.values())


def test_all_honest_means_no_hop_no_blame_and_little_traffic() -> None:
    viewer = playing()
    viewer.run_for(60_000)
    assert viewer.stalls == []
    assert [note.what for _, note in viewer.notes] == ["live"]
    assert is_at_the_edge(viewer)
    segments = len(viewer.decoded)
    playlists = sum(1 for _, fetch in viewer.fetches if fetch.kind == "playlist")
    assert playlists <= 1.3 * segments, "about one request a segment, where two are allowed"
    assert {fetch.mirror for _, fetch in viewer.fetches if fetch.kind == "file"} == {in_use(viewer)}


@pytest.mark.parametrize("attack", LIES)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_mirror_that_turns_bad_while_in_use_costs_no_stall(attack: Attack, seed: int) -> None:
    viewer = playing(seed)
    bad = in_use(viewer)
    viewer.turn((bad,), attack)
    viewer.run_for(25_000)
    assert viewer.lost_ms() == 0
    assert is_in_order(viewer)
    assert is_at_the_edge(viewer)
    assert viewer.view().status == "live"
    if attack not in {Attack.GARBLED_ONCE, Attack.GARBLED_TWICE}:
        assert in_use(viewer) != bad


@pytest.mark.parametrize("attack", LIES)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_mirror_that_was_bad_before_we_came_costs_no_stall(attack: Attack, seed: int) -> None:
    broadcaster = Broadcaster()
    first = in_use(playing(seed))
    viewer = Viewer(attacked(broadcaster, attack, (first,), BEGIN), broadcaster, now=BEGIN, seed=seed)
    viewer.start().run_for(20_000)
    assert viewer.first_picture_ms is not None
    assert viewer.first_picture_ms < 2_000
    assert viewer.lost_ms() == 0
    assert is_in_order(viewer)
    assert is_at_the_edge(viewer)


@pytest.mark.parametrize("attack", LIES)
def test_two_liars_of_three_cost_less_than_the_buffer(attack: Attack) -> None:
    viewer = playing()
    honest = "m1"
    viewer.turn(("m2", "m3"), attack)
    viewer.run_for(40_000)
    assert viewer.longest_stall() < 1_500
    assert is_in_order(viewer)
    assert is_at_the_edge(viewer)
    assert viewer.decoded
    assert any(fetch.mirror == honest for at, fetch in viewer.fetches if at > viewer.now - 5_000)


@pytest.mark.parametrize(
    ("attack", "what"),
    [
        (Attack.CORRUPT, "forging"),
        (Attack.SWAP, "forging"),
        (Attack.FORGE, "forging"),
        (Attack.FREEZE, "frozen"),
        (Attack.ROLLBACK, "frozen"),
        (Attack.REPLAY_OLD, "frozen"),
    ],
)
def test_who_lies_is_caught_and_nobody_else(attack: Attack, what: str) -> None:
    viewer = playing()
    bad = in_use(viewer)
    viewer.turn((bad,), attack)
    viewer.run_for(15_000)
    assert viewer.view().caught == (Caught(bad, what),)


def test_a_mirror_that_is_stale_at_the_start_is_caught_as_stale() -> None:
    broadcaster = Broadcaster()
    viewer = Viewer(attacked(broadcaster, Attack.STALE, ("m2",), BEGIN), broadcaster, now=BEGIN)
    viewer.start().run_for(10_000)
    assert viewer.view().caught == (Caught("m2", "stale"),)


@pytest.mark.parametrize(
    "attack",
    [Attack.DEAD, Attack.HANG, Attack.SLOW, Attack.DRIP, Attack.MISSING, Attack.TRUNCATE, Attack.HTML],
)
def test_who_is_merely_broken_is_not_called_a_liar(attack: Attack) -> None:
    viewer = playing()
    viewer.turn((in_use(viewer),), attack)
    viewer.run_for(15_000)
    assert viewer.view().caught == ()


def test_one_flipped_bit_is_refetched_elsewhere_and_accuses_nobody() -> None:
    viewer = playing()
    bad = in_use(viewer)
    viewer.turn((bad,), Attack.GARBLED_ONCE)
    viewer.run_for(20_000)
    assert viewer.view().refusals == 1
    assert viewer.view().refused_bytes > 0
    assert viewer.view().caught == ()
    looks = [fetch for _, fetch in viewer.fetches if fetch.fresh and fetch.mirror == bad]
    assert looks, "it was looked at again, on a fresh connection"


def test_two_requests_garbled_at_one_moment_are_one_strike() -> None:
    viewer = playing()
    bad = in_use(viewer)
    viewer.mirrors[bad].rate = 228_000
    viewer.turn((bad,), Attack.GARBLED_TWICE)
    viewer.run_for(3_000)
    assert viewer.view().refusals == 2
    assert viewer.view().caught == ()


def test_forging_needs_a_second_look_while_another_mirror_verifies() -> None:
    viewer = playing()
    viewer.turn(("m1", "m2", "m3"), Attack.CORRUPT)
    viewer.run_for(20_000)
    assert viewer.view().refusals > 6
    assert viewer.view().caught == (), "if nobody verifies, it may be our own line"


def test_a_lagging_mirror_is_usable_and_not_blamed() -> None:
    viewer = playing()
    bad = in_use(viewer)
    for name, mirror in viewer.mirrors.items():
        mirror.lag_ms = 5_000 if name != bad else 0
    viewer.run_for(30_000)
    assert viewer.view().caught == ()
    viewer.turn((bad,), Attack.DEAD)
    viewer.run_for(30_000)
    assert viewer.view().caught == ()
    assert viewer.view().status == "live"
    assert 4_000 < viewer.lost_ms() < 8_000, "the lag itself cannot be hidden"


def test_frozen_is_never_judged_by_the_wall_clock() -> None:
    viewer = playing(clock_off=3_600_000)
    viewer.run_for(20_000)
    assert viewer.view().caught == ()
    assert viewer.told("penalty") == []


def test_segments_come_from_another_mirror_than_the_playlist() -> None:
    viewer = playing()
    bad = in_use(viewer)
    viewer.turn((bad,), Attack.MISSING_MEDIA)
    viewer.run_for(2_000)
    before = len(viewer.fetches)
    viewer.run_for(6_000)
    later = [fetch for _, fetch in viewer.fetches[before:]]
    assert {fetch.mirror for fetch in later if fetch.kind == "playlist"} == {bad}
    assert bad not in {fetch.mirror for fetch in later if fetch.kind == "file"}


def test_a_young_segment_that_is_missing_is_no_fault() -> None:
    viewer = playing()
    viewer.turn((in_use(viewer),), Attack.MISSING_MEDIA)
    viewer.run_for(10_000)
    assert viewer.told("penalty") == []
    assert viewer.lost_ms() == 0


def test_an_old_file_that_is_missing_is_a_fault() -> None:
    viewer = playing(playing=())
    viewer.turn(("m1", "m2"), Attack.MISSING)
    digest = "0" * 64
    viewer.want_file(f"media/{digest}.m4s", digest, 1000, "v360")
    viewer.run_for(300)
    assert {note.mirror for note in viewer.told("penalty")} >= {"m1", "m2"}


def test_the_slow_ladder_survives_a_freeze() -> None:
    broadcaster = Broadcaster(make_event(video("v144s", 4, 120_000), audio("n-en", 4)))
    viewer = Viewer(three(broadcaster), broadcaster, now=BEGIN, playing=("v144s", "n-en"))
    viewer.start().run_for(20_000)
    viewer.turn((in_use(viewer),), Attack.FREEZE)
    viewer.run_for(40_000)
    assert viewer.lost_ms() == 0
    assert is_in_order(viewer)
    playlists = [fetch for _, fetch in viewer.fetches if fetch.kind == "playlist"]
    assert len(playlists) <= 1.8 * len(viewer.decoded)


def test_everything_dead_and_back_is_back_at_once_and_never_fails() -> None:
    viewer = playing()
    viewer.turn(("m1", "m2", "m3"), Attack.DEAD)
    viewer.run_for(20_000)
    assert viewer.view().status == "cut_off"
    viewer.turn(("m1", "m2", "m3"), Attack.NONE)
    back = viewer.now
    viewer.run_for(10_000)
    first = min(at for at in viewer.answered.values() if at > back)
    assert first - back <= 6_000
    assert viewer.view().status == "live"
    assert is_at_the_edge(viewer)


def test_a_captive_portal_makes_no_storm_and_calls_nobody_a_liar() -> None:
    viewer = playing()
    viewer.turn(("m1", "m2", "m3"), Attack.HTML)
    before = len(viewer.fetches)
    viewer.run_for(30_000)
    assert viewer.view().caught == ()
    assert (len(viewer.fetches) - before) / 30 < 8


@pytest.mark.parametrize("attack", [Attack.HANG, Attack.CORRUPT, Attack.FREEZE, Attack.DRIP])
def test_the_attack_wanders_from_mirror_to_mirror(attack: Attack) -> None:
    viewer = playing()
    for turn in range(6):
        for name in viewer.mirrors:
            viewer.turn((name,), attack if name == f"m{turn % 3 + 1}" else Attack.NONE)
        viewer.run_for(12_000)
    assert viewer.longest_stall() < 1_000
    assert is_in_order(viewer)
    assert is_at_the_edge(viewer)


def test_with_hints_alone_there_is_still_somewhere_to_hop() -> None:
    broadcaster = Broadcaster()
    mirrors = [MirrorSimulator(name, broadcaster) for name in ("m1", "m2", "m3")]
    trust = trust_of(broadcaster, mirrors, hints=("m1", "m2", "m3"))
    viewer = Viewer(mirrors, broadcaster, now=BEGIN, trust=trust)
    viewer.start().run_for(10_000)
    bad = in_use(viewer).removeprefix("https://").removesuffix(".example/")
    viewer.turn((bad,), Attack.HANG)
    viewer.run_for(10_000)
    assert viewer.lost_ms() == 0
