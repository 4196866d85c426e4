from __future__ import annotations

import sqlite3
import time
from fractions import Fraction
from pathlib import Path

import pytest

from huma.broadcast import publisher as publisher_module
from huma.broadcast.storeworker import StoreState
from huma.config import CHAPTER_MAX_BYTES, CHAPTER_TICKS, GAP_FILL_SEGMENTS, LIVE_MAX_BYTES
from huma.errors import BugError, HumaError, KeyStoreError, MediaError, StoreError
from huma.protocol.chapter import verify_chapter
from huma.store.folder import FolderStore
from huma.store.memory import MemoryStore
from huma.store.port import Store
from tests.broadcast.fickle import FickleStore, names_only_what_it_has
from tests.broadcast.studio import EVENT_ID, TICK, Studio, event, segment

ALL = ("v", "a", "n")


def until(what: object, within: float = 20.0) -> None:
    assert callable(what)
    end = time.monotonic() + within
    while not what():
        assert time.monotonic() < end, "it did not come in time"
        time.sleep(0.005)


def test_every_store_gets_the_same_signed_bytes_and_all_media(tmp_path: Path) -> None:
    stores: list[Store] = [MemoryStore("one"), FolderStore(tmp_path / "two")]
    studio = Studio(tmp_path / "state", stores)
    studio.ticks(0, 19)
    studio.settle()
    for name in ALL:
        path = f"live/{name}.m3u8"
        assert stores[0].get(path, LIVE_MAX_BYTES) == stores[1].get(path, LIVE_MAX_BYTES)
        shown = studio.shown(name)
        assert shown.tick == 19
        for store in stores:
            for entry in shown.entries:
                assert store.has(entry.ref.path, entry.size)
                assert store.has(entry.init.path, entry.init_size)
    studio.end()


def end_of(store: MemoryStore, studio: Studio) -> list[int]:
    """How many segments the chapter of each rendition has, all of them ended."""
    assert studio.publisher.unended == []
    counts = []
    for name in ALL:
        assert studio.shown(name).ended
        data = store.get(f"archive/{name}/1-0.m3u8", CHAPTER_MAX_BYTES)
        assert data is not None
        found = verify_chapter(data, event=studio.event, event_id=EVENT_ID, rendition=name)
        assert found.ended
        counts.append(len(found.entries))
    return counts


def test_an_end_agreed_on_is_signed_with_the_last_segments(tmp_path: Path) -> None:
    store = MemoryStore()
    studio = Studio(tmp_path, [store])
    studio.publisher.end_before(10)
    studio.ticks(0, 9)
    studio.publisher.accept(segment("n", 2, ticks=2))
    studio.end()
    assert end_of(store, studio) == [10, 10, 3]


def test_an_end_inside_a_tick_is_signed_with_the_short_segments(tmp_path: Path) -> None:
    store = MemoryStore()
    studio = Studio(tmp_path, [store])
    studio.ticks(0, 5)
    for name in ("v", "a"):
        studio.publisher.accept(segment(name, 6, duration=TICK / 3))
    studio.publisher.accept(segment("n", 1, ticks=3, duration=TICK * 7 / 3))
    studio.end()
    assert end_of(store, studio) == [7, 7, 2]
    assert not any(entry.discontinuity for entry in studio.shown("v").entries)


def test_an_end_where_a_segment_ends_shows_the_last_once_more(tmp_path: Path) -> None:
    store = MemoryStore()
    studio = Studio(tmp_path, [store])
    studio.ticks(0, 7)
    studio.end()
    assert end_of(store, studio) == [9, 9, 3]
    last, again = studio.shown("v").entries[-2:]
    assert last.ref == again.ref
    assert again.discontinuity
    assert studio.shown("v").start_times[-1] == studio.shown("v").start_times[-2] + int(TICK * 1000)


def test_a_copy_ends_with_what_was_held_back(tmp_path: Path) -> None:
    store = MemoryStore()
    studio = Studio(tmp_path, [store], event=event(copy=True, renditions=(("v", 1), ("a", 1), ("n", 1))))
    studio.ticks(0, 3)
    studio.settle()
    studio.publisher.hold_last()
    studio.ticks(4, 4)
    until(lambda: studio.delivery.flush(5))
    assert studio.shown("v").tick == 3
    studio.end()
    assert end_of(store, studio) == [5, 5, 5]


