"""What the desk has to sign at this moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from huma.config import SNAPSHOT_LIFE_S, STEERING_LIFE_S, TIMESTAMP_LIFE_S, TIMESTAMP_SIGN_EVERY_S

if TYPE_CHECKING:
    from huma.protocol.trust import TrustedDocuments

SNAPSHOT_SIGN_EVERY_S: Final = 24 * 3600
STEERING_SIGN_EVERY_S: Final = STEERING_LIFE_S // 2
"""Twice as often as it expires, so that one missed signing changes nothing."""


@dataclass(frozen=True, slots=True)
class Duties:
    """Which documents are due."""

    steering: bool
    snapshot: bool
    timestamp: bool


def duties_at(trusted: TrustedDocuments, now: int) -> Duties:
    """What is due at `now`, by when each document was signed last."""
    steering = trusted.delegated.get("steering")
    return Duties(
        steering=steering is None
        or _is_due(steering.head.expires_ms, STEERING_LIFE_S, STEERING_SIGN_EVERY_S, now),
        snapshot=trusted.snapshot is None
        or _is_due(trusted.snapshot.head.expires_ms, SNAPSHOT_LIFE_S, SNAPSHOT_SIGN_EVERY_S, now),
        timestamp=trusted.timestamp is None
        or _is_due(trusted.timestamp.head.expires_ms, TIMESTAMP_LIFE_S, TIMESTAMP_SIGN_EVERY_S, now),
    )


def _is_due(expires_ms: int, life_s: int, every_s: int, now: int) -> bool:
    """Whether a document with this life was signed long enough ago, or, by a clock that went wrong, in the future."""
    signed_ms = expires_ms - life_s * 1000
    return abs(now - signed_ms) >= every_s * 1000
