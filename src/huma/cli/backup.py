"""`huma backup`: an event's folder in one file that opens only with a passphrase."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from huma.backup.making import make_backup
from huma.cli.output import Output, now_ms
from huma.cli.passphrases import BACKUP, TerminalPassphrases
from huma.cli.places import state_folder
from huma.keys.eventdir import EventDir

if TYPE_CHECKING:
    from huma.backup.making import Made

_MAKES: Final = {"KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to make. It must not exist.")],
    event: Annotated[Path, typer.Option("--event", metavar="DIR", help="The event's folder.")],
    with_log: Annotated[
        bool, typer.Option("--with-log", help="The log of what was signed live on this machine, too.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Back up an event into one encrypted FILE: event.toml, the keys that lie here, sealed/ and public/.

    The passphrase is asked for twice, or taken from HUMA_PASSPHRASE_BACKUP (or HUMA_PASSPHRASE). Who has lost it has
    lost the back-up. The file is read back before it gets its name. See docs/reference/backup.md.
    """
    output = Output(as_json=as_json)
    eventdir = EventDir(event)
    made = make_backup(
        eventdir,
        file,
        lambda: TerminalPassphrases()(BACKUP, new=True),
        now_ms=now_ms(),
        state=state_folder(eventdir.event_id) if with_log else None,
    )
    _tell(output, file, made)


def _tell(output: Output, file: Path, made: Made) -> None:
    paths = [entry.path for entry in made.contents.entries]
    keys = [path.removeprefix("keys/").removesuffix(".pem") for path in paths if path.endswith(".pem")]
    output.event(
        "state",
        state="backed-up",
        file=str(file),
        id=made.contents.event_id,
        files=len(paths),
        bytes=made.size,
        keys=keys,
        log=made.contents.has_log,
        left_out=list(made.left_out),
    )
    output.say(
        f"Backed up {len(paths)} files into {file} ({size_words(made.size)}), and read them back.",
        style="bold green",
    )
    output.say(f"  Event  {made.contents.event_id}")
    output.say(f"  Keys   {', '.join(keys) or 'none lies here'}")
    output.say(f"  Log    {'with it' if made.contents.has_log else 'without'}")
    output.say("Without its passphrase nobody opens it, you neither: who has lost it has lost the back-up.")
    if made.left_out and not output.as_json:
        output.warn(
            f"left out, because no event has such files: {', '.join(made.left_out[:8])}"
            + (" …" if len(made.left_out) > 8 else ""),
            code="backup-left-out",
            hint="If you need them, keep them by other means.",
        )
    if not made.private:
        output.warn(
            "others who can read that disk can copy the file",
            code="backup-in-sight",
            hint="It is encrypted; so all stands and falls with the passphrase.",
        )


def size_words(size: int) -> str:
    """Bytes as a person reads them."""
    unit = next((name for name, bytes_ in reversed(_MAKES.items()) if size >= bytes_), "KiB")
    return f"{size / _MAKES[unit]:.1f} {unit}"
