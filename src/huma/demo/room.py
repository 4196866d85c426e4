"""The demo as a whole: four doors on this machine, three mirrors that follow the origin, one page."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from huma.config import SERVE_PORT
from huma.demo.copies import Copy, changing_paths
from huma.demo.mirror import DemoMirror
from huma.demo.site import DemoSite, Scene
from huma.errors import UsageError
from huma.net.localserver import LocalServer
from huma.net.pages import PagePin, load_pages
from huma.protocol.roster import Mirror

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from huma.demo.forger import Forger
    from huma.protocol.event import Event
    from huma.store.port import Store

OPERATORS: Final = {
    "north": ("North", "trusted"),
    "east": ("East", "volunteer"),
    "west": ("West", "volunteer"),
}
"""The mirrors by id: who runs each, and how much is known of them. Three operators, as in real life."""


@dataclass(frozen=True, slots=True)
class Doors:
    """The servers, listening already: their addresses stand in the roster before the event exists."""

    site: LocalServer
    mirrors: dict[str, LocalServer]

    @classmethod
    async def open(cls, port: int | None) -> Doors:
        """Take the ports. `port` is the page's; None takes the usual one, or any if that is taken."""
        doors = cls(LocalServer(port=SERVE_PORT if port is None else port), {})
        try:
            await doors.site.start()
        except UsageError:
            if port is not None:
                raise
            doors.site.port = 0
            await doors.site.start()
        for name in OPERATORS:
            doors.mirrors[name] = LocalServer()
            await doors.mirrors[name].start()
        return doors

    def listings(self) -> tuple[Mirror, ...]:
        """The mirrors as the roster lists them."""
        return tuple(
            Mirror(name, f"{server.origin}/", OPERATORS[name][0], "lan", OPERATORS[name][1])
            for name, server in self.mirrors.items()
        )

    async def close(self) -> None:
        """Give all ports back."""
        for server in (self.site, *self.mirrors.values()):
            await server.stop()


@dataclass(frozen=True, slots=True)
class Broadcast:
    """What the demo needs to know of what is on the air."""

    event: Event
    event_id: str
    root: str
    store: Store
    source: str
    light: bool
    tick: Callable[[], int | None]


class DemoRoom:
    """Three mirrors and a page in front of a store that somebody fills."""

    def __init__(
        self,
        doors: Doors,
        broadcast: Broadcast,
        forger: Forger,
        pages: Path,
        tell: Callable[[dict[str, Any]], None],
    ) -> None:
        changing = changing_paths(broadcast.event)
        self.mirrors = [
            DemoMirror(
                name, OPERATORS[name][0], broadcast.event, Copy(broadcast.store, changing), forger, server
            )
            for name, server in doors.mirrors.items()
        ]
        pin = PagePin(broadcast.event_id, tuple(mirror.url for mirror in self.mirrors), broadcast.root)
        scene = Scene(broadcast.event, broadcast.event_id, self.mirrors, broadcast.source, broadcast.light)
        self.site = DemoSite(
            scene=scene,
            pages={page.path: page for page in load_pages(pages, pin=pin)},
            server=doors.site,
            programme=lambda: {"source": broadcast.source, "tick": broadcast.tick()},
            tell=tell,
        )

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"{self.site.server.origin}/"

    async def run(self) -> None:
        """Let the mirrors follow the origin until cancelled."""
        async with asyncio.TaskGroup() as group:
            for mirror in self.mirrors:
                group.create_task(mirror.follow())
