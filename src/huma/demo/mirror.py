"""One mirror of the demo: a copy, a server, and at most one fault."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from huma.demo.faults import DRIP_BYTES_PER_S, LIES, SWAP_DISTANCE, Fault
from huma.demo.forger import corrupted
from huma.errors import StoreError
from huma.net.localserver import Request, Response
from huma.protocol.names import is_valid_path, live_path
from huma.store.kinds import kind_of

if TYPE_CHECKING:
    from huma.demo.copies import Copy
    from huma.demo.forger import Forger
    from huma.net.localserver import LocalServer
    from huma.protocol.event import Event

PULL_EVERY_S: Final = 0.4

_EVERYONE: Final = (("Access-Control-Allow-Origin", "*"), ("X-Content-Type-Options", "nosniff"))
_PREFLIGHT: Final = (
    *_EVERYONE,
    ("Access-Control-Allow-Methods", "GET, HEAD"),
    ("Access-Control-Allow-Headers", "*"),
    ("Access-Control-Max-Age", "86400"),
)


@dataclass(slots=True)
class MirrorCounts:
    """What a mirror has done; `lies` are answers with bytes that nobody signed for that place."""

    requests: int = 0
    lies: int = 0


@dataclass(slots=True)
class DemoMirror:
    """A mirror, on a server of its own that listens already: the roster lists addresses before the event exists."""

    name: str
    operator: str
    event: Event
    copy: Copy
    forger: Forger
    server: LocalServer
    fault: Fault = Fault.NONE
    counts: MirrorCounts = field(default_factory=MirrorCounts)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.server.answer = self._answer

    @property
    def url(self) -> str:
        """The URL that the roster lists."""
        return f"{self.server.origin}/"

    async def follow(self) -> None:
        """Pull what is new, for ever."""
        renditions = [rendition.name for rendition in self.event.renditions]
        while True:
            with contextlib.suppress(StoreError):  # the origin's store is busy: a mirror just asks again
                self.copy.pull_new(renditions)
            await asyncio.sleep(PULL_EVERY_S)

    async def switch(self, fault: Fault) -> None:
        """Begin to misbehave in one way, and end any other."""
        if fault is self.fault:
            return
        before, self.fault = self.fault, fault
        self._changed.set()
        self._changed = asyncio.Event()
        if before is Fault.FREEZE:
            self.copy.thaw()
        if fault is Fault.FREEZE:
            self.copy.freeze()
        if fault is Fault.KILL:
            await self.server.stop()
        elif not self.server.running:
            await self.server.start()

    async def _answer(self, request: Request) -> Response | None:
        self.counts.requests += 1
        if self.fault is Fault.HANG:
            await self._changed.wait()
            return None
        if request.method == "OPTIONS":
            return Response(204, headers=_PREFLIGHT)
        if request.method not in {"GET", "HEAD"}:
            return Response(405, headers=(*_EVERYONE, ("Allow", "GET, HEAD")))
        path = request.path.removeprefix("/")
        try:
            data = self._file(path) if is_valid_path(path) else None
        except StoreError:
            return Response(503, headers=(*_EVERYONE, ("Cache-Control", "no-store")))
        if data is None:
            return Response(404, headers=(*_EVERYONE, ("Cache-Control", "no-store")))
        return self._response(path, data)

    def _response(self, path: str, data: bytes) -> Response:
        kind = kind_of(path)
        # a browser that kept a lie would go on telling it after the mirror was restored
        caching = "no-store" if self.fault in LIES else kind.cache_control
        headers = (*_EVERYONE, ("Content-Type", kind.content_type), ("Cache-Control", caching))
        pace = DRIP_BYTES_PER_S if self.fault is Fault.SLOW else None
        return Response(200, data, headers, pace)

    def _file(self, path: str) -> bytes | None:
        """The file that this mirror gives for `path`: the genuine one, or its lie."""
        genuine = self.copy.get(path)
        rendition = self._rendition_at(path)
        if rendition is not None and genuine is not None:
            # before anyone can ask for what it names
            self.copy.trail.follow(rendition, genuine)
        match self.fault:
            case Fault.CORRUPT if path.endswith(".m4s") and genuine is not None:
                return self._lie(corrupted(genuine))
            case Fault.SWAP if self._is_video(path) and genuine is not None:
                other = self.copy.trail.before(path, SWAP_DISTANCE)
                old = self.copy.get(other) if other is not None else None
                return genuine if old is None else self._lie(old)
            case Fault.FORGE if rendition is not None and genuine is not None:
                return self._lie(self.forger.playlist(rendition, genuine, self.copy.get))
            case Fault.FORGE if path in self.forger.files:
                return self._lie(self.forger.files[path])
            case _:
                return genuine

    def _rendition_at(self, path: str) -> str | None:
        """Whose live playlist stands at `path`."""
        names = (rendition.name for rendition in self.event.renditions)
        return next((name for name in names if path == live_path(name)), None)

    def _is_video(self, path: str) -> bool:
        rendition = self.event.rendition(self.copy.trail.rendition_of(path) or "")
        return rendition is not None and rendition.kind == "video"

    def _lie(self, data: bytes) -> bytes:
        self.counts.lies += 1
        return data
