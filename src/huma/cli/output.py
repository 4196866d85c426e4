"""What a command says: lines and tables for people, or one JSON object a line (`--json`), and errors for both."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.markup import escape
from rich.text import Text

from huma.config import PROTOCOL_VERSION
from huma.errors import UsageError
from huma.protocol.clocktext import format_ms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from huma.errors import HumaError

OK: Final = 0
FAILED: Final = 1
USAGE: Final = 2
DEGRADED: Final = 3
OFF_AIR: Final = 4
REFUSED: Final = 5
INTERRUPTED: Final = 130

_WIDTH_OF_A_PIPE: Final = 120


class Output:
    """Where a command speaks to. With `as_json`, people's lines are left out; without it, the objects are.

    With `off_stdout` people are spoken to on standard error: something else goes to standard output.
    """

    def __init__(self, *, as_json: bool = False, off_stdout: bool = False) -> None:
        self.as_json = as_json
        stream = sys.stderr if off_stdout else sys.stdout
        self.console = Console(
            file=stream,
            highlight=False,
            soft_wrap=True,
            width=None if stream.isatty() else _WIDTH_OF_A_PIPE,
        )
        self._errors = Console(file=sys.stderr, highlight=False, soft_wrap=True)

    def say(self, text: str = "", *, style: str = "") -> None:
        """A line for people. Brackets in it are no markup."""
        if not self.as_json:
            self.console.print(Text(text, style=style))

    def show(self, renderable: Any) -> None:
        """A table or a panel for people."""
        if not self.as_json:
            self.console.print(renderable)

    def event(self, kind: str, *, at_ms: int | None = None, **members: Any) -> None:
        """One object of `--json`: `{"v":1,"event":…,"at":…}` and what belongs to it."""
        if self.as_json:
            at = format_ms(now_ms() if at_ms is None else at_ms)
            self._write({"v": PROTOCOL_VERSION, "event": kind, "at": at, **members})

    def array(self, rows: Sequence[dict[str, Any]]) -> None:
        """A list is one array."""
        if self.as_json:
            self._write(list(rows))

    def warn(self, text: str, *, hint: str = "", code: str = "warning") -> None:
        """Something that a person should know, while the work goes on."""
        if self.as_json:
            self.event("state", code=code, message=text, hint=hint)
        else:
            self._errors.print(f"[bold yellow]Careful:[/] {escape(text)}")
            self._hint(hint)

    def error(self, error: HumaError) -> None:
        """What went wrong, and what to do next."""
        if self.as_json:
            self.event("error", code=error.code, message=error.message, hint=error.hint)
            return
        self._errors.print(f"[bold red]Error:[/] {escape(error.message)}")
        self._hint(error.hint)

    def _hint(self, hint: str) -> None:
        if hint:
            self._errors.print(f"  [dim]→[/] {escape(hint)}")

    @staticmethod
    def _write(value: Any) -> None:
        sys.stdout.write(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n")
        sys.stdout.flush()


def now_ms() -> int:
    """The clock of this machine."""
    return time.time_ns() // 1_000_000


def prefers_json(args: Sequence[str]) -> bool:
    """Whether `--json` stands among the arguments, known before they are parsed so that errors obey it too."""
    before = args[: args.index("--")] if "--" in args else args
    return "--json" in before


def duration_words(ms: int) -> str:
    """A length of time as a person says it: 36 s, 12 min, 5 h, 3 d."""
    seconds = abs(ms) // 1000
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def refuse(message: str, hint: str = "") -> UsageError:
    """A wrong argument that the parser could not know."""
    return UsageError(message, hint=hint or None)
