"""What a client believes of the signed playlists it is shown: a value, and one function (spec/client.md, B)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from huma.config import BEHIND_MS, EVIDENCE_KEPT, FUTURE_MS, RISE_SLACK_TICKS
from huma.protocol.saved import SavedBelief
from huma.protocol.trail import Proof, Trail, find_proof

if TYPE_CHECKING:
    from collections.abc import Mapping

    from huma.protocol.grid import Grid
    from huma.protocol.offered import OfferedPlaylist

__all__ = ["Belief", "Held", "Outcome", "Proof", "SavedBelief", "Verdict", "believe"]


class Verdict(StrEnum):
    """What became of an offered playlist."""

    ADVANCED = "advanced"
    UNCHANGED = "unchanged"
    BEHIND = "behind"
    IMPLAUSIBLE = "implausible"
    REVOKED = "revoked"
    OTHER_BRANCH = "other-branch"
    OVERLAP = "overlap"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict, and the proof of a stolen key if this playlist completed one."""

    verdict: Verdict
    proof: Proof | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """The playlist believed for one rendition, and when it was."""

    playlist: OfferedPlaylist
    advanced_mono: int


@dataclass(frozen=True, slots=True)
class Anchor:
    """A tick that was plausible by more than its rise, and when: rises are measured from here."""

    tick: int
    mono: int
    wall: int


