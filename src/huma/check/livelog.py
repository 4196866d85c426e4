"""What was signed live: as this machine's log has it, and as the stores show it (PROTOCOL 8)."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Final

from huma.config import LIVE_MAX_BYTES
from huma.errors import HumaError, KeyStoreError
from huma.protocol.names import live_path
from huma.protocol.playlist import verify_live

if TYPE_CHECKING:
    from pathlib import Path

    from huma.protocol.event import Event
    from huma.protocol.playlist import LivePlaylist
    from huma.store.port import Store

LOG_NAME: Final = "live.sqlite"


def logged_playlists(folder: Path, event: Event, event_id: str) -> dict[tuple[str, str], LivePlaylist] | None:
    """By key id and rendition, the last playlists that this machine signed; None where there is no log."""
    path = folder / LOG_NAME
    if not path.is_file():
        return None
    try:
        db = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=2)
        try:
            rows = db.execute("SELECT keyid, rendition, signed FROM playlist").fetchall()
        finally:
            db.close()
    except sqlite3.Error as error:
        raise KeyStoreError(
            f"the live log cannot be read: {error.__class__.__name__}",
            code="log",
            hint=f"Look at {path}; without it the next start takes the next rank.",
        ) from None
    found = {}
    for keyid, rendition, signed in rows:
        found[str(keyid), str(rendition)] = verify_live(
            bytes(signed), event=event, event_id=event_id, rendition=str(rendition)
        )
    return found


def shown_playlists(store: Store, event: Event, event_id: str) -> dict[str, LivePlaylist]:
    """By rendition, what a store shows and what verifies. A store that cannot be read shows nothing."""
    found = {}
    for rendition in event.renditions:
        try:
            data = store.get(live_path(rendition.name), LIVE_MAX_BYTES)
            if data is not None:
                found[rendition.name] = verify_live(
                    data, event=event, event_id=event_id, rendition=rendition.name
                )
        except HumaError:
            continue
    return found
