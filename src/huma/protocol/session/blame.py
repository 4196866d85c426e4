"""Whose fault is it? A table, so that it can be argued with (spec/client.md, M6 to M9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from huma.config import FORGING_STRIKES
from huma.protocol.session.events import Failure
from huma.protocol.session.requests import Purpose

if TYPE_CHECKING:
    from huma.protocol.session.context import Context
    from huma.protocol.session.requests import Request

NETWORK: Final = frozenset({Failure.NETWORK, Failure.TIMEOUT})
REFUSED: Final = frozenset({Failure.MISMATCH, Failure.BAD_SIGNATURE, Failure.MALFORMED, Failure.LONG})
FORGED: Final = frozenset({Failure.MISMATCH, Failure.BAD_SIGNATURE})
NOT_FOUND: Final = frozenset({404, 410})


def blame(context: Context, request: Request, how: Failure, *, received: int, excused: bool) -> None:
    """Note what was refused; strike the mirror, unless the failure is excused."""
    context.last_fault = how.value
    if how in REFUSED:
        context.refusals += 1
        context.refused_bytes += max(received, request.bytes)
        context.note("refusal", mirror=request.mirror, code=how.value)
    proven = context.board.standing(request.mirror).proven
    if excused or (request.purpose is Purpose.POLL and how not in NETWORK and proven):
        return
    if how in FORGED:
        _suspect(context, request)
    penalty = context.board.fault(request.mirror, request.target.kind, how.value, context.mono)
    if penalty:
        context.note("penalty", mirror=request.mirror, code=how.value, ms=penalty)


def _suspect(context: Context, request: Request) -> None:
    """M9 forging: twice, the second time on a fresh connection, while another mirror verifies."""
    standing = context.board.standing(request.mirror)
    if standing.forged == 0:
        standing.forged, standing.forged_at = 1, context.mono
    elif request.fresh:
        standing.forged += 1
    if standing.forged >= FORGING_STRIKES and another_verified(context, request.mirror, request.target.kind):
        context.catch(request.mirror, "forging")


def another_verified(context: Context, mirror: str, kind: str) -> bool:
    """Has another mirror given what verifies since this one first did not?"""
    since = context.board.standing(mirror).forged_at
    return any(
        listing.id != mirror and context.board.standing(listing.id).verified_at.get(kind, -1) >= since
        for listing in context.board.ranked
    )
