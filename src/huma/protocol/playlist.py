"""A live playlist: plain HLS whose last line signs every byte before it (spec/documents.md, D35 to D39)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from huma.config import LIVE_MAX_BYTES, LIVE_MAX_SEGMENTS
from huma.errors import BugError, HumaError, MalformedError, VerificationError
from huma.protocol import clocktext, signedtext
from huma.protocol.header import Extra, Header, render_header
from huma.protocol.segments import (
    SegmentEntry,
    SegmentList,
    parse_segments,
    render_segments,
    start_times,
)

if TYPE_CHECKING:
    from fractions import Fraction

    from huma.protocol.event import Event, Rendition
    from huma.protocol.names import Digest
    from huma.protocol.signature import Signer

__all__ = ["LivePlaylist", "SegmentEntry", "looks_like_ours", "render_live", "signed_digest", "verify_live"]

UP = 1


@dataclass(frozen=True, slots=True)
class LivePlaylist:
    """The window of one rendition at one tick. `rank` and `signed_digest` are filled in by verification."""

    event: str
    rendition: str
    keyid: str
    tick: int
    issued_ms: int
    target_duration: int
    media_sequence: int
    discontinuity_sequence: int
    entries: tuple[SegmentEntry, ...]
    prev: Digest | None = None
    prev_tick: int | None = None
    chapter: int | None = None
    chapter_sha: Digest | None = None
    ended: bool = False
    extra: Extra = ()
    rank: int = 0
    signed_digest: Digest = field(default="", compare=False)

    @property
    def last_n(self) -> int:
        """The number of the last segment."""
        return self.media_sequence + len(self.entries) - 1

    @property
    def uris(self) -> tuple[str, ...]:
        """The path of each segment, as in `media/<digest>.m4s`."""
        return tuple(entry.ref.path for entry in self.entries)

    @property
    def start_times(self) -> tuple[int, ...]:
        """When each segment starts, in Unix milliseconds."""
        return start_times(self.entries)


def render_live(playlist: LivePlaylist, signer: Signer) -> bytes:
    """The complete signed file. What a verifier would refuse is a mistake of ours, and is not signed."""
    if signer.public.keyid != playlist.keyid:
        raise BugError("the playlist names another key than the one that signs")
    try:
        lines = _render(playlist)
        data = signedtext.render_signed("live", lines, signer)
        _, again = _parse(data, None)
        if (again.tick + 1) % (again.last_n + 1):
            raise MalformedError("TICK is not the end of the last segment")
    except HumaError as error:
        raise BugError(f"would sign what no viewer accepts: {error.message}") from error
    if _render(again) != lines:
        raise BugError("would sign another playlist than the one meant")
    return data


def verify_live(data: bytes, *, event: Event, event_id: str, rendition: str) -> LivePlaylist:
    """The playlist that `data` holds, if a live key of `event` signed it for `rendition`; or raise."""
    text = signedtext.split_signed(data, LIVE_MAX_BYTES)
    rank = signedtext.verify_signed(text, "live", event=event, event_id=event_id, rendition=rendition)
    listed = event.rendition(rendition)
    if listed is None:
        raise VerificationError(f"the event has no rendition {rendition}", code="wrong-rendition")
    return _judge(_read(text, listed.duration(event), rank), listed)


def looks_like_ours(data: bytes, event_id: str) -> bool:
    """Whether `data` is a well-formed live playlist that claims our event, whatever its signature is worth."""
    try:
        text, _ = _parse(data, None)
    except HumaError:
        return False
    return text.header.text("EVENT") == event_id


def signed_digest(data: bytes) -> Digest:
    """The digest of the signed bytes of a complete live playlist: what the next one names as PREV."""
    return signedtext.split_signed(data, LIVE_MAX_BYTES).signed_digest("live")


def _render(playlist: LivePlaylist) -> list[str]:
    header = render_header(
        [
            ("V", 1),
            ("TYPE", "live"),
            ("EVENT", playlist.event),
            ("RENDITION", playlist.rendition),
            ("KEYID", playlist.keyid),
            ("TICK", playlist.tick),
            ("ISSUED", clocktext.format_ms(playlist.issued_ms)),
            ("PREV", playlist.prev),
            ("PREVTICK", playlist.prev_tick),
            ("CHAPTER", playlist.chapter),
            ("CHAPTERSHA", playlist.chapter_sha),
            ("ENDED", "YES" if playlist.ended else None),
        ],
        playlist.extra,
    )
    listing = SegmentList(
        playlist.target_duration,
        playlist.media_sequence,
        playlist.discontinuity_sequence,
        playlist.entries,
        endlist=playlist.ended,
        vod=False,
    )
    return ["#EXTM3U", header, *render_segments(listing, UP)]


def _parse(data: bytes, tick: Fraction | None) -> tuple[signedtext.SignedText, LivePlaylist]:
    text = signedtext.split_signed(data, LIVE_MAX_BYTES)
    if text.header.text("TYPE") != "live":
        raise MalformedError("not of type live", code="wrong-type")
    return text, _read(text, tick, 0)


def _read(text: signedtext.SignedText, tick: Fraction | None, rank: int) -> LivePlaylist:
    header = text.header
    listing = parse_segments(text.lines, UP, most=LIVE_MAX_SEGMENTS, tick=tick)
    ended = header.flag("ENDED")
    if listing.vod or listing.endlist != ended or any(entry.skip for entry in listing.entries):
        raise MalformedError("ENDLIST stands exactly where ENDED does; a live playlist skips nothing")
    prev, chapter = _prev(header), _chapter(header)
    return LivePlaylist(
        event=header.text("EVENT"),
        rendition=header.text("RENDITION"),
        keyid=header.text("KEYID"),
        tick=header.integer("TICK"),
        issued_ms=header.moment("ISSUED"),
        target_duration=listing.target_duration,
        media_sequence=listing.media_sequence,
        discontinuity_sequence=listing.discontinuity_sequence,
        entries=listing.entries,
        prev=prev[0],
        prev_tick=prev[1],
        chapter=chapter[0],
        chapter_sha=chapter[1],
        ended=ended,
        extra=header.extra,
        rank=rank,
        signed_digest=text.signed_digest("live"),
    )


def _prev(header: Header) -> tuple[Digest, int] | tuple[None, None]:
    if not header.together("PREV", "PREVTICK"):
        return None, None
    return header.digest("PREV"), header.integer("PREVTICK")


def _chapter(header: Header) -> tuple[int, Digest] | tuple[None, None]:
    if not header.together("CHAPTER", "CHAPTERSHA"):
        return None, None
    return header.integer("CHAPTER"), header.digest("CHAPTERSHA")


def _judge(playlist: LivePlaylist, rendition: Rendition) -> LivePlaylist:
    """What only the event can tell: the tick of the last segment, and the size that a segment may have."""
    if playlist.tick != (playlist.last_n + 1) * rendition.ticks_per_segment - 1:
        raise MalformedError("TICK is not the end of the last segment")
    if any(entry.size > rendition.max_bytes for entry in playlist.entries):
        raise MalformedError("a segment is larger than its rendition allows", code="too-large")
    return playlist
