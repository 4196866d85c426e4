"""FLV, as far as it is written here: a header, then tags, each followed by its size."""

from __future__ import annotations

from typing import Final

SCRIPT: Final = 18
_TAG_HEADER: Final = 11


def render_header(*, sound: bool, picture: bool) -> bytes:
    """The head of the file; a reader looks for no other tracks than those that it names."""
    return b"FLV\x01" + bytes([sound << 2 | picture]) + (9).to_bytes(4, "big") + bytes(4)


def render_tag(kind: int, timestamp: int, payload: bytes) -> bytes:
    """One tag, and its size behind it. The timestamp's highest byte stands behind the lower three."""
    head = (
        bytes([kind])
        + len(payload).to_bytes(3, "big")
        + (timestamp & 0xFFFFFF).to_bytes(3, "big")
        + bytes([timestamp >> 24, 0, 0, 0])
    )
    return head + payload + (_TAG_HEADER + len(payload)).to_bytes(4, "big")
