"""Segment entries and chains as JSON, for the log on this machine's own disk."""

from __future__ import annotations

import json
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from huma.broadcast.chain import Chain
from huma.errors import KeyStoreError
from huma.protocol.chapter import ChapterRef
from huma.protocol.names import MediaRef
from huma.protocol.segments import SegmentEntry


@dataclass(frozen=True, slots=True)
class OpenChapterHead:
    """The chapter in progress without its entries: those stand in rows of their own."""

    n: int
    first_n: int
    discontinuity_sequence: int


def render_entry(entry: SegmentEntry) -> str:
    """An entry as one line of JSON."""
    return json.dumps(_entry_list(entry), separators=(",", ":"))


def parse_entry(text: str) -> SegmentEntry:
    """The entry that a line holds."""
    try:
        return _entry(json.loads(text))
    except (ValueError, TypeError, KeyError) as error:
        raise _damaged() from error


def render_chain(chain: Chain) -> str:
    """A chain as JSON, without the entries of its chapter in progress."""
    open_ = chain.open_chapter
    return json.dumps(
        {
            "rendition": chain.rendition,
            "ticks_per_segment": chain.ticks_per_segment,
            "target_duration": chain.target_duration,
            "window": [_entry_list(entry) for entry in chain.window],
            "next_n": chain.next_n,
            "discontinuities": chain.discontinuities,
            "prev": chain.prev,
            "prev_tick": chain.prev_tick,
            "chapter": [chain.chapter.rank, chain.chapter.n, chain.chapter.digest] if chain.chapter else None,
            "open_chapter": [open_.n, open_.first_n, open_.discontinuity_sequence] if open_ else None,
            "spent_chapter": chain.spent_chapter,
            "ended": chain.ended,
        },
        separators=(",", ":"),
    )


def parse_chain(text: str) -> tuple[Chain, OpenChapterHead | None]:
    """The chain that JSON holds, and the head of its chapter in progress."""
    try:
        found = json.loads(text)
        chain = Chain(
            rendition=found["rendition"],
            ticks_per_segment=found["ticks_per_segment"],
            target_duration=found["target_duration"],
            window=tuple(_entry(each) for each in found["window"]),
            next_n=found["next_n"],
            discontinuities=found["discontinuities"],
            prev=found["prev"],
            prev_tick=found["prev_tick"],
            chapter=ChapterRef(*found["chapter"]) if found["chapter"] else None,
            spent_chapter=found["spent_chapter"],
            ended=found["ended"],
        )
        head = OpenChapterHead(*found["open_chapter"]) if found["open_chapter"] else None
    except (ValueError, TypeError, KeyError) as error:
        raise _damaged() from error
    return chain, head


def _entry_list(entry: SegmentEntry) -> list[Any]:
    return [
        entry.ref.digest,
        entry.size,
        entry.duration.numerator,
        entry.duration.denominator,
        entry.discontinuity,
        entry.init.digest,
        entry.init_size,
        entry.pdt_ms,
        entry.skip,
    ]


def _entry(found: list[Any]) -> SegmentEntry:
    digest, size, numerator, denominator, discontinuity, init, init_size, pdt_ms, skip = found
    return SegmentEntry(
        ref=MediaRef(digest, "m4s"),
        size=size,
        duration=Fraction(numerator, denominator),
        discontinuity=discontinuity,
        init=MediaRef(init, "mp4"),
        init_size=init_size,
        pdt_ms=pdt_ms,
        skip=skip,
    )


def _damaged() -> KeyStoreError:
    return KeyStoreError(
        "the log of what was signed is damaged",
        code="log-damaged",
        hint="Go on with the key of the next rank: huma live … --rank N",
    )
