"""What one key was seen to sign for one rendition, and the proof that it signed two versions (spec/client.md, B7)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from huma.config import LIVE_MAX_SEGMENTS, TRAIL_TICKS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from huma.protocol.offered import OfferedPlaylist

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Proof:
    """One key, one rendition, one tick or media sequence number, two versions."""

    keyid: str
    rank: int
    rendition: str
    kind: str
    number: int
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Seen:
    """The signed bytes of one tick: were they believed, since when, and who showed them.

    `advance` says that they took the place of an earlier tick while we watched.
    """

    signed_digest: str
    believed: bool
    mono: int
    operators: frozenset[str]
    advance: bool = False


@dataclass(frozen=True, slots=True)
class Named:
    """The URI that a media sequence number was given."""

    uri: str
    believed: bool


@dataclass(frozen=True, slots=True)
class Trail:
    """The last ticks and media sequence numbers of one key and rendition."""

    ticks: Mapping[int, Seen] = field(default_factory=dict)
    uris: Mapping[int, Named] = field(default_factory=dict)

    def with_offered(
        self, offered: OfferedPlaylist, operator: str, mono: int, *, believed: bool, advance: bool = False
    ) -> Trail:
        """This trail and one more playlist; what is believed displaces what is not, never the reverse."""
        ticks, uris = dict(self.ticks), dict(self.uris)
        seen = ticks.get(offered.tick)
        if seen is None or (believed and seen.signed_digest != offered.signed_digest):
            ticks[offered.tick] = Seen(offered.signed_digest, believed, mono, frozenset({operator}), advance)
        elif seen.signed_digest == offered.signed_digest:
            since = mono if believed and not seen.believed else seen.mono
            ticks[offered.tick] = Seen(
                seen.signed_digest,
                seen.believed or believed,
                since,
                seen.operators | {operator},
                seen.advance or advance,
            )
        for number, uri in enumerate(offered.uris, offered.media_sequence):
            if number not in uris or (believed and not uris[number].believed):
                uris[number] = Named(uri, believed)
        return Trail(_highest(ticks, TRAIL_TICKS), _highest(uris, TRAIL_TICKS + LIVE_MAX_SEGMENTS))


def _highest(numbered: dict[int, Item], most: int) -> dict[int, Item]:
    return {number: numbered[number] for number in sorted(numbered)[-most:]}


def find_proof(trail: Trail, offered: OfferedPlaylist) -> tuple[Proof | None, bool]:
    """The proof that `offered` makes with what was seen before, and whether it contradicts what was believed."""
    found: Proof | None = None
    for kind, number, first, second, believed in _differences(trail, offered):
        proof = Proof(offered.keyid, offered.rank, offered.rendition, kind, number, first, second)
        if believed:
            return proof, True
        found = found or proof
    return found, False


def _differences(trail: Trail, offered: OfferedPlaylist) -> list[tuple[str, int, str, str, bool]]:
    different: list[tuple[str, int, str, str, bool]] = []
    named = [(offered.tick, offered.signed_digest)]
    if offered.prev is not None and offered.prev_tick is not None:
        named.append((offered.prev_tick, offered.prev))
    for tick, digest in named:
        seen = trail.ticks.get(tick)
        if seen is not None and seen.signed_digest != digest:
            different.append(("tick", tick, seen.signed_digest, digest, seen.believed))
    for number, uri in enumerate(offered.uris, offered.media_sequence):
        known = trail.uris.get(number)
        if known is not None and known.uri != uri:
            different.append(("sequence", number, known.uri, uri, known.believed))
    return different
