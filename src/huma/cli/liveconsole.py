"""The console of a broadcast: where it is, who may use it, and what can be done there."""

from __future__ import annotations

import json
import os
import secrets
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from huma.cli.liveoverview import Overview
from huma.config import CONSOLE_PORT
from huma.console.server import Console
from huma.keys.durable import PRIVATE_FILE, write_whole
from huma.media.intake import Intake
from huma.media.languagesfeed import OFFSET_LIMIT_MS
from huma.net.pages import load_pages

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from huma.cli.liverun import OnAir
    from huma.cli.output import Output
    from huma.media.state import Programme
    from huma.protocol.strictjson import Members

CONSOLE_FILE: Final = "console.json"
_FILE_MAX_BYTES: Final = 4096
_TOKEN_LEAST: Final = 32
_NAME_BYTES: Final = 64
_DELAY_MOST_MS: Final = 60_000


def start_console(air: OnAir, place: tuple[str, int]) -> Console:
    """The console of a broadcast; its token is the one of the time before, so that bookmarks go on working."""
    known = read_word(air.plan.state).get("token", "")
    pages = {page.path: page for page in load_pages(Path(str(files("huma").joinpath("pages"))))}
    console = Console(
        Overview(air).look,
        commands_of(air.programme),
        token=known if len(known) >= _TOKEN_LEAST else secrets.token_urlsafe(24),
        host=place[0],
        port=place[1],
        page=pages.get("console.html"),
    )
    console.start()
    leave_word(air.plan.state, console)
    return console


def greet_console(output: Output, console: Console) -> None:
    """Say where it is. The token is shown at a terminal only: whatever else reads this may be a log."""
    output.event("state", state="console", console=console.origin)
    if output.console.is_terminal:
        output.say(f"Console {console.origin}/#{console.token}")
    else:
        output.say(f"Console {console.origin}/  (its whole address: huma status --address)")
    if not console.is_loopback:
        output.warn(
            "the console can be reached from other machines, and its token crosses the net in the clear",
            hint=f"Better: ssh -L {CONSOLE_PORT}:127.0.0.1:{CONSOLE_PORT} from the other machine, and no --console.",
            code="console-in-the-clear",
        )


def leave_word(state: Path, console: Console) -> None:
    """Say where the console is, to whoever may read the state folder of this event: `huma status` does."""
    word = {"v": 1, "url": console.origin, "token": console.token, "pid": os.getpid()}
    write_whole(state / CONSOLE_FILE, (json.dumps(word) + "\n").encode(), PRIVATE_FILE)


def read_word(state: Path) -> dict[str, Any]:
    """What `leave_word` has left; nothing where there is none that makes sense."""
    try:
        with (state / CONSOLE_FILE).open("rb") as file:
            word = json.loads(file.read(_FILE_MAX_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    names = ("url", "token")
    good = isinstance(word, dict) and all(isinstance(word.get(name), str) for name in names)
    return word if good else {}


def commands_of(programme: Programme) -> Mapping[str, Callable[[Members], dict[str, Any]]]:
    """What a technician can do. A source that is signed as it is has no switches."""
    if not isinstance(programme, Intake):
        return {}
    intake = programme

    def slate(members: Members) -> dict[str, Any]:
        intake.slate(on=members.flag("on"))
        return {}

    def choose(members: Members) -> dict[str, Any]:
        intake.choose(members.text("input", _NAME_BYTES))
        return {}

    def lay(members: Members) -> dict[str, Any]:
        offset_ms = members.integer("offset_ms", -OFFSET_LIMIT_MS, OFFSET_LIMIT_MS)
        return {"offset_ms": intake.lay(members.text("language", _NAME_BYTES), offset_ms)}

    def dump(members: Members) -> dict[str, Any]:
        intake.dump(refill=members.flag("refill"))
        return {}

    def delay(members: Members) -> dict[str, Any]:
        intake.delay(members.integer("ms", 0, _DELAY_MOST_MS) / 1000)
        return {}

    return {"slate": slate, "choose": choose, "lay": lay, "dump": dump, "delay": delay}
