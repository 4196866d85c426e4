"""Is this live? What may be shown, and never more (spec/client.md, B6)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from huma.config import CUT_OFF_MS, CUT_OFF_TICKS, FROZEN_TARGET_DURATIONS, LIVE_WINDOW_MS

if TYPE_CHECKING:
    from huma.protocol.belief import Belief


class Status(StrEnum):
    """What a page says."""

    WAITING = "waiting"
    LIVE = "live"
    UNCONFIRMED = "unconfirmed"
    CUT_OFF = "cut_off"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Listening:
    """`since` when mirrors are being asked without a pause; None while nobody asks. `segment_ms` of the newest."""

    since: int | None
    segment_ms: int
    began: bool
    was_cut_off: bool


def cut_off_at(belief: Belief, listening: Listening) -> int | None:
    """When silence becomes "cut off", if no mirror shows an advance before."""
    newest = belief.newest
    if newest is None or newest.playlist.ended or listening.since is None:
        return None
    return max(newest.advanced_mono, listening.since) + max(CUT_OFF_TICKS * listening.segment_ms, CUT_OFF_MS)


def confirmed_until(belief: Belief) -> int | None:
    """B6: until when the voices of two operators count."""
    confirmed = belief.confirmed
    if confirmed is None:
        return None
    return confirmed.mono + FROZEN_TARGET_DURATIONS * confirmed.target_duration * 1000


def status(belief: Belief | None, listening: Listening, *, wall: int, mono: int) -> Status:
    """B6, in the order in which it binds."""
    newest = None if belief is None else belief.newest
    if belief is None or newest is None:
        return Status.CUT_OFF if listening.began else Status.WAITING
    if newest.playlist.ended:
        return Status.ENDED
    silent_at = cut_off_at(belief, listening)
    if listening.was_cut_off if silent_at is None else mono >= silent_at:
        return Status.CUT_OFF
    by_clock = abs(wall - newest.playlist.issued_ms) <= LIVE_WINDOW_MS
    voices_until = confirmed_until(belief)
    by_voices = voices_until is not None and mono <= voices_until and wall >= newest.playlist.issued_ms
    return Status.LIVE if by_clock or by_voices else Status.UNCONFIRMED


def changes_at(belief: Belief, listening: Listening, *, wall: int, mono: int) -> list[int]:
    """When the status may change by time alone."""
    newest = belief.newest
    if newest is None or newest.playlist.ended:
        return []
    moments = [cut_off_at(belief, listening), confirmed_until(belief)]
    left = newest.playlist.issued_ms + LIVE_WINDOW_MS - wall
    ahead = newest.playlist.issued_ms - LIVE_WINDOW_MS - wall
    moments += [mono + left + 1, mono + ahead]
    return [at + 1 for at in moments if at is not None and at >= mono]
