"""Too many at the door: who knocks too often, and how many of the rest may come through.

libsrt makes a socket of 60 KB for whoever gives back its cookie, before it asks us, and keeps it for a second. Thousands a
second would be more memory than there is. So what is decided here is put before the UDP socket (`sieve`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from huma.net.srt.limits import Limits

MOST_BANNED: Final = 32
_LOOK_MS: Final = 100
_ORIGINS: Final = 4096
_LEAST_SHARE: Final = 0.001
_RECOVERS: Final = 1.25


@dataclass(frozen=True, slots=True)
class Passage:
    """Whose handshakes are dropped, and which part of all others gets through."""

    banned: tuple[bytes, ...] = ()
    share: float = 1.0


class Crowd:
    """Counts knocks. Times are monotonic ms; origins are IPv4 addresses or halves of IPv6 ones."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._knocks: Counter[bytes] = Counter()
        self._total = 0
        self._looked_ms = self._forgot_ms = 0
        self._banned: dict[bytes, int] = {}
        self._share = 1.0

    def note(self, origin: bytes) -> None:
        """Somebody from there has knocked."""
        self._total += 1
        if origin in self._knocks or len(self._knocks) < _ORIGINS:
            self._knocks[origin] += 1

    def look(self, now_ms: int) -> Passage | None:
        """Who may pass from now on; None while it is not yet time to look again, unless too many come at once."""
        passed = now_ms - self._looked_ms
        if passed < _LOOK_MS and self._total * 1000 < self._limits.knocks * 2 * _LOOK_MS:
            return None
        self._ban(now_ms)
        self._spread(passed)
        self._looked_ms = now_ms
        if now_ms - self._forgot_ms >= 1000:
            self._forgot_ms = now_ms
            self._knocks.clear()
        return Passage(tuple(sorted(self._banned)), self._share)

    def _ban(self, now_ms: int) -> None:
        """Nobody knocks that often within a second who wants to send."""
        self._banned = {origin: until for origin, until in self._banned.items() if until > now_ms}
        for origin, count in self._knocks.items():
            if count > self._limits.knocks_each:
                self._banned[origin] = now_ms + self._limits.ban_ms
        while len(self._banned) > MOST_BANNED:
            del self._banned[min(self._banned, key=self._banned.__getitem__)]

    def _spread(self, passed_ms: int) -> None:
        """Let through what can be borne of so many that no one of them stands out."""
        bearable = self._limits.knocks * min(passed_ms, 1000) / 1000
        if self._total > bearable:
            self._share = max(_LEAST_SHARE, self._share * bearable / self._total)
        else:
            self._share = min(1.0, self._share * _RECOVERS)
        self._total = 0
