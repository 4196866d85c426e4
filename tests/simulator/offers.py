"""Playlists as belief sees them, made by hand: for its tests and its vectors."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from huma.protocol.belief import Belief, Outcome, Verdict, believe
from huma.protocol.grid import Grid
from huma.protocol.names import render_event_id, sha256_hex
from huma.protocol.offered import OfferedPlaylist
from huma.protocol.saved import SavedBelief

EPOCH_MS = 1_795_000_000_000
EVENT_ID = render_event_id(bytes(32))
TICK = (16, 15)
RENDITIONS = {"v360": 1, "v144": 1, "a-en": 1, "v144s": 4}
KEYS = {rank: f"{rank:016x}" for rank in range(1, 5)}
GRID = Grid(TICK, EPOCH_MS)


def offer(
    tick: int,
    rendition: str = "v360",
    *,
    rank: int = 1,
    branch: str = "true",
    window: int = 6,
    keyid: str | None = None,
    **changed: Any,
) -> OfferedPlaylist:
    """The playlist that a signer would publish at the end of `tick`."""
    s = RENDITIONS.get(rendition, 1)
    last = (tick + 1) // s - 1
    first = max(0, last - window + 1)

    def uri(n: int) -> str:
        return f"media/{sha256_hex(f'{branch}/{rank}/{rendition}/{n}'.encode())[:12]}.m4s"

    made: dict[str, Any] = {
        "rank": rank,
        "keyid": keyid or KEYS[rank],
        "rendition": rendition,
        "tick": tick,
        "issued_ms": GRID.start_ms(tick + 1) + 40,
        "media_sequence": first,
        "uris": tuple(uri(n) for n in range(first, last + 1)),
        "target_duration": 2 if s == 1 else 5,
        "ended": False,
        "signed_digest": digest(tick, rendition, rank, branch),
        "prev": digest(tick - s, rendition, rank, branch),
        "prev_tick": tick - s,
    }
    return OfferedPlaylist(**{**made, **changed})


def digest(tick: int, rendition: str = "v360", rank: int = 1, branch: str = "true") -> str:
    """The digest of its signed bytes."""
    return sha256_hex(f"{branch}/{rank}/{rendition}/playlist/{tick}".encode())[:16]


def begin(restored: SavedBelief | None = None) -> Belief:
    """Nothing believed yet."""
    return Belief.begin(EVENT_ID, GRID, RENDITIONS, restored)


@dataclass
class Watcher:
    """A belief and its clocks: `mono` runs with the grid but in sleep, `wall` may be off."""

    belief: Belief = field(default_factory=begin)
    clock_off: int = 0
    slept_ms: int = 0

    def see(self, offered: OfferedPlaylist, *, operator: str = "one", at_tick: int | None = None) -> Outcome:
        """Offered at the moment when `at_tick` has just ended; by default, its own."""
        wall, mono = self.clocks(offered.tick if at_tick is None else at_tick)
        self.belief, outcome = believe(self.belief, offered, operator=operator, wall=wall, mono=mono)
        return outcome

    def sleep(self, ticks: int, *, until: int) -> None:
        """Sleep for so many ticks, and wake at the end of `until`."""
        self.slept_ms += GRID.start_ms(ticks) - EPOCH_MS
        self.belief = self.belief.woken(*self.clocks(until))

    def clocks(self, tick: int) -> tuple[int, int]:
        """Wall and mono at the end of a tick."""
        gone = GRID.start_ms(tick + 1) - EPOCH_MS + 100
        return EPOCH_MS + gone + self.clock_off, gone - self.slept_ms


def verdict(
    watcher: Watcher,
    tick: int,
    rendition: str = "v360",
    *,
    operator: str = "one",
    at_tick: int | None = None,
    **rest: Any,
) -> Verdict:
    """What is said of the playlist of that tick."""
    return watcher.see(offer(tick, rendition, **rest), operator=operator, at_tick=at_tick).verdict
