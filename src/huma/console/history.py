"""The last minutes of a few numbers, so that a page opened late has its graphs at once."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

KEPT: Final = 900
"""A quarter of an hour, a sample a second."""
SERIES_MOST: Final = 64


class History:
    """Series by name, all sampled at the same moments. A series that was not there yet has None."""

    def __init__(self, kept: int = KEPT) -> None:
        self._rows: deque[tuple[int, Mapping[str, float | None]]] = deque(maxlen=kept)

    def note(self, at_ms: int, values: Mapping[str, float | None]) -> None:
        """The numbers of one moment, in Unix milliseconds."""
        self._rows.append((at_ms, dict(list(values.items())[:SERIES_MOST])))

    def columns(self) -> dict[str, Any]:
        """`at`: Unix seconds; `series`: for each name as many values."""
        rows = tuple(self._rows)
        names = sorted({name for _, values in rows for name in values})
        return {
            "at": [at_ms / 1000 for at_ms, _ in rows],
            "series": {name: [values.get(name) for _, values in rows] for name in names},
        }


def samples(state: Mapping[str, Any]) -> dict[str, float | None]:
    """The numbers of a state that are drawn as graphs."""
    values: dict[str, float | None] = {
        "delay_ms": state["publisher"]["delay_ms"],
        "speed": state["programme"]["speed"],
        "dropped_frames": state["programme"]["dropped"],
    }
    for each in state["inputs"]:
        values[f"input.{each['name']}.kbps"] = each["kbps"]
    for each in state["languages"]:
        values[f"loudness.{each['code']}"] = each["levels"]["short_term"]
    for each in state["stores"]:
        values[f"store.{each['place']}.behind"] = each["behind"]
    return values
