"""One publication as an FLV byte stream, written by the door's thread and read by another.

A reader that is too slow loses what is oldest, up to the newest key frame. The socket is never held back for it:
the encoder's person cannot mend our decoder, a stream held back is late for the rest of the day, and a door that
stopped reading could not tell a silent encoder from a waiting one.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from huma.net.rtmp.flv import render_tag

if TYPE_CHECKING:
    from collections.abc import Callable

    from huma.net.rtmp.limits import Limits
    from huma.net.rtmp.tags import Tag

_LOOK_S: Final = 0.1
_TAG_COST: Final = 256


@dataclass(frozen=True, slots=True)
class _Queued:
    """A rendered tag, the kind of track whose sequence header it is, whether a decoder can begin here, when it came."""

    data: bytes
    header_of: int | None
    entry: bool
    at_ms: int

    @property
    def cost(self) -> int:
        """What it holds of memory: a stream of tiny tags must not hold many times its bytes."""
        return len(self.data) + _TAG_COST


class Arrival:
    """A bounded file-like object: `read` gives what is there, waits for more, and gives nothing at the end."""

    def __init__(
        self, head: bytes, *, name: str, language: str, limits: Limits, clock: Callable[[], int]
    ) -> None:
        self.name = name
        self.language = language
        self._limits = limits
        self._clock = clock
        self._changed = threading.Condition()
        self._rest = memoryview(head)
        self._queue: deque[_Queued] = deque()
        self._size = 0
        self._missing = False
        self._ended_ms: int | None = None
        self._closed = False
        self._stop: threading.Event | None = None
        self._idle_s: float | None = None
        self.dropped = 0

    def attend(self, stop: threading.Event, idle_s: float | None) -> None:
        """Let reads end when `stop` is set, or when nothing came for `idle_s`."""
        self._stop, self._idle_s = stop, idle_s

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
                queued = self._queue.popleft()
                self._size -= queued.cost
                self._rest = memoryview(queued.data)
            part = bytes(self._rest[:size])
            self._rest = self._rest[len(part) :]
            return part

    def close(self) -> None:
        """Read no more. The encoder stays; the door begins another arrival with its next key frame."""
        with self._changed:
            self._closed = True
            self._queue.clear()
            self._size = 0
            self._changed.notify_all()

    @property
    def closed(self) -> bool:
        """Whether its reader has let go."""
        return self._closed

    @property
    def stale(self) -> bool:
        """Whether it ended so long ago that nobody should put it on the air."""
        ended = self._ended_ms
        return ended is not None and self._clock() - ended > self._limits.arrival_ms

    @property
    def held_bytes(self) -> int:
        """What waits to be read."""
        return self._size + len(self._rest)

    def put(self, tag: Tag, moment: int, *, entry: bool) -> None:
        """Add a tag. `entry` says that a decoder can begin at it."""
        data = render_tag(tag.kind, moment, tag.payload)
        with self._changed:
            if self._closed or self._ended_ms is not None:
                return
            if self._missing and not entry and tag.role != "header":
                self.dropped += 1
                return
            self._missing = self._missing and not entry
            header_of = tag.kind if tag.role == "header" else None
            self._append(_Queued(data, header_of, entry, self._clock()))
            self._keep_bounds()
            self._changed.notify_all()

    def end(self) -> None:
        """Nothing more comes."""
        with self._changed:
            self._ended_ms = self._clock()
            self._changed.notify_all()

    def _halted(self, asked: float) -> bool:
        """Whether nobody wants more: closed, told to stop, or nothing came in time."""
        if self._closed or (self._stop is not None and self._stop.is_set()):
            return True
        empty = not self._rest and not self._queue
        return empty and self._idle_s is not None and time.monotonic() - asked > self._idle_s

    def _append(self, queued: _Queued) -> None:
        self._queue.append(queued)
        self._size += queued.cost

    def _keep_bounds(self) -> None:
        """Drop up to the newest entry where too much waits, and everything where that is too much still."""
        if not self._overfull():
            return
        newest = next((each for each in reversed(self._queue) if each.entry), None)
        headers: dict[int, _Queued] = {}
        while self._queue and self._queue[0] is not newest:
            self._drop_first(headers)
        if self._overfull():
            while self._queue:
                self._drop_first(headers)
        self._missing = not self._queue
        for header in headers.values():
            self._queue.appendleft(replace(header, at_ms=self._clock()))
            self._size += header.cost

    def _drop_first(self, headers: dict[int, _Queued]) -> None:
        """Let go of the oldest tag; the newest sequence header of each kind is kept for what follows."""
        first = self._queue.popleft()
        self._size -= first.cost
        if first.header_of is not None:
            headers[first.header_of] = first
        else:
            self.dropped += 1

    def _overfull(self) -> bool:
        waits_ms = self._clock() - self._queue[0].at_ms if self._queue else 0
        return self._size > self._limits.arrival_bytes or waits_ms > self._limits.arrival_ms
