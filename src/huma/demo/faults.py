"""What can be wrong with a mirror of the demo: one fault at a time, switched on and off while viewers watch."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from huma.errors import UsageError

DRIP_BYTES_PER_S: Final = 4_000
"""A slow mirror: an eighth of what its smallest video needs, yet never quite silent."""

SWAP_DISTANCE: Final = 12
"""How many segments back the genuine segment is that a swapping mirror serves in the place of the right one."""


class Fault(StrEnum):
    """One way to misbehave; the value is what the strip and the HTTP call it."""

    NONE = "none"
    KILL = "kill"
    HANG = "hang"
    FREEZE = "freeze"
    SLOW = "slow"
    CORRUPT = "corrupt"
    SWAP = "swap"
    FORGE = "forge"


LIES: Final = frozenset({Fault.CORRUPT, Fault.SWAP, Fault.FORGE})
"""Faults in which a mirror sends bytes that nobody signed for that place; the others are mere silence or delay."""

RESTORE: Final = "restore"


def parse_fault(text: str) -> Fault:
    """The fault of that name; `restore` is the end of any."""
    if text == RESTORE:
        return Fault.NONE
    try:
        return Fault(text)
    except ValueError:
        known = ", ".join([*(fault.value for fault in Fault if fault is not Fault.NONE), RESTORE])
        raise UsageError(f"no fault is called {text[:32]!r}", hint=f"There are: {known}.") from None
