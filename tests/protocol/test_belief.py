"""What is believed, and what never is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.simulator.offers import EPOCH_MS, EVENT_ID, GRID, KEYS, Watcher, begin, digest, offer, verdict

from huma.protocol.belief import Belief, Verdict, believe
from huma.protocol.saved import SavedBelief, parse_saved

DAY_MS = 86_400_000
HOUR_TICKS = 3375


# -- order and floors ----------------------------------------------------------------------------------


def test_a_later_tick_is_believed_and_the_same_is_no_progress() -> None:
    watcher = Watcher()
    assert verdict(watcher, 100) is Verdict.ADVANCED
    assert verdict(watcher, 100, at_tick=101) is Verdict.UNCHANGED
    assert watcher.belief.held["v360"].advanced_mono == GRID.start_ms(101) - EPOCH_MS + 100
    assert verdict(watcher, 101) is Verdict.ADVANCED


def test_an_earlier_tick_is_behind_and_changes_nothing_believed() -> None:
    watcher = Watcher()
    verdict(watcher, 100)
    before = watcher.belief
    assert verdict(watcher, 99, at_tick=101) is Verdict.BEHIND
    assert (watcher.belief.floors, watcher.belief.held) == (before.floors, before.held)


def test_the_floor_reaches_across_renditions_by_ten_seconds() -> None:
    watcher = Watcher()
    verdict(watcher, 1000)
    assert watcher.belief.floor("v144", 1) == 990
    assert verdict(watcher, 989, "v144", at_tick=1000) is Verdict.BEHIND
    assert verdict(watcher, 990, "v144", at_tick=1000) is Verdict.ADVANCED


def test_the_floor_of_long_segments_is_lower_by_what_a_segment_holds() -> None:
    watcher = Watcher()
    verdict(watcher, 1000)
    assert watcher.belief.floor("v144s", 1) == 987
    assert verdict(watcher, 983, "v144s", at_tick=1000) is Verdict.BEHIND
    assert verdict(watcher, 987, "v144s", at_tick=1000) is Verdict.ADVANCED


def test_a_higher_rank_wins_whatever_its_tick_and_there_is_no_way_back() -> None:
    watcher = Watcher()
    verdict(watcher, 1000)
    assert verdict(watcher, 400, rank=2, at_tick=1000) is Verdict.ADVANCED
    assert watcher.belief.rank == 2
    assert "a-en" not in watcher.belief.held
    assert verdict(watcher, 1001, rank=1) is Verdict.BEHIND
    assert verdict(watcher, 401, rank=2, at_tick=1002) is Verdict.ADVANCED


def test_what_a_lower_rank_held_is_dropped_for_all_renditions() -> None:
    watcher = Watcher()
    verdict(watcher, 1000)
    verdict(watcher, 1000, "a-en")
    verdict(watcher, 1001, rank=2)
    assert set(watcher.belief.held) == {"v360"}


def test_a_rendition_that_the_event_does_not_have_is_unknown() -> None:
    assert verdict(Watcher(), 100, "v9000") is Verdict.UNKNOWN


def test_another_key_at_the_same_tick_is_an_overlap_and_no_proof() -> None:
    watcher = Watcher()
    verdict(watcher, 100)
    outcome = watcher.see(offer(100, keyid="f" * 16, branch="other"))
    assert (outcome.verdict, outcome.proof) == (Verdict.OVERLAP, None)
    assert watcher.belief.held["v360"].playlist.keyid == KEYS[1]


# -- plausible -----------------------------------------------------------------------------------------


def test_the_wall_clock_allows_a_minute() -> None:
    watcher = Watcher()
    verdict(watcher, 100)
    late = offer(157)
    wall = GRID.start_ms(157) - 60_000
    assert believe(watcher.belief, late, operator="one", wall=wall, mono=10**6)[1].verdict is Verdict.ADVANCED
    mono = watcher.belief.held["v360"].advanced_mono
    refused = believe(watcher.belief, late, operator="one", wall=wall - 1, mono=mono)[1]
    assert refused.verdict is Verdict.IMPLAUSIBLE


def test_with_a_wrong_clock_a_rise_as_long_as_time_went_by_is_plausible() -> None:
    watcher = Watcher(clock_off=-DAY_MS)
    verdict(watcher, 1000)
    assert verdict(watcher, 1300) is Verdict.ADVANCED
    assert verdict(watcher, 1325, at_tick=1310) is Verdict.ADVANCED
    assert verdict(watcher, 1327, at_tick=1311) is Verdict.IMPLAUSIBLE


def test_the_slack_of_a_rise_is_granted_once_and_not_at_every_step() -> None:
    watcher = Watcher(clock_off=-DAY_MS)
    verdict(watcher, 1000)
    assert verdict(watcher, 1016, at_tick=1001) is Verdict.ADVANCED
    assert verdict(watcher, 1031, at_tick=1002) is Verdict.IMPLAUSIBLE


def test_two_operators_make_a_far_tick_plausible_and_one_twice_does_not() -> None:
    watcher = Watcher(clock_off=-DAY_MS)
    verdict(watcher, 1000)
    assert verdict(watcher, 5000, operator="one", at_tick=1001) is Verdict.IMPLAUSIBLE
    assert verdict(watcher, 5001, operator="one", at_tick=1002) is Verdict.IMPLAUSIBLE
    assert verdict(watcher, 5002, operator="two", at_tick=1003) is Verdict.ADVANCED
    assert verdict(watcher, 5003, operator="one", at_tick=1004) is Verdict.ADVANCED


def test_two_operators_who_show_different_far_ticks_do_not_agree() -> None:
    watcher = Watcher(clock_off=-DAY_MS)
    verdict(watcher, 1000)
    verdict(watcher, 5000, operator="one", at_tick=1001)
    assert verdict(watcher, 9000, operator="two", at_tick=1002) is Verdict.IMPLAUSIBLE


def test_an_implausible_tick_is_kept_as_evidence_and_locks_nobody_out() -> None:
    watcher = Watcher()
    verdict(watcher, 1000)
    assert verdict(watcher, 90_000, at_tick=1001, operator="thief") is Verdict.IMPLAUSIBLE
    assert [seen.tick for seen in watcher.belief.sightings] == [90_000]
    assert verdict(watcher, 1002) is Verdict.ADVANCED


def test_evidence_is_bounded_and_one_operator_displaces_only_its_own() -> None:
    watcher = Watcher()
    verdict(watcher, 1000)
    verdict(watcher, 80_000, at_tick=1001, operator="first")
    for n in range(100):
        verdict(watcher, 90_000 + n * 100, at_tick=1001, operator="flood")
    assert [seen.operator for seen in watcher.belief.sightings] == ["first", "flood"]
    for n in range(100):
        verdict(watcher, 90_000 + n * 100, at_tick=1001, operator=f"flood {n}")
    assert len(watcher.belief.sightings) <= 16


def test_the_first_playlist_is_bound_by_the_floor_alone() -> None:
    assert verdict(Watcher(clock_off=-DAY_MS), 1000) is Verdict.ADVANCED
    restored = SavedBelief(EVENT_ID, {1: {"v360": 2000}}, ())
    watcher = Watcher(begin(restored), clock_off=-DAY_MS)
    assert verdict(watcher, 1999, at_tick=2000) is Verdict.BEHIND
    assert verdict(watcher, 2000 + HOUR_TICKS) is Verdict.ADVANCED


def test_so_is_the_first_after_cut_off() -> None:
    watcher = Watcher(clock_off=-DAY_MS)
    verdict(watcher, 1000)
    far = 1000 + HOUR_TICKS
    assert verdict(watcher, far, at_tick=1001) is Verdict.IMPLAUSIBLE
    watcher.belief = watcher.belief.unanchored()
    assert verdict(watcher, 999, at_tick=1001) is Verdict.BEHIND
    assert verdict(watcher, far, at_tick=1002) is Verdict.ADVANCED


@pytest.mark.parametrize("clock_off", [0, -DAY_MS])
def test_a_thief_cannot_lock_out_a_viewer_who_slept(clock_off: int) -> None:
    watcher = Watcher(clock_off=clock_off)
    verdict(watcher, 1000)
    woke = 1000 + HOUR_TICKS
    watcher.sleep(HOUR_TICKS - 1, until=woke)
    assert verdict(watcher, woke + 10 * HOUR_TICKS, at_tick=woke) is Verdict.IMPLAUSIBLE
    assert verdict(watcher, woke) is Verdict.ADVANCED


def test_no_sleep_is_granted_twice() -> None:
    watcher = Watcher(clock_off=-DAY_MS)
    verdict(watcher, 1000)
    watcher.sleep(HOUR_TICKS, until=1001 + HOUR_TICKS)
    once = watcher.belief
    assert once.woken(*watcher.clocks(1001 + HOUR_TICKS)) == once


# -- a stolen key --------------------------------------------------------------------------------------


def test_two_versions_of_one_tick_are_a_proof_and_we_stay_on_the_branch_in_play() -> None:
    watcher = Watcher()
    verdict(watcher, 100)
    outcome = watcher.see(offer(100, branch="thief", window=1, media_sequence=100), operator="two")
    assert outcome.verdict is Verdict.OTHER_BRANCH
    assert outcome.proof is not None
    assert (outcome.proof.kind, outcome.proof.number, outcome.proof.keyid) == ("tick", 100, KEYS[1])
    assert {outcome.proof.first, outcome.proof.second} == {digest(100), digest(100, branch="thief")}
    assert watcher.belief.two_versions
    assert verdict(watcher, 101) is Verdict.ADVANCED


def test_one_sequence_number_with_two_uris_is_a_proof_although_the_tick_is_new() -> None:
    watcher = Watcher()
    verdict(watcher, 100)
    outcome = watcher.see(offer(101, branch="thief", prev=None, prev_tick=None), operator="two")
    assert outcome.verdict is Verdict.OTHER_BRANCH
    assert outcome.proof is not None
    assert (outcome.proof.kind, outcome.proof.number) == ("sequence", 96)


def test_a_prev_that_is_not_what_we_hold_is_another_branch() -> None:
    watcher = Watcher()
    verdict(watcher, 100)
    outcome = watcher.see(offer(101, prev=digest(100, branch="thief")))
    assert outcome.verdict is Verdict.OTHER_BRANCH
    assert outcome.proof is not None
    assert outcome.proof.kind == "tick"


def test_a_lie_that_was_seen_but_never_believed_does_not_drive_out_the_truth() -> None:
    watcher = Watcher()
    verdict(watcher, 1000)
    assert verdict(watcher, 986, "v144", branch="thief", at_tick=1000) is Verdict.BEHIND
    outcome = watcher.see(offer(990, "v144"), at_tick=1000)
    assert outcome.verdict is Verdict.ADVANCED
    assert outcome.proof is not None
    assert (outcome.proof.kind, outcome.proof.rendition) == ("sequence", "v144")
    assert verdict(watcher, 991, "v144", branch="thief", at_tick=1001) is Verdict.OTHER_BRANCH


def test_a_proof_is_told_once_and_forgotten_with_a_higher_rank() -> None:
    watcher = Watcher()
    verdict(watcher, 100)
    lie = offer(100, branch="thief")
    assert watcher.see(lie).proof is not None
    assert watcher.see(lie).proof is None
    assert watcher.belief.two_versions
    verdict(watcher, 101, rank=2)
    assert not watcher.belief.two_versions


def test_two_keys_at_one_tick_prove_nothing() -> None:
    watcher = Watcher()
    verdict(watcher, 100)
    outcome = watcher.see(offer(100, rank=2))
    assert (outcome.verdict, outcome.proof) == (Verdict.ADVANCED, None)


# -- revocation ----------------------------------------------------------------------------------------


def test_a_revoked_key_is_worth_nothing_and_the_union_only_grows() -> None:
    watcher = Watcher()
    verdict(watcher, 100)
    watcher.belief = watcher.belief.revoke(frozenset({KEYS[1]}))
    assert watcher.belief.held == {}
    assert verdict(watcher, 101) is Verdict.REVOKED
    watcher.belief = watcher.belief.revoke(frozenset())
    assert verdict(watcher, 102) is Verdict.REVOKED
    assert verdict(watcher, 102, rank=2) is Verdict.ADVANCED


# -- voices --------------------------------------------------------------------------------------------


def test_two_operators_confirm_a_tick_that_advanced() -> None:
    watcher = Watcher()
    verdict(watcher, 100)
    verdict(watcher, 100, operator="two")
    assert watcher.belief.confirmed is None, "the first is no advance: it may be frozen everywhere"
    verdict(watcher, 101)
    verdict(watcher, 101, operator="one", at_tick=102)
    assert watcher.belief.confirmed is None, "one operator has one voice"
    verdict(watcher, 101, operator="two", at_tick=102)
    assert watcher.belief.confirmed is not None
    assert watcher.belief.confirmed.mono == GRID.start_ms(102) - EPOCH_MS + 100


def test_a_second_voice_counts_for_a_tick_just_passed() -> None:
    watcher = Watcher()
    for tick in (100, 101, 102):
        verdict(watcher, tick)
    assert verdict(watcher, 101, operator="two", at_tick=102) is Verdict.BEHIND
    assert watcher.belief.confirmed is not None


# -- laws ----------------------------------------------------------------------------------------------

offers = st.builds(
    lambda tick, rendition, rank, branch: offer(tick, rendition, rank=rank, branch=branch),
    st.integers(40, 120).map(lambda n: n * 4 + 3),
    st.sampled_from(["v360", "v144s", "a-en"]),
    st.integers(1, 3),
    st.sampled_from(["true", "thief"]),
)
shows = st.tuples(offers, st.sampled_from(["one", "two", "three"]), st.integers(0, 600))


def held_places(belief: Belief) -> dict[str, tuple[int, int]]:
    return {name: (held.playlist.rank, held.playlist.tick) for name, held in belief.held.items()}


@given(st.lists(shows, max_size=60), st.integers(-DAY_MS, DAY_MS), st.integers(0, 59))
def test_no_interleaving_goes_back(shown: list[tuple[object, str, int]], off: int, restart: int) -> None:
    belief, mono = begin(), 0
    highest: dict[str, tuple[int, int]] = {}
    for step, (offered, operator, later) in enumerate(shown):
        mono += later * 10
        if step == restart:
            belief = begin(parse_saved(belief.saved().as_dict()))
        floors = belief.floors
        wall = EPOCH_MS + mono + off
        belief, outcome = believe(belief, offered, operator=operator, wall=wall, mono=mono)  # type: ignore[arg-type]
        for name, place in held_places(belief).items():
            assert place >= highest.get(name, (0, 0))
            highest[name] = place
        assert belief.rank >= max(floors, default=0)
        if outcome.verdict is not Verdict.ADVANCED:
            assert belief.floors == floors, "a refused update changes nothing"


@given(st.lists(shows, max_size=40), shows)
def test_restored_it_never_accepts_less(
    shown: list[tuple[object, str, int]], last: tuple[object, str, int]
) -> None:
    belief, mono = begin(), 0
    for offered, operator, later in shown:
        mono += later * 10
        belief, _ = believe(belief, offered, operator=operator, wall=EPOCH_MS + mono, mono=mono)  # type: ignore[arg-type]
    offered, operator, _ = last
    behind = believe(belief, offered, operator=operator, wall=EPOCH_MS + mono, mono=mono)[1].verdict  # type: ignore[arg-type]
    again = begin(parse_saved(belief.saved().as_dict()))
    then = believe(again, offered, operator=operator, wall=EPOCH_MS + mono, mono=mono)[1].verdict  # type: ignore[arg-type]
    if behind in {Verdict.BEHIND, Verdict.REVOKED}:
        assert then is behind


@given(st.lists(shows, max_size=120))
def test_belief_stays_small(shown: list[tuple[object, str, int]]) -> None:
    belief, mono = begin(), 0
    for offered, operator, later in shown:
        mono += later * 10
        belief, _ = believe(belief, offered, operator=operator, wall=EPOCH_MS + mono, mono=mono)  # type: ignore[arg-type]
    assert all(len(trail.ticks) <= 64 and len(trail.uris) <= 76 for trail in belief.trails.values())
    assert len(belief.proofs) <= 16
    assert len(belief.sightings) <= 16
