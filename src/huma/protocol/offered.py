"""A live playlist whose signature is good, as a mirror offered it: what belief and the session need of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from huma.protocol.playlist import LivePlaylist


@dataclass(frozen=True, slots=True)
class OfferedPlaylist:
    """`uris` are paths below the mirror, in order; `target_duration` is in seconds."""

    rank: int
    keyid: str
    rendition: str
    tick: int
    issued_ms: int
    media_sequence: int
    uris: tuple[str, ...]
    target_duration: int
    ended: bool
    signed_digest: str
    prev: str | None = None
    prev_tick: int | None = None

    @classmethod
    def of(cls, playlist: LivePlaylist) -> OfferedPlaylist:
        """What was verified, seen from here."""
        return cls(
            rank=playlist.rank,
            keyid=playlist.keyid,
            rendition=playlist.rendition,
            tick=playlist.tick,
            issued_ms=playlist.issued_ms,
            media_sequence=playlist.media_sequence,
            uris=playlist.uris,
            target_duration=playlist.target_duration,
            ended=playlist.ended,
            signed_digest=playlist.signed_digest,
            prev=playlist.prev,
            prev_tick=playlist.prev_tick,
        )
