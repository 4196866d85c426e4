"""How the listener hands media to its supervisor: the number of a publication, a length, so many bytes.

No bytes mean that the publication is over. The supervisor believes the listener nothing: it may have been taken over.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD: Final = struct.Struct(">II")


class FrameError(Exception):
    """What came is no frame: the listener cannot be trusted any more."""


def render_head(number: int, size: int) -> bytes:
    """What stands before the bytes."""
    return HEAD.pack(number, size)


class FrameReader:
    """Cuts frames out of what comes, however it is cut. Holds less than one frame."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Every frame that is complete now: the publication's number and its bytes, none at its end.

        Raises:
            FrameError: A frame is longer than any that a listener of ours makes.
        """
        self._held += data
        place = 0
        while len(self._held) - place >= HEAD.size:
            number, size = HEAD.unpack_from(self._held, place)
            if size > self._most:
                raise FrameError
            end = place + HEAD.size + size
            if end > len(self._held):
                break
            yield number, bytes(self._held[place + HEAD.size : end])
            place = end
        del self._held[:place]
