"""A take-over after a take-over: the key between may have signed no chapter of its own."""

from __future__ import annotations

from huma.broadcast.chain import Chain, taken_over
from huma.broadcast.opening import checkpoint_of
from huma.broadcast.publiclook import PublicReader
from huma.broadcast.signer import LiveSigner, SignedStep, entry_of
from huma.config import CHAPTER_TICKS
from huma.protocol.chapter import ChapterRef
from huma.store.memory import MemoryStore
from tests.broadcast.fickle import FickleStore
from tests.broadcast.studio import EPOCH_MS, EVENT_ID, KEYS, chain, event, segment, verified

EVENT = event()
KIND = {"content_type": "", "cache_control": ""}


def sign(rank: int, on: Chain, first: int, last: int) -> SignedStep:
    numbered = [(n, entry_of(segment("v", n))) for n in range(first, last + 1)]
    return LiveSigner(EVENT, EVENT_ID, KEYS[rank]).extend(on, numbered, now_ms=EPOCH_MS)


def test_the_last_chapter_is_found_through_a_key_that_signed_none() -> None:
    store, other = MemoryStore(), MemoryStore()
    of_a = sign(1, chain("v"), 0, CHAPTER_TICKS + 3)
    chapter = of_a.chapters[0]
    ref = chapter.ref
    store.put(chapter.path, chapter.data, **KIND)
    on = taken_over(verified(of_a.playlist, "v", EVENT), 1, ref)
    of_b = verified(sign(2, on, CHAPTER_TICKS + 4, CHAPTER_TICKS + 9).playlist, "v", EVENT)
    reader = PublicReader(EVENT, EVENT_ID)

    def found() -> ChapterRef | None:
        return reader.last_chapter([FickleStore("dead", "dead"), other, store], of_b)

    assert of_b.chapter is None
    assert found() is None
    # of another rank, and none at all: the next store is asked
    other.put("archive/checkpoint-2.json", checkpoint_of(EVENT_ID, KEYS[3], 3, {"v": ref}, EPOCH_MS), **KIND)
    assert found() is None
    good = checkpoint_of(EVENT_ID, KEYS[2], 2, {"v": ref}, EPOCH_MS)
    store.put("archive/checkpoint-2.json", good.replace(b'\\"n\\":0', b'\\"n\\":1'), **KIND)
    assert found() is None
    store.put("archive/checkpoint-2.json", good, **KIND)
    assert found() == ref
    store.delete(chapter.path)
    assert found() is None
