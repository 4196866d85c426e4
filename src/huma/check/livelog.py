"""What was signed live: as this machine's log has it, and as the stores show it (PROTOCOL 8)."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from huma.config import LIVE_MAX_BYTES
from huma.errors import HumaError, KeyStoreError
from huma.protocol.names import live_path
from huma.protocol.playlist import verify_live
from huma.protocol.signedtext import split_signed, verify_signed

if TYPE_CHECKING:
    from pathlib import Path

    from huma.protocol.event import Event
    from huma.protocol.playlist import LivePlaylist
    from huma.store.port import Store

LOG_NAME: Final = "live.sqlite"


@dataclass(frozen=True, slots=True)
class SignedHere:
    """What this machine signed last, by key id and rendition.

    `earlier` are the ticks of those that were signed while the event had other renditions, before it was signed anew.
    """

    playlists: dict[tuple[str, str], LivePlaylist]
    earlier: dict[tuple[str, str], int]

    @property
    def keys(self) -> frozenset[str]:
        """Every key that has signed here."""
        return frozenset(keyid for keyid, _ in (*self.playlists, *self.earlier))

    def tick(self, keyid: str, rendition: str) -> int | None:
        """The last tick that a key signed here of a rendition."""
        held = self.playlists.get((keyid, rendition))
        return self.earlier.get((keyid, rendition)) if held is None else held.tick


def signed_here(folder: Path, event: Event, event_id: str) -> SignedHere | None:
    """What the log of this machine holds; None where there is no log."""
    path = folder / LOG_NAME
    if not path.is_file():
        return None
    found: dict[tuple[str, str], LivePlaylist] = {}
    earlier: dict[tuple[str, str], int] = {}
    for keyid, rendition, signed in _rows(path):
        try:
            found[keyid, rendition] = verify_live(signed, event=event, event_id=event_id, rendition=rendition)
        except HumaError:
            earlier[keyid, rendition] = _signed_tick(path, event, event_id, rendition, signed)
    return SignedHere(found, earlier)


def _rows(path: Path) -> list[tuple[str, str, bytes]]:
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
    return [(str(keyid), str(rendition), bytes(signed)) for keyid, rendition, signed in rows]


def _signed_tick(path: Path, event: Event, event_id: str, rendition: str, signed: bytes) -> int:
    """The tick of what a key of the event signed, whatever the renditions of the event were then."""
    try:
        text = split_signed(signed, LIVE_MAX_BYTES)
        verify_signed(text, "live", event=event, event_id=event_id, rendition=rendition)
        return text.header.integer("TICK")
    except HumaError as error:
        raise KeyStoreError(
            f"the live log is damaged: what it holds of {rendition} does not verify ({error.message})",
            code="log-damaged",
            hint=f"Bring {path} back from a backup that is not older, or go on with the next rank: huma live … --rank N",
        ) from None


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
