"""Segments to signed playlists and chapters, for one live key."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from huma.config import FUTURE_MS, INIT_MAX_BYTES
from huma.errors import BugError, KeyStoreError, MediaError
from huma.protocol import names
from huma.protocol.chapter import Chapter, ChapterRef, render_chapter
from huma.protocol.names import MediaRef
from huma.protocol.playlist import LivePlaylist, render_live
from huma.protocol.segments import SegmentEntry
from huma.protocol.signature import signed_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from huma.broadcast.chain import Chain
    from huma.media.segment import Segment
    from huma.protocol.event import Event
    from huma.protocol.signature import Signer


Numbered: TypeAlias = "tuple[int, SegmentEntry]"
"""A segment's number, and how a playlist lists it."""


@dataclass(frozen=True, slots=True)
class SignedChapter:
    """A complete chapter file."""

    rendition: str
    ref: ChapterRef
    path: str
    data: bytes


@dataclass(frozen=True, slots=True)
class SignedStep:
    """What one or more segments of a rendition have led to: the chain, the playlist, the chapters closed."""

    chain: Chain
    playlist: bytes
    chapters: tuple[SignedChapter, ...] = ()


class LiveSigner:
    """Signs what a chain has come to. It holds no state: the same chain and moment give the same bytes."""

    def __init__(self, event: Event, event_id: str, signer: Signer) -> None:
        self._event_id = event_id
        self._copy, self._grid = event.copy, event.grid
        self._signer = signer
        self._keyid = signer.public.keyid
        key = event.live_key(self._keyid)
        if key is None:
            raise KeyStoreError("the event does not list this live key", code="keys-differ")
        self._key = key
        self._rank = key.rank

    @property
    def keyid(self) -> str:
        """The id of the key that signs."""
        return self._keyid

    @property
    def rank(self) -> int:
        """Its rank."""
        return self._rank

    def extend(
        self, chain: Chain, entries: Sequence[Numbered], *, now_ms: int, ended: bool = False
    ) -> SignedStep:
        """Append `entries`, close the chapters that are complete, and sign the playlist of the last."""
        if not self._key.covers(now_ms):
            raise KeyStoreError(
                f"the live key of rank {self._rank} is not valid at this moment",
                code="key-window",
                hint="Look at live_keys in event.json, and at the clock of this machine.",
            )
        chapters: list[SignedChapter] = []
        for n, entry in entries:
            if chain.leaves_chapter(n):
                chain, chapter = self._close(chain, now_ms)
                chapters.append(chapter)
            chain = chain.appended(n, entry)
            last = ended and n == entries[-1][0]
            if chain.open_chapter is not None and (last or chain.chapter_ends_with(n)):
                chain, chapter = self._close(chain, now_ms, ended=last)
                chapters.append(chapter)
        self._refuse_future(chain, now_ms)
        data = render_live(self._playlist(chain, now_ms, ended=ended), self._signer)
        return SignedStep(chain.published(_signed_digest(data), ended=ended), data, tuple(chapters))

    def _refuse_future(self, chain: Chain, now_ms: int) -> None:
        """D13: segments are counted, and what a broken source makes too many of would be no tick of any clock."""
        if not self._copy:
            return
        ahead_ms = self._grid.start_ms(chain.tick) - now_ms
        if ahead_ms > FUTURE_MS:
            raise KeyStoreError(
                f"the tick of {chain.rendition} lies {ahead_ms // 1000} s in the future: no viewer would follow",
                code="clock-behind",
                hint="Set the clock of this machine right, or wait.",
            )

    def _playlist(self, chain: Chain, now_ms: int, *, ended: bool) -> LivePlaylist:
        # a chapter of a rank before ours is only where our first one is chained to
        chapter = chain.chapter if chain.chapter and chain.chapter.rank == self._rank else None
        return LivePlaylist(
            event=self._event_id,
            rendition=chain.rendition,
            keyid=self._keyid,
            tick=chain.tick,
            issued_ms=now_ms,
            target_duration=chain.target_duration,
            media_sequence=chain.media_sequence,
            discontinuity_sequence=chain.discontinuity_sequence,
            entries=chain.window,
            prev=chain.prev,
            prev_tick=chain.prev_tick,
            chapter=chapter.n if chapter else None,
            chapter_sha=chapter.digest if chapter else None,
            ended=ended,
            rank=self._rank,
        )

    def _close(self, chain: Chain, now_ms: int, *, ended: bool = False) -> tuple[Chain, SignedChapter]:
        open_ = chain.open_chapter
        if open_ is None:
            raise BugError("no chapter is in progress")
        chapter = Chapter(
            event=self._event_id,
            rendition=chain.rendition,
            keyid=self._keyid,
            n=open_.n,
            issued_ms=now_ms,
            target_duration=chain.target_duration,
            media_sequence=open_.first_n,
            discontinuity_sequence=open_.discontinuity_sequence,
            entries=(replace(open_.entries[0], skip=0), *open_.entries[1:]),
            prev=chain.chapter,
            ended=ended,
        )
        data = render_chapter(chapter, self._signer)
        ref = ChapterRef(self._rank, open_.n, names.sha256_hex(data))
        path = names.chapter_path(chain.rendition, self._rank, open_.n)
        return chain.closed(ref, spent=ended), SignedChapter(chain.rendition, ref, path, data)


def _signed_digest(data: bytes) -> names.Digest:
    """The digest of what was signed, of a file that was rendered here: without taking it apart once more."""
    body = data[: data.rindex(b"\n", 0, -1) + 1]
    return names.sha256_hex(signed_bytes("live", body))


def entry_of(segment: Segment) -> SegmentEntry:
    """How a playlist lists a finished segment."""
    if len(segment.init) > INIT_MAX_BYTES or not segment.init or not segment.data:
        raise MediaError(
            f"{segment.rendition}: an init segment of {len(segment.init)} bytes", code="bad-segment"
        )
    return SegmentEntry(
        ref=MediaRef(names.sha256_hex(segment.data), "m4s"),
        size=len(segment.data),
        duration=segment.duration,
        discontinuity=segment.discontinuity,
        init=MediaRef(names.sha256_hex(segment.init), "mp4"),
        init_size=len(segment.init),
        pdt_ms=segment.start_ms,
    )
