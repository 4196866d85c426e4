"""What the outside tells a session. Bytes are judged before they get here: an event carries a finding, never raw bytes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from huma.protocol.event import Event as VerifiedEvent
    from huma.protocol.offered import OfferedPlaylist
    from huma.protocol.roster import Roster
    from huma.protocol.steering import Steering


class Failure(StrEnum):
    """How a request ended without anything usable (spec/client.md, M7)."""

    NETWORK = "network"
    TIMEOUT = "timeout"
    STATUS = "status"
    SHORT = "short"
    LONG = "long"
    MISMATCH = "mismatch"
    BAD_SIGNATURE = "bad-signature"
    MALFORMED = "malformed"
    REDIRECT = "redirect"
    TOO_SLOW = "too-slow"


@dataclass(frozen=True, slots=True)
class RenditionPlan:
    """What the session must know of one rendition of `event.json`."""

    name: str
    kind: str
    ticks_per_segment: int
    max_bytes: int
    bandwidth: int = 0


@dataclass(frozen=True, slots=True)
class MirrorListing:
    """One entry of `roster.json`."""

    id: str
    url: str
    operator: str
    cls: str = "server"
    tier: str = "volunteer"


@dataclass(frozen=True, slots=True)
class LiveKeyPlan:
    """A live key and its rank."""

    keyid: str
    rank: int


@dataclass(frozen=True, slots=True)
class Trust:
    """The verified trust documents, at first and after each renewal."""

    event_id: str
    copy: bool
    tick: tuple[int, int]
    epoch_ms: int
    renditions: tuple[RenditionPlan, ...]
    mirrors: tuple[MirrorListing, ...]
    hints: tuple[str, ...]
    weights: Mapping[str, int]
    withdrawn: tuple[str, ...]
    live_keys: tuple[LiveKeyPlan, ...]

    @classmethod
    def of(
        cls, event_id: str, event: VerifiedEvent, roster: Roster, steering: Steering, hints: tuple[str, ...]
    ) -> Trust:
        """The verified documents, seen from here."""
        return cls(
            event_id=event_id,
            copy=event.copy,
            tick=event.grid.tick,
            epoch_ms=event.grid.epoch_ms,
            renditions=tuple(
                RenditionPlan(item.name, item.kind, item.ticks_per_segment, item.max_bytes, item.bandwidth)
                for item in event.renditions
            ),
            mirrors=tuple(
                MirrorListing(item.id, item.url, item.operator, item.cls, item.tier)
                for item in roster.mirrors
            ),
            hints=hints,
            weights=steering.weights,
            withdrawn=steering.withdrawn,
            live_keys=tuple(LiveKeyPlan(key.keyid, key.rank) for key in event.live_keys),
        )


@dataclass(frozen=True, slots=True)
class WantPlaylist:
    """The player waits for a playlist newer than the last one delivered for this rendition.

    `have` replaces "the last one delivered": the tick that this asker holds, or -1 for none.
    """

    want: int
    rendition: str
    have: int | None = None


@dataclass(frozen=True, slots=True)
class WantFile:
    """The player waits for a content-addressed file: segment, init segment or chapter.

    `size` is the signed size, or None where none is signed (then `max_bytes` of its kind bounds it).
    `from_mirror` is the mirror whose playlist named the file; the session knows it by itself for live segments.
    """

    want: int
    path: str
    digest: str
    size: int | None
    rendition: str
    from_mirror: str | None = None


@dataclass(frozen=True, slots=True)
class Unwant:
    """The player no longer waits."""

    want: int


@dataclass(frozen=True, slots=True)
class FirstByte:
    """The first byte of a body arrived."""

    req: int


@dataclass(frozen=True, slots=True)
class Progress:
    """`bytes` of the body are here so far, after content decoding."""

    req: int
    bytes: int


@dataclass(frozen=True, slots=True)
class PlaylistVerified:
    """A live playlist was received whole and its signature is good."""

    req: int
    playlist: OfferedPlaylist


@dataclass(frozen=True, slots=True)
class FileVerified:
    """A file was received whole and its digest is the one asked for."""

    req: int


@dataclass(frozen=True, slots=True)
class Failed:
    """A request ended without anything usable. `bytes` is what was received and thrown away."""

    req: int
    how: Failure
    status: int | None = None
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class RevokedVerified:
    """`revoked.json` was received; `keyids` are those whose signatures reached a root threshold."""

    req: int
    keyids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TimestampSeen:
    """`timestamp.json` was received and verified; `newer` than the one in force?"""

    req: int
    newer: bool


@dataclass(frozen=True, slots=True)
class RootSeen:
    """This mirror has served this event's `1.root.json`."""

    mirror: str


@dataclass(frozen=True, slots=True)
class Wake:
    """The time asked for by `wake_at` has come."""


@dataclass(frozen=True, slots=True)
class Suspended:
    """The machine or page was asleep: nobody is to blame for what timed out meanwhile."""


Event = (
    Trust
    | WantPlaylist
    | WantFile
    | Unwant
    | FirstByte
    | Progress
    | PlaylistVerified
    | FileVerified
    | Failed
    | RevokedVerified
    | TimestampSeen
    | RootSeen
    | Wake
    | Suspended
)
