"""What the parts of a session share during one call of `handle` (spec/client.md, S)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huma.config import (
    AUDIO_ONLY_MS,
    CHAPTER_MAX_BYTES,
    HEDGE_FACTOR,
    HEDGE_SEGMENTS,
    LATE_MS,
    LATE_SEGMENTS,
    LIVE_MAX_BYTES,
    RETRY_FIRST_MS,
    RETRY_JITTER,
    RETRY_MAX_MS,
    SEGMENT_MAX_BYTES,
    UNSIZED_MS,
)
from huma.protocol.session.chance import Mulberry32
from huma.protocol.session.commands import Caught, Note, Save
from huma.protocol.session.mirrors import Board
from huma.protocol.session.requests import Flights, Purpose, Request, Target

if TYPE_CHECKING:
    from huma.protocol.belief import Belief
    from huma.protocol.session.commands import Command
    from huma.protocol.session.config import SessionConfig
    from huma.protocol.session.events import RenditionPlan, Trust, WantFile


class Context:
    """The session's working parts: time, belief, mirrors, requests, and what is to be told."""

    def __init__(self, config: SessionConfig, seed: int) -> None:
        self.config = config
        self.seed = seed
        self.chance = Mulberry32(seed)
        self.board = Board()
        self.out: list[Command] = []
        self.flights = Flights(self.out)
        self.trust: Trust | None = None
        self.plans: dict[str, RenditionPlan] = {}
        self.belief: Belief | None = None
        self.wall = 0
        self.mono = 0
        self.line_slow = False
        self.video_wanted_at: int | None = None
        self.refusals = 0
        self.refused_bytes = 0
        self.caught: list[Caught] = []
        self.last_fault = ""

    def note(
        self,
        what: str,
        *,
        mirror: str | None = None,
        code: str | None = None,
        ms: int | None = None,
        rank: int | None = None,
        tick: int | None = None,
    ) -> None:
        """Tell people."""
        self.out.append(Note(what, mirror, code, ms, rank, tick))

    def believe_now(self, belief: Belief) -> None:
        """Take a new belief; what must outlive a restart is told before anything is delivered from it."""
        before, self.belief = self.belief, belief
        if before is not None and (belief.floors, belief.revoked) != (before.floors, before.revoked):
            self.out.append(Save(belief.saved()))

    def catch(self, mirror: str, what: str) -> None:
        """A mirror was caught; told once for each kind of deed."""
        if Caught(mirror, what) not in self.caught:
            self.caught.append(Caught(mirror, what))
            self.note("caught", mirror=mirror, code=what)

    def segment_ms(self, rendition: str) -> int:
        """How long a segment of this rendition is; in a copy the source decides, and TARGETDURATION says."""
        plan = self.plans.get(rendition)
        seconds, parts = (1, 1) if self.trust is None else self.trust.tick
        tick_ms = (1 if plan is None else plan.ticks_per_segment) * seconds * 1000 // parts
        held = None if self.belief is None else self.belief.held.get(rendition)
        if self.trust is not None and self.trust.copy and held is not None:
            return max(tick_ms, held.playlist.target_duration * 1000)
        return tick_ms

    def is_audio_only(self, rendition: str) -> bool:
        """M10: nothing is hedged for somebody who has only sound left."""
        plan = self.plans.get(rendition)
        if plan is None or plan.kind != "audio":
            return False
        return self.video_wanted_at is None or self.mono - self.video_wanted_at > AUDIO_ONLY_MS

    def wants(self, rendition: str) -> None:
        """The player asked for something of this rendition."""
        plan = self.plans.get(rendition)
        if plan is not None and plan.kind == "video":
            self.video_wanted_at = self.mono

    def late_ms(self, rendition: str) -> int:
        """M5 late: no advance for this long."""
        return max(int(LATE_SEGMENTS * self.segment_ms(rendition)), LATE_MS)

    def backoff(self, round_: int) -> int:
        """S5: how long to wait before round `round_` (1, 2, …)."""
        wait = min(RETRY_FIRST_MS << min(round_ - 1, 20), RETRY_MAX_MS)
        return self.chance.jitter(wait, round(RETRY_JITTER * 100))

    def playlist_target(self, rendition: str) -> Target:
        """The live playlist of a rendition."""
        return Target("playlist", f"live/{rendition}.m3u8", LIVE_MAX_BYTES, rendition)

    def file_target(self, want: WantFile) -> Target:
        """A content-addressed file; where no size is signed, its kind bounds it."""
        plan = self.plans.get(want.rendition)
        most = SEGMENT_MAX_BYTES if plan is None else plan.max_bytes
        if want.size is not None:
            most = want.size
        elif want.path.startswith("archive/"):
            most = CHAPTER_MAX_BYTES
        nominal = UNSIZED_MS if want.size is None else self.segment_ms(want.rendition)
        return Target("file", want.path, most, want.rendition, want.digest, want.size, nominal)

    def launch(
        self, target: Target, mirror: str, purpose: Purpose, want: int | None = None
    ) -> Request | None:
        """Ask a mirror, unless the bound on fetches is reached."""
        listing = self.board.listing(mirror)
        if listing is None or not self.flights.may_launch(self.mono):
            return None
        return self.flights.launch(
            target,
            mirror,
            listing.url,
            purpose,
            now=self.mono,
            silent_ms=self.board.silent_ms(mirror),
            fresh=self.board.standing(mirror).forged > 0,
            want=want,
        )

    def hedge_at(self, flying: list[Request], rendition: str) -> int | None:
        """M10: half a segment after the last that was asked; where first bytes take longer here, twice that."""
        if not self.flights.may_hedge or self.is_audio_only(rendition):
            return None
        last = flying[-1]
        usual = HEDGE_FACTOR * (self.board.first_byte_ms(last.mirror) or 0)
        return last.started + max(int(HEDGE_SEGMENTS * self.segment_ms(rendition)), usual)

    def end_race(self, winner: Request, reqs: list[int]) -> None:
        """M10: whoever speaks first is listened to; the other is cancelled, and not blamed."""
        for req in reqs:
            loser = self.flights.get(req)
            if loser is not None and loser is not winner:
                self.flights.cancel(req)
                if winner.purpose is Purpose.HEDGE:
                    self.board.was_outpaced(loser.mirror, winner.mirror, self.mono)
                    self.last_fault = "silent"
