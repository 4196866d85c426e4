"""Who is fresh, who lags, who is frozen: mirrors compared with one another, never with the clock (spec/client.md, M5, M11)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from huma.config import (
    BEHIND_MS,
    COMPARE_MS,
    FROZEN_MS,
    FROZEN_TARGET_DURATIONS,
    FROZEN_TICKS,
    LIVE_WINDOW_MS,
    TRAIL_TICKS,
)
from huma.protocol.session.requests import Purpose

if TYPE_CHECKING:
    from huma.protocol.offered import OfferedPlaylist
    from huma.protocol.session.context import Context

Place = tuple[int, int]
"""(rank, tick): the order of B2."""

FRESHNESS: Final = "freshness"
"""The kind of strike of a mirror whose every playlist verifies, and is old."""


@dataclass(slots=True)
class Shown:
    """The highest place that a mirror showed for a rendition, and since when; `moved` if it ever rose."""

    place: Place
    since: int
    moved: bool = False


@dataclass(frozen=True, slots=True)
class Advance:
    """A place that was believed, when, and from whom."""

    place: Place
    mono: int
    mirror: str


class Freshness:
    """What each mirror has shown, compared with what was believed."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._shown: dict[tuple[str, str], Shown] = {}
        self._advances: dict[str, list[Advance]] = {}
        self._suspects: dict[str, int] = {}
        self._turn = 0
        self._compare_at: int | None = None
        self._compare_by = 0

    def restart(self) -> None:
        """After a suspension nobody has been frozen for long."""
        self._shown.clear()
        self._advances.clear()
        self._suspects.clear()

    def advanced(self, mirror: str, offered: OfferedPlaylist, purpose: Purpose) -> None:
        """A playlist was believed. One that was only to be compared is compared itself, at once."""
        if purpose is Purpose.COMPARE:
            self._compare_at = self._context.mono
        trail = self._advances.setdefault(offered.rendition, [])
        trail.append(Advance((offered.rank, offered.tick), self._context.mono, mirror))
        del trail[:-TRAIL_TICKS]

    def suspect(self, mirror: str, rendition: str) -> None:
        """Others were fresher: look at this one again when a verdict is due."""
        self._suspects.setdefault(mirror, self._context.mono + self.frozen_ms(rendition))

    def frozen_ms(self, rendition: str, target_duration: int = 0) -> int:
        """M5 frozen: how long a mirror may take to reach a tick that another has shown."""
        held = None if self._context.belief is None else self._context.belief.held.get(rendition)
        seconds = target_duration if held is None else held.playlist.target_duration
        segments = FROZEN_TICKS * self._context.segment_ms(rendition)
        return max(segments, FROZEN_TARGET_DURATIONS * seconds * 1000, FROZEN_MS)

    def saw(self, mirror: str, offered: OfferedPlaylist) -> None:
        """A mirror showed a verified playlist: is it fresh, lagging, or frozen?"""
        context, place = self._context, (offered.rank, offered.tick)
        shown = self._shown.get((mirror, offered.rendition))
        if shown is None:
            shown = self._shown[mirror, offered.rendition] = Shown(place, context.mono)
        elif place > shown.place:
            shown.place, shown.since, shown.moved = place, context.mono, True
        self._suspects.pop(mirror, None)
        far_behind = self._lag_ms(mirror, offered) > BEHIND_MS
        if offered.ended:
            return
        if not self._is_outrun(mirror, offered):
            if far_behind:
                self.suspect(mirror, offered.rendition)
            else:
                context.board.standing(mirror).strikes.pop(FRESHNESS, None)
        elif far_behind or context.mono - shown.since >= self.frozen_ms(offered.rendition):
            self._caught(mirror, "frozen" if shown.moved else "stale")

    def _is_outrun(self, mirror: str, offered: OfferedPlaylist) -> bool:
        """Did another mirror show a higher place long enough ago?"""
        limit = self._context.mono - self.frozen_ms(offered.rendition, offered.target_duration)
        return any(
            advance.mirror != mirror
            and advance.mono <= limit
            and advance.place > (offered.rank, offered.tick)
            for advance in self._advances.get(offered.rendition, ())
        )

    def _lag_ms(self, mirror: str, offered: OfferedPlaylist) -> int:
        """How far behind the others' newest it is; endless behind a higher rank."""
        others = [each.place for each in self._advances.get(offered.rendition, ()) if each.mirror != mirror]
        rank, tick = max(others, default=(0, 0))
        if rank > offered.rank:
            return BEHIND_MS + 1
        plan = self._context.plans.get(offered.rendition)
        ticks = 1 if plan is None else plan.ticks_per_segment
        return (tick - offered.tick) * self._context.segment_ms(offered.rendition) // ticks

    def _caught(self, mirror: str, what: str) -> None:
        context = self._context
        context.catch(mirror, what)
        context.last_fault = what
        penalty = context.board.fault(mirror, FRESHNESS, what, context.mono)
        if penalty:
            context.note("penalty", mirror=mirror, code=what, ms=penalty)

    # -- comparing -------------------------------------------------------------------------------------

    def due_at(self, *, active: bool) -> list[int]:
        """When somebody is to be compared."""
        if not active:
            return []
        due = list(self._suspects.values())
        if self._compare_at is not None:
            due.append(self._compare_at if self._compare_at > self._context.mono else self._compare_by)
        return due

    def drive(self, rendition: str | None) -> None:
        """M11: ask another of the set than gave the newest, in turn; a suspect first, when its time has come."""
        context = self._context
        if rendition is None or context.belief is None or context.belief.newest is None:
            return
        if self._compare_at is None:
            self._compare_at = context.mono + self._compare_ms(rendition)
            self._compare_by = self._compare_at + 2 * context.segment_ms(rendition)
        mirror = self._whom(rendition)
        if mirror is not None and context.launch(context.playlist_target(rendition), mirror, Purpose.COMPARE):
            self._suspects.pop(mirror, None)

    def _whom(self, rendition: str) -> str | None:
        context = self._context
        for mirror, at in list(self._suspects.items()):
            if at <= context.mono:
                del self._suspects[mirror]
                if context.board.is_free(mirror, context.mono):
                    return mirror
        if self._compare_at is None or context.mono < self._compare_at or self._should_wait(rendition):
            return None
        self._compare_at = None
        newest = self._advances.get(rendition, [])
        others = [
            listing.id
            for listing in context.board.sticky(context.mono)
            if context.board.is_free(listing.id, context.mono)
            and (not newest or listing.id != newest[-1].mirror)
        ]
        self._turn += 1
        return others[self._turn % len(others)] if others else None

    def _should_wait(self, rendition: str) -> bool:
        """Compare soon after an advance: then two mirrors can show the same tick, and the second is a voice."""
        context = self._context
        held = None if context.belief is None else context.belief.held.get(rendition)
        if held is None or context.mono >= self._compare_by:
            return False
        return 4 * (context.mono - held.advanced_mono) > context.segment_ms(rendition)

    def _compare_ms(self, rendition: str) -> int:
        """Where the clock does not say that this is live, a second voice must, and in time (B6)."""
        context = self._context
        held = None if context.belief is None else context.belief.held.get(rendition)
        if held is None or abs(context.wall - held.playlist.issued_ms) <= LIVE_WINDOW_MS:
            return COMPARE_MS
        return min(COMPARE_MS, held.playlist.target_duration * 1000)
