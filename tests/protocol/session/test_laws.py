"""Laws of a session, with Hypothesis as the attacker."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.simulator.broadcaster import EPOCH_MS, Broadcaster
from tests.simulator.mirrors import LIES, Attack, MirrorSimulator
from tests.simulator.offers import offer
from tests.simulator.shell import trust_of
from tests.simulator.viewer import Viewer

from huma.protocol.saved import parse_saved
from huma.protocol.session import events
from huma.protocol.session.commands import Deliver, Fetch, Save, WakeAt
from huma.protocol.session.config import SessionConfig
from huma.protocol.session.session import WatchSession

BEGIN = EPOCH_MS + 1_000_137
DAY_MS = 86_400_000
ANSWERED_WITHIN_MS = 9_000
BURST, PER_SECOND = 30, 12.5
BROADCASTER = Broadcaster()
HONEST = "m1"

attacks = st.sampled_from([Attack.NONE, *LIES])
schedules = st.lists(
    st.tuples(st.integers(0, 24_000), st.sampled_from(["m2", "m3", "m4"]), attacks), max_size=8
)
slowly = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def watched(schedule: list[tuple[int, str, Attack]], seed: int, off: int, *, ms: int = 30_000) -> Viewer:
    """Four mirrors; all but the first do as the schedule says."""
    mirrors = [MirrorSimulator(name, BROADCASTER) for name in (HONEST, "m2", "m3", "m4")]
    viewer = Viewer(mirrors, BROADCASTER, now=BEGIN, seed=seed, clock_off=off)
    for at, name, attack in schedule:
        viewer.turn_at(BEGIN + at, name, attack)
    viewer.start().run_for(ms)
    return viewer


def is_bounded(moments: list[int]) -> bool:
    """The bucket's law: never more in any stretch than its size and what flows into it."""
    return all(
        later - earlier + 1 <= BURST + (moments[later] - moments[earlier]) * PER_SECOND / 1000 + 1
        for earlier in range(len(moments))
        for later in range(earlier, len(moments))
    )


@slowly
@given(schedules, st.integers(0, 2**32 - 1), st.sampled_from([0, DAY_MS, -DAY_MS]))
def test_no_interleaving_of_honest_and_lying_mirrors_goes_back(
    schedule: list[tuple[int, str, Attack]], seed: int, off: int
) -> None:
    viewer = watched(schedule, seed, off)
    for ticks in viewer.ticks.values():
        assert ticks == sorted(set(ticks))


@slowly
@given(schedules, st.integers(0, 2**32 - 1), st.sampled_from([0, DAY_MS, -DAY_MS]))
def test_every_want_is_answered_in_bounded_time_if_one_honest_mirror_is_reachable(
    schedule: list[tuple[int, str, Attack]], seed: int, off: int
) -> None:
    viewer = watched(schedule, seed, off)
    for want, at in viewer.wanted.items():
        assert viewer.answered.get(want, viewer.now) - at <= ANSWERED_WITHIN_MS


@slowly
@given(schedules, st.integers(0, 2**32 - 1))
def test_a_liar_never_makes_us_give_up_an_honest_mirror_for_good(
    schedule: list[tuple[int, str, Attack]], seed: int
) -> None:
    viewer = watched(schedule, seed, 0)
    viewer.turn(("m2", "m3", "m4"), Attack.DEAD)
    viewer.run_for(12_000)
    newest = BROADCASTER.event.grid.tick_at(viewer.now)
    assert all(newest - ticks[-1][1] <= 3 for ticks in viewer.ticks.values())
    assert viewer.view().mirror == HONEST
    assert all(caught.mirror != HONEST for caught in viewer.view().caught)


@slowly
@given(schedules, st.integers(0, 2**32 - 1), st.sampled_from(LIES))
def test_the_number_of_fetches_is_bounded_whatever_happens(
    schedule: list[tuple[int, str, Attack]], seed: int, all_of_them: Attack
) -> None:
    viewer = watched(schedule, seed, 0, ms=10_000)
    viewer.turn((HONEST, "m2", "m3", "m4"), all_of_them)
    viewer.run_for(20_000)
    assert is_bounded([at for at, _ in viewer.fetches])


