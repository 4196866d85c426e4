"""The list of segments that live playlists and chapters share (spec/documents.md, D29 to D34)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from huma.config import INIT_MAX_BYTES, MAX_INTEGER, MAX_TARGET_DURATION_S, SEGMENT_MAX_BYTES
from huma.errors import MalformedError
from huma.protocol import clocktext, names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from huma.protocol.names import MediaRef

VERSION_LINE = "#EXT-X-VERSION:7"
TARGET = "#EXT-X-TARGETDURATION:"
SEQUENCE = "#EXT-X-MEDIA-SEQUENCE:"
DISCONTINUITY_SEQUENCE = "#EXT-X-DISCONTINUITY-SEQUENCE:"
VOD_LINE = "#EXT-X-PLAYLIST-TYPE:VOD"
SKIP = "#EXT-X-HUMA-SKIP:"
DISCONTINUITY_LINE = "#EXT-X-DISCONTINUITY"
SIZE = "#EXT-X-HUMA-SIZE:"
MAP = '#EXT-X-MAP:URI="'
DATE = "#EXT-X-PROGRAM-DATE-TIME:"
EXTINF = "#EXTINF:"
ENDLIST_LINE = "#EXT-X-ENDLIST"

_SECONDS = re.compile(r"(0|[1-9][0-9]{0,4})\.([0-9]{6}),")
_MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class SegmentEntry:
    """One segment of a playlist.

    `pdt_ms` is written only for the first entry and after a discontinuity, and is None elsewhere once parsed.
    `skip` counts the segments of a long gap before this one; only chapters can hold any.
    """

    ref: MediaRef
    size: int
    duration: Fraction
    discontinuity: bool
    init: MediaRef
    init_size: int
    pdt_ms: int | None = None
    skip: int = 0


@dataclass(frozen=True, slots=True)
class SegmentList:
    """What stands between the header and the signature."""

    target_duration: int
    media_sequence: int
    discontinuity_sequence: int
    entries: tuple[SegmentEntry, ...]
    endlist: bool
    vod: bool


def microseconds(duration: Fraction) -> int:
    """A duration as EXTINF has it: whole microseconds, halves rounded up."""
    return (2 * _MICRO * duration.numerator + duration.denominator) // (2 * duration.denominator)


def format_duration(duration: Fraction) -> str:
    """A duration with six decimals."""
    whole = microseconds(duration)
    return f"{whole // _MICRO}.{whole % _MICRO:06d}"


def start_times(entries: Sequence[SegmentEntry]) -> tuple[int, ...]:
    """When each entry starts, in Unix milliseconds: its own date, or the last one plus the durations since."""
    times: list[int] = []
    anchor, since = 0, Fraction(0)
    for entry in entries:
        if entry.pdt_ms is not None:
            anchor, since = entry.pdt_ms, Fraction(0)
        times.append(anchor + int(since * 1000))
        since += entry.duration
    return tuple(times)


def render_segments(listing: SegmentList, up: int) -> list[str]:
    """The lines of `listing` in a playlist that stands `up` folders below the root."""
    lines = [
        VERSION_LINE,
        f"{TARGET}{listing.target_duration}",
        f"{SEQUENCE}{listing.media_sequence}",
        f"{DISCONTINUITY_SEQUENCE}{listing.discontinuity_sequence}",
    ]
    if listing.vod:
        lines.append(VOD_LINE)
    before: SegmentEntry | None = None
    for entry in listing.entries:
        lines.extend(_render_entry(entry, before, up))
        before = entry
    if listing.endlist:
        lines.append(ENDLIST_LINE)
    return lines


def _render_entry(entry: SegmentEntry, before: SegmentEntry | None, up: int) -> list[str]:
    if before is not None and entry.init == before.init and entry.init_size != before.init_size:
        raise MalformedError("one init segment has two sizes")
    lines = []
    if entry.skip:
        lines.append(f"{SKIP}{entry.skip}")
    if entry.discontinuity:
        lines.append(DISCONTINUITY_LINE)
    if before is None or entry.init != before.init:
        lines += [f"{SIZE}{entry.init_size}", f'{MAP}{names.render_media_uri(entry.init, up)}"']
    if before is None or entry.discontinuity:
        if entry.pdt_ms is None:
            raise MalformedError("the first entry, and each after a discontinuity, has a date")
        lines.append(f"{DATE}{clocktext.format_ms(entry.pdt_ms)}")
    lines.append(f"{EXTINF}{format_duration(entry.duration)},")
    return [*lines, f"{SIZE}{entry.size}", names.render_media_uri(entry.ref, up)]


def parse_segments(lines: Sequence[str], up: int, *, most: int, tick: Fraction | None = None) -> SegmentList:
    """Read the lines back. A duration that is the rounding of `tick` (s · tick) is taken as exactly that."""
    reader = _Lines(lines)
    reader.expect(VERSION_LINE)
    target = reader.integer(TARGET)
    if not 1 <= target <= MAX_TARGET_DURATION_S:
        raise MalformedError(f"a target duration is 1 to {MAX_TARGET_DURATION_S} seconds")
    sequence, discontinuities = reader.integer(SEQUENCE), reader.integer(DISCONTINUITY_SEQUENCE)
    vod = reader.take(VOD_LINE)
    entries: list[SegmentEntry] = []
    while not reader.done and reader.peek() != ENDLIST_LINE:
        if len(entries) == most:
            raise MalformedError(f"more than {most} segments", code="too-many-segments")
        entries.append(_parse_entry(reader, entries[-1] if entries else None, up, tick))
    if not entries:
        raise MalformedError("no segment")
    endlist = reader.take(ENDLIST_LINE)
    if not reader.done:
        raise MalformedError(f"a line that has no place here: {reader.peek()[:40]!r}")
    if any((microseconds(entry.duration) + _MICRO // 2) // _MICRO > target for entry in entries):
        raise MalformedError("a segment is longer than the target duration")
    if sequence + len(entries) + sum(entry.skip for entry in entries) > MAX_INTEGER:
        raise MalformedError("a media sequence number of 2^53 or more")
    return SegmentList(target, sequence, discontinuities, tuple(entries), endlist, vod)


def _parse_entry(reader: _Lines, before: SegmentEntry | None, up: int, tick: Fraction | None) -> SegmentEntry:
    skip = reader.integer(SKIP) if reader.at(SKIP) else None
    discontinuity = reader.take(DISCONTINUITY_LINE)
    if skip is not None and (skip == 0 or not discontinuity or before is None):
        raise MalformedError(
            "a skip is at least 1, and stands before a discontinuity that is not the first entry"
        )
    if reader.at(SIZE):
        init_size = _size(reader, INIT_MAX_BYTES)
        init = _ref(reader.value(MAP), up, "mp4", '"')
        if before is not None and (not discontinuity or init == before.init):
            raise MalformedError("a map changes only at a discontinuity, and is written only when it changes")
    elif before is None:
        raise MalformedError("the first segment has no map")
    else:
        init, init_size = before.init, before.init_size
    pdt_ms = None
    if before is None or discontinuity:
        pdt_ms = clocktext.parse_ms(reader.value(DATE))
    duration = _duration(reader.value(EXTINF), tick)
    size = _size(reader, SEGMENT_MAX_BYTES)
    ref = _ref(reader.value(""), up, "m4s", "")
    return SegmentEntry(ref, size, duration, discontinuity, init, init_size, pdt_ms, skip or 0)


def _size(reader: _Lines, most: int) -> int:
    size = reader.integer(SIZE)
    if not 1 <= size <= most:
        raise MalformedError(f"a size is 1 to {most} bytes")
    return size


def _ref(text: str, up: int, ext: str, end: str) -> MediaRef:
    ref = names.parse_media_uri(text.removesuffix(end), up)
    if ref.ext != ext or not text.endswith(end):
        raise MalformedError(f"not a file of kind {ext}: {text[:96]!r}")
    return ref


def _duration(text: str, tick: Fraction | None) -> Fraction:
    found = _SECONDS.fullmatch(text)
    if found is None:
        raise MalformedError(f"not a duration with six decimals: {text[:24]!r}")
    whole = int(found[1]) * _MICRO + int(found[2])
    if whole == 0:
        raise MalformedError("a segment without duration")
    if tick is not None and whole == microseconds(tick):
        return tick
    return Fraction(whole, _MICRO)


class _Lines:
    """A cursor over lines."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._at = 0

    @property
    def done(self) -> bool:
        return self._at == len(self._lines)

    def peek(self) -> str:
        if self.done:
            raise MalformedError("the playlist ends too early")
        return self._lines[self._at]

    def at(self, tag: str) -> bool:
        return not self.done and self._lines[self._at].startswith(tag)

    def take(self, line: str) -> bool:
        found = not self.done and self._lines[self._at] == line
        self._at += found
        return found

    def expect(self, line: str) -> None:
        if not self.take(line):
            raise MalformedError(f"want {line}")

    def value(self, tag: str) -> str:
        line = self.peek()
        if not line.startswith(tag):
            raise MalformedError(f"want {tag or 'a URI'}")
        self._at += 1
        return line[len(tag) :]

    def integer(self, tag: str) -> int:
        return names.parse_integer(self.value(tag))
