"""The viewer's session: one event in, commands out (spec/client.md, S)."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from huma.config import FETCH_EVERY_MS, SUSPENDED_MS
from huma.protocol.belief import Belief
from huma.protocol.grid import Grid
from huma.protocol.session import liveness
from huma.protocol.session.blame import FORGED, NOT_FOUND, blame
from huma.protocol.session.commands import Deliver, GiveUp, RefreshTrust, View, WakeAt
from huma.protocol.session.config import SessionConfig
from huma.protocol.session.context import Context
from huma.protocol.session.events import (
    Event,
    Failed,
    Failure,
    FileVerified,
    FirstByte,
    PlaylistVerified,
    Progress,
    RevokedVerified,
    RootSeen,
    Suspended,
    TimestampSeen,
    Trust,
    Unwant,
    Wake,
    WantFile,
    WantPlaylist,
)
from huma.protocol.session.freshness import Freshness
from huma.protocol.session.liveness import Listening, Status
from huma.protocol.session.looks import Looks
from huma.protocol.session.polls import Polls
from huma.protocol.session.ranking import rank_mirrors
from huma.protocol.session.requests import Pace, Purpose
from huma.protocol.session.wants import Files
from huma.protocol.session.watches import Watches

if TYPE_CHECKING:
    from huma.protocol.session.commands import Command
    from huma.protocol.session.requests import Request

__all__ = ["SessionConfig", "WatchSession"]


class WatchSession:
    """What a viewer's client does, given what happens to it. The seed is kept per event and viewer (M2)."""

    def __init__(self, config: SessionConfig, seed: int) -> None:
        self._context = Context(config, seed)
        self._freshness = Freshness(self._context)
        self._polls = Polls(self._context, self._freshness)
        self._files = Files(self._context, self._polls.owner_of)
        self._watches = Watches(self._context)
        self._looks = Looks(self._context)
        self._status = Status.WAITING
        self._wake_at: int | None = None
        self._mirror: str | None = None
        self._began = False
        self._silent_since: int | None = None

    def handle(self, event: Event, wall: int, mono: int) -> list[Command]:
        """S1: take one event at this time; return what is to be done, in order.

        What is delivered comes last: whoever gets it may want the next thing before this batch is done.
        """
        context = self._context
        context.out.clear()
        context.wall, context.mono = wall, max(mono, context.mono)
        if self._wake_at is not None and context.mono > self._wake_at + SUSPENDED_MS:
            self._suspended()
        self._take(event)
        self._run()
        self._tell()
        self._ask_to_wake()
        return sorted(context.out, key=lambda command: isinstance(command, Deliver))

    def view(self, wall: int, mono: int) -> View:
        """What a page shows."""
        context, belief = self._context, self._context.belief
        newest = None if belief is None else belief.newest
        signed_at = None if newest is None else newest.playlist.issued_ms
        return View(
            status=liveness.status(belief, self._listening(), wall=wall, mono=max(mono, context.mono)).value,
            signed_at=signed_at,
            mirror=self._in_use(),
            rank=0 if belief is None else belief.rank,
            refused_bytes=context.refused_bytes,
            refusals=context.refusals,
            caught=tuple(context.caught),
            two_versions=belief is not None and belief.two_versions,
            behind_ms=None if signed_at is None else max(0, wall - signed_at),
            line_slow=context.line_slow,
        )

    # -- events ----------------------------------------------------------------------------------------

    def _take(self, event: Event) -> None:
        context = self._context
        match event:
            case Trust():
                self._trust(event)
            case WantPlaylist():
                self._polls.add(event)
            case WantFile():
                self._files.add(event)
            case Unwant(want):
                if self._polls.remove(want) or self._files.remove(want):
                    context.out.append(GiveUp(want))
            case RootSeen(mirror):
                context.board.introduced(mirror, context.mono)
            case Suspended():
                self._suspended()
            case Wake():
                self._wake_at = None
            case _:
                request = context.flights.get(event.req)
                if request is not None:
                    self._report(request, event)

    def _report(
        self,
        request: Request,
        event: FirstByte
        | Progress
        | PlaylistVerified
        | FileVerified
        | Failed
        | RevokedVerified
        | TimestampSeen,
    ) -> None:
        """Something about a request in flight; of any other, nothing is taken."""
        context = self._context
        match event:
            case FirstByte():
                self._first_byte(request)
            case Progress(_, received):
                self._progress(request, received)
            case Failed(_, how, status, received):
                self._failed(request, how, status, received)
            case PlaylistVerified(_, offered):
                if offered.rendition != request.target.rendition or request.target.kind != "playlist":
                    self._failed(request, Failure.MALFORMED, None, 0)
                    return
                self._verified(request)
                self._polls.on_playlist(request, offered)
            case FileVerified():
                if request.target.size is not None:
                    self._progress(request, request.target.size)
                self._verified(request)
                self._files.on_file(request)
            case RevokedVerified(_, keyids):
                self._verified(request)
                self._revoked(frozenset(keyids))
            case TimestampSeen(_, newer):
                self._verified(request)
                if newer:
                    context.out.append(RefreshTrust())
            case _:
                assert_never(event)

    def _trust(self, trust: Trust) -> None:
        """S1: the verified documents; another event's change nothing."""
        context = self._context
        if context.trust is not None and context.trust.event_id != trust.event_id:
            context.note("refusal", code="wrong-event")
            return
        first, context.trust = context.trust is None, trust
        context.plans = {plan.name: plan for plan in trust.renditions}
        context.board.renew(rank_mirrors(trust, context.config, context.seed), context.mono)
        grid = Grid(trust.tick, trust.epoch_ms)
        ticks = {plan.name: plan.ticks_per_segment for plan in trust.renditions}
        if context.belief is None:
            context.belief = Belief.begin(trust.event_id, grid, ticks, context.config.restored)
        else:
            context.believe_now(context.belief.renewed(grid, ticks))
        if first:
            self._watches.begin()
            self._polls.restart()
            self._files.restart()

    def _first_byte(self, request: Request) -> None:
        context = self._context
        if request.first_at is not None:
            return
        request.first_at = request.moved_at = context.mono
        context.board.saw_first_byte(request.mirror, context.mono - request.started)
        self._files.on_first_byte(request)

    def _progress(self, request: Request, received: int) -> None:
        self._first_byte(request)
        if received > request.bytes:
            request.bytes, request.moved_at = received, self._context.mono

    def _verified(self, request: Request) -> None:
        context = self._context
        self._first_byte(request)
        context.flights.land(request.id)
        context.board.verified(request.mirror, request.target.kind, context.mono)
        self._looks.on_verified(request)

    def _failed(self, request: Request, how: Failure, status: int | None, received: int) -> None:
        context = self._context
        context.flights.land(request.id)
        missing = how is Failure.STATUS and status in NOT_FOUND
        young = missing and request.target.kind == "file" and self._polls.is_young(request.target.path)
        unknown = (
            missing and request.target.kind == "playlist" and self._polls.is_unknown(request.target.rendition)
        )
        if unknown:
            context.board.doubt(request.mirror, context.mono)
        blame(context, request, how, received=received, excused=young or unknown)
        if how in FORGED:
            self._looks.consider(request)
        self._files.on_failed(request, young=young)
        self._polls.on_failed(request)
        self._watches.on_failed(request)

    def _revoked(self, keyids: frozenset[str]) -> None:
        """B9: from this moment on nothing of these keys is believed."""
        context = self._context
        if context.belief is None or keyids <= context.belief.revoked:
            return
        for keyid in sorted(keyids - context.belief.revoked):
            context.note("revoked", code=keyid)
        context.believe_now(context.belief.revoke(keyids))

    def _suspended(self) -> None:
        """S10: nobody is to blame for what timed out in our sleep, and the network may be another one."""
        context = self._context
        for request in context.flights:
            context.flights.cancel(request.id)
        if context.belief is not None:
            context.belief = context.belief.woken(context.wall, context.mono)
        context.board.forget_penalties(context.mono)
        self._freshness.restart()
        self._polls.restart()
        self._files.restart()
        self._watches.restart()

    # -- what is due -----------------------------------------------------------------------------------

    def _run(self) -> None:
        """S1: all that is due at this time, in this order."""
        context = self._context
        if context.trust is None:
            return
        self._check_paces()
        self._polls.drop_unheld()
        self._polls.drive()
        self._files.drive()
        self._watches.drive(ended=self._polls.ended_until is not None, over=self._is_over())
        self._freshness.drive(self._polls.busiest)
        self._looks.drive()

    def _check_paces(self) -> None:
        for request in self._context.flights:
            pace = request.pace(self._context.mono)
            if pace is Pace.FINE:
                continue
            if pace in {Pace.SLOW, Pace.STALLED}:
                if request.purpose is Purpose.LOOK:
                    self._context.flights.cancel(request.id)
                else:
                    self._files.on_slow(request, pace)
                continue
            self._context.flights.cancel(request.id)
            self._failed(request, Failure.TIMEOUT if pace is Pace.SILENT else Failure.TOO_SLOW, None, 0)

    def _is_over(self) -> bool:
        """S4: ENDED, and not taken back for half an hour."""
        until = self._polls.ended_until
        return until is not None and self._context.mono >= until

    def _listening(self) -> Listening:
        belief = self._context.belief
        newest = None if belief is None else belief.newest
        return Listening(
            since=self._polls.asking_since if self._polls.is_waited_for else None,
            segment_ms=0 if newest is None else self._context.segment_ms(newest.playlist.rendition),
            began=self._began,
            was_cut_off=newest is not None and newest.advanced_mono == self._silent_since,
        )

    # -- what is told ----------------------------------------------------------------------------------

    def _in_use(self) -> str | None:
        favourite = self._context.board.favourite
        return favourite.get("file", favourite.get("playlist"))

    def _tell(self) -> None:
        """Notes about what changed: the status, the mirror in use."""
        context, before = self._context, self._status
        newest = None if context.belief is None else context.belief.newest
        self._began = self._began or newest is not None
        self._status = liveness.status(
            context.belief, self._listening(), wall=context.wall, mono=context.mono
        )
        if self._status is not before:
            context.note(self._status.value.replace("_", "-"))
            if self._status is Status.CUT_OFF and context.belief is not None and newest is not None:
                context.belief, self._silent_since = context.belief.unanchored(), newest.advanced_mono
        mirror = self._in_use()
        if mirror != self._mirror:
            if self._mirror is not None:
                context.note("hop", mirror=mirror, code=context.last_fault or None)
            self._mirror, context.last_fault = mirror, ""

    def _ask_to_wake(self) -> None:
        context = self._context
        if context.trust is None:
            return
        over = self._is_over()
        due = [request.check_at() for request in context.flights]
        due += [*self._polls.due_at(), *self._files.due_at(), *self._watches.due_at(over=over)]
        due += self._freshness.due_at(active=self._polls.busiest is not None)
        if context.belief is not None:
            due += liveness.changes_at(
                context.belief, self._listening(), wall=context.wall, mono=context.mono
            )
        if not due:
            self._wake_at = None
            return
        at = min(at if at > context.mono else context.mono + FETCH_EVERY_MS for at in due)
        if at != self._wake_at:
            self._wake_at = at
            context.out.append(WakeAt(at))
