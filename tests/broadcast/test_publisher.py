"""What is signed, what ends a broadcast, and what does not. How it reaches the stores is in test_delivery.py."""

from __future__ import annotations

import time
from fractions import Fraction
from pathlib import Path

import pytest

from huma.broadcast import publisher as publisher_module
from huma.config import CHAPTER_MAX_BYTES, GAP_FILL_SEGMENTS
from huma.errors import BugError, KeyStoreError, MediaError, StoreError
from huma.protocol.chapter import verify_chapter
from huma.store.memory import MemoryStore
from tests.broadcast.fickle import names_only_what_it_has
from tests.broadcast.studio import ALL, EVENT_ID, TICK, Studio, event, segment, until


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
