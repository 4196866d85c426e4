"""Finding the console of a broadcast on this machine, and asking it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx

from huma.cli.consoleword import LIVE_WORD, read_word
from huma.cli.places import state_folder
from huma.errors import HumaError, TransportError, UsageError
from huma.keys.eventdir import EventDir

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ANSWER_MAX_BYTES: Final = 4 * 1024 * 1024
_TIMES: Final = httpx.Timeout(5.0, connect=2.0)


class OffAirError(HumaError):
    """Nobody is on the air where we asked."""

    code = "off-air"
    exit_code = 4


class ConsoleCall:
    """The console of one broadcast."""

    def __init__(self, event: Path | None) -> None:
        word = read_word(state_folder(EventDir(event).event_id) / LIVE_WORD) if event else _only_one()
        if not word:
            raise OffAirError(
                "this event is not on the air on this machine",
                hint="Start it: huma live SOURCE --event DIR. Another event: --event DIR.",
            )
        self.url: str = word["url"]
        self._headers = {"x-huma-token": word["token"]}
        self.address = f"{self.url}/#{word['token']}"

    def state(self) -> dict[str, Any]:
        """The state of the broadcast."""
        return self._ask("GET", "/state")

    def do(self, command: str, members: Mapping[str, Any]) -> dict[str, Any]:
        """Do something; what the console refuses is raised as it told it."""
        return self._ask("POST", f"/do/{command}", json.dumps(dict(members)).encode())

    def _ask(self, method: str, path: str, body: bytes = b"") -> dict[str, Any]:
        try:
            with (
                httpx.Client(timeout=_TIMES, trust_env=False) as client,
                client.stream(method, self.url + path, content=body, headers=self._headers) as answer,
            ):
                data = bytearray()
                for piece in answer.iter_bytes():
                    data += piece
                    if len(data) > ANSWER_MAX_BYTES:
                        raise TransportError("the console answers too much", code="console")
                value = json.loads(bytes(data))
        except (httpx.ConnectError, httpx.ConnectTimeout):
            raise OffAirError(
                "nobody is on the air: the console of the last broadcast does not answer",
                hint="Start it: huma live SOURCE --event DIR",
            ) from None
        except (httpx.HTTPError, ValueError, RecursionError):
            raise TransportError("the console does not answer as it should", code="console") from None
        if not isinstance(value, dict):
            raise TransportError("the console does not answer as it should", code="console")
        if answer.status_code >= 400:
            raise UsageError(
                str(value.get("message", "the console refuses")),
                code=str(value.get("code", "console")),
                hint=str(value.get("hint") or "") or None,
            )
        return value


def _only_one() -> dict[str, Any]:
    """The console of the only broadcast that was on the air on this machine and still answers."""
    base = state_folder("")
    found = [read_word(each) for each in _words(base)]
    alive = [word for word in found if word and _answers(word["url"])]
    if len(alive) > 1:
        raise UsageError(
            "several events are on the air on this machine",
            hint="Say which one: --event DIR",
            code="which-event",
        )
    return alive[0] if alive else {}


def _words(base: Path) -> Iterator[Path]:
    try:
        yield from sorted(base.glob(f"*/{LIVE_WORD}"))
    except OSError:
        return


def _answers(url: str) -> bool:
    """Whether a console is there: it refuses whoever shows no token."""
    try:
        return httpx.get(url + "/state", timeout=2.0, trust_env=False).status_code == 403
    except httpx.HTTPError:
        return False
