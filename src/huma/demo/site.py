"""The demo's own site: the page with both players, what each mirror is doing, and the switches.

Loopback only. Whoever can read the page can press its switches; a page of another site can do neither: the Host
header is checked below (localserver.py), and every switch needs a token that stands only in the page.
"""

from __future__ import annotations

import hmac
import json
import re
import secrets
from base64 import b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from huma.demo.faults import Fault, parse_fault
from huma.demo.stockindex import render_stock_index
from huma.errors import HumaError, MalformedError, UsageError
from huma.net.localserver import NAMES, Request, Response
from huma.protocol.names import is_valid_path
from huma.protocol.strictjson import parse_members

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from huma.demo.mirror import DemoMirror
    from huma.net.localserver import LocalServer
    from huma.net.pages import PageFile
    from huma.protocol.event import Event

TOKEN_HEADER: Final = "x-huma-token"  # noqa: S105 - a name of a header
SEEN_MAX_BYTES: Final = 2048
PLAYERS: Final = ("stock", "huma")

_HELD_BACK: Final = frozenset({"sw.js"})
"""A demo's page is kept by nobody: the next demo has another event on the same address."""

_CONFIG_ELEMENT: Final = re.compile(
    rb'(<script\s+type="application/json"\s+id="huma-demo">)[^<]*(</script>)', re.IGNORECASE
)
_SCRIPTS: Final = re.compile(
    rb"<script(?![^>]*application/json)[^>]*>(.*?)</script>", re.DOTALL | re.IGNORECASE
)
_STYLES: Final = re.compile(rb"<style[^>]*>(.*?)</style>", re.DOTALL | re.IGNORECASE)
_NO_STORE: Final = ("Cache-Control", "no-store")


@dataclass(frozen=True, slots=True)
class Scene:
    """What the page shows: an event, and the mirrors of it."""

    event: Event
    event_id: str
    mirrors: Sequence[DemoMirror]
    source: str
    light: bool = False


