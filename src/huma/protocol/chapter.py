"""A chapter: about five minutes of one rendition, signed and chained, for replay and for carrying.

The rules: spec/documents.md, D40 to D42.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from huma.config import CHAPTER_MAX_BYTES, CHAPTER_TICKS
from huma.errors import BugError, HumaError, MalformedError, VerificationError
from huma.protocol import clocktext, names, signedtext
from huma.protocol.header import Extra, Header, render_header
from huma.protocol.segments import SegmentEntry, SegmentList, parse_segments, render_segments, start_times

if TYPE_CHECKING:
    from fractions import Fraction

    from huma.protocol.event import Event, Rendition
    from huma.protocol.names import Digest
    from huma.protocol.signature import Signer

__all__ = ["Chapter", "ChapterRef", "SegmentEntry", "chapter_of", "render_chapter", "verify_chapter"]

UP = 2


@dataclass(frozen=True, slots=True)
class ChapterRef:
    """A chapter named by the digest of its whole file, and where it stands."""

    rank: int
    n: int
    digest: Digest


@dataclass(frozen=True, slots=True)
class Chapter:
    """The segments of a rendition that start in ticks [280·n, 280·(n+1)). `rank` is filled in by verification."""

    event: str
    rendition: str
    keyid: str
    n: int
    issued_ms: int
    target_duration: int
    media_sequence: int
    discontinuity_sequence: int
    entries: tuple[SegmentEntry, ...]
    prev: ChapterRef | None = None
    ended: bool = False
    extra: Extra = ()
    rank: int = 0
    file_digest: Digest = field(default="", compare=False)

    @property
    def numbers(self) -> tuple[int, ...]:
        """The number of each segment; a skip leaves numbers out."""
        numbers: list[int] = []
        n = self.media_sequence
        for entry in self.entries:
            n += entry.skip
            numbers.append(n)
            n += 1
        return tuple(numbers)

    @property
    def start_times(self) -> tuple[int, ...]:
        """When each segment starts, in Unix milliseconds."""
        return start_times(self.entries)


def chapter_of(segment: int, ticks_per_segment: int) -> int:
    """The chapter that the segment numbered `segment` belongs to."""
    return segment * ticks_per_segment // CHAPTER_TICKS


def render_chapter(chapter: Chapter, signer: Signer) -> bytes:
    """The complete signed file. What a verifier would refuse is a mistake of ours, and is not signed."""
    if signer.public.keyid != chapter.keyid:
        raise BugError("the chapter names another key than the one that signs")
    try:
        lines = _render(chapter)
        data = signedtext.render_signed("chapter", lines, signer)
        again = _read(signedtext.split_signed(data, CHAPTER_MAX_BYTES), None, 0, data)
    except HumaError as error:
        raise BugError(f"would sign what no viewer accepts: {error.message}") from error
    if _render(again) != lines:
        raise BugError("would sign another chapter than the one meant")
    return data


def verify_chapter(
    data: bytes,
    *,
    event: Event,
    event_id: str,
    rendition: str,
    n: int | None = None,
    digest: Digest | None = None,
) -> Chapter:
    """The chapter that `data` holds, if a live key of `event` signed it; where asked, chapter `n`, or file `digest`."""
    text = signedtext.split_signed(data, CHAPTER_MAX_BYTES)
    if digest is not None:
        names.verify_digest(data, digest)
    rank = signedtext.verify_signed(text, "chapter", event=event, event_id=event_id, rendition=rendition)
    listed = event.rendition(rendition)
    if listed is None:
        raise VerificationError(f"the event has no rendition {rendition}", code="wrong-rendition")
    chapter = _judge(_read(text, listed.duration(event), rank, data), listed)
    if n is not None and chapter.n != n:
        raise VerificationError(f"chapter {chapter.n}, not {n}", code="wrong-chapter")
    return chapter


def _render(chapter: Chapter) -> list[str]:
    prev = chapter.prev
    header = render_header(
        [
            ("V", 1),
            ("TYPE", "chapter"),
            ("EVENT", chapter.event),
            ("RENDITION", chapter.rendition),
            ("KEYID", chapter.keyid),
            ("CHAPTER", chapter.n),
            ("ISSUED", clocktext.format_ms(chapter.issued_ms)),
            ("PREV", prev.digest if prev else None),
            ("PREVRANK", prev.rank if prev else None),
            ("PREVCHAPTER", prev.n if prev else None),
            ("ENDED", "YES" if chapter.ended else None),
        ],
        chapter.extra,
    )
    listing = SegmentList(
        chapter.target_duration,
        chapter.media_sequence,
        chapter.discontinuity_sequence,
        chapter.entries,
        endlist=True,
        vod=True,
    )
    return ["#EXTM3U", header, *render_segments(listing, UP)]


def _read(text: signedtext.SignedText, tick: Fraction | None, rank: int, data: bytes) -> Chapter:
    header = text.header
    listing = parse_segments(text.lines, UP, most=CHAPTER_TICKS, tick=tick)
    if not listing.vod or not listing.endlist:
        raise MalformedError("a chapter is of playlist type VOD and has an ENDLIST")
    return Chapter(
        event=header.text("EVENT"),
        rendition=header.text("RENDITION"),
        keyid=header.text("KEYID"),
        n=header.integer("CHAPTER"),
        issued_ms=header.moment("ISSUED"),
        target_duration=listing.target_duration,
        media_sequence=listing.media_sequence,
        discontinuity_sequence=listing.discontinuity_sequence,
        entries=listing.entries,
        prev=_prev(header),
        ended=header.flag("ENDED"),
        extra=header.extra,
        rank=rank,
        file_digest=names.sha256_hex(data),
    )


def _prev(header: Header) -> ChapterRef | None:
    if not header.together("PREV", "PREVRANK", "PREVCHAPTER"):
        return None
    return ChapterRef(header.integer("PREVRANK"), header.integer("PREVCHAPTER"), header.digest("PREV"))


def _judge(chapter: Chapter, rendition: Rendition) -> Chapter:
    """What only the event can tell: whether each segment belongs here, and the size that it may have."""
    if any(chapter_of(n, rendition.ticks_per_segment) != chapter.n for n in chapter.numbers):
        raise MalformedError("a segment belongs to another chapter")
    if any(entry.size > rendition.max_bytes for entry in chapter.entries):
        raise MalformedError("a segment is larger than its rendition allows", code="too-large")
    return chapter
