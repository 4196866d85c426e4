"""One MP4 of several tracks: a moov for all of them, the signed fragments renumbered behind it, an index at the end.

The coded pictures and sounds stay as they were signed; only track ids, sequence numbers and decode times change. A
movie is playable from its first fragment on, and stays so when nobody comes to write its end.
"""

from __future__ import annotations

import struct
from array import array
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Final, Literal

from huma.errors import MediaError
from huma.media.boxes import box, full_box, iter_boxes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_MOVIE_SCALE: Final = 1000
_SINCE_1904_S: Final = 2_082_844_800
_MATRIX: Final = struct.pack(">9i", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_NO_DURATION: Final = box(b"free", bytes(12))  # as large as the mehd box that replaces it
_KINDS: Final[dict[bytes, Literal["video", "audio"]]] = {b"vide": "video", b"soun": "audio"}


@dataclass(frozen=True, slots=True)
class Track:
    """What an init segment says of its one track."""

    kind: Literal["video", "audio"]
    timescale: int
    trak: bytes = field(repr=False)
    trex: bytes = field(repr=False)

    def seconds(self, units: int) -> Fraction:
        """A time of this track."""
        return Fraction(units, self.timescale)


@dataclass(frozen=True, slots=True)
class Moved:
    """Fragments as they stand in a movie, and for each where it begins among them and when it is decoded."""

    data: bytes
    starts: tuple[tuple[int, int], ...]


def read_track(init: bytes) -> Track:
    """The track of a CMAF init segment."""
    moov = _only(init, 0, len(init), b"moov")
    trak = _only(init, *moov, b"trak")
    mdia = _only(init, *trak, b"mdia")
    mdhd, hdlr = _only(init, *mdia, b"mdhd"), _only(init, *mdia, b"hdlr")
    trex = _only(init, *_only(init, *moov, b"mvex"), b"trex")
    try:
        (timescale,) = struct.unpack_from(">I", init, mdhd[0] + (20 if init[mdhd[0]] == 1 else 12))
    except (struct.error, IndexError):
        raise _broken() from None
    kind = _KINDS.get(init[hdlr[0] + 8 : hdlr[0] + 12])
    if kind is None or not timescale or trex[1] - trex[0] != 24:
        raise _broken()
    return Track(kind, timescale, init[trak[0] : trak[1]], init[trex[0] : trex[1]])


def decode_time(track: Track, data: bytes) -> Fraction:
    """When the first sample of a segment is decoded, in seconds of its own time line."""
    for kind, start, end in iter_boxes(data):
        if kind == b"moof":
            _, tfdt, wide = _places(data, start, end)
            return track.seconds(_read_time(data, tfdt, wide=wide))
    raise _broken()


def moved(track: Track, data: bytes, *, number: int, sequence: int, base: Fraction) -> Moved:
    """The fragments of a segment as track `number` of a movie that begins at `base` of the segment's time line."""
    out, starts, at = bytearray(), [], 0
    earlier = round(base * track.timescale)
    for kind, start, end in iter_boxes(data):
        at = end
        if kind not in (b"moof", b"mdat"):
            continue  # a styp, an event message: of no use in a file
        begin = len(out)
        out += data[start - 8 : end]
        if kind == b"moof":
            shift = begin - (start - 8)
            tfhd, tfdt, wide = _places(data, start, end)
            time = max(0, _read_time(data, tfdt, wide=wide) - earlier)
            struct.pack_into(
                ">I", out, _only(data, start, end, b"mfhd")[0] + 4 + shift, sequence & 0xFFFFFFFF
            )
            struct.pack_into(">I", out, tfhd + 4 + shift, number)
            struct.pack_into(">Q" if wide else ">I", out, tfdt + 4 + shift, time)
            starts.append((begin, time))
            sequence += 1
    if not starts or at != len(data):
        raise _broken()
    return Moved(bytes(out), tuple(starts))


class Movie:
    """The bytes of one movie, in the order in which they are to be written; it writes nothing itself."""

    def __init__(self, tracks: Sequence[Track], *, base: Fraction, created_ms: int) -> None:
        self._tracks = tuple(tracks)
        self._base = base
        self._created_s = created_ms // 1000 + _SINCE_1904_S
        self._sequence = 1
        self._times = [array("Q") for _ in tracks]
        self._offsets = [array("Q") for _ in tracks]
        self._end = Fraction(0)

    @property
    def tracks(self) -> tuple[Track, ...]:
        """Its tracks, the first of them number 1."""
        return self._tracks

    @property
    def head(self) -> bytes:
        """What stands before the first fragment, without a duration."""
        return self._head(Fraction(0))

    @property
    def finished_head(self) -> bytes:
        """The head of a movie that is over: of the same size, with its duration."""
        return self._head(self._end)

    def place(self, parts: Iterable[tuple[int, bytes]], at: int, *, base: Fraction | None = None) -> bytes:
        """Segments, each with the index of its track, as they stand from byte `at` of the movie on.

        `base` is where their time line has the movie's beginning, if not where it was at first.
        """
        written, base = bytearray(), self._base if base is None else base
        for index, data in parts:
            track = self._tracks[index]
            part = moved(track, data, number=index + 1, sequence=self._sequence, base=base)
            for begin, time in part.starts:
                self._times[index].append(time)
                self._offsets[index].append(at + len(written) + begin)
            self._sequence += len(part.starts)
            written += part.data
        return bytes(written)

    def forget(self, at: int) -> None:
        """What was placed from byte `at` on was not written."""
        for times, offsets in zip(self._times, self._offsets, strict=True):
            while offsets and offsets[-1] >= at:
                offsets.pop()
                times.pop()

    def lasts(self, end: Fraction) -> None:
        """Something lasts until `end` of the segments' time line."""
        self._end = max(self._end, end - self._base)

    def tail(self) -> bytes:
        """The index, which stands at the end: with it, players find any moment at once."""
        tables = [
            full_box(
                b"tfra",
                1,
                0,
                struct.pack(">III", number, 0, len(times)),
                b"".join(
                    struct.pack(">QQBBB", time, offset, 1, 1, 1)
                    for time, offset in zip(times, offsets, strict=True)
                ),
            )
            for number, (times, offsets) in enumerate(zip(self._times, self._offsets, strict=True), 1)
        ]
        size = 8 + sum(map(len, tables)) + 16
        return box(b"mfra", *tables, full_box(b"mfro", 0, 0, struct.pack(">I", size)))

    def _head(self, duration: Fraction) -> bytes:
        units = round(duration * _MOVIE_SCALE)
        created = self._created_s
        mvhd = full_box(
            b"mvhd",
            1,
            0,
            struct.pack(">QQIQIH10x", created, created, _MOVIE_SCALE, units, 0x10000, 0x100),
            _MATRIX,
            bytes(24),
            struct.pack(">I", len(self._tracks) + 1),
        )
        mehd = full_box(b"mehd", 1, 0, struct.pack(">Q", units)) if units else _NO_DURATION
        traks = [box(b"trak", _numbered(track.trak, number)) for number, track in enumerate(self._tracks, 1)]
        trexes = [
            box(b"trex", track.trex[:4], struct.pack(">I", number), track.trex[8:])
            for number, track in enumerate(self._tracks, 1)
        ]
        return box(b"ftyp", b"iso6", struct.pack(">I", 0), b"iso6isommp41") + box(
            b"moov", mvhd, *traks, box(b"mvex", mehd, *trexes)
        )


def _numbered(trak: bytes, number: int) -> bytes:
    """The content of a trak box with another track id."""
    start, _ = _only(trak, 0, len(trak), b"tkhd")
    out = bytearray(trak)
    try:
        struct.pack_into(">I", out, start + (20 if trak[start] == 1 else 12), number)
    except (struct.error, IndexError):
        raise _broken() from None
    return bytes(out)


def _places(data: bytes, start: int, end: int) -> tuple[int, int, bool]:
    """Where in a moof the contents of its tfhd and its tfdt begin, and whether the time there is a long one."""
    traf = _only(data, start, end, b"traf")
    tfhd, tfdt = _only(data, *traf, b"tfhd"), _only(data, *traf, b"tfdt")
    wide = tfdt[1] - tfdt[0] == 12 and data[tfdt[0]] == 1
    if tfhd[1] - tfhd[0] < 8 or not (wide or tfdt[1] - tfdt[0] == 8):
        raise _broken()
    return tfhd[0], tfdt[0], wide


def _read_time(data: bytes, tfdt: int, *, wide: bool) -> int:
    return int.from_bytes(data[tfdt + 4 : tfdt + (12 if wide else 8)])


def _only(data: bytes, start: int, end: int, kind: bytes) -> tuple[int, int]:
    """Where the content of the one box of this kind begins and ends."""
    found = [(inner, until) for each, inner, until in iter_boxes(data, start, end) if each == kind]
    if len(found) != 1:
        raise _broken()
    return found[0]


def _broken() -> MediaError:
    return MediaError(
        "a segment is not MP4 of one track in fragments",
        code="bad-segment",
        hint="Its maker signed something that no player can take.",
    )
