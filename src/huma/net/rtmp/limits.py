"""Every limit of the RTMP door, in one place (docs/reference/rtmp.md says why each is what it is)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from huma.config import KIB, MIB

RTMP_PORT: Final = 1935
APPLICATION: Final = "live"
KEY_MIN_LENGTH: Final = 16
KEY_MAX_LENGTH: Final = 128
MAX_KEYS: Final = 64


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes, times and counts. A stranger is whoever has not shown a good key yet."""

    stranger_bytes: int = 16 * KIB
    stranger_messages: int = 64
    stranger_message_bytes: int = 8 * KIB
    message_bytes: int = 4 * MIB
    chunk_streams: int = 32
    chunk_size_min: int = 128
    script_bytes: int = 64 * KIB
    header_bytes: int = 64 * KIB
    amf_depth: int = 8
    amf_values: int = 2048
    reply_bytes: int = 64 * KIB
    strangers: int = 256

    handshake_ms: int = 5_000
    stranger_ms: int = 10_000
    farewell_ms: int = 1_000
    idle_ms: int = 10_000
    takeover_ms: int = 3_000
    read_ms: int = 6_000
    sweep_ms: int = 250

    arrival_bytes: int = 8 * MIB
    arrival_ms: int = 10_000
    prelude_ms: int = 1_000
    prelude_tags: int = 1024
    jump_ms: int = 30_000
    back_ms: int = 1_000


LIMITS: Final = Limits()
