"""What a client decides about its own session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from huma.protocol.saved import SavedBelief


@dataclass(frozen=True, slots=True)
class SessionConfig:
    """`restored` is what an earlier session of the same event saved; `schemes` are those that this client can ask."""

    restored: SavedBelief | None = None
    volunteers: bool = True
    schemes: tuple[str, ...] = ("https",)
    onion: bool = False
