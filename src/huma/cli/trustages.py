"""How much of its life each trust document has left."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from huma.config import SNAPSHOT_LIFE_S, STEERING_LIFE_S, TIMESTAMP_LIFE_S
from huma.errors import HumaError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from huma.keys.eventdir import EventDir

_LIVES: Final = {
    "timestamp": TIMESTAMP_LIFE_S,
    "snapshot": SNAPSHOT_LIFE_S,
    "steering": STEERING_LIFE_S,
}
_READ_EVERY_S: Final = 5.0


class TrustAges:
    """Reads the documents of an event now and then: others sign them, too."""

    def __init__(self, eventdir: EventDir) -> None:
        self._eventdir = eventdir
        self._end_ms = eventdir.event.end_ms
        self._rows: list[dict[str, Any]] = []
        self._read_at = float("-inf")

    def rows(self, now: int) -> list[dict[str, Any]]:
        """For each document: name, version, expires_ms, left_s, age, short."""
        if time.monotonic() - self._read_at > _READ_EVERY_S:
            self._read_at = time.monotonic()
            try:
                self._rows, self._end_ms = _heads(self._eventdir), self._eventdir.event.end_ms
            except HumaError:
                self._rows = []
        return [_aged(each, now, self._end_ms) for each in self._rows]


def _heads(eventdir: EventDir) -> list[dict[str, Any]]:
    trusted = eventdir.trusted
    heads = [("root", trusted.root.head)]
    heads += [
        (each.head.role, each.head)
        for each in (trusted.timestamp, trusted.snapshot, trusted.targets)
        if each is not None
    ]
    heads += [(name, each.head) for name, each in sorted(trusted.delegated.items())]
    return [{"name": name, "version": head.version, "expires_ms": head.expires_ms} for name, head in heads]


def _aged(row: Mapping[str, Any], now: int, event_end_ms: int) -> dict[str, Any]:
    left_s = (row["expires_ms"] - now) // 1000
    life_s = _LIVES.get(row["name"])
    return {
        **row,
        "left_s": left_s,
        "age": None if life_s is None else round(min(1.0, max(0.0, 1 - left_s / life_s)), 3),
        "short": life_s is None and now < event_end_ms and row["expires_ms"] < event_end_ms,
    }