def test_how_much_programme_was_signed_is_what_its_segments_last(tmp_path: Path) -> None:
    studio = Studio(
        tmp_path, [MemoryStore()], event=event(copy=True, renditions=(("v", 1), ("a", 1), ("n", 1)))
    )
    for n, duration in enumerate((Fraction(6), Fraction(11, 2), Fraction(2))):
        for name in ALL:
            studio.publisher.accept(segment(name, n, duration=duration))
    until(lambda: studio.publisher.state.tick == 2)
    assert studio.publisher.state.programme_s == 13.5
    studio.end()


def test_going_on_after_an_end_takes_it_back(tmp_path: Path) -> None:
    store = MemoryStore()
    studio = Studio(tmp_path, [store])
    studio.ticks(0, 7)
    studio.restart(ended=True)
    assert studio.shown("v").ended
    studio.ticks(12, 15)
    studio.settle()
    shown = studio.shown("v")
    assert not shown.ended
    assert shown.tick == 15
    studio.end()


@pytest.mark.parametrize("mood", ["dead", "full", "hung"])
def test_a_store_that_fails_delays_no_other_and_is_filled_in_when_it_returns(
    tmp_path: Path, mood: str
) -> None:
    good, bad = MemoryStore("good"), FickleStore("bad", mood)
    studio = Studio(tmp_path, [good, bad])
    for tick in range(30):
        studio.ticks(tick, tick)
        begun = time.monotonic()
        until(lambda tick=tick: good.get("live/v.m3u8", LIVE_MAX_BYTES) and studio.shown("v").tick >= tick)
        assert time.monotonic() - begun < 10
    state = studio.delivery.states[1]
    assert state.behind > 30
    assert state.name == "bad"
    if mood != "hung":
        assert not state.ok
        assert state.code == ("store-full" if mood == "full" else "store-unreachable")
    assert studio.delivery.states[0].ok
    bad.mood = "ok"
    bad.freed.set()
    studio.settle()
    assert set(bad.paths()) == set(good.paths())
    for name in ALL:
        assert bad.get(f"live/{name}.m3u8", LIVE_MAX_BYTES) == good.get(f"live/{name}.m3u8", LIVE_MAX_BYTES)
    assert bad.written.count("live/v.m3u8") <= 2, "what was overtaken was sent"
    studio.end()


def test_a_slow_store_shows_the_newest_it_can_and_never_a_playlist_without_media(tmp_path: Path) -> None:
    slow = FickleStore("slow", delay=0.01)
    studio = Studio(tmp_path, [slow])
    for tick in range(40):
        studio.ticks(tick, tick)
        time.sleep(0.01)
        assert all(names_only_what_it_has(slow, name) for name in ALL)
    studio.settle()
    assert all(names_only_what_it_has(slow, name) for name in ALL)
    assert slow.written.count("live/v.m3u8") < 40
    assert studio.shown("v").tick == 39
    studio.end()


def test_after_a_restart_exactly_the_same_bytes_are_sent_again_then_the_next_tick(tmp_path: Path) -> None:
    bad = FickleStore("late", "dead")
    studio = Studio(tmp_path, [MemoryStore(), bad])
    studio.ticks(0, 11)
    studio.publisher.drain(5)
    until(lambda: studio.delivery.states[0].behind == 0)
    before = {name: studio.stores[0].get(f"live/{name}.m3u8", LIVE_MAX_BYTES) for name in ALL}
    studio.restart()
    bad.mood = "ok"
    studio.settle()
    assert {name: bad.get(f"live/{name}.m3u8", LIVE_MAX_BYTES) for name in ALL} == before
    assert all(names_only_what_it_has(bad, name) for name in ALL)
    studio.ticks(8, 15, version="other bytes for what was signed already")
    studio.settle()
    shown = studio.shown("v")
    old = studio.shown("v", 1)
    assert shown == old
    assert shown.tick == 15
    assert shown.prev_tick is not None
    uris = {segment("v", n).data: n for n in range(8, 12)}
    assert uris
    studio.end()


def test_a_segment_signed_before_is_not_signed_again_with_other_bytes(tmp_path: Path) -> None:
    store = MemoryStore()
    studio = Studio(tmp_path, [store])
    studio.ticks(0, 3)
    studio.settle()
    before = studio.shown("v")
    studio.ticks(2, 4, version="other")
    studio.settle()
    after = studio.shown("v")
    assert after.uris[:4] == before.uris
    assert after.tick == 4
    studio.end()


