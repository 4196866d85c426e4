"""`huma check`: is everything right?"""

from __future__ import annotations

import os
import re
import shutil
from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.table import Table
from rich.text import Text

from huma.check.finding import Level, Row, look_at, worst
from huma.check.scene import Scene
from huma.check.table import CHECKS
from huma.cli.output import DEGRADED, FAILED, OK, Output, now_ms
from huma.cli.places import state_folder
from huma.cli.timehost import NO_NTP, NTP_HOST, time_host
from huma.errors import HumaError, StoreError
from huma.keys.eventdir import EventDir
from huma.net.addresses import own_addresses, resolve
from huma.net.timesources import ask_http, ask_ntp
from huma.store.folder import FolderStore
from huma.store.http import HttpStore
from huma.store.place import has_password, open_store

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from huma.net.clock import ClockReading
    from huma.store.port import Store

_STYLES: Final = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "bold red"}
_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/")
_EXIT_CODES: Final = {Level.OK: OK, Level.WARN: DEGRADED, Level.FAIL: FAILED}


def check(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The event's folder.")],
    to: Annotated[
        list[str] | None,
        typer.Option("--to", metavar="STORE", help="A store to look at, besides those of event.toml."),
    ] = None,
    ntp: Annotated[
        str,
        typer.Option(metavar="HOST", help="Whom to ask for the time, besides the stores; none asks nobody."),
    ] = NTP_HOST,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="ID", help="Look at this alone; give it again for more."),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Leave out what is right.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One array of rows.")] = False,
) -> None:
    """Say OK, WARN or FAIL for each thing that an organiser can get wrong, and the mend.

    Ends with 0 when all is right, 3 with warnings, 1 with a failure. It changes nothing: in the stores it only writes
    again the one file that can never differ.
    """
    output = Output(as_json=as_json)
    known = {each.id for each in CHECKS}
    for each in only or []:
        if each not in known:
            raise typer.BadParameter(
                f"{each!r} is not one of {', '.join(sorted(known))}", param_hint="--only"
            )
    eventdir = EventDir(folder)
    wanted = [each for each in CHECKS if not only or each.id in only]
    rows = list(look_at(_scene(eventdir, to or [], time_host(ntp)), wanted))
    output.array(
        [{"id": r.id, "level": r.level.value, "what": r.what, "text": r.text, "mend": r.mend} for r in rows]
    )
    _show(output, [row for row in rows if not quiet or row.level is not Level.OK])
    output.say(_summary(rows), style=_STYLES[worst(rows)])
    raise typer.Exit(_EXIT_CODES[worst(rows)])


def _scene(eventdir: EventDir, extra: Sequence[str], ntp: str) -> Scene:
    try:
        config = eventdir.config
        texts = list(dict.fromkeys([*config.stores, *extra]))
    except HumaError:
        texts = list(extra)
    stores: list[Store] = []
    unusable: dict[str, HumaError] = {}
    for text in texts:
        try:
            stores.append(_open(text))
        except HumaError as error:
            unusable[_without_password(text)] = error
    return Scene(
        eventdir,
        now_ms(),
        state=state_folder(eventdir.event_id),
        stores=stores,
        unusable=unusable,
        folders=[store.root for store in stores if isinstance(store, FolderStore)],
        clocks=partial(_clocks, [store.name for store in stores if isinstance(store, HttpStore)], ntp),
        resolve=resolve,
        own_addresses=own_addresses,
        free_bytes=_free_bytes,
        player=_player(),
        in_the_url=tuple(_without_password(text) for text in texts if has_password(text)),
    )


def _open(text: str) -> Store:
    """The store of that name. Whoever checks makes none: a folder that is not there is a slip of the pen, or away."""
    folder = Path(text).expanduser()
    if text.strip() and not _URL.match(text) and not os.path.lexists(folder):
        raise StoreError(
            "there is no such folder",
            code="store-missing",
            hint="Look at how it is spelled, or whether its disk is there. huma live makes it.",
        )
    return open_store(text)


def _free_bytes(place: Path) -> int:
    """What is free where a folder stands, or will stand when it is made."""
    place = next(each for each in (place, *place.absolute().parents) if each.exists())
    return shutil.disk_usage(place).free


def _clocks(urls: Sequence[str], ntp: str) -> Mapping[str, ClockReading | None]:
    readings = {url: ask_http(url) for url in urls}
    if ntp != NO_NTP:
        readings[ntp] = ask_ntp(ntp)
    return readings


def _player() -> bytes | None:
    from huma.cli.new import installed_player

    return installed_player()


def _without_password(text: str) -> str:
    scheme, _, rest = text.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}" if rest else text


def _show(output: Output, rows: Sequence[Row]) -> None:
    """A table at a terminal; into a pipe or a file, lines that are never folded."""
    if output.console.is_terminal:
        output.show(_table(rows))
        return
    for row in rows:
        output.say(f"{row.level.value.upper():4}  {row.what}: {row.text}")
        if row.mend:
            output.say(f"      → {row.mend}")


def _table(rows: Sequence[Row]) -> Table:
    """One line a row where it fits; the mend under it, where there is one to make."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(max_width=28)
    table.add_column(overflow="fold")
    said = ""
    for row in rows:
        words = Text(row.text)
        if row.mend:
            words.append(f"\n→ {row.mend}", style="dim")
        table.add_row(
            Text(row.level.value.upper(), style=_STYLES[row.level]),
            "" if row.what == said else row.what,
            words,
        )
        said = row.what
    return table


def _summary(rows: Sequence[Row]) -> str:
    count = Counter(row.level for row in rows)
    parts = [
        f"{count[level]} {word}"
        for level, word in ((Level.FAIL, "FAIL"), (Level.WARN, "WARN"), (Level.OK, "OK"))
    ]
    return " · ".join(parts)
