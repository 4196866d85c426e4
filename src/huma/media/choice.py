"""Which of several inputs is on the air: a table of four rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Choice:
    """What is on the air (None: nothing ever was), and whether a person chose it."""

    on_air: str | None = None
    held: bool = False


def choose_input(
    before: Choice, well_for: Mapping[str, int], told: str | None, return_after: int | None
) -> Choice:
    """The choice for the next slot.

    Args:
        before: The choice until now.
        well_for: For each input, in the order of preference, for how many slots it has been well; 0 when it is not.
        told: The input that a person has just asked for.
        return_after: After so many slots an input that is preferred takes over again; None: only when told.
    """
    if told is not None and well_for.get(told):
        return Choice(told, held=True)
    if before.on_air is not None and well_for[before.on_air]:
        stable = None if before.held else _preferred(before.on_air, well_for, return_after)
        return before if stable is None else Choice(stable)
    first = next((name for name, slots in well_for.items() if slots), None)
    # Where nothing is well, what was on the air stays: its last picture may still stand for a moment.
    return Choice(before.on_air if first is None else first)


def _preferred(on_air: str, well_for: Mapping[str, int], return_after: int | None) -> str | None:
    """The first input before the one on the air that has been well for long enough."""
    if return_after is None:
        return None
    for name, slots in well_for.items():
        if name == on_air:
            return None
        if slots >= return_after:
            return name
    return None
