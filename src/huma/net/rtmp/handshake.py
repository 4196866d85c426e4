"""The simple handshake. Clients that would rather have the one with digests are content with it as well."""

from __future__ import annotations

from typing import Final

from huma.errors import BugError
from huma.net.rtmp.refusals import malformed

VERSION: Final = 3
BLOCK: Final = 1536
_GREETING: Final = 1 + BLOCK
_ZERO: Final = bytes(8)
RANDOM_BYTES: Final = BLOCK - len(_ZERO)


class Handshake:
    """The server's side, fed with bytes. Nothing is said before the client has said all of its own greeting.

    Our time and version are zero, which tells clients that look for a digest that there is none.
    """

    def __init__(self, random: bytes) -> None:
        if len(random) != RANDOM_BYTES:
            raise BugError("the handshake wants 1528 random bytes")
        self._ours = _ZERO + random
        self._received = bytearray()
        self._greeted = False
        self.done = False

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        """What to send, and what of `data` lies behind the handshake."""
        if self.done:
            return b"", data
        self._received += data
        if self._received and self._received[0] != VERSION:
            raise malformed("this is not RTMP")
        reply = b""
        if not self._greeted and len(self._received) >= _GREETING:
            self._greeted = True
            reply = bytes([VERSION]) + self._ours + bytes(self._received[1:_GREETING])
        if len(self._received) < _GREETING + BLOCK:
            return reply, b""
        self.done = True
        rest = bytes(self._received[_GREETING + BLOCK :])
        self._received.clear()
        return reply, rest
