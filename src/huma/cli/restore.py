"""`huma restore`: an event's folder back out of a back-up."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from huma.backup.restoring import restore_backup
from huma.cli.output import Output
from huma.cli.passphrases import BACKUP, TerminalPassphrases
from huma.cli.places import state_folder
from huma.protocol.clocktext import format_ms

if TYPE_CHECKING:
    from huma.backup.restoring import Restored


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What huma backup has made.")],
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="The folder to make. It must not exist, or be empty.")
    ],
    with_log: Annotated[
        bool,
        typer.Option("--with-log", help="Bring its live log back too, where this machine has none."),
    ] = False,
    unused: Annotated[
        bool,
        typer.Option(
            "--unused",
            help="This event has not been on the air since the back-up was made: the next live key may sign.",
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Bring an event back from FILE into DIR, whole or not at all.

    A live key that may have signed after the back-up was made never signs again here: huma live goes on with the next
    rank. The passphrase is asked for, or taken from HUMA_PASSPHRASE_BACKUP (or HUMA_PASSPHRASE).
    """
    output = Output(as_json=as_json)
    restored = restore_backup(
        file,
        folder,
        lambda: TerminalPassphrases()(BACKUP, new=False),
        state_of=state_folder if with_log else None,
        unused=unused,
    )
    _tell(output, restored)


def _tell(output: Output, restored: Restored) -> None:
    contents, folder = restored.contents, restored.eventdir.path
    made = format_ms(contents.made_ms)
    output.event(
        "state",
        state="restored",
        folder=str(folder),
        id=contents.event_id,
        made=made,
        files=len(contents.entries),
        spent=list(restored.spent),
        log=None if restored.log is None else str(restored.log),
    )
    output.say(f"Restored {folder}, as it was on {made[:16].replace('T', ' ')} UTC.", style="bold green")
    output.say(f"  Event  {contents.event_id}")
    output.say(f"  Log    {restored.log or ('left out' if contents.has_log else 'none was in it')}")
    if restored.spent:
        ranks = ", ".join(map(str, restored.spent))
        output.warn(
            f"the live key of rank {ranks} may have signed after that moment, and signs no more from here",
            code="key-spent",
            hint="huma live goes on with the next rank (--solo), or wants it: --rank N.",
        )
    output.say("Now see what it lacks:")
    output.say(f"  huma check {shlex.quote(str(folder))}")
