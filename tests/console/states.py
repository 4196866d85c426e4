"""States of a broadcast, as the console shows them."""

from __future__ import annotations

import copy
from typing import Any

LEVELS = {"momentary": -20.5, "short_term": -21.0, "integrated": None, "true_peak": -3.0}

STATE: dict[str, Any] = {
    "v": 1,
    "programme": {"speed": 1.0, "dropped": 3, "origin": "programme"},
    "publisher": {"tick": 7, "delay_ms": 150, "segments": 12, "dropped": 0, "media_bytes": 999, "code": "", "message": ""},
    "inputs": [
        {"name": "main", "on_air": True, "status": "playing", "kbps": 2500, "key_interval_s": 1.0, "faults": 2, "opened": 1,
         "door": {"refused": {"wrong-key": 2}, "key_left_s": 900_000, "code": ""}},
        {"name": "backup", "on_air": False, "status": "waiting", "kbps": 0, "key_interval_s": None, "faults": 0, "opened": 0,
         "door": None},
    ],
    "input": {"switches": 4},
    "languages": [{"code": "en", "levels": dict(LEVELS)}, {"code": "fa", "levels": dict(LEVELS)}],
    "stores": [
        {"place": "1", "name": "https://store.example/", "ok": True, "code": "", "age_ms": 700, "behind": 0},
        {"place": "2", "name": "/srv/x", "ok": False, "code": "store-full", "age_ms": None, "behind": 9},
    ],
    "outputs": [
        {"label": "YouTube", "connected": True, "reconnects": 1, "code": ""},
        {"label": "YouTube", "connected": False, "reconnects": 0, "code": "output-refused"},
    ],
    "recording": {"code": "", "bytes": 5, "full_in_s": 7200.0},
    "trust": [{"name": "timestamp", "left_s": 80_000, "age": 0.1, "short": False}],
    "alarms": [{"code": "silence", "where": "fa", "level": "alarm", "since_ms": 5}],
}  # fmt: skip


def state() -> dict[str, Any]:
    """One of its own for a test to spoil."""
    return copy.deepcopy(STATE)
