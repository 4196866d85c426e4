"""What the door shows of itself: no key, no address."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class StreamState:
    """A stream that comes in. Times are monotonic ms; zero and empty mean that it is not known."""

    since_ms: int
    heard_ms: int
    bytes: int
    bits_per_second: int
    key_interval_ms: int
    frame_rate: float
    width: int
    height: int
    picture: str
    sound: str
    dropped: int


@dataclass(frozen=True, slots=True)
class DoorState:
    """One door, open or in use. `dropped` and `bytes` of a stream end with it; `refused` counts since the start."""

    name: str
    language: str
    not_after_ms: int
    stream: StreamState | None = None
    streams: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RtmpState:
    """All doors of a server, and those who were turned away before it was known which door they wanted."""

    port: int
    doors: tuple[DoorState, ...] = ()
    refused: Mapping[str, int] = field(default_factory=dict)
    strangers: int = 0
