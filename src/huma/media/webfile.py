"""One file of a web source, as FFmpeg reads it: it never raises, and ends where it cannot go on."""

from __future__ import annotations

import io
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from huma.errors import TransportError
from huma.media.allowance import DeclinedError, OverdueError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpx

AGAIN_S: Final = (0.0, 1.0)
"""A connection that breaks is made again after so long, as FFmpeg does with `reconnect`."""
_SKIPPED_MAX_BYTES: Final = 256 * 1024
"""So little is read and thrown away rather than asked for anew."""
_BLOCK: Final = 16


class Readable(Protocol):
    """What FFmpeg is given."""

    def read(self, size: int, /) -> bytes:
        """Up to so many bytes, none at the end."""

    def close(self) -> None:
        """Nothing more will be read."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A server's answer.

    Attributes:
        response: Its body is not yet read.
        url: Where it was found at last.
        start: The place in the file of its first byte.
        size: Of the whole file in bytes, where the server says so.
        ranged: Whether any part of it can be asked for.
    """

    response: httpx.Response
    url: httpx.URL
    start: int
    size: int | None
    ranged: bool


class WebFile:
    """A file on a server, or the part of it from `start` to before `end`.

    Args:
        ask: Asks the server for it: from a place on, to before another or its end.
        note: Is told what went wrong while it was read.
        pause: Waits for so many seconds.
        start: Where reading begins.
        end: Where it ends, unless the file does so before.

    Raises:
        HumaError: It cannot be had.
    """

    def __init__(
        self,
        ask: Callable[[int, int | None], Answer],
        note: Callable[[BaseException], None],
        pause: Callable[[float], None],
        start: int = 0,
        end: int | None = None,
    ) -> None:
        self._ask, self._note, self._pause = ask, note, pause
        self.first = answer = ask(start, end)
        self._place, self._at, self._end = start, answer.start, end
        self._stop_at = end if answer.size is None else min(answer.size, end or answer.size)
        self._rest = b""
        self._answer: Answer | None = answer
        self._chunks: Iterator[bytes] = answer.response.iter_raw()
        self._dead = False

    def peek(self, size: int) -> bytes:
        """The next bytes, fewer at the end; they will be read again.

        Raises:
            HumaError: What is wrong with it.
        """
        while len(self._rest) < size and (chunk := next(self._chunks, b"")):
            self._rest += chunk
        return self._rest[:size]

    def read(self, size: int) -> bytes:
        """Up to so many bytes, none at the end, or where nothing more can be had."""
        if self._dead:
            return b""
        try:
            data = self._read(size)
        except BaseException as error:  # noqa: BLE001 - above this stands FFmpeg: nothing may go through it
            self._dead = True
            self._drop()
            self._note(error)
            return b""
        self._place += len(data)
        return data

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to another place; nothing is asked for before it is read."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._stop_at}.get(whence)
        if base is None or base + offset < 0:
            return -1
        self._place = base + offset
        return self._place

    def tell(self) -> int:
        """Where it is."""
        return self._place

    def seekable(self) -> bool:
        """Whether any part of it can be had."""
        return self.first.ranged and self._stop_at is not None

    def close(self) -> None:
        """Leave the connection to the next file, if this one is at its end."""
        if self._answer is not None and not self._rest and self._at == self._stop_at:
            with suppress(Exception):
                next(self._chunks, b"")
        self._drop()

    def _read(self, size: int) -> bytes:
        failures = 0
        while self._stop_at is None or self._place < self._stop_at:
            try:
                return self._next(size)
            except (DeclinedError, OverdueError):
                raise
            except TransportError:
                self._drop()
                if failures >= len(AGAIN_S) or self._stop_at is None:
                    raise
                self._pause(AGAIN_S[failures])
                failures += 1
        return b""

    def _next(self, size: int) -> bytes:
        if self._answer is None or not 0 <= self._place - self._at <= _SKIPPED_MAX_BYTES:
            self._connect()
        while not self._rest or self._at < self._place:
            self._rest = self._rest or next(self._chunks, b"")
            if not self._rest:
                if self._stop_at is not None and self._at < self._stop_at:
                    raise TransportError("broke off", code="source-lost")
                return b""
            self._take(self._place - self._at)
        return self._take(size)

    def _take(self, size: int) -> bytes:
        data, self._rest = self._rest[:size], self._rest[size:]
        self._at += len(data)
        return data

    def _connect(self) -> None:
        self._drop()
        answer = self._ask(self._place, self._end)
        self._answer, self._at = answer, answer.start
        self._chunks = answer.response.iter_raw()
        if answer.start != self._place or answer.size != self.first.size:
            raise DeclinedError("the server has another file now", code="source-lost")

    def _drop(self) -> None:
        answer, self._answer, self._rest = self._answer, None, b""
        if answer is not None:
            with suppress(Exception):
                answer.response.close()


class Deciphered:
    """A file that was encrypted with AES-128-CBC, as HLS does."""

    def __init__(self, inner: Readable, key: bytes, iv: bytes) -> None:
        self._inner = inner
        self._plain = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
        self._held = b""
        self._ready = b""

    def read(self, size: int) -> bytes:
        """Up to so many bytes, none at the end."""
        while not self._ready:
            data = self._inner.read(max(size, _BLOCK))
            if not data:
                self._ready, self._held = _without_padding(self._held), b""
                break
            # the last block may turn out to be the end, with its padding
            self._held += self._plain.update(data)
            self._ready, self._held = self._held[:-_BLOCK], self._held[-_BLOCK:]
        data, self._ready = self._ready[:size], self._ready[size:]
        return data

    def close(self) -> None:
        """Nothing more will be read."""
        self._inner.close()


def _without_padding(block: bytes) -> bytes:
    return block[: -block[-1]] if block and 1 <= block[-1] <= _BLOCK else block
