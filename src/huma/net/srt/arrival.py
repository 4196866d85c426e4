"""One publication as a byte stream, written by the door's thread and read by another.

A reader that is too slow loses all of it, and begins anew with what comes then: MPEG-TS can be joined anywhere, and a
decoder that knows of the gap does better than one that finds holes. The line is never held back for a reader: the
encoder's person cannot mend our decoder.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from huma.net.srt.limits import Limits

_LOOK_S: Final = 0.1
_PIECE_COST: Final = 256


class Arrival:
    """A bounded file-like object: `read` gives what is there, waits for more, and gives nothing at the end."""

    def __init__(self, limits: Limits, clock: Callable[[], int]) -> None:
        self._limits = limits
        self._clock = clock
        self._changed = threading.Condition()
        self._rest = memoryview(b"")
        self._queue: deque[tuple[int, bytes]] = deque()
        self._size = 0
        self._ended_ms: int | None = None
        self._closed = self._taken = False
        self._stop: threading.Event | None = None
        self._idle_s: float | None = None
        self.unread = 0
        """Bytes that nobody read in time."""

    def attend(self, stop: threading.Event, idle_s: float | None) -> None:
        """It has a reader, whose reads end when `stop` is set, or when nothing came for `idle_s`."""
        with self._changed:
            self._stop, self._idle_s, self._taken = stop, idle_s, True

    def read(self, size: int) -> bytes:
        """Up to `size` bytes; none at the end."""
        asked = time.monotonic()
        with self._changed:
            while not self._rest and not self._queue:
                if self._ended_ms is not None or self._halted(asked):
                    return b""
                self._changed.wait(_LOOK_S)
            if self._halted(asked):
                return b""
            if not self._rest:
                self._rest = memoryview(self._pop())
            part = bytes(self._rest[:size])
            self._rest = self._rest[len(part) :]
            return part

    def close(self) -> None:
        """Read no more. The encoder stays; the next arrival begins with what comes then."""
        with self._changed:
            self._closed = True
            self._drop_all()

    @property
    def over(self) -> bool:
        """Whether nothing more is put here: its reader has let go, or was too slow, or the publication has ended."""
        return self._closed or self._ended_ms is not None

    @property
    def stale(self) -> bool:
        """Whether it ended so long ago that nobody should put it on the air."""
        ended = self._ended_ms
        return ended is not None and self._clock() - ended > self._limits.arrival_ms

    @property
    def held_bytes(self) -> int:
        """What waits to be read."""
        return self._size + len(self._rest)

    def put(self, data: bytes) -> None:
        """Add bytes. Until it has a reader, the oldest make room; then, all go and it ends."""
        with self._changed:
            if self.over:
                return
            self._queue.append((self._clock(), data))
            self._size += len(data) + _PIECE_COST
            while self._overfull():
                if self._taken:
                    self._ended_ms = self._clock()
                    self._rest = memoryview(b"")
                    self._drop_all()
                    return
                self.unread += len(self._pop())
            self._changed.notify_all()

    def end(self) -> None:
        """Nothing more comes."""
        with self._changed:
            if self._ended_ms is None:
                self._ended_ms = self._clock()
            self._changed.notify_all()

    def _pop(self) -> bytes:
        _, data = self._queue.popleft()
        self._size -= len(data) + _PIECE_COST
        return data

    def _drop_all(self) -> None:
        self.unread += sum(len(data) for _, data in self._queue)
        self._queue.clear()
        self._size = 0
        self._changed.notify_all()

    def _halted(self, asked: float) -> bool:
        """Whether nobody wants more: closed, told to stop, or nothing came in time."""
        if self._closed or (self._stop is not None and self._stop.is_set()):
            return True
        empty = not self._rest and not self._queue
        return empty and self._idle_s is not None and time.monotonic() - asked > self._idle_s

    def _overfull(self) -> bool:
        """Half as much before it has a reader, who must have time to begin."""
        part = 1 if self._taken else 2
        waits_ms = self._clock() - self._queue[0][0] if self._queue else 0
        return self._size > self._limits.arrival_bytes // part or waits_ms > self._limits.arrival_ms // part
