"""Everything that the checks look at, gathered once and replaceable, so that each row can be provoked in a test."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from huma.errors import HumaError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from huma.keys.eventdir import EventDir
    from huma.keys.eventtoml import EventConfig
    from huma.net.clock import ClockReading
    from huma.protocol.event import Event
    from huma.protocol.playlist import LivePlaylist
    from huma.protocol.roster import Roster
    from huma.protocol.trust import TrustedDocuments
    from huma.store.port import Store


@dataclass(frozen=True)
class Scene:
    """One event, this machine, and the world around it at one moment."""

    eventdir: EventDir
    now: int
    state: Path
    stores: Sequence[Store] = ()
    unusable: Mapping[str, HumaError] = field(default_factory=dict)
    folders: Sequence[Path] = ()
    clocks: Callable[[], Mapping[str, ClockReading | None]] = dict
    resolve: Callable[[str], tuple[str, ...]] = lambda _: ()
    own_addresses: Callable[[], frozenset[str]] = frozenset
    free_bytes: Callable[[Path], int] = lambda _: 10**15
    player: bytes | None = None
    in_the_url: tuple[str, ...] = ()

    @cached_property
    def readable(self) -> frozenset[Literal["config", "trust"]]:
        """Which grounds hold: checks that stand on a broken one are not asked."""
        found: set[Literal["config", "trust"]] = set()
        try:
            _ = self.config
            found.add("config")
        except HumaError:
            pass
        try:
            _ = self.event
            found.add("trust")
        except HumaError:
            pass
        return frozenset(found)

    @cached_property
    def config(self) -> EventConfig:
        """event.toml."""
        return self.eventdir.config

    @cached_property
    def trusted(self) -> TrustedDocuments:
        """The trust documents of the folder."""
        return self.eventdir.trusted

    @cached_property
    def event(self) -> Event:
        """The event as it is signed."""
        return self.eventdir.event

    @cached_property
    def roster(self) -> Roster:
        """The mirrors as they are signed."""
        return self.eventdir.roster

    @cached_property
    def solo(self) -> bool:
        """Whether one person holds everything."""
        return self.eventdir.is_solo

    @cached_property
    def revoked(self) -> frozenset[str]:
        """The live keys that are revoked."""
        return self.trusted.revoked(self.eventdir.read("live/revoked.json") or b"")

    @cached_property
    def shown(self) -> Mapping[str, Mapping[str, LivePlaylist]]:
        """By store and rendition, the live playlists that verify."""
        from huma.check.livelog import shown_playlists  # noqa: PLC0415 - only where it is asked for

        return {
            store.name: shown_playlists(store, self.event, self.eventdir.event_id) for store in self.stores
        }
