"""Every limit of the SRT door, in one place (docs/reference/inputs.md says why each is what it is)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from huma.config import KIB, MIB

SRT_PORT: Final = 9000
PASSPHRASE_MIN: Final = 10
PASSPHRASE_MAX: Final = 79
STREAMID_MAX: Final = 512
LATENCY_MS: Final = 200
LATENCY_MIN_MS: Final = 20
LATENCY_MAX_MS: Final = 8_000


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes, times and counts. A caller is whoever has shown the passphrase and sent nothing yet."""

    bits_per_second: int = 60_000_000
    burst_bytes: int = 75_000_000
    knocks: int = 500
    knocks_each: int = 20
    ban_ms: int = 10_000
    checks: int = 50
    checks_each: int = 5
    callers: int = 8
    garbage_bytes: int = 256 * KIB

    takeover_ms: int = 3_000
    mute_ms: int = 3_000
    idle_ms: int = 10_000
    peer_idle_ms: int = 5_000
    read_ms: int = 6_000

    arrival_bytes: int = 16 * MIB
    arrival_ms: int = 10_000
    frame_bytes: int = 64 * KIB
    news_bytes: int = 4 * KIB
    memory_bytes: int = 768 * MIB

    tell_ms: int = 500
    hung_ms: int = 15_000
    write_ms: int = 5_000
    start_ms: int = 20_000
    leave_ms: int = 2_000
    first_pause_ms: int = 250
    longest_pause_ms: int = 10_000
    settled_ms: int = 30_000

    def receive_buffer(self, latency_ms: int) -> int:
        """Bytes that libsrt may hold of one connection: what comes within the latency, and some more."""
        return max(12 * MIB, self.bits_per_second // 8 * (latency_ms + 500) // 1000)


LIMITS: Final = Limits()
