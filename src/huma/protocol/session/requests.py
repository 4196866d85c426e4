"""Requests in flight, and what the session holds them to (spec/client.md, M5, M10)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from huma.config import (
    BODY_MS,
    FETCH_BURST,
    FETCH_EVERY_MS,
    HEDGE_REFILL,
    HEDGE_TOKENS,
    SLOW_GRACE_MS,
    STALL_MS,
)
from huma.protocol.session.commands import Cancel, Fetch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from huma.protocol.session.commands import Command

_HEDGE_COST: Final = 100
_HEDGE_MOST: Final = round(HEDGE_TOKENS * _HEDGE_COST)
_HEDGE_GAIN: Final = round(HEDGE_REFILL * _HEDGE_COST)


class Purpose(StrEnum):
    """Why something is asked for."""

    PLAY = "play"
    HEDGE = "hedge"
    START = "start"
    COMPARE = "compare"
    LOOK = "look"
    POLL = "poll"


class Pace(StrEnum):
    """How a request is getting on."""

    FINE = "fine"
    SILENT = "silent"
    SLOW = "slow"
    STALLED = "stalled"
    HUNG = "hung"


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked for. `nominal_ms` is the time in which a sized file must come for playing to keep up."""

    kind: str
    path: str
    max_bytes: int
    rendition: str | None = None
    digest: str | None = None
    size: int | None = None
    nominal_ms: int = 0

    @property
    def need(self) -> int:
        """The bytes per second that keep up."""
        return self.size * 1000 // self.nominal_ms if self.size is not None and self.nominal_ms else 0


@dataclass(slots=True)
class Request:
    """One request in flight."""

    id: int
    target: Target
    mirror: str
    purpose: Purpose
    started: int
    silent_ms: int
    moved_at: int
    fresh: bool = False
    want: int | None = None
    first_at: int | None = None
    bytes: int = 0
    leave_until: int = 0

    @property
    def rate(self) -> int:
        """Bytes per second since the first byte, until the last."""
        since = self.started if self.first_at is None else self.first_at
        return self.bytes * 1000 // max(self.moved_at - since, 1)

    @property
    def _stall_ms(self) -> int:
        return max(STALL_MS, self.target.nominal_ms // 2)

    @property
    def _fall_at(self) -> int:
        """When the mean falls under the need, if nothing more comes."""
        grace = max(SLOW_GRACE_MS, self.target.nominal_ms // 4)
        earned = self.bytes * self.target.nominal_ms // (self.target.size or 1)
        return (self.first_at or 0) + grace + earned + 1

    @property
    def _is_whole(self) -> bool:
        return self.target.size is not None and self.bytes >= self.target.size

    def pace(self, now: int) -> Pace:
        """M5: silent, hung, stalled or slow?"""
        if self.first_at is None:
            return Pace.SILENT if now >= self.started + self.silent_ms else Pace.FINE
        if self.target.kind != "file":
            return Pace.HUNG if now >= self.first_at + max(BODY_MS, self.silent_ms // 2) else Pace.FINE
        if now >= self.moved_at + self.silent_ms:
            return Pace.HUNG
        if self._is_whole or not self.target.need or now < self.leave_until:
            return Pace.FINE
        if now >= self.moved_at + self._stall_ms:
            return Pace.STALLED
        return Pace.SLOW if now >= self._fall_at else Pace.FINE

    def check_at(self) -> int:
        """When `pace` can next say something else than fine, if nothing comes."""
        if self.first_at is None:
            return self.started + self.silent_ms
        if self.target.kind != "file":
            return self.first_at + max(BODY_MS, self.silent_ms // 2)
        hung_at = self.moved_at + self.silent_ms
        if self._is_whole or not self.target.need:
            return hung_at
        return min(hung_at, max(self.leave_until, min(self.moved_at + self._stall_ms, self._fall_at)))

    def leave_alone(self, now: int) -> None:
        """It is slow, and nothing better is known: look again a little later."""
        self.leave_until = now + self._stall_ms


class Flights:
    """All requests in flight, and the two buckets that bound how many there can be."""

    def __init__(self, out: list[Command]) -> None:
        self._out = out
        self._flying: dict[int, Request] = {}
        self._last = 0
        self._hedges = _HEDGE_MOST
        self._fetches = FETCH_BURST
        self._refilled_at = 0

    def __iter__(self) -> Iterator[Request]:
        return iter(list(self._flying.values()))

    def get(self, req: int) -> Request | None:
        """The request of that number, if it is in flight."""
        return self._flying.get(req)

    def may_launch(self, now: int) -> bool:
        """S7: the bound on fetches per second, whatever anybody does."""
        gained = (now - self._refilled_at) // FETCH_EVERY_MS
        if gained > 0:
            self._fetches = min(FETCH_BURST, self._fetches + gained)
            self._refilled_at = (
                now if self._fetches == FETCH_BURST else self._refilled_at + gained * FETCH_EVERY_MS
            )
        return self._fetches > 0

    @property
    def may_hedge(self) -> bool:
        """M10: is there a token?"""
        return self._hedges >= _HEDGE_COST

    def launch(
        self,
        target: Target,
        mirror: str,
        url: str,
        purpose: Purpose,
        *,
        now: int,
        silent_ms: int,
        fresh: bool,
        want: int | None = None,
    ) -> Request:
        """Ask a mirror. The caller has looked at `may_launch`."""
        self._last += 1
        self._fetches -= 1
        self._hedges = min(_HEDGE_MOST, self._hedges + _HEDGE_GAIN)
        if purpose is Purpose.HEDGE:
            self._hedges -= _HEDGE_COST
        request = Request(self._last, target, mirror, purpose, now, silent_ms, now, fresh, want)
        self._flying[request.id] = request
        self._out.append(
            Fetch(
                req=request.id,
                mirror=mirror,
                url=url + target.path,
                kind=target.kind,
                path=target.path,
                rendition=target.rendition,
                digest=target.digest,
                size=target.size,
                max_bytes=target.max_bytes,
                first_byte_ms=silent_ms,
                min_bytes_per_s=target.need,
                fresh=fresh,
            )
        )
        return request

    def land(self, req: int) -> None:
        """It ended by itself."""
        self._flying.pop(req, None)

    def cancel(self, req: int) -> None:
        """Stop it; whatever it still reports finds nobody."""
        if self._flying.pop(req, None) is not None:
            self._out.append(Cancel(req))

    def active_files(self) -> int:
        """How many files are being received: they share the line."""
        return sum(
            1 for each in self._flying.values() if each.target.kind == "file" and each.first_at is not None
        )
