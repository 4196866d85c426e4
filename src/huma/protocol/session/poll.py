"""One rendition's live playlist, as it is waited for, asked for and held (spec/client.md, S2 to S4)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from huma.config import EXPECT_KEPT, EXPECT_MARGIN_MS, PROBE_SEGMENTS, REASK_SEGMENTS

if TYPE_CHECKING:
    from huma.protocol.offered import OfferedPlaylist
    from huma.protocol.session.freshness import Place
    from huma.protocol.session.requests import Request


@dataclass(frozen=True, slots=True)
class Answer:
    """A verified playlist that waits for a second opinion."""

    request: Request
    offered: OfferedPlaylist


@dataclass(slots=True)
class Poll:
    """`tried` and `unchanged`: who had nothing new since the last advance, or in this round.

    `answers` is a list while the first round of the session is open. `offsets`: how long after ISSUED the last
    playlists came, by our monotonic clock; `misses`: whether each of them was asked for too early first. `births`:
    when each segment of the held playlist was first named.
    """

    rendition: str
    wants: dict[int, Place] = field(default_factory=dict)
    reqs: list[int] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)
    misses: list[bool] = field(default_factory=list)
    births: dict[str, int] = field(default_factory=dict)
    answers: list[Answer] | None = None
    close_at: int | None = None
    next_at: int = 0
    round: int = 0
    waiting_since: int = 0
    wanted_until: int | None = None
    late_told: bool = False
    delivered: Place = (0, -1)
    held_req: int | None = None
    owner: str | None = None

    def hold(self, request: Request, offered: OfferedPlaylist, now: int, segment_ms: int) -> None:
        """This answer is believed now: nobody is late, and the next one is expected a segment after it was issued."""
        self.held_req, self.owner = request.id, request.mirror
        self.misses = [*self.misses, bool(self.unchanged)][-EXPECT_KEPT:]
        self.tried, self.unchanged, self.round, self.late_told = [], [], 0, False
        last = len(offered.uris) - 1
        self.births = {
            uri: self.births.get(uri, now - (last - index) * segment_ms)
            for index, uri in enumerate(offered.uris)
        }
        self.offsets = [*self.offsets, now - offered.issued_ms][-EXPECT_KEPT:]
        # always in time may mean always late: without a miss to show where "too early" is, come a little earlier
        margin = EXPECT_MARGIN_MS if any(self.misses) else -int(PROBE_SEGMENTS * segment_ms)
        expected = offered.issued_ms + min(self.offsets) + segment_ms + margin
        soonest = now + int(REASK_SEGMENTS * segment_ms)
        self.next_at = min(max(expected, soonest), now + segment_ms)

    def restart(self, now: int) -> None:
        """After a suspension: ask again, at once; nobody was late."""
        self.reqs, self.tried, self.unchanged, self.offsets, self.misses = [], [], [], [], []
        self.round, self.next_at, self.waiting_since, self.late_told = 0, now, now, False
