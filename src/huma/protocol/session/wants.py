"""The files that the player waits for: ask, hedge, hop, and never give up (spec/client.md, S5, S6, M5, M10)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from huma.config import (
    BETTER_FACTOR,
    CRAWL_FACTOR,
    FETCH_EVERY_MS,
    RATE_MIN_BYTES,
    RETRY_MAX_MS,
    ROUND_MIRRORS,
    STICKY_MIRRORS,
)
from huma.protocol.session.blame import blame
from huma.protocol.session.commands import Deliver
from huma.protocol.session.events import Failure
from huma.protocol.session.requests import Pace, Purpose

if TYPE_CHECKING:
    from collections.abc import Callable

    from huma.protocol.session.context import Context
    from huma.protocol.session.events import WantFile
    from huma.protocol.session.requests import Request, Target


@dataclass(slots=True)
class Waiting:
    """One file that is waited for. `tried` holds for a round, `slow` for the whole want."""

    want: WantFile
    target: Target
    next_at: int
    reqs: list[int] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    slow: dict[str, int] = field(default_factory=dict)
    first: str | None = None
    round: int = 0
    slow_rounds: int = 0


class Files:
    """All files that are waited for."""

    def __init__(self, context: Context, owner_of: Callable[[str], str | None]) -> None:
        self._context = context
        self._owner_of = owner_of
        self._waiting: dict[int, Waiting] = {}

    def add(self, want: WantFile) -> None:
        """The player waits for a file."""
        context = self._context
        context.wants(want.rendition)
        self.remove(want.want)
        self._waiting[want.want] = Waiting(want, context.file_target(want), context.mono)

    def remove(self, want: int) -> bool:
        """The player waits no longer."""
        waiting = self._waiting.pop(want, None)
        if waiting is not None:
            for req in waiting.reqs:
                self._context.flights.cancel(req)
        return waiting is not None

    def restart(self) -> None:
        """After a suspension: all that was in flight is asked for again."""
        for waiting in self._waiting.values():
            waiting.target = self._context.file_target(waiting.want)
            waiting.reqs, waiting.tried, waiting.round = [], [], 0
            waiting.slow, waiting.slow_rounds, waiting.next_at = {}, 0, self._context.mono

    def drive(self) -> None:
        """Ask for what is due."""
        for waiting in list(self._waiting.values()):
            if waiting.reqs:
                self._hedge_if_due(waiting)
            elif self._context.mono >= waiting.next_at:
                self._ask(waiting)

    def due_at(self) -> list[int]:
        """When something is due next."""
        due = [waiting.next_at for waiting in self._waiting.values() if not waiting.reqs]
        hedges = [self._hedge_at(waiting) for waiting in self._waiting.values()]
        return due + [at for at in hedges if at is not None]

    # -- asking ----------------------------------------------------------------------------------------

    def _ask(self, waiting: Waiting) -> None:
        context = self._context
        names = self._candidates(waiting)
        if not names and waiting.round == 0 and context.board.clear_if_all(context.mono):
            names = self._candidates(waiting)
        if not names:
            self._next_round(waiting)
        elif not self._launch(waiting, names[0], Purpose.PLAY):
            waiting.next_at = context.mono + FETCH_EVERY_MS

    def _candidates(self, waiting: Waiting) -> list[str]:
        """Whom to ask in this round, best first."""
        context = self._context
        if len(waiting.tried) >= ROUND_MIRRORS:
            return []
        names = context.board.order("file", context.mono)
        owner = waiting.first or waiting.want.from_mirror or self._owner_of(waiting.want.path)
        if owner in names and (waiting.first is not None or "file" not in context.board.favourite):
            names = [owner, *(name for name in names if name != owner)]
        names = names[: STICKY_MIRRORS + waiting.round]
        if context.line_slow:
            names = context.board.best_on_slow_line(names, context.mono)
        return [name for name in names if name not in waiting.tried]

    def _next_round(self, waiting: Waiting) -> None:
        context = self._context
        context.board.clear_if_all(context.mono)
        waiting.round += 1
        waiting.tried, waiting.first = [], None
        waiting.next_at = context.mono + (
            context.backoff(waiting.round) if context.board.ranked else RETRY_MAX_MS
        )

    def _launch(self, waiting: Waiting, mirror: str, purpose: Purpose) -> bool:
        request = self._context.launch(waiting.target, mirror, purpose, waiting.want.want)
        if request is None:
            return False
        waiting.reqs.append(request.id)
        waiting.tried.append(mirror)
        return True

    # -- hedging ---------------------------------------------------------------------------------------

    def _hedge_at(self, waiting: Waiting) -> int | None:
        """M10: when half a segment went by without a first byte, and there is a token."""
        context = self._context
        flying = [each for each in map(context.flights.get, waiting.reqs) if each is not None]
        if not flying or any(each.first_at is not None for each in flying):
            return None
        return context.hedge_at(flying, waiting.want.rendition) if self._candidates(waiting) else None

    def _hedge_if_due(self, waiting: Waiting) -> None:
        at = self._hedge_at(waiting)
        if at is not None and self._context.mono >= at:
            self._launch(waiting, self._candidates(waiting)[0], Purpose.HEDGE)

    def on_first_byte(self, request: Request) -> None:
        """M10: whoever speaks first is listened to; the other is cancelled, and not blamed."""
        waiting = self._of(request)
        if waiting is None:
            return
        self._context.end_race(request, waiting.reqs)
        waiting.reqs = [request.id]

    # -- ends ------------------------------------------------------------------------------------------

    def _of(self, request: Request) -> Waiting | None:
        return None if request.want is None else self._waiting.get(request.want)

    def on_file(self, request: Request) -> None:
        """The digest is right: deliver."""
        context = self._context
        waiting = self._of(request)
        if waiting is None:
            return
        self._note_rate(request)
        if not context.line_slow:
            context.board.prefer("file", request.mirror, context.mono, request.started)
        context.out.append(Deliver(waiting.want.want, request.id))
        waiting.reqs.remove(request.id)
        self.remove(waiting.want.want)

    def _note_rate(self, request: Request) -> None:
        context = self._context
        if request.bytes >= RATE_MIN_BYTES:
            context.board.saw_rate(request.mirror, request.rate, context.mono)
        in_time = context.mono - request.started <= request.target.nominal_ms
        if context.line_slow and in_time and request.bytes >= RATE_MIN_BYTES:
            context.line_slow = False
            context.note("line-ok", mirror=request.mirror)

    def on_failed(self, request: Request, *, young: bool) -> None:
        """Nothing came of this request: the next mirror, at once. A young segment: first the playlist's own mirror."""
        waiting = self._of(request)
        if waiting is None:
            return
        waiting.reqs.remove(request.id)
        waiting.next_at = min(waiting.next_at, self._context.mono)
        if young:
            waiting.first = waiting.want.from_mirror or self._owner_of(waiting.want.path)

    def on_slow(self, request: Request, pace: Pace) -> None:
        """M5 slow: hop if another mirror, or an earlier moment, was better; else it is the viewer's own line."""
        context = self._context
        waiting = self._of(request)
        if waiting is None:
            return
        current = (
            0
            if pace is Pace.STALLED
            else request.bytes * 1000 // max(context.mono - (request.first_at or 0), 1)
        )
        known = context.board.best_rate(context.mono) // max(context.flights.active_files(), 1)
        before = [rate for mirror, rate in waiting.slow.items() if mirror != request.mirror]
        waiting.slow[request.mirror] = current
        context.board.saw_rate(request.mirror, current, context.mono)
        others = self._not_slow_yet(waiting)
        if others and self._should_hop(request, current, known, before, others):
            self._hop(waiting, request, blamed=known > BETTER_FACTOR * current)
        elif not others and self._is_spent(waiting, request):
            waiting.slow, waiting.slow_rounds = {request.mirror: current}, waiting.slow_rounds + 1
            self._hop(waiting, request, blamed=False)
        else:
            self._stay(waiting, request)

    def _not_slow_yet(self, waiting: Waiting) -> list[str]:
        """Mirrors that may be asked and were not slow for this want; one that failed in this round counts again."""
        names = self._context.board.order("file", self._context.mono)[: STICKY_MIRRORS + waiting.round]
        return [name for name in names if name not in waiting.slow]

    def _is_spent(self, waiting: Waiting, request: Request) -> bool:
        """All crawl: after a while, longer each time, begin again elsewhere, lest one drip hold us for ever."""
        limit = request.target.nominal_ms * CRAWL_FACTOR << min(waiting.slow_rounds, 10)
        return self._context.mono - request.started >= limit and len(self._context.board.ranked) > 1

    def _should_hop(
        self, request: Request, current: int, known: int, before: list[int], others: list[str]
    ) -> bool:
        context = self._context
        if current * CRAWL_FACTOR < request.target.need:
            return True
        if context.line_slow or any(_alike(rate, current) for rate in before):
            return False
        return known > BETTER_FACTOR * current or any(
            context.board.rate(name, context.mono) is None for name in others
        )

    def _hop(self, waiting: Waiting, request: Request, *, blamed: bool) -> None:
        context = self._context
        context.flights.cancel(request.id)
        waiting.reqs.remove(request.id)
        waiting.tried = list(waiting.slow)
        waiting.next_at = context.mono
        blame(context, request, Failure.TOO_SLOW, received=0, excused=not blamed)

    def _stay(self, waiting: Waiting, request: Request) -> None:
        context = self._context
        request.leave_alone(context.mono)
        if context.line_slow:
            return
        context.line_slow = True
        context.note("line-slow", mirror=request.mirror)
        for mirror in waiting.slow:
            context.board.forgive(mirror, "file", context.mono)


def _alike(rate: int, other: int) -> bool:
    """Were two mirrors about as slow?"""
    return rate <= BETTER_FACTOR * other and other <= BETTER_FACTOR * rate
