from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from huma.broadcast.chain import taken_over
from huma.broadcast.log import Logged
from huma.broadcast.publiclook import PublicReader
from huma.broadcast.signer import LiveSigner, entry_of
from huma.broadcast.standing import HigherRankError, LogBehindError, Shown, Standing, judge_standing
from huma.broadcast.watch import PublicWatch
from huma.config import CHAPTER_TICKS
from huma.errors import HumaError, KeyStoreError
from huma.store.memory import MemoryStore
from tests.broadcast.fickle import FickleStore, names_only_what_it_has
from tests.broadcast.studio import EPOCH_MS, EVENT_ID, KEYS, Studio, chain, event, segment, verified

EVENT = event()
KEYID = KEYS[1].public.keyid
KIND = {"content_type": "", "cache_control": ""}


def signed(rank: int, last: int, version: str = "", now_ms: int = EPOCH_MS) -> Logged:
    signer = LiveSigner(EVENT, EVENT_ID, KEYS[rank])
    step = signer.extend(
        chain("v"), [(n, entry_of(segment("v", n, version=version))) for n in range(last + 1)], now_ms=now_ms
    )
    return Logged(step.chain, step.playlist)


def shown(logged: Logged) -> Shown:
    return Shown("a store", verified(logged.playlist, "v", EVENT))


def judge(
    rank: int = 1, logged: Logged | None = None, used: bool | None = None, *public: Logged, **more: Any
) -> Standing:
    return judge_standing(
        keyid=KEYS[rank].public.keyid,
        rank=rank,
        logged={"v": logged} if logged else {},
        used_before=logged is not None if used is None else used,
        shown=[shown(each) for each in public],
        **more,
    )


def test_a_fresh_key_may_sign() -> None:
    standing = judge()
    assert not standing.resumes
    assert standing.base == {}


def test_a_key_with_its_log_goes_on_also_where_a_store_is_behind() -> None:
    for last in (9, 5):
        assert judge(1, signed(1, 9), None, signed(1, last)).resumes


@pytest.mark.parametrize("log", [None, 4])
def test_a_log_that_is_lost_or_behind_what_is_public_may_not_sign(log: int | None) -> None:
    with pytest.raises(LogBehindError) as caught:
        judge(1, None if log is None else signed(1, log), False, signed(1, 9))
    assert caught.value.code == "log-behind"
    assert "--rank" in caught.value.hint


def test_a_key_used_before_without_its_log_may_not_sign_even_if_no_store_answers() -> None:
    with pytest.raises(LogBehindError):
        judge(1, None, True)


def test_a_key_that_came_back_from_a_backup_may_not_sign_whatever_its_log_says() -> None:
    for logged in (None, signed(1, 9)):
        with pytest.raises(LogBehindError) as caught:
            judge(1, logged, None, *([logged] if logged else []), spent=True)
        assert caught.value.code == "key-spent"
        assert "--rank" in caught.value.hint


def test_a_standby_on_the_air_is_told_before_a_spent_key() -> None:
    with pytest.raises(HigherRankError):
        judge(1, signed(1, 9), None, signed(2, 12), spent=True)


def test_other_bytes_at_the_last_tick_may_not_be_continued() -> None:
    with pytest.raises(LogBehindError):
        judge(1, signed(1, 9), None, signed(1, 9, version="other"))
    with pytest.raises(LogBehindError):
        judge(1, signed(1, 9), None, signed(1, 9, now_ms=EPOCH_MS + 1))


def test_a_higher_rank_anywhere_ends_it() -> None:
    with pytest.raises(HigherRankError) as caught:
        judge(1, signed(1, 9), None, signed(1, 9), signed(2, 3))
    assert caught.value.exit_code == 4


def test_a_lower_rank_is_taken_over_at_its_highest_tick() -> None:
    standing = judge(3, None, None, signed(1, 50), signed(2, 7), signed(2, 9), signed(2, 8))
    assert (standing.base["v"].rank, standing.base["v"].tick) == (2, 9)


def test_a_revoked_key_may_not_sign() -> None:
    with pytest.raises(KeyStoreError) as caught:
        judge(1, None, None, revoked=frozenset({KEYID}))
    assert caught.value.code == "revoked"


def test_the_end_of_the_log_is_told() -> None:
    signer = LiveSigner(EVENT, EVENT_ID, KEYS[1])
    step = signer.extend(chain("v"), [(0, entry_of(segment("v", 0)))], now_ms=EPOCH_MS, ended=True)
    assert judge(1, Logged(step.chain, step.playlist)).takes_back_end


# -- what stores show --------------------------------------------------------------------------------------


