"""The word that a console leaves in the event's state folder: where it is, and the token that opens it."""

from __future__ import annotations

import json
import os
import secrets
from typing import TYPE_CHECKING, Any, Final

from huma.keys.durable import PRIVATE_FILE, write_whole

if TYPE_CHECKING:
    from pathlib import Path

    from huma.cli.output import Output
    from huma.console.server import Console

LIVE_WORD: Final = "console.json"
DESK_WORD: Final = "desk.json"
_MAX_BYTES: Final = 4096
_TOKEN_LEAST: Final = 32


def leave_word(path: Path, console: Console) -> None:
    """Say where a console is, to whoever may read the state folder of its event."""
    word = {"v": 1, "url": console.origin, "token": console.token, "pid": os.getpid()}
    write_whole(path, (json.dumps(word) + "\n").encode(), PRIVATE_FILE)


def read_word(path: Path) -> dict[str, Any]:
    """What `leave_word` has left; nothing where there is none that makes sense."""
    try:
        with path.open("rb") as file:
            word = json.loads(file.read(_MAX_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    names = ("url", "token")
    good = isinstance(word, dict) and all(isinstance(word.get(name), str) for name in names)
    return word if good else {}


def token_for(path: Path) -> str:
    """The token of the time before, so that bookmarks go on working; a new one where there was none."""
    known = str(read_word(path).get("token", ""))
    return known if len(known) >= _TOKEN_LEAST else secrets.token_urlsafe(24)


def greet_console(output: Output, console: Console, *, address: str, port: int) -> None:
    """Say where it is. The token is shown at a terminal only: whatever else reads this may be a log.

    `address` is the command that gives the whole address, `port` the one to reach through ssh.
    """
    output.event("state", state="console", console=console.origin)
    if output.console.is_terminal:
        output.say(f"Console {console.origin}/#{console.token}")
    else:
        output.say(f"Console {console.origin}/  (its whole address: {address})")
    if not console.is_private:
        output.warn(
            "the console can be reached from other machines, and its token crosses the net in the clear",
            hint=f"Give --cert and --key; or ssh -L {port}:127.0.0.1:{port} from the other machine, and no --console.",
            code="console-in-the-clear",
        )
