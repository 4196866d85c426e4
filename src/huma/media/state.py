"""What a broadcaster sees of a running programme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from huma.media.segment import Origin, Sink


@dataclass(frozen=True, slots=True)
class ProgrammeState:
    """How the programme is doing, for people and for `--json`.

    Attributes:
        source: waiting | playing | stalled | reconnecting | ended.
        origin: What is on the air now.
        tick: The tick in the making, None before the first.
        dropped: Frames left out because encoding was slower than real time, over all renditions.
        late_ms: How far the making is behind the clock.
        limited: Segments that had to be cut to their max_bytes.
        returns: How often the source came back after a stall or a loss.
        speed: Made time by real time over the last 10 s; None before it can be told, and without a clock that paces.
        messages: The last things worth telling a person, oldest first.
    """

    source: str = "waiting"
    origin: Origin = "slate"
    tick: int | None = None
    dropped: int = 0
    late_ms: int = 0
    limited: int = 0
    returns: int = 0
    speed: float | None = None
    messages: tuple[str, ...] = ()


class Programme(Protocol):
    """Pictures and sound on their way into segments."""

    def run(self, sink: Sink) -> None:
        """Fill segments until the source ends or `stop` is called; raise what went wrong."""

    def stop(self, at_tick: int | None = None) -> None:
        """End now with short last segments, or before the first frame of tick `at_tick`. Never blocks."""

    def state(self) -> ProgrammeState:
        """How it is doing, from any thread."""
