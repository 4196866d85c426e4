"""Where this machine keeps what belongs to an event and to nobody else."""

from __future__ import annotations

import os
from pathlib import Path


def state_folder(event_id: str) -> Path:
    """`$XDG_STATE_HOME/huma/<event>`: the live log stands there."""
    home = os.environ.get("XDG_STATE_HOME", "")
    base = Path(home) if home.startswith("/") else Path.home() / ".local" / "state"
    return base / "huma" / event_id
