"""Timestamps of an encoder onto a time line of 32 bits that begins at 0 and never goes back within a track."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huma.net.rtmp.messages import TIMESTAMPS
from huma.net.rtmp.refusals import too_large

if TYPE_CHECKING:
    from huma.net.rtmp.limits import Limits


def signed_gap(before: int, after: int) -> int:
    """How far `after` lies behind `before` on the circle of 32-bit timestamps, the shorter way round."""
    gap = (after - before) % TIMESTAMPS
    return gap - TIMESTAMPS if gap >= TIMESTAMPS // 2 else gap


class Timeline:
    """A jump that no pause explains is an encoder that began to count anew: its stream goes on where it was."""

    def __init__(self, first: int, limits: Limits) -> None:
        self._limits = limits
        self._raw = first
        self._now = 0
        self._reached: dict[int, int] = {}

    def place(self, kind: int, timestamp: int) -> int:
        """The moment of a tag of this kind in milliseconds."""
        gap = signed_gap(self._raw, timestamp)
        if not -self._limits.back_ms <= gap <= self._limits.jump_ms:
            gap = max(self._reached.values(), default=0) - self._now
        self._raw = timestamp
        self._now += gap
        moment = max(self._now, self._reached.get(kind, 0))
        if moment >= TIMESTAMPS:
            raise too_large("the stream is longer than FLV can count")
        self._reached[kind] = moment
        return moment
