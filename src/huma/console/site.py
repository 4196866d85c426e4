"""What the console answers: its page, the state, the history, the metrics, and commands.

Whoever sees or says anything here shows the token. It stands in the address behind #, which no browser sends, and goes
along in a header: a page of another site can neither read nor press anything.
"""

from __future__ import annotations

import asyncio
import hmac
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from huma.console.metrics import TYPE
from huma.errors import HumaError, UsageError
from huma.net.localserver import Response
from huma.protocol.strictjson import parse_members

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from huma.console.history import History
    from huma.net.localserver import Request
    from huma.net.pages import PageFile
    from huma.protocol.strictjson import Members

TOKEN_HEADER: Final = "x-huma-token"  # noqa: S105 - a name of a header
COMMAND_MAX_BYTES: Final = 1024
_NO_STORE: Final = ("Cache-Control", "no-store")
_NEVER: Final = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    _NO_STORE,
)


@dataclass(frozen=True, slots=True)
class ConsoleSite:
    """The answers of a console.

    Attributes:
        page: The page; None where the pages were not built.
        look: The state: a value that JSON can hold. Called in a thread; it may wait for locks, not for the network.
        history: The last minutes.
        commands: What can be done, by name. A command gets the members of its body, and gives what it has to say.
        token: What whoever asks must show.
        metrics: The state as Prometheus reads it; None: there is no /metrics.
        open_metrics: Whether /metrics needs no token: on loopback, where it tells nothing that `ps` does not.
    """

    page: PageFile | None
    look: Callable[[], dict[str, Any]]
    history: History
    commands: Mapping[str, Callable[[Members], dict[str, Any]]]
    token: str
    metrics: Callable[[dict[str, Any]], bytes] | None
    open_metrics: bool

    async def answer(self, request: Request) -> Response:
        """Answer a request, whatever it is."""
        path = request.path.removeprefix("/")
        try:
            if request.method == "POST":
                return await self._command(path, request)
            if request.method not in {"GET", "HEAD"}:
                return Response(405, headers=(("Allow", "GET, HEAD, POST"), *_NEVER))
            return await self._show(path, request)
        except UsageError as error:
            return _json(400, error.as_dict())
        except HumaError as error:
            return _json(409, error.as_dict())
        except Exception:  # noqa: BLE001 - a mistake here must end neither the console nor the broadcast
            return _json(500, {"code": "bug", "message": "a mistake in huma itself"})

    async def _show(self, path: str, request: Request) -> Response:
        if path in {"", "console.html"}:
            return self._front()
        if path not in {"state", "history"} and (path != "metrics" or self.metrics is None):
            return Response(404, headers=_NEVER)
        if not (self._knows(request) or (path == "metrics" and self.open_metrics)):
            return _unknown()
        if path == "history":
            return _json(200, await asyncio.to_thread(self.history.columns))
        state = await asyncio.to_thread(self.look)
        if path == "state" or self.metrics is None:
            return _json(200, state)
        return Response(200, self.metrics(state), (("Content-Type", TYPE), *_NEVER))

    def _front(self) -> Response:
        """The page, with the policy that was built into it; nobody may frame a page that has buttons."""
        if self.page is None:
            text = b"The pages have not been built.\n"
            return Response(404, text, (("Content-Type", "text/plain; charset=utf-8"), *_NEVER))
        named = {name for name, _ in _NEVER}
        extra = [each for each in self.page.extra if each[0].title() not in named]
        headers = (("Content-Type", self.page.content_type), ("X-Frame-Options", "DENY"), *extra, *_NEVER)
        return Response(200, self.page.data, headers)

    async def _command(self, path: str, request: Request) -> Response:
        if not self._knows(request):
            return _unknown()
        command = self.commands.get(path.removeprefix("do/")) if path.startswith("do/") else None
        if command is None:
            known = (
                ", ".join(sorted(self.commands)) or "none: a source that is signed as it is has no switches"
            )
            return _json(
                404,
                {"code": "command", "message": "there is no such command", "hint": f"There are: {known}."},
            )
        members = parse_members(request.body or b"{}", COMMAND_MAX_BYTES, "command")
        return _json(200, {"v": 1, **await asyncio.to_thread(command, members)})

    def _knows(self, request: Request) -> bool:
        given = request.headers.get(TOKEN_HEADER, "")
        bearer = request.headers.get("authorization", "")
        if not given and bearer.lower().startswith("bearer "):
            given = bearer[7:].strip()
        return hmac.compare_digest(given.encode("utf-8", "replace"), self.token.encode())


def _unknown() -> Response:
    return _json(
        403,
        {
            "code": "token",
            "message": "this needs the console's token",
            "hint": "Open the address that huma live has printed, or ask huma status.",
        },
    )


def _json(status: int, value: dict[str, Any]) -> Response:
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(status, body, (("Content-Type", "application/json"), *_NEVER))
