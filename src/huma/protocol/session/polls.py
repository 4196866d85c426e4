"""The live playlists that the player waits for: judge what comes, deliver what is newer (spec/client.md, S2 to S4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huma.config import ENDED_POLL_FOR_MS, FRESH_MS, FUTURE_MS, START_GRACE_MS, YOUNG_SEGMENT_MS
from huma.protocol.belief import Verdict, believe
from huma.protocol.session.asking import Asking
from huma.protocol.session.commands import Deliver, Forget
from huma.protocol.session.poll import Answer, Poll
from huma.protocol.session.requests import Purpose

if TYPE_CHECKING:
    from huma.protocol.belief import Outcome
    from huma.protocol.offered import OfferedPlaylist
    from huma.protocol.session.context import Context
    from huma.protocol.session.events import WantPlaylist
    from huma.protocol.session.freshness import Freshness
    from huma.protocol.session.requests import Request


class Polls:
    """All renditions whose playlists are, or were, waited for."""

    def __init__(self, context: Context, freshness: Freshness) -> None:
        self._context = context
        self._freshness = freshness
        self._asking = Asking(context)
        self._polls: dict[str, Poll] = {}
        self.asking_since: int | None = None

    # -- what the player says --------------------------------------------------------------------------

    def add(self, want: WantPlaylist) -> None:
        """The player waits for a playlist newer than the last delivered, or than the one it says it has."""
        context = self._context
        self.remove(want.want)
        context.wants(want.rendition)
        poll = self._polls.setdefault(want.rendition, Poll(want.rendition))
        if not poll.wants:
            self._begin_waiting(poll)
        rank = 0 if context.belief is None else context.belief.rank
        poll.wants[want.want] = poll.delivered if want.have is None else (rank, want.have)

    def _begin_waiting(self, poll: Poll) -> None:
        """After a pause in which nobody asked, silence and lateness are counted anew."""
        now, pause = self._context.mono, 2 * self._context.segment_ms(poll.rendition)
        if not self.is_waited_for:
            last = max((each.wanted_until or 0 for each in self._polls.values()), default=0)
            if self.asking_since is None or now - last > pause:
                self.asking_since = now
        poll.waiting_since = now
        if poll.wanted_until is None or now - poll.wanted_until > pause:
            poll.next_at = min(poll.next_at, now)

    def remove(self, want: int) -> bool:
        """The player waits no longer."""
        for poll in self._polls.values():
            if want in poll.wants:
                del poll.wants[want]
                self._stop_if_done(poll)
                return True
        return False

    def _stop_if_done(self, poll: Poll) -> None:
        if poll.wants:
            return
        poll.wanted_until = self._context.mono
        for req in poll.reqs:
            self._context.flights.cancel(req)
        poll.reqs = []
        self._forget_answers(poll)

    def _forget_answers(self, poll: Poll) -> None:
        for answer in poll.answers or ():
            self._context.out.append(Forget(answer.request.id))
        poll.answers, poll.close_at = None, None

    def restart(self) -> None:
        """After a suspension."""
        self.asking_since = self._context.mono
        for poll in self._polls.values():
            self._forget_answers(poll)
            poll.restart(self._context.mono)

    # -- what others ask -------------------------------------------------------------------------------

    @property
    def is_waited_for(self) -> bool:
        """Does anybody wait for a playlist?"""
        return any(poll.wants for poll in self._polls.values())

    @property
    def ended_until(self) -> int | None:
        """S4: until when to look whether ENDED is taken back; None before it came."""
        return self._asking.ended_until

    @property
    def busiest(self) -> str | None:
        """The rendition to compare mirrors by: of those waited for, or just now, the latest to advance."""
        held = {} if self._context.belief is None else self._context.belief.held
        names = [name for name, poll in self._polls.items() if name in held and self._is_in_use(poll)]
        return max(names, key=lambda name: held[name].advanced_mono, default=None)

    def _is_in_use(self, poll: Poll) -> bool:
        until = self._context.mono if poll.wants else poll.wanted_until
        return until is not None and self._context.mono - until <= 2 * self._context.segment_ms(
            poll.rendition
        )

    def owner_of(self, path: str) -> str | None:
        """The mirror whose playlist named this segment."""
        return next((poll.owner for poll in self._polls.values() if path in poll.births), None)

    def is_young(self, path: str) -> bool:
        """M5: was this segment named so lately that a mirror may not have it yet?"""
        births = [poll.births[path] for poll in self._polls.values() if path in poll.births]
        return bool(births) and self._context.mono - max(births) < YOUNG_SEGMENT_MS

    def is_unknown(self, rendition: str | None) -> bool:
        """Has nobody shown a live playlist of this rendition yet? Then its absence is no fault."""
        belief = self._context.belief
        return belief is None or rendition not in belief.held

    def due_at(self) -> list[int]:
        """When something is due next."""
        known = [poll for poll in self._polls.values() if poll.rendition in self._context.plans]
        return [at for poll in known for at in self._asking.due_at(poll)]

    # -- answers ---------------------------------------------------------------------------------------

    def drive(self) -> None:
        """Do what is due."""
        for poll in list(self._polls.values()):
            if poll.rendition in self._context.plans:
                self._close_start_if_due(poll)
                self._deliver(poll)
                self._asking.ask_if_due(poll)

    def on_failed(self, request: Request) -> None:
        """Nothing came: the next mirror, at once."""
        poll = self._polls.get(request.target.rendition or "")
        if poll is None or request.id not in poll.reqs:
            return
        poll.reqs.remove(request.id)
        if poll.answers is None:
            self._asking.tried(poll, request.mirror)
            return
        poll.tried.append(request.mirror)
        self._close_start_if_due(poll)

    def on_playlist(self, request: Request, offered: OfferedPlaylist) -> None:
        """A verified playlist came."""
        context = self._context
        poll = self._polls.setdefault(offered.rendition, Poll(offered.rendition))
        if request.id in poll.reqs:
            poll.reqs.remove(request.id)
        if poll.answers is None or request.purpose is not Purpose.START:
            self._judge(poll, request, offered)
            return
        poll.answers.append(Answer(request, offered))
        if self._is_fresh(offered):
            poll.close_at = context.mono
        elif poll.close_at is None:
            poll.close_at = context.mono + START_GRACE_MS
        self._close_start_if_due(poll)

    def _is_fresh(self, offered: OfferedPlaylist) -> bool:
        """S2: by this clock it was issued just now, so no second opinion is needed."""
        age = abs(self._context.wall - offered.issued_ms)
        return age <= FRESH_MS + self._context.segment_ms(offered.rendition)

    def _close_start_if_due(self, poll: Poll) -> None:
        """S2: all have answered, or the first answer has waited long enough for a second opinion."""
        context, answers = self._context, poll.answers
        if answers is None or (poll.reqs and (poll.close_at is None or context.mono < poll.close_at)):
            return
        for request in map(context.flights.get, poll.reqs):
            if request is not None:
                request.purpose = Purpose.COMPARE
        poll.answers, poll.close_at, poll.reqs = None, None, []
        for answer in sorted(answers, key=self._best_first):
            self._judge(poll, answer.request, answer.offered)
        if poll.held_req is None and poll.wants:
            poll.tried += [answer.request.mirror for answer in answers]
            poll.round += 1
            poll.next_at = context.mono
            if not self._asking.candidates(poll):
                self._asking.next_round(poll)

    def _best_first(self, answer: Answer) -> tuple[bool, int, int]:
        """S2: what the clock finds plausible, then the highest."""
        belief, offered = self._context.belief, answer.offered
        future = belief is None or belief.grid.start_ms(offered.tick) > self._context.wall + FUTURE_MS
        return (future, -offered.rank, -offered.tick)

    def _judge(self, poll: Poll, request: Request, offered: OfferedPlaylist) -> None:
        context = self._context
        if context.belief is None:
            return
        rank, voice = context.belief.rank, context.board.voice(request.mirror)
        belief, outcome = believe(
            context.belief, offered, operator=voice, wall=context.wall, mono=context.mono
        )
        context.believe_now(belief)
        self._tell(request, offered, outcome, rose=offered.rank > rank > 0)
        if outcome.verdict is Verdict.ADVANCED:
            self._advanced(poll, request, offered)
        else:
            context.out.append(Forget(request.id))
            if request.purpose in {Purpose.PLAY, Purpose.HEDGE}:
                self._useless(poll, request.mirror, outcome.verdict)
        self._freshness.saw(request.mirror, offered)

    def _tell(self, request: Request, offered: OfferedPlaylist, outcome: Outcome, *, rose: bool) -> None:
        told = {
            "two-versions": outcome.proof is not None,
            "rank": outcome.verdict is Verdict.ADVANCED and rose,
            "implausible": outcome.verdict is Verdict.IMPLAUSIBLE,
        }
        for what in [what for what, is_so in told.items() if is_so]:
            self._context.note(
                what, mirror=request.mirror, code=offered.keyid, rank=offered.rank, tick=offered.tick
            )

    def _advanced(self, poll: Poll, request: Request, offered: OfferedPlaylist) -> None:
        context = self._context
        self._freshness.advanced(request.mirror, offered, request.purpose)
        if poll.held_req is not None:
            context.out.append(Forget(poll.held_req))
        self._choose_favourite(poll, request)
        self._context.end_race(request, poll.reqs)
        poll.reqs = []
        poll.hold(request, offered, context.mono, context.segment_ms(poll.rendition))
        self._asking.ended_until = context.mono + ENDED_POLL_FOR_MS if offered.ended else None
        if offered.ended:
            poll.next_at = context.mono + self._asking.reask_ms(poll)
        self._deliver(poll)

    def _choose_favourite(self, poll: Poll, request: Request) -> None:
        """Who was first with an advance is asked first; one that was only compared must have been needed."""
        context = self._context
        current = context.board.favourite.get("playlist")
        needed = current is None or poll.late_told or not context.board.is_free(current, context.mono)
        if request.purpose in {Purpose.COMPARE, Purpose.LOOK} and not needed:
            return
        if current is not None and current != request.mirror:
            self._freshness.suspect(current, poll.rendition)
            if poll.late_told:
                context.board.was_outpaced(current, request.mirror, context.mono)
                context.last_fault = "late"
        context.board.prefer("playlist", request.mirror, context.mono, context.mono)

    def _useless(self, poll: Poll, mirror: str, verdict: Verdict) -> None:
        """Nothing new: ask again in a moment; or, if this mirror has nothing for us, ask another."""
        if verdict is Verdict.UNCHANGED and not poll.late_told:
            if mirror not in poll.unchanged:
                poll.unchanged.append(mirror)
            poll.next_at = self._context.mono + self._asking.reask_ms(poll)
        else:
            self._asking.tried(poll, mirror)

    # -- delivering ------------------------------------------------------------------------------------

    def _deliver(self, poll: Poll) -> None:
        """S3: all who wait for something newer than what they have get what is believed."""
        belief = self._context.belief
        held = None if belief is None else belief.held.get(poll.rendition)
        if held is None or belief is None or poll.held_req is None:
            return
        place = (held.playlist.rank, held.playlist.tick)
        if held.playlist.tick < belief.floor(poll.rendition, held.playlist.rank):
            return
        for want in [want for want, had in poll.wants.items() if place > had]:
            del poll.wants[want]
            self._context.out.append(Deliver(want, poll.held_req))
            poll.delivered = place
            self._stop_if_done(poll)

    def drop_unheld(self) -> None:
        """B9: what a revoked key signed, or a lower rank, is not delivered any more."""
        held = {} if self._context.belief is None else self._context.belief.held
        for poll in self._polls.values():
            if poll.held_req is not None and poll.rendition not in held:
                self._context.out.append(Forget(poll.held_req))
                poll.held_req, poll.next_at = None, self._context.mono
