from __future__ import annotations

import shutil
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from huma.broadcast.chain import Chain
from huma.broadcast.log import LiveLog, Logged
from huma.broadcast.opening import checkpoint_of, open_at, open_chains, target_durations
from huma.broadcast.signer import LiveSigner, entry_of
from huma.config import GAP_FILL_SEGMENTS
from huma.errors import KeyStoreError
from huma.protocol.chapter import ChapterRef
from huma.protocol.checkpoint import verify_checkpoint
from tests.broadcast.studio import EPOCH_MS, EVENT_ID, KEYS, event, segment, verified

if TYPE_CHECKING:
    from pathlib import Path

    from huma.protocol.playlist import LivePlaylist

EVENT = event()
GRID = EVENT.grid
COPIED = event(copy=True, renditions=(("v", 1), ("a", 1)))


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


def test_a_copy_begins_at_the_clock_and_never_before_what_was_signed() -> None:
    def first(now: int, **next_n: int | None) -> int:
        chains = {name: Chain(name, 1, 3, next_n=n) for name, n in next_n.items()}
        opening = open_at(COPIED, chains, COPIED.grid.start_ms(now) + 10)
        assert opening.first_tick == opening.new_tick
        return opening.first_tick

    assert first(10_000, v=None, a=None) == 10_001
    assert first(10_000, v=17, a=18) == 10_001
    assert first(17, v=17, a=18) == 18
    assert first(15, v=17, a=18) == 18
    assert first(-5, v=None, a=None) == 0
    with pytest.raises(KeyStoreError) as caught:
        first(10, v=100, a=100)
    assert caught.value.code == "clock-behind"


def test_a_log_restored_from_a_backup_signs_no_tick_of_a_copy_twice(tmp_path: Path) -> None:
    """The key signs ticks 100 to 109; a restart knows the log as it was after 104."""
    out: list[LivePlaylist] = []

    def sign(folder: Path, now_tick: int, count: int) -> None:
        now_ms = COPIED.grid.start_ms(now_tick) + 10
        signer, log = LiveSigner(COPIED, EVENT_ID, KEYS[1]), LiveLog(folder, EVENT_ID)
        logged = log.logged(signer.keyid)
        chains = open_chains(COPIED, logged, {}, {}, target_durations(COPIED))
        chain, n = chains["v"], open_at(COPIED, chains, now_ms).first_tick
        for each in range(n, n + count):
            now_ms += 2_000
            made = entry_of(segment("v", each, version=str(now_tick), duration=Fraction(2)))
            step = signer.extend(chain, [(each, made)], now_ms=now_ms)
            log.commit(signer.keyid, [step])
            chain = step.chain
            out.append(verified(step.playlist, "v", COPIED))
        log.close()

    folder = tmp_path / "state"
    sign(folder, 99, 5)
    shutil.copytree(folder, tmp_path / "backup")
    sign(folder, 110, 5)
    before = len(out)
    sign(tmp_path / "backup", 130, 5)
    ticks = [each.tick for each in out]
    assert ticks == sorted(set(ticks)), "one version of each"
    again = out[before]
    assert (again.tick, again.media_sequence, len(again.entries)) == (131, 131, 1), "a new window"
    assert again.entries[0].discontinuity
    assert again.prev == out[4].signed_digest
    assert again.discontinuity_sequence > out[4].discontinuity_sequence


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
