"""Who is asked, in which order, and who has to wait for how long."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.simulator.broadcaster import EPOCH_MS, Broadcaster
from tests.simulator.mirrors import Attack, MirrorSimulator
from tests.simulator.shell import trust_of
from tests.simulator.viewer import Viewer, attacked, three

from huma.protocol.session.chance import Mulberry32, fnv1a
from huma.protocol.session.config import SessionConfig
from huma.protocol.session.events import MirrorListing, RootSeen, Trust
from huma.protocol.session.mirrors import Board
from huma.protocol.session.ranking import is_onion, origin, pick_set, rank_mirrors

BEGIN = EPOCH_MS + 1_000_137
OPEN = SessionConfig(schemes=("https", "http"), onion=True)


def listing(name: str, operator: str = "", tier: str = "volunteer", cls: str = "server") -> MirrorListing:
    return MirrorListing(name, f"https://{name}.example/", operator or f"of {name}", cls, tier)


def trust(
    *mirrors: MirrorListing,
    hints: tuple[str, ...] = (),
    weights: dict[str, int] | None = None,
    withdrawn: tuple[str, ...] = (),
) -> Trust:
    return Trust("e", False, (16, 15), 0, (), mirrors, hints, weights or {}, withdrawn, ())


def names(given_trust: Trust, seed: int = 1, config: SessionConfig = OPEN) -> list[str]:
    return [each.id for each in rank_mirrors(given_trust, config, seed)]


# -- chance --------------------------------------------------------------------------------------------


def test_the_generator_is_the_known_one() -> None:
    chance = Mulberry32(1)
    assert [chance.next() for _ in range(3)] == [2693262067, 11749833, 2265367787]
    assert fnv1a("a") == 0xE40C292C


@given(st.integers(0, 2**32 - 1), st.integers(1, 10_000), st.integers(0, 50))
def test_jitter_stays_in_its_bounds(seed: int, ms: int, percent: int) -> None:
    given_ms = Mulberry32(seed).jitter(ms, percent)
    assert ms - ms * percent // 100 <= given_ms <= ms + ms * percent // 100


# -- ranking -------------------------------------------------------------------------------------------


def test_withdrawn_and_unlisted_mirrors_come_last() -> None:
    said = trust(
        *(listing(f"m{n}") for n in range(6)),
        hints=("https://hint.example/",),
        weights={"m0": 1, "m1": 100, "m2": 50},
        withdrawn=("m1",),
    )
    for seed in range(20):
        order = names(said, seed)
        assert set(order[:2]) == {"m0", "m2"}
        assert set(order[2:6]) == {"m3", "m4", "m5", "https://hint.example/"}
        assert order[6] == "m1"


def test_weights_share_out_the_viewers() -> None:
    said = trust(listing("a"), listing("b"), listing("c"), weights={"a": 60, "b": 30, "c": 10})
    first = Counter(names(said, seed * 7919)[0] for seed in range(3_000))
    assert first["a"] == pytest.approx(1_800, rel=0.1)
    assert first["b"] == pytest.approx(900, rel=0.15)
    assert first["c"] == pytest.approx(300, rel=0.25)


def test_a_changed_weight_moves_nobody_else() -> None:
    mirrors = tuple(listing(f"m{n}") for n in range(8))
    weights = {f"m{n}": 50 for n in range(8)}
    for seed in range(50):
        before = names(trust(*mirrors, weights=weights), seed)
        after = names(trust(*mirrors, weights={**weights, "m3": 1}), seed)
        assert [name for name in before if name != "m3"] == [name for name in after if name != "m3"]


def test_no_weights_means_all_equal() -> None:
    first = Counter(
        names(trust(*(listing(f"m{n}") for n in range(4))), seed * 104_729)[0] for seed in range(2_000)
    )
    assert all(400 < count < 600 for count in first.values())


def test_only_what_this_client_can_ask() -> None:
    said = trust(
        listing("https"),
        MirrorListing("http", "http://plain.example/", "p", "server", "trusted"),
        MirrorListing("onion", "http://x.onion/", "o", "onion", "trusted"),
        MirrorListing("volunteer", "https://v.example/", "v", "home", "volunteer"),
    )
    assert names(said, config=SessionConfig()) == sorted(
        names(said, config=SessionConfig()), key=names(said).index
    )
    assert set(names(said, config=SessionConfig())) == {"https", "volunteer"}
    assert set(names(said, config=SessionConfig(schemes=("https", "http")))) == {"https", "volunteer", "http"}
    assert set(names(said, config=SessionConfig(volunteers=False))) == set()
    assert set(names(said, config=OPEN)) == {"https", "http", "onion", "volunteer"}


def test_a_hint_that_stands_in_the_roster_is_the_roster_s() -> None:
    said = trust(listing("a"), hints=("https://a.example/", "https://b.example/", "https://b.example/"))
    assert sorted(names(said)) == ["a", "https://b.example/"]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://A.example:8443/x/", "https://a.example:8443"),
        ("http://[::1]:80/", "http://[::1]:80"),
        ("https://a.example", "https://a.example"),
    ],
)
def test_origin(url: str, expected: str) -> None:
    assert origin(url) == expected


def test_onion_by_class_or_by_name() -> None:
    assert is_onion("http://abc.onion:80/", "server")
    assert is_onion("https://a.example/", "onion")
    assert not is_onion("https://onion.example/", "server")


# -- the set -------------------------------------------------------------------------------------------


def chosen(said: Trust, seed: int = 1, benched: frozenset[str] = frozenset()) -> list[str]:
    return [each.id for each in pick_set(rank_mirrors(said, OPEN, seed), benched)]


def test_three_of_different_operators_and_one_trusted() -> None:
    said = trust(*(listing(f"v{n}", f"op{n % 5}") for n in range(20)), listing("t", "op0", "trusted"))
    for seed in range(50):
        ids = chosen(said, seed)
        operators = {next(each.operator for each in said.mirrors if each.id == name) for name in ids}
        assert len(ids) == len(operators) == 3
        assert "t" in ids


def test_fewer_where_there_are_fewer() -> None:
    assert len(chosen(trust(*(listing(f"m{n}", "one") for n in range(5))))) == 1
    assert len(chosen(trust(listing("a"), listing("b")))) == 2
    assert chosen(trust()) == []


def test_withdrawn_mirrors_are_in_no_set_unless_there_is_nothing_else() -> None:
    mirrors = (listing("a"), listing("b"))
    assert chosen(trust(*mirrors, withdrawn=("a",))) == ["b"]
    assert set(chosen(trust(*mirrors, withdrawn=("a", "b")))) == {"a"} or chosen(
        trust(*mirrors, withdrawn=("a", "b"))
    ) == ["b"]


def test_a_stranger_s_address_is_not_sprayed() -> None:
    broadcaster = Broadcaster()
    mirrors = [MirrorSimulator(f"m{n}", broadcaster) for n in range(40)]
    viewer = Viewer(mirrors, broadcaster, now=BEGIN).start()
    viewer.run_for(120_000)
    assert len({fetch.mirror for _, fetch in viewer.fetches}) == 3


def test_whoever_fails_again_and_again_is_replaced_in_the_set() -> None:
    broadcaster = Broadcaster()
    mirrors = [MirrorSimulator(f"m{n}", broadcaster) for n in range(8)]
    viewer = Viewer(mirrors, broadcaster, now=BEGIN).start()
    viewer.run_for(20_000)
    old = {fetch.mirror for _, fetch in viewer.fetches}
    viewer.turn(tuple(old), Attack.DEAD)
    viewer.run_for(120_000)
    recent = {fetch.mirror for at, fetch in viewer.fetches if at > viewer.now - 30_000}
    assert len(recent - old) >= 1
    assert viewer.longest_stall() < 1_500
    assert len({fetch.mirror for _, fetch in viewer.fetches}) <= 7


# -- penalties -----------------------------------------------------------------------------------------


def board(*mirrors: MirrorListing, proven: bool = True) -> Board:
    made = Board()
    made.renew(rank_mirrors(trust(*(mirrors or (listing("a"), listing("b")))), OPEN, 1), 0)
    for each in made.ranked:
        made.standing(each.id).proven = proven
    return made


def test_penalties_double_up_to_ten_minutes() -> None:
    made, now, given_ms = board(), 0, []
    for _ in range(12):
        given_ms.append(made.fault("a", "file", "network", now))
        now = made.standing("a").free_at
    assert given_ms == [1_000 * 2**n for n in range(10)] + [600_000, 600_000]


def test_faults_while_a_penalty_runs_count_once() -> None:
    made = board()
    assert made.fault("a", "file", "network", 0) == 1_000
    assert made.fault("a", "file", "network", 999) == 0
    assert made.fault("a", "file", "network", 1_000) == 2_000


def test_what_it_does_well_is_forgiven_in_its_kind_alone() -> None:
    made = board()
    made.fault("a", "file", "mismatch", 0)
    made.verified("a", "playlist", 1_000)
    assert made.fault("a", "file", "mismatch", 1_000) == 2_000
    made.verified("a", "file", 3_000)
    assert made.fault("a", "file", "mismatch", 3_000) == 1_000


def test_if_all_are_penalised_nobody_is() -> None:
    made = board()
    made.fault("a", "file", "network", 0)
    assert not made.clear_if_all(0)
    made.fault("b", "file", "network", 0)
    assert made.order("file", 0) == []
    assert made.clear_if_all(0)
    assert sorted(made.order("file", 0)) == ["a", "b"]


def test_who_never_proved_itself_gets_one_try_while_another_has() -> None:
    made = board(proven=False)
    made.standing("a").proven = True
    assert made.fault("b", "file", "network", 0) == 600_000
    assert made.fault("a", "file", "network", 0) == 1_000
    assert made.clear_if_all(0)
    assert made.order("file", 0) == ["a"]


def test_where_nobody_proved_itself_all_are_cleared() -> None:
    made = board(proven=False)
    for name in ("a", "b"):
        made.fault(name, "file", "network", 0)
    assert made.clear_if_all(0)
    assert len(made.order("file", 0)) == 2


@pytest.mark.parametrize("introduced", [True, False])
def test_a_flood_cannot_be_aimed_by_a_stolen_roster_key(introduced: bool) -> None:
    """Sixty listings of one victim, which knows nothing of the event: one try each, in their turn."""
    broadcaster = Broadcaster()
    honest = MirrorSimulator("honest", broadcaster)
    victims = [MirrorSimulator(f"victim{n}", broadcaster, attack=Attack.MISSING) for n in range(60)]
    said = trust_of(broadcaster, [honest, *victims])
    viewer = Viewer([honest, *victims], broadcaster, now=BEGIN, trust=said, introduces=False)
    if introduced:
        viewer.send(RootSeen("honest"))
    viewer.start().run_for(120_000)
    tries: dict[str, list[int]] = {}
    for at, fetch in viewer.fetches:
        tries.setdefault(fetch.mirror, []).append(at)
    assert viewer.ticks
    assert viewer.lost_ms() == 0
    assert viewer.first_picture_ms is not None
    assert viewer.first_picture_ms < (1_000 if introduced else 60_000)
    assert all(max(moments) - min(moments) < 100 for name, moments in tries.items() if name != "honest")


def test_one_victim_under_many_names_gets_one_try() -> None:
    urls = [f"https://victim.example/{n}/" for n in range(20)]
    victims = [MirrorListing(f"m{n}", url, f"op{n}", "server", "trusted") for n, url in enumerate(urls)]
    made = board(listing("a"), *victims, proven=False)
    made.standing("a").proven = True
    made.fault("m7", "playlist", "status", 0)
    assert made.order("playlist", 1) == ["a"]


def test_before_the_beginning_mirrors_that_are_known_are_not_blamed_for_what_is_not_there() -> None:
    broadcaster = Broadcaster(first_tick=950)
    viewer = Viewer(three(broadcaster), broadcaster, now=BEGIN).start()
    viewer.run_for(10_000)
    assert viewer.told("penalty") == []


def test_a_mirror_that_shows_its_root_after_its_first_try_is_forgiven() -> None:
    made = board(proven=False)
    made.fault("a", "playlist", "status", 0)
    assert made.order("playlist", 1) == ["b"]
    made.introduced("a", 1)
    assert sorted(made.order("playlist", 1)) == ["a", "b"]
    made.fault("a", "playlist", "status", 1)
    made.introduced("a", 1)
    assert made.order("playlist", 1) == ["b"], "it is forgiven once"


def test_a_favourite_that_a_renewal_withdraws_is_let_go() -> None:
    broadcaster = Broadcaster()
    mirrors = [MirrorSimulator(f"m{n}", broadcaster) for n in range(5)]
    viewer = Viewer(mirrors, broadcaster, now=BEGIN).start()
    viewer.run_for(5_000)
    before = viewer.view().mirror or ""
    viewer.send(trust_of(broadcaster, mirrors, withdrawn=(before,)))
    at = viewer.now
    viewer.run_for(5_000)
    assert viewer.view().mirror not in {before, None}
    assert all(fetch.mirror != before for when, fetch in viewer.fetches if when > at)
    assert viewer.lost_ms() == 0


def test_a_stolen_steering_key_cannot_take_the_audience_away() -> None:
    """It withdraws all but its own mirror, which is frozen: the others are still a last resort."""
    broadcaster = Broadcaster()
    mirrors = three(broadcaster)
    viewer = Viewer(mirrors, broadcaster, now=BEGIN).start()
    viewer.run_for(5_000)
    viewer.turn(("m1",), Attack.FREEZE)
    viewer.send(trust_of(broadcaster, mirrors, weights={"m1": 100}, withdrawn=("m2", "m3")))
    viewer.run_for(20_000)
    assert viewer.lost_ms() < 1_500
    assert viewer.view().mirror in {"m2", "m3"}


def test_volunteers_can_be_turned_off() -> None:
    broadcaster = Broadcaster()
    mirrors = three(broadcaster)
    said = trust_of(broadcaster, mirrors, tiers={"m1": "volunteer", "m2": "volunteer"})
    viewer = Viewer(
        mirrors, broadcaster, now=BEGIN, trust=said, config=SessionConfig(volunteers=False)
    ).start()
    viewer.run_for(10_000)
    assert {fetch.mirror for _, fetch in viewer.fetches} == {"m3"}


def test_the_set_holds_while_the_seed_does() -> None:
    broadcaster = Broadcaster()

    def asked(seed: int) -> set[str]:
        mirrors = [MirrorSimulator(f"m{n}", broadcaster) for n in range(12)]
        viewer = Viewer(mirrors, broadcaster, now=BEGIN, seed=seed).start()
        viewer.run_for(30_000)
        return {fetch.mirror for _, fetch in viewer.fetches}

    assert asked(5) == asked(5)
    assert len(set().union(*(asked(seed) for seed in range(12)))) > 6


def test_at_the_start_three_are_asked_and_the_freshest_is_kept() -> None:
    broadcaster = Broadcaster()
    mirrors = attacked(broadcaster, Attack.STALE, ("m1", "m2"), BEGIN)
    viewer = Viewer(mirrors, broadcaster, now=BEGIN, clock_off=-86_400_000).start()
    first = {fetch.mirror for at, fetch in viewer.fetches if fetch.kind == "playlist" and at == BEGIN}
    assert len(first) == 3
    viewer.run_for(600)
    newest = broadcaster.event.grid.tick_at(viewer.now)
    assert all(newest - ticks[0][1] <= 3 for ticks in viewer.ticks.values()), (
        "the stale answers were outvoted"
    )
