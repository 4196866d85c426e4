"""The boxes of ISO/IEC 14496-12 as bytes: length, four letters, content."""

from __future__ import annotations

import struct


def box(kind: bytes, *parts: bytes) -> bytes:
    """A box with `parts` in it."""
    return struct.pack(">I4s", 8 + sum(map(len, parts)), kind) + b"".join(parts)


def full_box(kind: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    """A box that begins with a version and 24 flags."""
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


def descriptor(tag: int, *parts: bytes) -> bytes:
    """A descriptor of ISO/IEC 14496-1, as they stand inside `esds`."""
    content = b"".join(parts)
    length = len(content)
    return bytes(
        [tag, length >> 21 & 127 | 128, length >> 14 & 127 | 128, length >> 7 & 127 | 128, length & 127]
    ) + (content)


def iter_boxes(
    data: bytes | memoryview, start: int = 0, end: int | None = None
) -> list[tuple[bytes, int, int]]:
    """The boxes in `data`: four letters, where the content begins, where it ends. Stops at the first that is cut."""
    found, at, end = [], start, len(data) if end is None else end
    while at + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, at)
        if size < 8 or at + size > end:
            break
        found.append((kind, at + 8, at + size))
        at += size
    return found
