"""A finished segment: what the media room hands to whoever publishes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from fractions import Fraction

Origin = Literal["programme", "slate"]


@dataclass(frozen=True, slots=True)
class Segment:
    """Segment `n` of a rendition: fragments that play after `init`, and what a playlist says of them.

    Attributes:
        rendition: The rendition's name in event.json.
        n: The segment's number: it covers ticks [n·s, (n+1)·s); in a copy the n-th segment.
        ticks: How many ticks are in it: s, or fewer at the very start and the very end.
        data: The bytes of the .m4s file.
        init: The bytes of the .mp4 file that it plays after.
        duration: Its exact length in seconds.
        start_ms: The Unix millisecond at which its first frame is due.
        discontinuity: Whether codec parameters or the time line break before it.
        origin: Whether most of it shows the programme, or the slate.
        complete_mono: The clock's monotonic milliseconds when its last byte was made.
    """

    rendition: str
    n: int
    ticks: int
    data: bytes
    init: bytes
    duration: Fraction
    start_ms: int
    discontinuity: bool
    origin: Origin
    complete_mono: float


Sink = Callable[[Segment], None]
"""Takes segments from encoder threads; of one rendition always in order. What it raises ends the programme."""
