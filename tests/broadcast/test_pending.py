from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from huma.broadcast.pending import Pending
from huma.config import GAP_FILL_SEGMENTS, RENDITION_SKEW_TICKS
from tests.broadcast.studio import TICK, segment

TICKS = {"v": 1, "a": 1, "n": 4}
MOST = RENDITION_SKEW_TICKS + 3


def taken(pending: Pending) -> dict[str, tuple[list[int], bool]]:
    return {name: ([s.n for s in each.segments], each.ended) for name, each in pending.take().items()}


def test_segments_go_out_as_they_come() -> None:
    pending = Pending(TICKS, first_tick=0, tick=TICK)
    pending.add(segment("v", 0))
    assert taken(pending) == {"v": ([0], False)}
    pending.add(segment("a", 0))
    pending.add(segment("v", 1))
    assert taken(pending) == {"v": ([1], False), "a": ([0], False)}
    assert taken(pending) == {}


def test_none_runs_further_ahead_of_the_slowest_than_viewers_bear() -> None:
    pending = Pending(TICKS, first_tick=100, tick=TICK)
    for n in range(100, 120):
        pending.add(segment("v", n))
        pending.add(segment("a", n))
    assert taken(pending)["v"][0] == list(range(100, 100 + MOST))
    assert pending.slowest == "n"
    pending.add(segment("n", 25, ticks=4))
    assert taken(pending) == {
        "v": ([106, 107, 108, 109], False),
        "a": ([106, 107, 108, 109], False),
        "n": ([25], False),
    }


def test_a_copy_waits_for_nobody() -> None:
    pending = Pending({"v": 1, "a": 1}, first_tick=0, tick=None)
    for n in range(50):
        pending.add(segment("v", n))
    assert taken(pending)["v"][0] == list(range(50))


def test_the_end_known_beforehand_is_on_the_last_of_each() -> None:
    pending = Pending(TICKS, first_tick=0, tick=TICK)
    pending.end_before(6)
    for n in range(6):
        pending.add(segment("v", n))
        pending.add(segment("a", n))
    pending.add(segment("n", 0, ticks=4))
    first = taken(pending)
    assert first == {"v": ([0, 1, 2, 3, 4, 5], True), "a": ([0, 1, 2, 3, 4, 5], True), "n": ([0], False)}
    pending.add(segment("n", 1, ticks=2))
    assert taken(pending) == {"n": ([1], True)}


def test_a_segment_shorter_than_all_others_may_be_is_the_last() -> None:
    pending = Pending(TICKS, first_tick=0, tick=TICK)
    pending.add(segment("v", 0))
    pending.add(segment("v", 1, duration=TICK / 2))
    pending.add(segment("n", 0, ticks=2))
    assert taken(pending) == {"v": ([0, 1], True), "n": ([0], True)}
    copied = Pending({"v": 1}, first_tick=0, tick=None)
    copied.add(segment("v", 0, duration=TICK / 2))
    assert taken(copied) == {"v": ([0], False)}


def test_the_newest_is_held_back_until_it_is_known_to_be_the_last() -> None:
    pending = Pending({"v": 1, "a": 1}, first_tick=0, tick=TICK)
    pending.hold_last()
    for n in range(3):
        pending.add(segment("v", n))
    pending.add(segment("a", 0))
    assert taken(pending) == {"v": ([0, 1], False)}
    pending.add(segment("a", 1))
    assert taken(pending) == {"a": ([0], False)}
    pending.close()
    assert taken(pending) == {"v": ([2], True), "a": ([1], True)}


def test_what_could_not_be_published_is_kept_as_long_as_it_fills_a_gap() -> None:
    pending = Pending({"v": 1}, first_tick=0, tick=TICK)
    for n in range(GAP_FILL_SEGMENTS + 3):
        pending.add(segment("v", n))
        pending.put_back(pending.take())
    assert pending.dropped == 3
    assert taken(pending)["v"][0] == list(range(3, GAP_FILL_SEGMENTS + 3))


@given(st.lists(st.sampled_from("van"), max_size=80))
def test_published_renditions_stay_together_and_nothing_is_lost(order: list[str]) -> None:
    pending = Pending(TICKS, first_tick=0, tick=TICK)
    made, out = dict.fromkeys(TICKS, 0), dict.fromkeys(TICKS, -1)
    for name in order:
        pending.add(segment(name, made[name], ticks=TICKS[name], size=1))
        made[name] += 1
        for each, (ns, _) in taken(pending).items():
            assert ns == list(range((out[each] + 1) // TICKS[each], ns[-1] + 1))
            out[each] = (ns[-1] + 1) * TICKS[each] - 1
        assert max(out.values()) - min(out.values()) <= MOST
    pending.close()
    for each, (ns, _) in taken(pending).items():
        out[each] = (ns[-1] + 1) * TICKS[each] - 1
    assert out == {name: made[name] * TICKS[name] - 1 for name in TICKS}
