"""Where a fragment stands on the time line, and how a forger puts his own into its place."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from huma.errors import MediaError

if TYPE_CHECKING:
    from collections.abc import Iterator

_CONTAINERS: Final = frozenset({b"moof", b"traf"})


def decode_times(segment: bytes) -> list[int]:
    """The base decode time of each fragment of a segment."""
    return [_read(segment, at) for at in _tfdts(segment)]


def moved_to(segment: bytes, times: list[int]) -> bytes:
    """The same pictures at other times: fragment by fragment, as `decode_times` lists them."""
    places = list(_tfdts(segment))
    if len(places) != len(times):
        raise MediaError(
            f"{len(places)} fragments cannot take the places of {len(times)}", code="other-shape"
        )
    moved = bytearray(segment)
    for at, time in zip(places, times, strict=True):
        struct.pack_into(">Q" if segment[at] == 1 else ">I", moved, at + 4, time)
    return bytes(moved)


def _read(segment: bytes, at: int) -> int:
    (time,) = struct.unpack_from(">Q" if segment[at] == 1 else ">I", segment, at + 4)
    return int(time)


def _tfdts(segment: bytes) -> Iterator[int]:
    """Where the version byte of each tfdt box stands."""
    for kind, start, _ in _boxes(segment, 0, len(segment)):
        if kind == b"tfdt":
            yield start


def media_data(segment: bytes) -> Iterator[tuple[int, int]]:
    """Where the pictures and sounds themselves stand: start and end of each mdat's content."""
    for kind, start, end in _boxes(segment, 0, len(segment)):
        if kind == b"mdat":
            yield start, end


def _boxes(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """All boxes, those inside containers included, each with the place of its content."""
    while start + 8 <= end:
        size = int.from_bytes(data[start : start + 4])
        kind = data[start + 4 : start + 8]
        if not 8 <= size <= end - start:
            raise MediaError("not a fragmented MP4 segment", code="bad-boxes")
        yield kind, start + 8, start + size
        if kind in _CONTAINERS:
            yield from _boxes(data, start + 8, start + size)
        start += size