@slowly
@given(schedules, st.integers(0, 2**32 - 1), st.integers(2_000, 20_000))
def test_killed_at_any_moment_it_accepts_no_less_than_it_delivered(
    schedule: list[tuple[int, str, Attack]], seed: int, killed: int
) -> None:
    before = watched(schedule, seed, 0, ms=killed)
    restored = parse_saved(before.saved[-1].state.as_dict())
    mirrors = [MirrorSimulator(name, BROADCASTER) for name in (HONEST, "m2")]
    mirrors[1].turn(Attack.REPLAY_OLD, before.now)
    after = Viewer(mirrors, BROADCASTER, now=before.now, seed=seed, config=SessionConfig(restored))
    after.start().run_for(5_000)
    for rendition, ticks in after.ticks.items():
        assert ticks[0] >= before.ticks.get(rendition, [(0, 0)])[-1]


# -- whatever the shell says -------------------------------------------------------------------------------

TRUST = trust_of(BROADCASTER, [MirrorSimulator(name, BROADCASTER) for name in ("m1", "m2", "m3")])
requests = st.integers(1, 30)
words = st.one_of(
    st.just(TRUST),
    st.just(events.Wake()),
    st.just(events.Suspended()),
    st.builds(events.RootSeen, st.sampled_from(["m1", "m2", "nobody"])),
    st.builds(
        events.WantPlaylist,
        st.integers(1, 6),
        st.sampled_from(["v360", "a-en", "nothing"]),
        st.sampled_from([None, -1, 10**9]),
    ),
    st.builds(
        events.WantFile,
        st.integers(7, 12),
        st.sampled_from(["media/a.m4s", "archive/v360/1-1.m3u8"]),
        st.just("a"),
        st.sampled_from([None, 0, 1, 30_000]),
        st.sampled_from(["v360", "nothing"]),
        st.sampled_from([None, "m2", "nobody"]),
    ),
    st.builds(events.Unwant, st.integers(1, 12)),
    st.builds(events.FirstByte, requests),
    st.builds(events.Progress, requests, st.integers(0, 10**9)),
    st.builds(events.FileVerified, requests),
    st.builds(
        events.Failed,
        requests,
        st.sampled_from(list(events.Failure)),
        st.sampled_from([None, 200, 404, 503]),
        st.integers(0, 10**6),
    ),
    st.builds(events.RevokedVerified, requests, st.sampled_from([(), ("0" * 16,)])),
    st.builds(events.TimestampSeen, requests, st.booleans()),
    st.builds(
        events.PlaylistVerified,
        requests,
        st.builds(
            lambda tick, rendition, rank, branch, ended: offer(
                tick, rendition, rank=rank, branch=branch, ended=ended
            ),
            st.integers(5, 200),
            st.sampled_from(["v360", "a-en"]),
            st.integers(1, 3),
            st.sampled_from(["true", "thief"]),
            st.booleans(),
        ),
    ),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6_000), words), max_size=80), st.integers(0, 2**32 - 1))
def test_whatever_the_shell_says_ends_in_commands(said: list[tuple[int, Any]], seed: int) -> None:
    session, mono = WatchSession(SessionConfig(), seed), 0
    open_wants: set[int] = set()
    moments: list[int] = []
    floors: dict[int, dict[str, int]] = {}
    for later, event in [(0, TRUST), *said]:
        mono += later
        if isinstance(event, events.WantPlaylist | events.WantFile):
            open_wants.add(event.want)
        for command in session.handle(event, BEGIN + mono, mono):
            if isinstance(command, Deliver):
                assert command.want in open_wants, "nothing is delivered that nobody wants"
                open_wants.discard(command.want)
            elif isinstance(command, Fetch):
                moments.append(mono)
            elif isinstance(command, WakeAt):
                assert command.mono > mono
            elif isinstance(command, Save):
                for rank, ticks in floors.items():
                    assert all(command.state.floors[rank][name] >= tick for name, tick in ticks.items())
                floors = {rank: dict(ticks) for rank, ticks in command.state.floors.items()}
        if isinstance(event, events.Unwant):
            open_wants.discard(event.want)
        session.view(BEGIN + mono, mono)
    assert is_bounded(moments)
