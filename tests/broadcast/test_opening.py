from __future__ import annotations

import pytest

from huma.broadcast.chain import Chain
from huma.broadcast.log import Logged
from huma.broadcast.opening import checkpoint_of, open_at, open_chains, target_durations
from huma.config import GAP_FILL_SEGMENTS
from huma.errors import KeyStoreError
from huma.protocol.chapter import ChapterRef
from huma.protocol.checkpoint import verify_checkpoint
from tests.broadcast.studio import EPOCH_MS, EVENT_ID, KEYS, event

EVENT = event()
GRID = EVENT.grid


def begun(**next_n: int) -> dict[str, Chain]:
    chains = open_chains(EVENT, {}, {}, {}, target_durations(EVENT))
    return {
        name: Chain(name, each.ticks_per_segment, 2, next_n=next_n.get(name)) for name, each in chains.items()
    }


def at(tick: int) -> int:
    return GRID.start_ms(tick) + 10


@pytest.mark.parametrize(("now", "first"), [(0, 4), (2, 4), (3, 4), (4, 8), (99, 100), (100, 104)])
def test_a_fresh_broadcast_begins_where_every_rendition_begins_a_segment(now: int, first: int) -> None:
    opening = open_at(EVENT, begun(), at(now))
    assert (opening.first_tick, opening.new_tick) == (first, first)


def test_a_short_gap_is_filled_from_where_the_last_of_all_stopped() -> None:
    chains = begun(v=102, a=101, n=25)
    opening = open_at(EVENT, chains, at(102 + GAP_FILL_SEGMENTS - 1))
    assert (opening.first_tick, opening.new_tick) == (100, 102)


def test_a_long_gap_is_not_filled() -> None:
    opening = open_at(EVENT, begun(v=102, a=101, n=25), at(102 + GAP_FILL_SEGMENTS))
    assert opening.first_tick == opening.new_tick == 116


def test_a_clock_a_little_behind_waits_and_one_far_behind_is_refused() -> None:
    chains = begun(v=100, a=100, n=25)
    assert open_at(EVENT, chains, at(90)).new_tick == 100
    with pytest.raises(KeyStoreError) as caught:
        open_at(EVENT, chains, at(20))
    assert caught.value.code == "clock-behind"


def test_a_copy_counts_on() -> None:
    copied = event(copy=True, renditions=(("v", 1), ("a", 1)))
    chains = {"v": Chain("v", 1, 3, next_n=17), "a": Chain("a", 1, 3, next_n=18)}
    assert open_at(copied, chains, at(10_000)).first_tick == 18
    assert open_at(copied, {"v": Chain("v", 1, 3), "a": Chain("a", 1, 3)}, at(10_000)).first_tick == 0


def test_target_durations() -> None:
    assert target_durations(EVENT) == {"v": 2, "a": 2, "n": 5}
    copied = event(copy=True, renditions=(("v", 1),))
    assert [target_durations(copied, each)["v"] for each in (0, 1.9, 2.0, 2.002, 6.4)] == [2, 2, 2, 3, 7]


def test_a_chain_goes_on_from_the_log_behind_a_discontinuity() -> None:
    logged = {"v": Logged(Chain("v", 1, 2, next_n=5), b"")}
    chains = open_chains(EVENT, logged, {}, {}, target_durations(EVENT))
    assert chains["v"].broken
    assert chains["v"].next_n == 5
    assert not chains["a"].broken


def test_a_checkpoint_names_what_was_found() -> None:
    refs = {"v": ChapterRef(1, 3, "ab" * 32), "a": ChapterRef(1, 2, "cd" * 32)}
    found = verify_checkpoint(
        checkpoint_of(EVENT_ID, KEYS[2], 2, refs, EPOCH_MS), event=EVENT, event_id=EVENT_ID
    )
    assert found.rank == 2
    assert dict(found.chapters) == refs
