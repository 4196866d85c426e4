from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huma.broadcast.chain import Chain, taken_over
from huma.broadcast.signer import LiveSigner, Numbered, SignedChapter, entry_of
from huma.config import CHAPTER_TICKS, FUTURE_MS, GAP_FILL_SEGMENTS, LIVE_WINDOW_SEGMENTS
from huma.errors import KeyStoreError
from huma.protocol.chapter import Chapter, chapter_of, verify_chapter
from huma.protocol.playlist import LivePlaylist, signed_digest
from tests.broadcast.studio import COPY_EPOCH_MS, EPOCH_MS, EVENT_ID, KEYS, chain, event, segment, verified

EVENT = event()
SIGNER = LiveSigner(EVENT, EVENT_ID, KEYS[1])
NOW = EPOCH_MS + 1_000_000


def entry(n: int, rendition: str = "v", ticks: int = 1, **more: Any) -> Numbered:
    return n, entry_of(segment(rendition, n, ticks=ticks, **more))


def step(before: Chain, *ns: int, ended: bool = False, **more: Any) -> tuple[Chain, LivePlaylist]:
    signed = SIGNER.extend(before, [entry(n, **more) for n in ns], now_ms=NOW, ended=ended)
    return signed.chain, verified(signed.playlist, before.rendition, EVENT)


def judged(chapter: SignedChapter) -> Chapter:
    return verify_chapter(
        chapter.data,
        event=EVENT,
        event_id=EVENT_ID,
        rendition=chapter.rendition,
        n=chapter.ref.n,
        digest=chapter.ref.digest,
    )


def test_the_window_slides_and_names_its_place() -> None:
    now, shown = step(chain("v"), 100)
    assert (shown.media_sequence, shown.tick, len(shown.entries), shown.prev) == (100, 100, 1, None)
    for n in range(101, 120):
        before = shown
        now, shown = step(now, n)
        assert shown.last_n == n
        assert shown.tick == n
        assert len(shown.entries) == min(LIVE_WINDOW_SEGMENTS, n - 99)
        assert (shown.prev, shown.prev_tick) == (before.signed_digest, n - 1)
    assert shown.media_sequence == 114
    assert shown.discontinuity_sequence == 0


def test_a_slow_rendition_counts_its_own_segments() -> None:
    now, shown = step(chain("n", 4), 25, rendition="n", ticks=4)
    assert (shown.media_sequence, shown.tick, shown.target_duration) == (25, 103, 5)
    now, shown = step(now, 26, rendition="n", ticks=4)
    assert shown.tick == 107


def test_a_discontinuity_is_counted_when_it_leaves_the_window() -> None:
    now, shown = step(chain("v"), 0)
    for n in range(1, 12):
        now, shown = step(now, n, discontinuity=n == 3)
        flags = [each.discontinuity for each in shown.entries]
        assert sum(flags) == (3 <= n < 3 + LIVE_WINDOW_SEGMENTS)
        assert shown.discontinuity_sequence == (n >= 3 + LIVE_WINDOW_SEGMENTS)


def test_another_init_segment_stands_behind_a_discontinuity() -> None:
    now, _ = step(chain("v"), 0)
    now, shown = step(now, 1, init=b"another")
    assert [each.discontinuity for each in shown.entries] == [False, True]


def test_a_gap_begins_a_new_window_and_raises_the_count_by_one_more() -> None:
    now, _ = step(chain("v"), 0, 1, 2, 3)
    gap = GAP_FILL_SEGMENTS + 5
    now, shown = step(now, 4 + gap)
    assert (shown.media_sequence, len(shown.entries), shown.entries[0].discontinuity) == (4 + gap, 1, True)
    assert shown.discontinuity_sequence == 1
    now, shown = step(now, 5 + gap)
    assert (shown.media_sequence, len(shown.entries), shown.discontinuity_sequence) == (4 + gap, 2, 1)
    for n in range(6 + gap, 6 + gap + LIVE_WINDOW_SEGMENTS):
        now, shown = step(now, n)
    assert shown.discontinuity_sequence == 2