def test_a_chapter_reaches_a_store_that_was_away_also_after_a_restart(tmp_path: Path) -> None:
    bad = FickleStore("late", "dead")
    studio = Studio(tmp_path, [MemoryStore(), bad], event=event(renditions=(("v", 1),)))
    studio.ticks(0, CHAPTER_TICKS + 2, size=40)
    assert studio.publisher.drain(10)
    studio.publisher.close()
    studio.delivery.stop()
    studio.log.close()
    studio.begin()
    bad.mood = "ok"
    studio.settle()
    assert bad.get("archive/v/1-0.m3u8", CHAPTER_MAX_BYTES) == studio.stores[0].get(
        "archive/v/1-0.m3u8", CHAPTER_MAX_BYTES
    )
    studio.end()


def test_media_leave_the_stores_when_nobody_needs_them_and_stay_by_default(tmp_path: Path) -> None:
    for keep_ms, stays in ((0, False), (None, True)):
        store = MemoryStore()
        studio = Studio(tmp_path / str(keep_ms), [store], keep_ms=keep_ms)
        studio.ticks(0, 19)
        studio.settle()
        time.sleep(0.01)
        studio.delivery.tidy()
        studio.settle()
        until(lambda studio=studio: studio.delivery.workers[0]._backlog.idle)
        old = studio.publisher.chains["v"]
        media = [path for path in store.paths() if path.endswith(".m4s")]
        assert (len(media) > 30) == stays
        assert old.window
        if not stays:
            studio.ticks(20, 24)
            studio.settle()
            assert all(names_only_what_it_has(store, name) for name in ALL)
        studio.end()


def test_the_spool_keeps_only_what_is_needed(tmp_path: Path) -> None:
    studio = Studio(tmp_path, [MemoryStore()])
    studio.ticks(0, 49)
    studio.settle()
    studio.delivery.tidy()
    assert len(studio.spool.paths()) == 6 * 3 + 3
    assert len(list((tmp_path / "spool/media").iterdir())) == 6 * 3 + 3
    studio.end()


def test_a_full_disk_signs_nothing_says_so_and_goes_on_when_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher_module, "RETRY_S", 0.02)
    store = MemoryStore()
    studio = Studio(tmp_path, [store])
    studio.ticks(0, 3)
    studio.settle()
    put = studio.spool.put

    def full(path: str, data: bytes) -> None:
        raise StoreError("the disk of the spool is full", code="disk-full")

    monkeypatch.setattr(studio.spool, "put", full)
    studio.ticks(4, 7)
    until(lambda: studio.publisher.state.code == "disk-full")
    time.sleep(0.1)
    assert studio.shown("v").tick == 3
    monkeypatch.setattr(studio.spool, "put", put)
    studio.settle()
    assert studio.publisher.state.code == ""
    shown = studio.shown("v")
    assert shown.tick == 7
    assert not any(entry.discontinuity for entry in shown.entries), "what was kept filled the gap"
    monkeypatch.setattr(studio.spool, "put", full)
    studio.ticks(8, 8 + 3 * GAP_FILL_SEGMENTS)
    until(lambda: studio.publisher.state.dropped > 0)
    monkeypatch.setattr(studio.spool, "put", put)
    studio.settle()
    shown = studio.shown("v")
    assert shown.tick == 8 + 3 * GAP_FILL_SEGMENTS
    assert all(names_only_what_it_has(store, name) for name in ALL)
    studio.end()


def test_an_abandoned_broadcast_signs_nothing_more_not_even_its_end(tmp_path: Path) -> None:
    studio = Studio(tmp_path, [MemoryStore()])
    studio.ticks(0, 4)
    studio.settle()
    studio.publisher.abandon()
    studio.ticks(5, 9)
    assert studio.publisher.chains["v"].tick == 4
    assert not studio.shown("v").ended
    assert not studio.publisher._thread.is_alive()
    studio.log.close()
    studio.publisher.abandon()


def test_a_log_that_cannot_be_written_ends_the_broadcast_before_anything_leaves(tmp_path: Path) -> None:
    store = MemoryStore()
    studio = Studio(tmp_path, [store])
    studio.ticks(0, 3)
    studio.settle()
    studio.log._db.execute("DROP TABLE playlist")
    studio.ticks(4, 4)
    until(lambda: studio.publisher.state.code != "")
    with pytest.raises(KeyStoreError) as caught:
        studio.publisher.check()
    assert caught.value.code == "log-damaged"
    with pytest.raises(KeyStoreError):
        studio.publisher.accept(segment("v", 5))
    assert studio.shown("v").tick == 3
    studio.delivery.stop()


