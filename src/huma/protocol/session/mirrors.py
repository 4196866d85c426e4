"""How each mirror stands, as seen from this network: proofs, penalties, times, rates (spec/client.md, M4 to M8)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from huma.config import (
    BENCH_STRIKES,
    BETTER_FACTOR,
    PATIENCE_MAX,
    PENALTY_FIRST_MS,
    PENALTY_MAX_MS,
    RATE_MEMORY_MS,
    SILENT_FACTOR,
    SILENT_MS,
    SILENT_ONION_MS,
)
from huma.protocol.session.ranking import Listing, is_onion, origin, pick_set

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(slots=True)
class Standing:
    """One mirror, as seen from here. `forged` counts strikes of M9 since it last gave what verifies."""

    proven: bool = False
    strikes: dict[str, int] = field(default_factory=dict)
    free_at: int = 0
    last_fault: str = ""
    best_first_byte: int | None = None
    rate: int | None = None
    rate_at: int = 0
    forged: int = 0
    forged_at: int = 0
    looked_at: int | None = None
    verified_at: dict[str, int] = field(default_factory=dict)

    @property
    def most_strikes(self) -> int:
        """The strikes of its worst kind."""
        return max(self.strikes.values(), default=0)


class Board:
    """All mirrors: who may be asked now, and in which order."""

    def __init__(self) -> None:
        self.ranked: tuple[Listing, ...] = ()
        self.favourite: dict[str, str] = {}
        self._favoured_at: dict[str, int] = {}
        self.patience = 1
        self._listings: dict[str, Listing] = {}
        self._standings: dict[str, Standing] = {}

    def renew(self, ranked: tuple[Listing, ...], now: int) -> None:
        """Renewed trust documents: keep what is known of each mirror; a favourite outside the set is let go."""
        self.ranked = ranked
        self._listings = {listing.id: listing for listing in ranked}
        kept = [listing.id for listing in self.sticky(now)]
        self.favourite = {kind: name for kind, name in self.favourite.items() if name in kept}

    def listing(self, mirror: str) -> Listing | None:
        """The entry of a mirror that may be asked."""
        return self._listings.get(mirror)

    def standing(self, mirror: str) -> Standing:
        """How a mirror stands."""
        return self._standings.setdefault(mirror, Standing())

    def voice(self, mirror: str) -> str:
        """What counts as one operator in B3 and B6."""
        listing = self._listings.get(mirror)
        return mirror if listing is None else listing.voice

    def is_free(self, mirror: str, now: int) -> bool:
        """Is no penalty running?"""
        return mirror in self._listings and self.standing(mirror).free_at <= now

    def sticky(self, now: int) -> list[Listing]:
        """M2, M3: the set; whoever failed again and again is replaced until its penalty is over."""
        benched = {
            listing.id
            for listing in self.ranked
            if self.standing(listing.id).free_at > now
            and (
                not self.standing(listing.id).proven
                or self.standing(listing.id).most_strikes >= BENCH_STRIKES
            )
        }
        return pick_set(self.ranked, benched)

    def order(self, kind: str, now: int) -> list[str]:
        """M3: the favourite, that for other things, the set, then all others by rank; without those under a penalty."""
        others = [name for other, name in self.favourite.items() if other != kind]
        first = [self.favourite[kind], *others] if kind in self.favourite else others
        names = [
            *first,
            *(listing.id for listing in self.sticky(now)),
            *(listing.id for listing in self.ranked),
        ]
        return [name for name in dict.fromkeys(names) if self.is_free(name, now)]

    def first_asked(self, most: int, now: int) -> list[str]:
        """S2: whom to ask when nothing is believed yet; one that has proved itself among them, where there is one."""
        names = self.order("playlist", now)
        chosen = names[:most]
        proven = [name for name in names if self.standing(name).proven]
        if proven and not any(self.standing(name).proven for name in chosen):
            chosen[-1] = proven[0]
        return chosen

    def doubt(self, mirror: str, now: int) -> None:
        """M4: nothing that it did is wrong, but it may know nothing of this event: its one try is over."""
        if not self.standing(mirror).proven:
            for standing in self._unproven_at(mirror):
                standing.free_at = now + PENALTY_MAX_MS

    def _unproven_at(self, mirror: str) -> list[Standing]:
        """All that a roster may call by other names, at the same scheme, host and port."""
        listing = self._listings.get(mirror)
        if listing is None:
            return [self.standing(mirror)]
        same = [each.id for each in self.ranked if origin(each.url) == origin(listing.url)]
        return [standing for standing in map(self.standing, same) if not standing.proven]

    def introduced(self, mirror: str, now: int) -> None:
        """M4: it has served `1.root.json`. If its one try had failed before that, it is forgiven."""
        standing = self.standing(mirror)
        if not standing.proven:
            standing.proven = True
            standing.free_at = min(standing.free_at, now)

    def prefer(self, kind: str, mirror: str, now: int, started: int) -> None:
        """Ask this mirror first from now on; what was asked for before the last choice does not undo it."""
        if self.favourite.get(kind) == mirror:
            return
        if kind not in self.favourite or (
            self.is_free(mirror, now) and started >= self._favoured_at.get(kind, 0)
        ):
            self.favourite[kind] = mirror
            self._favoured_at[kind] = now

    def was_outpaced(self, loser: str, winner: str, now: int) -> None:
        """M10: a hedge was answered first: for everything, ask the winner first."""
        for kind, name in self.favourite.items():
            if name == loser:
                self.favourite[kind] = winner
                self._favoured_at[kind] = now

    def verified(self, mirror: str, kind: str, now: int) -> None:
        """It gave something of this event that verifies: that proves it as `1.root.json` does."""
        standing = self.standing(mirror)
        standing.proven = True
        standing.verified_at[kind] = now
        self.patience = 1
        if standing.free_at <= now:
            standing.strikes.pop(kind, None)

    def fault(self, mirror: str, kind: str, how: str, now: int) -> int:
        """M6: a strike, and the penalty in milliseconds; 0 while one is running."""
        standing = self.standing(mirror)
        standing.last_fault = how
        if standing.free_at > now:
            return 0
        standing.strikes[kind] = standing.strikes.get(kind, 0) + 1
        if not standing.proven:
            self.doubt(mirror, now)
            return PENALTY_MAX_MS
        penalty = min(PENALTY_FIRST_MS << min(standing.most_strikes - 1, 20), PENALTY_MAX_MS)
        standing.free_at = now + penalty
        return penalty

    def forgive(self, mirror: str, kind: str, now: int) -> None:
        """It was the viewer's own line after all."""
        standing = self.standing(mirror)
        standing.free_at = min(standing.free_at, now)
        standing.strikes.pop(kind, None)

    def forget_penalties(self, now: int) -> None:
        """S10: perhaps this is another network now."""
        for standing in self._standings.values():
            standing.free_at = min(standing.free_at, now)
            standing.strikes.clear()

    def clear_if_all(self, now: int) -> bool:
        """M6: if all are penalised, nobody is. Who never proved itself stays out while somebody has.

        Where all were silent, this line may only be slow to begin: wait longer the next time.
        """
        if not self.ranked or any(self.is_free(listing.id, now) for listing in self.ranked):
            return False
        standings = [self.standing(listing.id) for listing in self.ranked]
        proven = [standing for standing in standings if standing.proven] or standings
        for standing in proven:
            standing.free_at = now
            standing.strikes.clear()
        if all(standing.last_fault in {"timeout", "too-slow"} for standing in proven):
            self.patience = min(self.patience * 2, PATIENCE_MAX)
        return True

    def silent_ms(self, mirror: str) -> int:
        """M5 silent: how long to wait for a first byte."""
        listing = self._listings.get(mirror)
        if listing is not None and is_onion(listing.url, listing.cls):
            return SILENT_ONION_MS
        wait = max(SILENT_MS, SILENT_FACTOR * (self.first_byte_ms(mirror) or 0))
        return min(wait * self.patience, SILENT_ONION_MS)

    def first_byte_ms(self, mirror: str) -> int | None:
        """The best first byte seen of this mirror; of one that is new, the slowest of the others' best."""
        own = self.standing(mirror).best_first_byte
        if own is not None:
            return own
        others = [
            each.best_first_byte for each in self._standings.values() if each.best_first_byte is not None
        ]
        return max(others, default=None)

    def saw_first_byte(self, mirror: str, ms: int) -> None:
        """A first byte came after `ms`."""
        standing = self.standing(mirror)
        best = standing.best_first_byte
        standing.best_first_byte = ms if best is None else min(best, ms)

    def saw_rate(self, mirror: str, bytes_per_s: int, now: int) -> None:
        """A transfer ran at this rate."""
        standing = self.standing(mirror)
        standing.rate, standing.rate_at = bytes_per_s, now

    def rate(self, mirror: str, now: int) -> int | None:
        """The rate last seen of this mirror, if that is not too long ago."""
        standing = self.standing(mirror)
        return (
            standing.rate if standing.rate is not None and now - standing.rate_at <= RATE_MEMORY_MS else None
        )

    def best_rate(self, now: int) -> int:
        """The best of the rates last seen; 0 if none."""
        rates = [self.rate(listing.id, now) for listing in self.ranked]
        return max((rate for rate in rates if rate is not None), default=0)

    def best_on_slow_line(self, names: Sequence[str], now: int) -> list[str]:
        """First who was not measured lately; then who is much faster than the first; then as they stand."""
        usual = (self.rate(names[0], now) or 0) if names else 0

        def key(name: str) -> int:
            rate = self.rate(name, now)
            return 0 if rate is None else 1 if rate > BETTER_FACTOR * usual else 2

        return sorted(names, key=key)