def test_a_chapter_is_closed_with_its_last_segment_and_named_at_once() -> None:
    first = 3 * CHAPTER_TICKS - 2
    now, _ = step(chain("v"), first)
    signed = SIGNER.extend(now, [entry(first + 1)], now_ms=NOW)
    assert [chapter.path for chapter in signed.chapters] == ["archive/v/1-2.m3u8"]
    shown = verified(signed.playlist, "v", EVENT)
    assert (shown.chapter, shown.chapter_sha) == (2, signed.chapters[0].ref.digest)
    assert judged(signed.chapters[0]).numbers == (first, first + 1)


def test_chapters_are_full_and_chained() -> None:
    now = chain("v")
    found: list[SignedChapter] = []
    for n in range(3 * CHAPTER_TICKS):
        signed = SIGNER.extend(now, [entry(n, size=40)], now_ms=NOW)
        now = signed.chain
        found += signed.chapters
    chapters = [judged(each) for each in found]
    assert [chapter.n for chapter in chapters] == [0, 1, 2]
    assert all(len(chapter.entries) == CHAPTER_TICKS for chapter in chapters)
    assert [chapter.prev for chapter in chapters] == [None, found[0].ref, found[1].ref]


def test_a_long_gap_inside_a_chapter_is_skipped_and_one_across_closes_it_short() -> None:
    now, _ = step(chain("v"), 0, 1)
    now, _ = step(now, 50)
    signed = SIGNER.extend(now, [entry(CHAPTER_TICKS + 30)], now_ms=NOW)
    first = judged(signed.chapters[0])
    assert first.numbers == (0, 1, 50)
    assert first.entries[2].skip == 48
    assert signed.chain.open_chapter is not None
    assert signed.chain.open_chapter.n == 1
    last = SIGNER.extend(signed.chain, [entry(CHAPTER_TICKS + 31)], now_ms=NOW, ended=True)
    assert judged(last.chapters[0]).numbers == (CHAPTER_TICKS + 30, CHAPTER_TICKS + 31)
    assert judged(last.chapters[0]).entries[0].skip == 0


def test_the_end_is_signed_with_a_new_tick_and_a_short_chapter() -> None:
    now, _ = step(chain("v"), 0, 1, 2)
    signed = SIGNER.extend(now, [entry(3, duration=Fraction(1, 3))], now_ms=NOW, ended=True)
    shown = verified(signed.playlist, "v", EVENT)
    assert shown.ended
    assert shown.tick == 3
    assert judged(signed.chapters[0]).ended
    assert judged(signed.chapters[0]).numbers == (0, 1, 2, 3)
    assert shown.chapter == 0


def test_going_on_after_an_end_never_writes_a_chapter_twice() -> None:
    now, _ = step(chain("v"), 0, 1)
    ended = SIGNER.extend(now, [entry(2)], now_ms=NOW, ended=True).chain
    now, shown = step(ended, 3)
    assert not shown.ended
    assert now.open_chapter is None
    for n in range(4, CHAPTER_TICKS):
        signed = SIGNER.extend(now, [entry(n, size=40)], now_ms=NOW)
        now = signed.chain
        assert signed.chapters == ()
    now, _ = step(now, CHAPTER_TICKS)
    assert now.open_chapter is not None
    assert now.open_chapter.n == 1


def test_several_segments_at_once_are_signed_once_and_none_is_lost() -> None:
    alone = chain("v")
    for n in range(10):
        alone, _ = step(alone, n)
    together, shown = step(chain("v"), *range(10))
    assert shown.uris == tuple(each.ref.path for each in alone.window)
    assert together.open_chapter == alone.open_chapter


def test_a_taken_over_rendition_goes_on_with_its_numbers_behind_a_discontinuity() -> None:
    now = chain("v")
    for n in range(8):
        now, shown = step(now, n, discontinuity=n in (1, 6))
    follower = LiveSigner(EVENT, EVENT_ID, KEYS[2])
    base = taken_over(shown, 1, now.chapter)
    signed = follower.extend(base, [entry(8)], now_ms=NOW)
    after = verified(signed.playlist, "v", EVENT)
    assert after.rank == 2
    assert after.media_sequence == 8
    assert after.entries[0].discontinuity
    assert after.discontinuity_sequence == 2
    assert (after.prev, after.prev_tick) == (shown.signed_digest, 7)
    assert after.chapter is None


