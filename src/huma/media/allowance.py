"""What one web source may take of our time and memory, and where it ends when it takes more."""

from __future__ import annotations

import threading
import time
from typing import Final

from huma.config import MIB
from huma.errors import MediaError, TransportError

PLAYLIST_MAX_BYTES: Final = 2 * MIB
"""A day of segments of 2 s."""
LISTED_MAX_BYTES: Final = 32 * MIB
"""What FFmpeg may have to keep of one playlist: it writes out every address in full."""
LISTS_MAX: Final = 200
"""Playlists that one source may name: variants and languages."""
INITS_MAX_BYTES: Final = 64 * MIB
"""FFmpeg keeps every EXT-X-MAP of every look at a playlist until the source is closed."""
URL_MAX_CHARS: Final = 4000
REDIRECTS_MAX: Final = 5
UNSEEN_MAX_BYTES: Final = 32 * MIB
"""Bytes without one packet of a stream. The index of a film of twelve hours takes so much, and nothing else should."""
OPEN_WITHIN_S: Final = 30.0
CONNECT_WITHIN_S: Final = 5.0
LOOK_S: Final = 0.2
"""How soon a reader notices that nobody wants it any more."""

TOO_LARGE: Final = "source-too-large"
TOO_LARGE_HINT: Final = (
    "Does it play elsewhere? If it does, ask its server for a shorter playlist, or a file."
)


class RefusedError(MediaError):
    """The source does what none may do: nothing more is read of it."""


class OverdueError(TransportError):
    """The source has had its time."""


class DeclinedError(TransportError):
    """A server's last word: asking it again at once is of no use."""


class Allowance:
    """Time and bytes until the next packet, in the one thread that reads; `halt` may come from any."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._halt = threading.Event()
        self._until = time.monotonic() + OPEN_WITHIN_S
        self._bytes = UNSEEN_MAX_BYTES

    def renew(self, seconds: float) -> None:
        """Count from here."""
        self._until = time.monotonic() + seconds
        self._bytes = UNSEEN_MAX_BYTES

    def halt(self) -> None:
        """End everything that waits."""
        self._halt.set()

    def left_s(self) -> float:
        """How long may still be waited.

        Raises:
            OverdueError: No longer.
        """
        left = self._until - time.monotonic()
        if left <= 0 or self._stop.is_set() or self._halt.is_set():
            raise OverdueError("takes too long", code="source-lost")
        return left

    def spend(self, size: int) -> None:
        """Count what was read.

        Raises:
            RefusedError: It is too much.
        """
        self._bytes -= size
        if self._bytes < 0:
            raise RefusedError(
                f"sends {UNSEEN_MAX_BYTES // MIB} MB without a picture or a sound",
                code=TOO_LARGE,
                hint=TOO_LARGE_HINT,
            )

    def pause(self, seconds: float) -> None:
        """Wait, unless nobody wants it any more."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._halt.wait(min(left, LOOK_S, self.left_s()))
