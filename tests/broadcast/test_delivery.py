"""What was signed on its way to the stores: late, dead, slow, wiped and full ones, and the order in which things leave."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest

from huma.broadcast.storeworker import StoreState
from huma.config import CHAPTER_MAX_BYTES, CHAPTER_TICKS, LIVE_MAX_BYTES
from huma.errors import HumaError, StoreError
from huma.store.folder import FolderStore
from huma.store.memory import MemoryStore
from huma.store.port import Store
from tests.broadcast.fickle import FickleStore, names_only_what_it_has
from tests.broadcast.studio import ALL, Studio, event, segment, until


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