@dataclass(frozen=True, slots=True)
class Sighting:
    """Evidence: an operator showed this tick, and it was not believed yet."""

    operator: str
    rank: int
    tick: int
    mono: int
    signed_digest: str


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Two operators gave the same signed bytes; `mono` is when that tick first advanced here."""

    mono: int
    issued_ms: int
    target_duration: int


@dataclass(frozen=True, slots=True)
class Belief:
    """All that a client believes of the live playlists of one event."""

    event_id: str
    grid: Grid
    ticks_per_segment: Mapping[str, int]
    floors: Mapping[int, Mapping[str, int]]
    revoked: frozenset[str]
    held: Mapping[str, Held]
    trails: Mapping[tuple[str, str], Trail]
    anchor: Anchor | None = None
    sightings: tuple[Sighting, ...] = ()
    confirmed: Confirmed | None = None
    proofs: tuple[Proof, ...] = ()

    @classmethod
    def begin(
        cls,
        event_id: str,
        grid: Grid,
        ticks_per_segment: Mapping[str, int],
        restored: SavedBelief | None = None,
    ) -> Belief:
        """B1: nothing is believed but what an earlier session of the same event kept."""
        if restored is None or restored.event_id != event_id:
            restored = SavedBelief(event_id, {}, ())
        floors = {rank: dict(ticks) for rank, ticks in restored.floors.items()}
        return cls(event_id, grid, dict(ticks_per_segment), floors, frozenset(restored.revoked), {}, {})

    @property
    def rank(self) -> int:
        """The highest rank ever believed; 0 before the first."""
        return max(self.floors, default=0)

    @property
    def newest(self) -> Held | None:
        """The held playlist of the highest tick."""
        return max(
            self.held.values(), key=lambda held: (held.playlist.tick, held.advanced_mono), default=None
        )

    @property
    def two_versions(self) -> bool:
        """B7: is the key in play proved to have signed two versions?"""
        return any(proof.rank == self.rank for proof in self.proofs)

    def floor(self, rendition: str, rank: int) -> int:
        """B4: no tick below this is believed for `rendition`."""
        ticks = self.floors.get(rank)
        if not ticks:
            return 0
        seconds, parts = self.grid.tick
        lag = -(-BEHIND_MS * parts // (1000 * seconds))
        across = max(ticks.values()) - lag - (self.ticks_per_segment.get(rendition, 1) - 1)
        return max(ticks.get(rendition, 0), across, 0)

    def renewed(self, grid: Grid, ticks_per_segment: Mapping[str, int]) -> Belief:
        """The same belief under renewed trust documents."""
        return replace(self, grid=grid, ticks_per_segment=dict(ticks_per_segment))

    def revoke(self, keyids: frozenset[str]) -> Belief:
        """B9: the union only grows; what a revoked key signed is no longer held."""
        revoked = self.revoked | keyids
        held = {name: held for name, held in self.held.items() if held.playlist.keyid not in revoked}
        return replace(self, revoked=revoked, held=held)

    def unanchored(self) -> Belief:
        """B3: when cut off, the next playlist is bound by the floor alone."""
        return replace(self, anchor=None, sightings=())

    def woken(self, wall: int, mono: int) -> Belief:
        """B3: after a suspension, in which `mono` may have stood still, the wall clock may say what went by."""
        anchor = self.anchor
        if anchor is not None:
            slept = max(0, wall - anchor.wall - (mono - anchor.mono))
            anchor = replace(anchor, mono=anchor.mono - slept)
        return replace(self, anchor=anchor, sightings=())

    def saved(self) -> SavedBelief:
        """B8: what is kept over restarts."""
        return SavedBelief.of(self.event_id, self.floors, self.revoked)


def believe(
    belief: Belief, offered: OfferedPlaylist, *, operator: str, wall: int, mono: int
) -> tuple[Belief, Outcome]:
    """Judge one verified playlist that `operator` showed. A refused one changes nothing but the evidence."""
    if offered.rendition not in belief.ticks_per_segment:
        return belief, Outcome(Verdict.UNKNOWN)
    if offered.keyid in belief.revoked:
        return belief, Outcome(Verdict.REVOKED)
    trail = belief.trails.get((offered.keyid, offered.rendition), Trail())
    proof, contradicts_belief = find_proof(trail, offered)
    if proof is not None:
        proof = None if proof in belief.proofs else proof
        belief = belief if proof is None else replace(belief, proofs=(*belief.proofs, proof)[-EVIDENCE_KEPT:])
    if contradicts_belief:
        return belief, Outcome(Verdict.OTHER_BRANCH, proof)
    belief, verdict = _place(belief, offered, operator, wall, mono)
    return belief, Outcome(verdict, proof)


def _place(
    belief: Belief, offered: OfferedPlaylist, operator: str, wall: int, mono: int
) -> tuple[Belief, Verdict]:
    """B2 to B5: where does it stand in the order?"""
    if offered.rank < belief.rank or offered.tick < belief.floor(offered.rendition, offered.rank):
        return _record(belief, offered, operator, mono, believed=False), Verdict.BEHIND
    held = belief.held.get(offered.rendition)
    if held is not None and (held.playlist.rank, held.playlist.tick) == (offered.rank, offered.tick):
        if held.playlist.signed_digest == offered.signed_digest:
            return _record(belief, offered, operator, mono, believed=True), Verdict.UNCHANGED
        return _record(belief, offered, operator, mono, believed=False), Verdict.OVERLAP
    by_rise_alone = False
    if belief.anchor is not None and not _by_clock_or_voice(belief, offered, operator, wall, mono):
        if not _by_rise(belief, offered.tick, mono):
            return _keep_sighting(belief, offered, operator, mono), Verdict.IMPLAUSIBLE
        by_rise_alone = True
    return _advance(belief, offered, operator, wall, mono, by_rise_alone=by_rise_alone), Verdict.ADVANCED


def _by_clock_or_voice(belief: Belief, offered: OfferedPlaylist, operator: str, wall: int, mono: int) -> bool:
    """B3 a and c: not later than the wall clock + a minute; or another operator showed as much."""
    if belief.grid.start_ms(offered.tick) <= wall + FUTURE_MS:
        return True
    return any(
        seen.operator != operator
        and seen.rank == offered.rank
        and abs(offered.tick - seen.tick - belief.grid.ticks_within(mono - seen.mono)) <= RISE_SLACK_TICKS
        for seen in belief.sightings
    )


def _by_rise(belief: Belief, tick: int, mono: int) -> bool:
    """B3 b: it rose by no more than the time that went by, and a slack that is granted once."""
    anchor = belief.anchor
    if anchor is None:
        return True
    return tick <= anchor.tick + belief.grid.ticks_within(mono - anchor.mono) + RISE_SLACK_TICKS


def _keep_sighting(belief: Belief, offered: OfferedPlaylist, operator: str, mono: int) -> Belief:
    """The newest of each operator is kept: a flood of evidence from one displaces only its own."""
    others = tuple(seen for seen in belief.sightings if seen.operator != operator)
    mine = Sighting(operator, offered.rank, offered.tick, mono, offered.signed_digest)
    return replace(belief, sightings=(*others, mine)[-EVIDENCE_KEPT:])


def _advance(
    belief: Belief, offered: OfferedPlaylist, operator: str, wall: int, mono: int, *, by_rise_alone: bool
) -> Belief:
    rose = offered.rank > belief.rank
    ticks = {**belief.floors.get(offered.rank, {}), offered.rendition: offered.tick}
    kept = {} if rose else belief.held
    anchor = belief.anchor
    if anchor is None or (not by_rise_alone and (rose or offered.tick >= anchor.tick)):
        anchor = Anchor(offered.tick, mono, wall)
    moved = replace(
        belief,
        floors={**belief.floors, offered.rank: ticks},
        held={**kept, offered.rendition: Held(offered, mono)},
        anchor=anchor,
        confirmed=None if rose else belief.confirmed,
    )
    return _record(moved, offered, operator, mono, believed=True, advance=offered.rendition in belief.held)


def _record(
    belief: Belief,
    offered: OfferedPlaylist,
    operator: str,
    mono: int,
    *,
    believed: bool,
    advance: bool = False,
) -> Belief:
    """Remember who showed what: for proofs (B7), and for the voice of a second operator (B6)."""
    key = (offered.keyid, offered.rendition)
    trail = belief.trails.get(key, Trail()).with_offered(
        offered, operator, mono, believed=believed, advance=advance
    )
    confirmed = belief.confirmed
    seen = trail.ticks.get(offered.tick)
    if seen is not None and seen.advance and len(seen.operators) > 1 and offered.rank == belief.rank:
        fresh = Confirmed(seen.mono, offered.issued_ms, offered.target_duration)
        confirmed = fresh if confirmed is None or fresh.mono >= confirmed.mono else confirmed
    return replace(belief, trails={**belief.trails, key: trail}, confirmed=confirmed)
