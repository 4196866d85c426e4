"""What must be known of a rendition to sign its next playlist: a value, and the rules by which it grows.

Every rule about numbers stands here: the window, the chapter in progress, discontinuities, gaps and the end
(spec/documents.md, L and A). Nothing here signs, reads a clock or touches a disk.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from huma.config import LIVE_WINDOW_SEGMENTS
from huma.protocol.chapter import ChapterRef, chapter_of
from huma.protocol.segments import SegmentEntry, start_times

if TYPE_CHECKING:
    from huma.protocol.names import Digest
    from huma.protocol.playlist import LivePlaylist


@dataclass(frozen=True, slots=True)
class OpenChapter:
    """The chapter in progress: `first_n` is the number of its first segment."""

    n: int
    first_n: int
    discontinuity_sequence: int
    entries: tuple[SegmentEntry, ...]


@dataclass(frozen=True, slots=True)
class Chain:
    """One rendition, as far as it has been signed.

    Attributes:
        rendition: Its name.
        ticks_per_segment: How many ticks a full segment covers.
        window: The segments in the live playlist; each keeps its own date.
        next_n: The number of the next segment; None before the first.
        discontinuities: The discontinuity number of the last segment.
        prev: The digest of the last playlist's signed bytes, with its tick.
        prev_tick: The tick of that playlist.
        chapter: The last complete chapter.
        open_chapter: The chapter in progress.
        spent_chapter: A chapter whose file is out already, closed by an end; it cannot be written twice.
        broken: Whether something broke off before the next segment, so that it stands behind a discontinuity.
        ended: Whether the last playlist said that this is the end.
        target_duration: In whole seconds; it only grows.
    """

    rendition: str
    ticks_per_segment: int
    target_duration: int
    window: tuple[SegmentEntry, ...] = ()
    next_n: int | None = None
    discontinuities: int = 0
    prev: Digest | None = None
    prev_tick: int | None = None
    chapter: ChapterRef | None = None
    open_chapter: OpenChapter | None = None
    spent_chapter: int | None = None
    broken: bool = False
    ended: bool = False

    @property
    def media_sequence(self) -> int:
        """The number of the first segment in the window."""
        return (self.next_n or 0) - len(self.window)

    @property
    def tick(self) -> int:
        """The tick up to which this rendition has been published; -1 before the first."""
        return -1 if self.next_n is None else self.next_n * self.ticks_per_segment - 1

    @property
    def discontinuity_sequence(self) -> int:
        """Of the first segment in the window, not counting a tag of its own: as RFC 8216 counts."""
        return self.discontinuities - sum(entry.discontinuity for entry in self.window)

    def chapter_ends_with(self, n: int) -> bool:
        """Whether segment `n` is the last that a chapter can hold."""
        return chapter_of(n, self.ticks_per_segment) != chapter_of(n + 1, self.ticks_per_segment)

    def leaves_chapter(self, n: int) -> bool:
        """Whether segment `n` belongs to another chapter than the one in progress."""
        open_ = self.open_chapter
        return open_ is not None and open_.n != chapter_of(n, self.ticks_per_segment)

    def closed(self, ref: ChapterRef, *, spent: bool) -> Chain:
        """The same rendition after its chapter in progress was signed."""
        return replace(
            self, chapter=ref, open_chapter=None, spent_chapter=ref.n if spent else self.spent_chapter
        )

    def published(self, digest: Digest, *, ended: bool) -> Chain:
        """The same rendition after its playlist was signed."""
        return replace(self, prev=digest, prev_tick=self.tick, ended=ended)

    def appended(self, n: int, entry: SegmentEntry) -> Chain:
        """The same rendition with segment `n`, which must not lie before `next_n`.

        A segment right behind the last joins the window. One further on begins a new window behind a
        discontinuity, and its discontinuity number rises by two: one for the gap, one for the tag.
        """
        gap = 0 if self.next_n is None else n - self.next_n
        follows = self.next_n is not None and gap == 0
        breaks = not follows and self.next_n is not None
        new_map = bool(self.window) and self.window[-1].init != entry.init
        marked = replace(entry, discontinuity=entry.discontinuity or breaks or self.broken or new_map, skip=0)
        number = self.discontinuities + marked.discontinuity + breaks
        chapter = chapter_of(n, self.ticks_per_segment)
        window = (*self.window, marked)[-LIVE_WINDOW_SEGMENTS:] if follows else (marked,)
        return replace(
            self,
            window=window,
            next_n=n + 1,
            discontinuities=number,
            open_chapter=self._chapter_with(n, marked, gap, number),
            spent_chapter=self.spent_chapter if self.spent_chapter == chapter else None,
            broken=False,
            target_duration=max(self.target_duration, int(entry.duration + Fraction(1, 2))),
        )

    def _chapter_with(self, n: int, entry: SegmentEntry, gap: int, number: int) -> OpenChapter | None:
        chapter, open_ = chapter_of(n, self.ticks_per_segment), self.open_chapter
        if chapter == self.spent_chapter:
            return None
        if open_ is None or open_.n != chapter:
            return OpenChapter(chapter, n, number - entry.discontinuity, (entry,))
        return replace(open_, entries=(*open_.entries, replace(entry, skip=gap)))


def taken_over(playlist: LivePlaylist, ticks_per_segment: int, chapter: ChapterRef | None) -> Chain:
    """What a key of higher rank goes on from: the last playlist it verified, and the last chapter.

    The window begins anew with segments of its own; numbers go on.
    """
    return Chain(
        rendition=playlist.rendition,
        ticks_per_segment=ticks_per_segment,
        target_duration=playlist.target_duration,
        next_n=playlist.last_n + 1,
        discontinuities=playlist.discontinuity_sequence
        + sum(entry.discontinuity for entry in playlist.entries),
        prev=playlist.signed_digest,
        prev_tick=playlist.tick,
        chapter=chapter,
        broken=True,
    )


def dated(entries: tuple[SegmentEntry, ...]) -> tuple[SegmentEntry, ...]:
    """Entries as read from a playlist, each with its own date."""
    times = start_times(entries)
    return tuple(replace(entry, pdt_ms=at) for entry, at in zip(entries, times, strict=True))