@dataclass(slots=True)
class DemoSite:
    """The demo's page and its switches, on a server that listens already."""

    scene: Scene
    pages: Mapping[str, PageFile]
    server: LocalServer
    programme: Callable[[], dict[str, Any]]
    tell: Callable[[dict[str, Any]], None]
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))

    def __post_init__(self) -> None:
        if "demo.html" not in self.pages or "local.html" not in self.pages:
            raise UsageError("the pages have not been built", code="no-pages", hint="Run: make pages")
        self.server.answer = self._answer

    async def switch(self, name: str, fault: Fault) -> None:
        """Switch one mirror, and say so."""
        mirror = next((mirror for mirror in self.scene.mirrors if mirror.name == name), None)
        if mirror is None:
            known = ", ".join(mirror.name for mirror in self.scene.mirrors)
            raise UsageError(f"no mirror is called {name[:32]!r}", hint=f"There are: {known}.")
        await mirror.switch(fault)
        self.tell({"event": "mirror", "mirror": mirror.name, "code": fault.value})

    def state(self) -> dict[str, Any]:
        """What the strip shows."""
        return {
            "v": 1,
            "mirrors": [
                {
                    "id": mirror.name,
                    "operator": mirror.operator,
                    "url": mirror.url,
                    "fault": mirror.fault.value,
                    "requests": mirror.counts.requests,
                    "lies": mirror.counts.lies,
                }
                for mirror in self.scene.mirrors
            ],
            "programme": self.programme(),
        }

    async def _answer(self, request: Request) -> Response | None:
        path = request.path.removeprefix("/")
        try:
            if request.method == "POST":
                return await self._post(path, request)
            if request.method not in {"GET", "HEAD"}:
                return Response(405, headers=(("Allow", "GET, HEAD, POST"),))
            return self._get(path)
        except UsageError as error:
            return _json(404, error.as_dict())
        except HumaError as error:
            return _json(400, error.as_dict())

    def _get(self, path: str) -> Response:
        match path:
            case "" | "demo.html":
                return self._front()
            case "state":
                return _json(200, self.state())
            case _ if path.startswith("stock/"):
                first = path.removeprefix("stock/").removesuffix(".m3u8")
                body = render_stock_index(self.scene.event, self.scene.mirrors, first)
                return Response(200, body, (("Content-Type", "application/vnd.apple.mpegurl"), _NO_STORE))
            case _ if path.startswith("genuine/"):
                return self._genuine(path.removeprefix("genuine/"))
        page = None if path in _HELD_BACK else self.pages.get(path)
        if page is None:
            return Response(404, headers=(_NO_STORE,))
        # not `immutable`: after an upgrade the same address shows other pages
        headers = (("Content-Type", page.content_type), ("Cache-Control", "no-cache"), *page.extra)
        return Response(200, page.data, headers)

    def _genuine(self, name: str) -> Response:
        """Whether the origin has published a media file of that name: what a stock player has no way to ask."""
        if not is_valid_path(f"media/{name}"):
            return Response(404, headers=(_NO_STORE,))
        # a mirror's copy is genuine whatever the mirror serves of it, and goes back further than the store
        return _json(200, {"genuine": self.scene.mirrors[0].copy.get(f"media/{name}") is not None})

    async def _post(self, path: str, request: Request) -> Response:
        if not self._may(request):
            return _json(403, {"code": "token", "message": "this needs the token of the demo's own page"})
        match path.split("/"):
            case ["fault", mirror, kind]:
                await self.switch(mirror, parse_fault(kind))
                return _json(200, self.state())
            case ["seen"]:
                self.tell(_seen(request.body))
                return Response(204, headers=(_NO_STORE,))
            case _:
                return Response(404, headers=(_NO_STORE,))

    def _may(self, request: Request) -> bool:
        own = {f"http://{name}:{self.server.port}" for name in NAMES}
        origin = request.headers.get("origin")
        given = request.headers.get(TOKEN_HEADER, "")
        return (origin is None or origin in own) and hmac.compare_digest(given.encode(), self.token.encode())

    def _front(self) -> Response:
        config = {
            "token": self.token,
            "event": self.scene.event_id,
            "title": dict(self.scene.event.title),
            "source": self.scene.source,
            "light": self.scene.light,
            "state": self.state(),
        }
        text = json.dumps(config, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c").encode()
        page = _CONFIG_ELEMENT.sub(
            lambda found: found[1] + text + found[2], self.pages["demo.html"].data, count=1
        )
        mirrors = " ".join(mirror.url for mirror in self.scene.mirrors)
        policy = (
            f"default-src 'none'; script-src 'self' {_hashes(_SCRIPTS, page)}; "
            f"style-src 'self' {_hashes(_STYLES, page)}; "
            f"connect-src 'self' {mirrors}; frame-src 'self'; media-src blob:; worker-src blob:; img-src data:; "
            "font-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        headers = (
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Security-Policy", policy),
            ("Referrer-Policy", "no-referrer"),
            # what the demo before this one left in the browser belongs to an event that is no more
            ("Clear-Site-Data", '"storage"'),
            _NO_STORE,
        )
        return Response(200, page, headers)


def _seen(body: bytes) -> dict[str, Any]:
    """What the page saw happen to one player, as a line of `--json`; anything else in it is dropped."""
    members = parse_members(body, SEEN_MAX_BYTES, "report")
    line: dict[str, Any] = {
        "event": members.choice("event", ("stall", "hop", "refusal", "state")),
        "player": members.choice("player", PLAYERS),
        "code": members.text("code", 64),
    }
    for name in ("ms", "lies"):
        if name in members.members:
            line[name] = members.integer(name, 0, 10**9)
    if "mirror" in members.members:
        line["mirror"] = members.text("mirror", 32)
    if not all(part.isprintable() for part in line.values() if isinstance(part, str)):
        raise MalformedError("a report is plain text")
    return line


def _hashes(kind: Any, page: bytes) -> str:
    found = [b64encode(sha256(body).digest()).decode() for body in kind.findall(page)]
    return " ".join(f"'sha256-{digest}'" for digest in found)


def _json(status: int, members: Mapping[str, Any]) -> Response:
    body = json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(status, body, (("Content-Type", "application/json"), _NO_STORE))
