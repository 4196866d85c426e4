"""The frame of the command line: which commands there are, how they are loaded, and how every error is told."""

from __future__ import annotations

import importlib
import os
import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TextIO

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from huma import __version__
from huma.cli.output import INTERRUPTED, OK, USAGE, Output, prefers_json
from huma.errors import BugError, HumaError, UsageError

if TYPE_CHECKING:
    from types import ModuleType


@dataclass(frozen=True, slots=True)
class Command:
    """A sub-command: the function `name` in the module `huma.cli.<name>`, and its line in `huma --help`."""

    name: str
    help: str


COMMANDS: Final = (
    Command("demo", "See it: a live programme, three mirrors, and buttons that attack them."),
    Command("new", "Make an event: its keys, its trust documents, its event.toml."),
    Command("check", "Is everything right? OK, WARN or FAIL for each thing, and the mend."),
    Command("live", "Put a source on the air: encode, sign, publish."),
    Command("status", "How the broadcast on this machine is doing."),
    Command("control", "Slate, input, language, delay: what a technician does, as words."),
    Command("desk", "Keep the trust documents fresh, and bring them to the stores."),
    Command("link", "Print the link for viewers and volunteers."),
    Command("backup", "Back up an event into one encrypted file."),
    Command("restore", "Bring an event back from such a file."),
    Command("clip", "Make a clip from the signed archive, its sources named."),
)

_WORDS: Final = (
    (re.compile(r"'[^']*' is not a valid int(eger)?\b"), "a whole number is wanted"),
    (re.compile(r"'[^']*' is not a valid float\b"), "a number is wanted"),
    (re.compile(r"\S+ is not in the range x>=(\S+?)\.?$"), r"the least is \1"),
    (re.compile(r"\S+ is not in the range x<=(\S+?)\.?$"), r"the most is \1"),
    (re.compile(r"-\S+ is not in the range (\d+)<=x<=\S+"), r"the least is \1"),
    (re.compile(r"\S+ is not in the range \S+?<=x<=(\S+?)\.?$"), r"the most is \1"),
)
"""How the parser speaks to programmers, and what a person reads instead."""


class LazyGroup(TyperGroup):
    """A group that imports a command's module when it is called, and not to list it in the help."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self._listing = False

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Help from the table alone: it works where heavy parts are missing."""
        self._listing = True
        try:
            super().format_help(ctx, formatter)
        finally:
            self._listing = False

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The real command, or, for the help, its line in the table."""
        listed = super().get_command(ctx, cmd_name)
        if listed is None or self._listing:
            return listed
        try:
            return load_command(cmd_name)
        except HumaError:
            if ctx.resilient_parsing:
                return listed  # a shell completes words, and wants no lecture
            raise


def load_command(name: str) -> Any:
    """Import the command `name`, or say what it misses."""
    module = _module(name)
    single = typer.Typer(add_completion=False, rich_markup_mode="markdown")
    single.command(name, context_settings=getattr(module, "CONTEXT", None))(getattr(module, name))
    return typer.main.get_command(single)


def build() -> typer.Typer:
    """The command line with every command of the table, none of them imported."""
    app = typer.Typer(
        name="huma",
        cls=LazyGroup,
        help="A live stream that proves itself, so that any stranger may carry it.",
        epilog="Exit codes: 0 ok · 1 failed · 2 usage · 3 degraded · 4 off air · 5 verification refused · 130 interrupted",
        rich_markup_mode="markdown",
        pretty_exceptions_enable=False,
        invoke_without_command=True,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    for command in COMMANDS:
        app.command(command.name, help=command.help)(_stub)
    return app


def run(argv: list[str] | None = None) -> int:
    """Parse, run, tell errors, give the exit code."""
    args = list(sys.argv[1:] if argv is None else argv)
    try:
        return _invoke(args)
    except Exception as error:
        if os.environ.get("HUMA_DEBUG") == "1" and not isinstance(error, (HumaError, TyperException)):
            raise
        told = _as_ours(error)
        Output(as_json=prefers_json(args)).error(told)
        return told.exit_code


def _invoke(args: list[str]) -> int:
    try:
        code = build()(args, prog_name="huma", standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        _close_quietly(sys.stdout)
        return OK
    return code if isinstance(code, int) else OK


def _root(
    ctx: typer.Context,
    version: bool = typer.Option(False, "--version", "-V", help="Print the version, and nothing else."),
) -> None:
    if version:
        typer.echo(f"huma {__version__}")
        raise typer.Exit(OK)
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())
        raise typer.Exit(USAGE)


def _stub() -> None:
    """Stands for a command in the table."""


def _module(name: str) -> ModuleType:
    try:
        return importlib.import_module(f"huma.cli.{name}")
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if error.name == f"huma.cli.{name}":
            raise UsageError(
                f"huma {name} is not part of this installation", hint="See huma --help."
            ) from None
        raise HumaError(
            f"huma {name} needs {missing}, which is not installed",
            code="not-installed",
            hint="Install huma again with all that it depends on: pip install --upgrade huma",
        ) from None


def _as_ours(error: Exception) -> HumaError:
    """Any error as one of ours. Of a foreign one only the kind is told: its text may carry an address or a path."""
    if isinstance(error, HumaError):
        return error
    if isinstance(error, TyperException):
        words = getattr(error, "format_message", lambda: str(error))()
        path = getattr(getattr(error, "ctx", None), "command_path", "huma")
        for theirs, ours in _WORDS:
            words = theirs.sub(ours, str(words))
        return UsageError(str(words).rstrip("."), hint=f"See {path} --help.")
    return BugError(f"{type(error).__name__} in huma itself; HUMA_DEBUG=1 shows where")


def _close_quietly(stream: TextIO) -> None:
    """Whoever read our output has gone: keep the interpreter from complaining about it at the end."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, stream.fileno())