def test_our_own_mistake_ends_the_broadcast_as_one_of_our_errors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = Studio(tmp_path, [MemoryStore()])
    monkeypatch.setattr(studio.log, "commit", lambda *_, **__: 1 / 0)
    studio.ticks(0, 0)
    until(lambda: studio.publisher.state.code == "bug")
    with pytest.raises(BugError):
        studio.publisher.check()
    studio.delivery.stop()


def test_a_segment_larger_than_its_rendition_allows_is_left_out(tmp_path: Path) -> None:
    store = MemoryStore()
    studio = Studio(tmp_path, [store], event=event(renditions=(("v", 1),)))
    studio.ticks(0, 3)
    studio.publisher.accept(segment("v", 4, size=1_000_001))
    studio.ticks(5, 6)
    studio.settle()
    shown = studio.shown("v")
    assert (shown.media_sequence, shown.tick, shown.entries[0].discontinuity) == (5, 6, True)
    studio.end()


def test_a_rendition_that_stands_still_ends_the_broadcast(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher_module, "STUCK_S", 0.2)
    monkeypatch.setattr(publisher_module, "_TIDY_EVERY_S", 0.05)
    studio = Studio(tmp_path, [MemoryStore()])
    for n in range(30):
        studio.publisher.accept(segment("v", n))
        studio.publisher.accept(segment("n", n // 4, ticks=4)) if n % 4 == 3 else None
    until(lambda: studio.publisher.state.code == "rendition-stuck")
    with pytest.raises(MediaError, match="no segment of a"):
        studio.publisher.check()
    studio.delivery.stop()


def test_a_key_outside_its_time_signs_nothing(tmp_path: Path) -> None:
    from dataclasses import replace

    base = event()
    old = replace(base, live_keys=tuple(replace(key, not_after_ms=1000) for key in base.live_keys))
    store = MemoryStore()
    studio = Studio(tmp_path, [store], event=old)
    studio.ticks(0, 0)
    until(lambda: studio.publisher.state.code == "key-window")
    assert not [path for path in store.paths() if path.startswith("live/")]
    studio.delivery.stop()


def test_a_wiped_store_is_filled_again(tmp_path: Path) -> None:
    store = FickleStore()
    studio = Studio(tmp_path, [store])
    studio.ticks(0, 9)
    studio.settle()
    store.wipe()
    studio.delivery.refill(studio.delivery.workers[0])
    studio.settle()
    assert studio.shown("v").tick == 9
    assert all(names_only_what_it_has(store, name) for name in ALL)
    studio.end()


def test_bytes_leave_only_after_they_are_in_the_log(tmp_path: Path) -> None:
    """Whatever a store is given stands in the log file already, as another process would read it."""
    seen: list[bool] = []

    class Witness(MemoryStore):
        def put(self, path: str, data: bytes, *, content_type: str, cache_control: str) -> None:
            if path.startswith(("live/", "archive/")):
                with sqlite3.connect(tmp_path / "live.sqlite") as db:
                    rows = db.execute(
                        "SELECT signed FROM playlist UNION SELECT signed FROM document"
                    ).fetchall()
                    chain = [row[0] for row in rows]
                    later = db.execute(
                        "SELECT max(tick) FROM playlist WHERE rendition = ?", (path[5:-5],)
                    ).fetchone()[0]
                seen.append(
                    data in chain
                    or (later is not None and later > int(data.split(b"TICK=")[1].split(b",")[0]))
                )
                db.close()
            super().put(path, data, content_type=content_type, cache_control=cache_control)

    studio = Studio(tmp_path, [Witness()])
    for tick in range(30):
        studio.ticks(tick, tick)
        time.sleep(0.02)
    studio.settle()
    studio.end()
    assert len(seen) > 15
    assert all(seen)


def test_a_store_state_says_how_old_its_newest_is(tmp_path: Path) -> None:
    studio = Studio(tmp_path, [MemoryStore("m")])
    assert studio.delivery.states == [StoreState("m", "", "", 0, 0, None, None)]
    studio.ticks(0, 3)
    studio.settle()
    state = studio.delivery.states[0]
    assert state.newest_tick == 3
    assert state.newest_ms is not None
    assert abs(state.newest_ms - time.time() * 1000) < 5000
    studio.end()
    assert issubclass(StoreError, HumaError)
