"""Closes connections on which nothing moves, so that silence cannot fill the server up.

The HTTP layer times out half-sent requests, but neither a peer that says nothing at all nor one that asks and
then does not read. The kernel counts both for every connection; an address is never looked at.
"""

from __future__ import annotations

import os
import socket
import stat
import struct
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

IDLE_S: Final = 30.0
"""How long a connection may move less than `LEAST_BYTES`."""
LEAST_BYTES: Final = 4096
_ENTRY_LIMIT: Final = 65536
# struct tcp_info of Linux: 8 bytes, 24 × u32, 2 × u64, then bytes_acked and bytes_received
_COUNTS: Final = struct.Struct("=120xQQ")


@dataclass(frozen=True, slots=True)
class Seen:
    """What a connection had moved when it last moved enough."""

    acked: int
    received: int
    at: float


def open_handles() -> list[int]:
    """Every handle of this process."""
    return [int(name) for name in os.listdir("/proc/self/fd")[:_ENTRY_LIMIT]]  # noqa: PTH208 - names, not paths


class IdleSweeper:
    """Looks at every TCP connection of this process from time to time."""

    def __init__(
        self, *, idle_s: float = IDLE_S, handles: Callable[[], Iterable[int]] = open_handles
    ) -> None:
        self._idle_s = idle_s
        self._handles = handles
        self._seen: dict[int, Seen] = {}

    def sweep(self, now: float | None = None) -> int:
        """Shut the connections that have stood still; returns how many."""
        now = time.monotonic() if now is None else now
        before, self._seen = self._seen, {}
        closed = 0
        for handle in self._handles():
            closed += self._judge(handle, before, now)
        return closed

    def _judge(self, handle: int, before: dict[int, Seen], now: float) -> bool:
        connection = _second_handle(handle)
        if connection is None:
            return False
        with connection:
            moved = _moved(connection)
            if moved is None:
                return False
            key = os.fstat(connection.fileno()).st_ino
            seen = before.get(key)
            if seen is None or moved[1] > seen.received or moved[0] >= seen.acked + LEAST_BYTES:
                seen = Seen(*moved, at=now)
            self._seen[key] = seen
            if now - seen.at < self._idle_s:
                return False
            try:
                connection.shutdown(
                    socket.SHUT_RDWR
                )  # the HTTP layer sees the end, and closes its own handle
            except OSError:
                return False
            return True


def _second_handle(handle: int) -> socket.socket | None:
    """A handle of our own on the same connection; None for what is no socket, or was closed meanwhile."""
    try:
        own = os.dup(handle)
    except OSError:
        return None
    if not stat.S_ISSOCK(os.fstat(own).st_mode):
        os.close(own)
        return None
    return socket.socket(fileno=own)


def _moved(connection: socket.socket) -> tuple[int, int] | None:
    """Bytes that the peer has taken and given; None for what is no established connection."""
    try:
        if connection.family not in (socket.AF_INET, socket.AF_INET6):
            return None
        connection.getpeername()
        counts = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _COUNTS.size)
    except OSError:
        return None
    if len(counts) < _COUNTS.size:
        return None
    acked, received = _COUNTS.unpack(counts)
    return acked, received