def test_a_chapter_of_the_rank_before_is_chained_to_and_not_named_as_ours() -> None:
    now = chain("v")
    for n in range(CHAPTER_TICKS + 3):
        signed = SIGNER.extend(now, [entry(n, size=40)], now_ms=NOW)
        now = signed.chain
    assert now.chapter is not None
    base = taken_over(verified(signed.playlist, "v", EVENT), 1, now.chapter)
    follower = LiveSigner(EVENT, EVENT_ID, KEYS[2])
    signed = follower.extend(base, [entry(CHAPTER_TICKS + 3)], now_ms=NOW)
    assert verified(signed.playlist, "v", EVENT).chapter is None
    signed = follower.extend(signed.chain, [entry(CHAPTER_TICKS + 4)], now_ms=NOW, ended=True)
    chapter = judged(signed.chapters[0])
    assert signed.chapters[0].path == "archive/v/2-1.m3u8"
    assert chapter.prev == now.chapter
    assert chapter.prev is not None
    assert chapter.prev.rank == 1
    assert verified(signed.playlist, "v", EVENT).chapter == 1


@given(
    jumps=st.lists(
        st.tuples(
            st.sampled_from([0, 0, 0, 0, 1, 12, 13, 200, 300]),
            st.booleans(),
            st.sampled_from([b"", b"", b"", b"x"]),
            st.sampled_from([False, False, False, False, True]),
        ),
        min_size=1,
        max_size=40,
    ),
    ticks=st.sampled_from([1, 4]),
)
def test_whatever_happens_is_signed_and_verifies_and_no_number_gets_two_uris(
    jumps: list[tuple[int, bool, bytes, bool]], ticks: int
) -> None:
    name = "v" if ticks == 1 else "n"
    now, n = chain(name, ticks), 7
    uris: dict[int, str] = {}
    discontinuities: dict[int, int] = {}
    paths: set[str] = set()
    last = -1
    for gap, discontinuity, init, ended in jumps:
        n += gap
        signed = SIGNER.extend(
            now, [entry(n, name, ticks, discontinuity=discontinuity, init=init)], now_ms=NOW, ended=ended
        )
        shown = verified(signed.playlist, name, EVENT)
        assert shown.tick > last
        last = shown.tick
        assert shown.signed_digest == signed_digest(signed.playlist) == signed.chain.prev
        number = shown.discontinuity_sequence
        for at, each in enumerate(shown.entries, shown.media_sequence):
            assert uris.setdefault(at, each.ref.path) == each.ref.path
            number += each.discontinuity
            assert discontinuities.setdefault(at, number) == number
        for chapter in signed.chapters:
            assert chapter.path not in paths
            paths.add(chapter.path)
            found = judged(chapter)
            assert all(chapter_of(at, ticks) == found.n for at in found.numbers)
            assert all(
                uris[at] == each.ref.path for at, each in zip(found.numbers, found.entries, strict=True)
            )
        now = signed.chain
        n += 1


def test_a_copy_whose_tick_lies_in_the_future_is_not_signed() -> None:
    copied = event(copy=True, renditions=(("v", 1), ("a", 1)))
    signer = LiveSigner(copied, EVENT_ID, KEYS[1])
    latest = copied.grid.tick_at(COPY_EPOCH_MS + 1_000_000 + FUTURE_MS)
    signed = signer.extend(chain("v"), [entry(latest)], now_ms=COPY_EPOCH_MS + 1_000_000)
    assert signed.chain.tick == latest
    with pytest.raises(KeyStoreError) as caught:
        signer.extend(signed.chain, [entry(latest + 1)], now_ms=COPY_EPOCH_MS + 1_000_000)
    assert caught.value.code == "clock-behind"