def test_all_stores_are_read_and_only_what_verifies_counts() -> None:
    good, liar, dead = MemoryStore("good"), MemoryStore("liar"), FickleStore("dead", "dead")
    good.put("live/v.m3u8", signed(1, 9).playlist, **KIND)
    good.put("live/revoked.json", b'{"revoked":[]}', **KIND)
    liar.put("live/v.m3u8", signed(3, 9).playlist.replace(b"TICK=9", b"TICK=8"), **KIND)
    liar.put("live/a.m3u8", b"<html>", **KIND)
    look = PublicReader(EVENT, EVENT_ID).look([good, liar, dead])
    assert [(each.store, each.playlist.tick) for each in look.shown] == [("good", 9)]
    assert [(name, error.code) for name, error in look.unreadable] == [("dead", "store-unreachable")]
    assert look.revoked_files == (b'{"revoked":[]}',)
    assert PublicReader(EVENT, EVENT_ID).look([]).shown == ()


def test_the_last_chapter_is_found_by_its_digest_wherever_it_stands(tmp_path: Path) -> None:
    store, forged = MemoryStore(), MemoryStore()
    studio = Studio(tmp_path, [store], event=event(renditions=(("v", 1),)))
    studio.ticks(0, CHAPTER_TICKS + 1, size=40)
    studio.settle()
    forged.put("archive/v/1-0.m3u8", b"forged", **KIND)
    reader = PublicReader(studio.event, EVENT_ID)
    ref = reader.last_chapter([FickleStore("dead", "dead"), forged, store], studio.shown("v"))
    assert ref == studio.publisher.chains["v"].chapter
    assert reader.last_chapter([forged], studio.shown("v")) is None
    base = taken_over(studio.shown("v"), 1, ref)
    assert base.next_n == CHAPTER_TICKS + 2
    studio.end()


@pytest.fixture
def on_air(tmp_path: Path) -> Iterator[tuple[Studio, FickleStore, PublicWatch, list[HumaError]]]:
    store = FickleStore("s")
    studio = Studio(tmp_path, [store])
    studio.ticks(0, 39)
    studio.settle()
    faults: list[HumaError] = []
    watch = PublicWatch(
        PublicReader(EVENT, EVENT_ID),
        studio.delivery,
        studio.signer,
        lambda: studio.publisher.chains,
        revoked=lambda data: frozenset({KEYID}) if b"us" in data else frozenset(),
        on_fault=faults.append,
        every_s=0.01,
    )
    yield studio, store, watch, faults
    watch.stop()
    studio.end()


OnAir = tuple[Studio, FickleStore, PublicWatch, list[HumaError]]


def wait_for(faults: list[HumaError]) -> HumaError:
    import time

    until = time.monotonic() + 5
    while not faults:
        assert time.monotonic() < until
        time.sleep(0.01)
    return faults[0]


def test_a_higher_rank_seen_on_the_air_ends_it_at_once(on_air: OnAir) -> None:
    _, store, watch, faults = on_air
    watch.start()
    store.put("live/v.m3u8", signed(2, 3).playlist, **KIND)
    fault = wait_for(faults)
    assert fault.code == "higher-rank"
    assert fault.exit_code == 4


def test_our_key_in_other_hands_ends_it(on_air: OnAir) -> None:
    _, store, watch, faults = on_air
    watch.start()
    store.put("live/v.m3u8", signed(1, 60).playlist, **KIND)
    assert wait_for(faults).code == "key-used-elsewhere"


def test_our_key_revoked_ends_it(on_air: OnAir) -> None:
    _, store, watch, faults = on_air
    store.put("live/revoked.json", b"us", **KIND)
    watch.start()
    assert wait_for(faults).code == "revoked"


def test_a_store_that_lost_everything_or_was_set_back_is_filled_again(on_air: OnAir) -> None:
    studio, store, watch, faults = on_air
    worker = studio.delivery.workers[0]
    store.wipe()
    watch.look(worker, "v")
    studio.settle()
    assert studio.shown("v").tick == 39
    assert all(names_only_what_it_has(store, name) for name in "van")
    store.put("live/v.m3u8", signed(1, 5).playlist, **KIND)
    watch.look(worker, "v")
    studio.settle()
    assert studio.shown("v").tick == 39
    assert faults == []


def test_a_store_that_cannot_be_read_ends_nothing(on_air: OnAir) -> None:
    import time

    studio, store, watch, faults = on_air
    store.mood = "dead"
    watch.start()
    time.sleep(0.1)
    assert faults == []
    assert studio.publisher.state.code == ""
