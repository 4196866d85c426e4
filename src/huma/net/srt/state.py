"""What the door shows of itself: no passphrase, no stream id, no address."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class SrtState:
    """The door, open or in use. Times are monotonic ms; what belongs to a publication is zero without one.

    Attributes:
        name: The door's name.
        port: Where it listens.
        listening: Whether encoders can come in.
        in_use: Whether a publication comes in.
        since_ms: When it began.
        heard_ms: When something last came.
        bytes: How much has come.
        bits_per_second: Over the last seconds.
        latency_ms: What both sides agreed on.
        round_trip_ms: To the encoder and back.
        packets_lost: Found missing at first.
        packets_dropped: Missing for good: not there in time.
        packets_retransmitted: Sent again for us.
        unread_bytes: What no reader took in time, since the start.
        publications: How many there have been, since the start.
        restarts: How often the listener was started again.
        code: Why the listener does not run; empty while it does.
        confined: Whether the kernel holds the listener in.
        refused: How many were sent away, by reason, since the start.
    """

    name: str
    port: int
    listening: bool = False
    in_use: bool = False
    since_ms: int = 0
    heard_ms: int = 0
    bytes: int = 0
    bits_per_second: int = 0
    latency_ms: int = 0
    round_trip_ms: float = 0.0
    packets_lost: int = 0
    packets_dropped: int = 0
    packets_retransmitted: int = 0
    unread_bytes: int = 0
    publications: int = 0
    restarts: int = 0
    code: str = ""
    confined: bool = False
    refused: Mapping[str, int] = field(default_factory=dict)
