"""Whom to ask for a live playlist, and when: in time, late, hedged, in rounds (spec/client.md, S2, S4, M5, M10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huma.config import (
    ENDED_POLL_MS,
    FETCH_EVERY_MS,
    REASK_AGAIN_SEGMENTS,
    RETRY_MAX_MS,
    ROUND_MIRRORS,
    START_MIRRORS,
    STICKY_MIRRORS,
)
from huma.protocol.session.requests import Purpose

if TYPE_CHECKING:
    from huma.protocol.session.context import Context
    from huma.protocol.session.poll import Poll


class Asking:
    """How polls turn into requests."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.ended_until: int | None = None

    def is_ended(self, poll: Poll) -> bool:
        """Is the held playlist the last one?"""
        held = None if self._context.belief is None else self._context.belief.held.get(poll.rendition)
        return held is not None and held.playlist.ended

    def is_wanted(self, poll: Poll) -> bool:
        """S4: after ENDED it is asked for all the same, for half an hour, since ENDED may be a thief's."""
        if self.is_ended(poll):
            return self.ended_until is not None and self._context.mono < self.ended_until
        return bool(poll.wants)

    def ask_if_due(self, poll: Poll) -> None:
        """Ask, if it is time."""
        now = self._context.mono
        if poll.answers is not None or not self.is_wanted(poll):
            return
        late_at, hedge_at = self._late_at(poll), self._hedge_at(poll)
        if late_at is not None and now >= late_at:
            self._be_late(poll)
        elif not poll.reqs:
            if now >= poll.next_at:
                self._ask(poll, Purpose.PLAY)
        elif hedge_at is not None and now >= hedge_at:
            self._ask(poll, Purpose.HEDGE)

    def due_at(self, poll: Poll) -> list[int]:
        """When something is due next."""
        if poll.answers is not None:
            return [] if poll.close_at is None else [poll.close_at]
        if not self.is_wanted(poll):
            return []
        moments = (self._late_at(poll), self._hedge_at(poll), None if poll.reqs else poll.next_at)
        return [at for at in moments if at is not None]

    def _late_at(self, poll: Poll) -> int | None:
        """M5 late: since the last advance; after a pause, since the player waits again. Once an advance."""
        held = None if self._context.belief is None else self._context.belief.held.get(poll.rendition)
        if held is None or held.playlist.ended or not poll.wants or poll.late_told:
            return None
        since = max(held.advanced_mono, poll.waiting_since - self._context.segment_ms(poll.rendition))
        return since + self._context.late_ms(poll.rendition)

    def _be_late(self, poll: Poll) -> None:
        """Ask the next of the set, whatever is in flight; no blame."""
        poll.late_told = True
        poll.tried = list(dict.fromkeys([*poll.tried, *poll.unchanged]))
        self._ask(poll, Purpose.PLAY)

    def _ask(self, poll: Poll, purpose: Purpose) -> None:
        context = self._context
        nothing_held = context.belief is not None and not context.belief.held
        if nothing_held and poll.round == 0 and purpose is Purpose.PLAY:
            self._start(poll)
            return
        names = self.candidates(poll)
        if not names and poll.round == 0 and context.board.clear_if_all(context.mono):
            names = self.candidates(poll)
        if names and not self._launch(poll, names[0], purpose):
            poll.next_at = context.mono + FETCH_EVERY_MS
        elif not names and purpose is Purpose.PLAY:
            self.next_round(poll)

    def candidates(self, poll: Poll) -> list[str]:
        """Whom to ask in this round, best first; each round reaches one further."""
        context = self._context
        if len(poll.tried) >= ROUND_MIRRORS:
            return []
        asked = [request.mirror for request in map(context.flights.get, poll.reqs) if request is not None]
        names = context.board.order("playlist", context.mono)[: STICKY_MIRRORS + poll.round]
        return [name for name in names if name not in poll.tried and name not in asked]

    def _launch(self, poll: Poll, mirror: str, purpose: Purpose) -> bool:
        request = self._context.launch(self._context.playlist_target(poll.rendition), mirror, purpose)
        if request is not None:
            poll.reqs.append(request.id)
        return request is not None

    def _start(self, poll: Poll) -> None:
        """S2: nothing is believed yet, so a mirror that is stale already would show no freeze: ask several."""
        context = self._context
        context.board.clear_if_all(context.mono)
        for mirror in context.board.first_asked(START_MIRRORS, context.mono):
            self._launch(poll, mirror, Purpose.START)
        if poll.reqs:
            poll.answers, poll.close_at = [], None
        else:
            self.next_round(poll)

    def tried(self, poll: Poll, mirror: str) -> None:
        """This mirror had nothing for us: the next, at once; when all were asked, a round later."""
        if mirror not in poll.tried:
            poll.tried.append(mirror)
        if poll.reqs:
            return
        if self.candidates(poll) and not self.is_ended(poll):
            poll.next_at = self._context.mono
        else:
            self.next_round(poll)

    def next_round(self, poll: Poll) -> None:
        """All were asked: wait a little, then again from the first."""
        context = self._context
        context.board.clear_if_all(context.mono)
        poll.round += 1
        poll.tried = []
        wait = max(context.backoff(poll.round), self.reask_ms(poll)) if context.board.ranked else RETRY_MAX_MS
        poll.next_at = context.mono + wait

    def reask_ms(self, poll: Poll) -> int:
        """S4: how long to wait after an answer that brought nothing new."""
        if self.is_ended(poll):
            return ENDED_POLL_MS
        return int(REASK_AGAIN_SEGMENTS * self._context.segment_ms(poll.rendition))

    def _hedge_at(self, poll: Poll) -> int | None:
        """M10: when half a segment went by without a whole answer, and there is a token."""
        flying = [each for each in map(self._context.flights.get, poll.reqs) if each is not None]
        return self._context.hedge_at(flying, poll.rendition) if flying and self.candidates(poll) else None
