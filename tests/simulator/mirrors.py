"""A mirror with attack knobs: what it sends for a request, byte by byte, in virtual time."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from tests.simulator.broadcaster import Broadcaster, another_event, signer

if TYPE_CHECKING:
    from collections.abc import Iterator


class Attack(StrEnum):
    NONE = "none"
    DEAD = "dead"
    HANG = "hang"
    HANG_MID_BODY = "hang-mid-body"
    FREEZE = "freeze"
    SLOW = "slow"
    DRIP = "drip"
    CORRUPT = "corrupt"
    SWAP = "swap"
    FORGE = "forge"
    STALE = "stale"
    REPLAY_OLD = "replay-old"
    ROLLBACK = "rollback"
    WRONG_EVENT = "wrong-event"
    MISSING = "missing"
    MISSING_MEDIA = "missing-media"
    HTML = "html"
    TRUNCATE = "truncate"
    GARBLED_ONCE = "garbled-once"
    GARBLED_TWICE = "garbled-twice"


_FLIPS = {Attack.GARBLED_TWICE: Attack.GARBLED_ONCE, Attack.GARBLED_ONCE: Attack.NONE}
LIES = tuple(attack for attack in Attack if attack is not Attack.NONE)
HOUR_MS = 3_600_000


@dataclass(frozen=True)
class Reply:
    """What the wire brings: a status (None: no connection), then body bytes at moments; `ends_at` None: never."""

    status: int | None
    body: bytes
    chunks: tuple[tuple[int, int], ...]
    ends_at: int | None


@dataclass
class MirrorSimulator:
    """One mirror. `attack` can be switched at any time; `since` is when it was."""

    name: str
    broadcaster: Broadcaster
    delay_ms: int = 30
    rate: int = 4_000_000
    lag_ms: int = 0
    attack: Attack = Attack.NONE
    since: int = 0
    slow_rate: int = 12_000
    stale_ms: int = 200_000
    asked: list[tuple[int, str]] = field(default_factory=list)
    replies: int = 0

    def turn(self, attack: Attack, now: int) -> None:
        self.attack, self.since = attack, now

    def reply(self, path: str, now: int, line: int | None = None) -> Reply:
        self.asked.append((now, path))
        self.replies += 1
        if self.attack is Attack.DEAD:
            return Reply(None, b"", (), now + 5)
        if self.attack is Attack.HANG:
            return Reply(200, b"", (), None)
        body = self._body(path, now)
        status = 200 if body is not None else 404
        if self.attack is Attack.HTML:
            status, body = 200, b"<!doctype html><title>Log in to the network</title>" * 20
        rate = min(self.rate, line or self.rate)
        if self.attack is Attack.SLOW:
            rate = min(rate, self.slow_rate)
        if self.attack is Attack.DRIP:
            rate = 100
        return self._send(status, body or b"not found", now + self.delay_ms, rate)

    def _send(self, status: int, body: bytes, at: int, rate: int) -> Reply:
        chunks = list(_chunks(len(body), at, rate))
        if self.attack is Attack.HANG_MID_BODY and len(body) > 3000:
            kept = [(when, size) for when, size in chunks if size <= len(body) // 2]
            return Reply(status, body, tuple(kept or [(at, len(body) // 2)]), None)
        return Reply(status, body, tuple(chunks), chunks[-1][0] + 1)

    def _body(self, path: str, now: int) -> bytes | None:
        source, when = self.broadcaster, now - self.lag_ms
        if self.attack is Attack.FREEZE:
            when = min(when, self.since)
        elif self.attack is Attack.STALE:
            when = self.since - self.stale_ms
        elif self.attack is Attack.REPLAY_OLD:
            when -= self.stale_ms
        elif self.attack is Attack.ROLLBACK:
            when = self.since - self.stale_ms + (now - self.since) * 3 // 2
        elif self.attack is Attack.MISSING or (
            self.attack is Attack.MISSING_MEDIA and path.startswith("media/")
        ):
            return None
        elif self.attack is Attack.WRONG_EVENT and path.startswith("live/"):
            source = another_event(source)
        body = source.file(path, now if path.startswith("media/") else when)
        return None if body is None else self._lie(path, body)

    def _lie(self, path: str, body: bytes) -> bytes:
        if path.startswith("media/"):
            if self.attack in {Attack.CORRUPT, *_FLIPS}:
                self.attack = _FLIPS.get(self.attack, self.attack)
                return bytes([body[0] ^ 1]) + body[1:]
            if self.attack is Attack.SWAP:
                return bytes(reversed(body))
            if self.attack is Attack.TRUNCATE:
                return body[: len(body) // 2]
        elif path.endswith(".m3u8") and self.attack is Attack.FORGE:
            return forge(body)
        return body


def forge(body: bytes) -> bytes:
    """The same playlist with another picture in it: well-formed, our event, and no such signature."""
    text, _, line = body.rstrip(b"\n").rpartition(b"\n")
    uri = text.rindex(b"../media/") + 9
    digit = b"0" if text[uri : uri + 1] != b"0" else b"1"
    return text[:uri] + digit + text[uri + 1 :] + b"\n" + line + b"\n"


def _chunks(size: int, at: int, rate: int) -> Iterator[tuple[int, int]]:
    """(moment, bytes so far): every 50 ms, and at the end."""
    sent, when = 0, at
    while True:
        sent = min(size, max(1, (when - at) * rate // 1000) if when > at else min(size, 1400, rate // 20 + 1))
        yield when, sent
        if sent >= size:
            return
        when += 50 if rate > 2000 else 500


def stranger_key() -> str:
    """A key that the event does not list."""
    return signer("a stranger").public.keyid
