"""Who may send: decided from what happens and when, without a socket.

    knock    a stranger wants to come in; libsrt has not looked at the passphrase yet
    enter    the passphrase was right; now a caller
    speak    bytes came: a caller becomes the publisher, or is sent away
    leave    gone

A publisher that has been silent for some seconds makes room for whoever has the same passphrase and something to say.
`knock` is asked by a thread of libsrt's, the rest by ours.
"""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from huma.net.srt.bucket import Bucket, Turnstile
from huma.net.srt.crowd import Crowd
from huma.net.srt.syncing import SyncWatch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from huma.net.srt.crowd import Passage
    from huma.net.srt.limits import Limits

BUSY: Final = "busy"
CROWDED: Final = "crowded"
IDLE: Final = "idle"
NOT_MPEGTS: Final = "not-mpegts"
OLD: Final = "old"
WRONG: Final = "passphrase"
SILENT: Final = "silent"
STREAMID: Final = "streamid"
TAKEN_OVER: Final = "taken-over"
TOO_FAST: Final = "too-fast"

REASONS: Final = frozenset(
    (BUSY, CROWDED, IDLE, NOT_MPEGTS, OLD, WRONG, SILENT, STREAMID, TAKEN_OVER, TOO_FAST)
)
_HANDSHAKE: Final = 5


@dataclass(frozen=True, slots=True)
class Knock:
    """What a stranger says of himself: the version of his handshake, his stream id, and where it came from."""

    version: int
    streamid: bytes
    origin: bytes = field(default=b"", repr=False)


class Admission:
    """The publisher, the callers, and why others were sent away. Sockets are numbers; times monotonic ms."""

    def __init__(self, limits: Limits, streamid: str | None) -> None:
        self._limits = limits
        self._streamid = None if streamid is None else streamid.encode()
        self._lock = threading.Lock()
        self._crowd = Crowd(limits)
        self._checks = Turnstile(limits.checks_each, limits.checks)
        self._flow = Bucket(limits.bits_per_second / 8, limits.burst_bytes)
        self._callers: dict[int, int] = {}
        self._knocked: set[int] = set()
        self._refused: Counter[str] = Counter()
        self._heard_ms = 0
        self._sync = SyncWatch()
        self.publisher: int | None = None
        self.publications = 0

    @property
    def refused(self) -> Mapping[str, int]:
        """How many were sent away, by reason."""
        with self._lock:
            return dict(self._refused)

    @property
    def knocked(self) -> tuple[int, ...]:
        """Whoever libsrt is looking at, or has turned away."""
        with self._lock:
            return tuple(self._knocked)

    def knock(self, socket: int, knock: Knock, now_ms: int) -> str:
        """Why a stranger need not be looked at; empty where he is. To check a passphrase takes libsrt's time."""
        with self._lock:
            self._crowd.note(knock.origin)
            reason = self._judge(knock, now_ms)
            if reason:
                self._refused[reason] += 1
            else:
                self._knocked.add(socket)
            return reason

    def turned_away(self, socket: int) -> None:
        """Libsrt did not take him: the passphrase was wrong or missing."""
        with self._lock:
            self._knocked.discard(socket)
            self._refused[WRONG] += 1

    def enter(self, socket: int, latency_ms: int, now_ms: int) -> str:
        """A caller; or why not. What he sends is seen after the latency."""
        with self._lock:
            self._knocked.discard(socket)
            if len(self._callers) >= self._limits.callers:
                self._refused[CROWDED] += 1
                return CROWDED
            self._callers[socket] = now_ms + latency_ms + self._limits.mute_ms
            return ""

    def speak(self, socket: int, data: bytes, now_ms: int) -> tuple[tuple[int, str], ...]:
        """Bytes came: who goes for it, and why. Where it is not the one who spoke, the bytes are the publication's."""
        with self._lock:
            going: tuple[tuple[int, str], ...] = ()
            if socket != self.publisher:
                if self._is_moving(now_ms):
                    return (self._send_away(socket, BUSY),)
                if self.publisher is not None:
                    going = (self._send_away(self.publisher, TAKEN_OVER),)
                self._callers.pop(socket, None)
                self.publisher, self._sync = socket, SyncWatch()
                self.publications += 1
            self._heard_ms = now_ms
            if not self._flow.take(len(data), now_ms):
                return (*going, self._send_away(socket, TOO_FAST))
            if self._sync.add(data) > self._limits.garbage_bytes:
                return (*going, self._send_away(socket, NOT_MPEGTS))
            return going

    def leave(self, socket: int) -> None:
        """He is gone."""
        with self._lock:
            self._forget(socket)

    def sweep(self, now_ms: int) -> tuple[tuple[int, str], ...]:
        """Who goes because he has said nothing for too long."""
        with self._lock:
            mute = [socket for socket, until in self._callers.items() if now_ms > until]
            going = [self._send_away(socket, SILENT) for socket in mute]
            if self.publisher is not None and now_ms - self._heard_ms > self._limits.idle_ms:
                going.append(self._send_away(self.publisher, IDLE))
            return tuple(going)

    def look(self, now_ms: int) -> Passage | None:
        """Who may knock from now on; None while that is as it was."""
        with self._lock:
            return self._crowd.look(now_ms)

    def _judge(self, knock: Knock, now_ms: int) -> str:
        if knock.version < _HANDSHAKE:
            return OLD
        if self._streamid is not None and knock.streamid != self._streamid:
            return STREAMID
        if self._is_moving(now_ms):
            return BUSY
        return "" if self._checks.let_in(knock.origin, now_ms) else CROWDED

    def _is_moving(self, now_ms: int) -> bool:
        return self.publisher is not None and now_ms - self._heard_ms < self._limits.takeover_ms

    def _send_away(self, socket: int, reason: str) -> tuple[int, str]:
        self._refused[reason] += 1
        self._forget(socket)
        return socket, reason

    def _forget(self, socket: int) -> None:
        self._callers.pop(socket, None)
        if socket == self.publisher:
            self.publisher = None
