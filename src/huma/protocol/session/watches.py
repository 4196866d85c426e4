"""What is asked for whether the player waits or not: revocations and the timestamp (spec/client.md, S9)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from huma.config import (
    ENDED_POLL_MS,
    FETCH_EVERY_MS,
    REVOKED_MAX_BYTES,
    REVOKED_POLL_MS,
    REVOKED_START_MIRRORS,
    TIMESTAMP_MAX_BYTES,
    TIMESTAMP_POLL_JITTER,
    TIMESTAMP_POLL_MS,
    WATCH_TRIES,
)
from huma.protocol.session.requests import Purpose, Target

if TYPE_CHECKING:
    from huma.protocol.session.context import Context
    from huma.protocol.session.requests import Request


@dataclass(slots=True)
class Watch:
    """One document that is asked for again and again, in turn over the set."""

    target: Target
    every_ms: int
    jitter_percent: int
    next_at: int
    at_once: int = 1
    turn: int = 0
    tries: int = 0
    asked: list[str] = field(default_factory=list)


class Watches:
    """`revoked.json` and `timestamp.json`."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._watches: dict[str, Watch] = {}

    def begin(self) -> None:
        """The first trust documents are here: revocations at once, from two mirrors; the timestamp in a while."""
        now = self._context.mono
        revoked = Target("revoked", "live/revoked.json", REVOKED_MAX_BYTES)
        timestamp = Target("timestamp", "trust/timestamp.json", TIMESTAMP_MAX_BYTES)
        self._watches = {
            "revoked": Watch(revoked, REVOKED_POLL_MS, 0, now, at_once=REVOKED_START_MIRRORS),
            "timestamp": Watch(timestamp, TIMESTAMP_POLL_MS, round(TIMESTAMP_POLL_JITTER * 100), now),
        }
        self._schedule(self._watches["timestamp"], ended=False)

    def restart(self) -> None:
        """After a suspension a revocation may be waiting."""
        for watch in self._watches.values():
            watch.next_at = self._context.mono

    def drive(self, *, ended: bool, over: bool) -> None:
        """Ask for what is due; more seldom after ENDED, and no more when that too is long ago."""
        for watch in self._watches.values():
            if not over and self._context.mono >= watch.next_at:
                watch.asked, watch.tries = [], WATCH_TRIES
                for _ in range(watch.at_once):
                    self._ask(watch)
                watch.at_once = 1
                self._schedule(watch, ended=ended)

    def due_at(self, *, over: bool) -> list[int]:
        """When something is due next."""
        return [] if over else [watch.next_at for watch in self._watches.values()]

    def _schedule(self, watch: Watch, *, ended: bool) -> None:
        every = max(watch.every_ms, ENDED_POLL_MS) if ended else watch.every_ms
        wait = self._context.chance.jitter(every, watch.jitter_percent) if watch.jitter_percent else every
        watch.next_at = self._context.mono + wait

    def _ask(self, watch: Watch) -> None:
        """The next of the set in turn; in want of a free one, whoever is first."""
        context = self._context
        names = [listing.id for listing in context.board.sticky(context.mono)]
        free = [name for name in names if context.board.is_free(name, context.mono)]
        left = [
            name for name in free or context.board.order("playlist", context.mono) if name not in watch.asked
        ]
        if not left or watch.tries == 0:
            return
        mirror = left[watch.turn % len(left)]
        watch.turn += 1
        watch.tries -= 1
        watch.asked.append(mirror)
        if context.launch(watch.target, mirror, Purpose.POLL) is None:
            watch.next_at = min(watch.next_at, context.mono + FETCH_EVERY_MS)

    def on_failed(self, request: Request) -> None:
        """Another mirror, at once, but not all of them."""
        watch = self._watches.get(request.target.kind)
        if watch is not None and request.purpose is Purpose.POLL:
            self._ask(watch)
