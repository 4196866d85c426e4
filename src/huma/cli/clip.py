"""`huma clip`: a stretch of the signed archive as a plain MP4 file."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from huma.cli.output import Output, refuse
from huma.errors import HumaError, UsageError
from huma.protocol.clocktext import format_ms
from huma.protocol.names import is_event_id

if TYPE_CHECKING:
    from huma.clip.archive import Archive
    from huma.clip.making import Clip
    from huma.clip.stretch import Stretch
    from huma.store.port import Store

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


def clip(
    place: Annotated[
        str,
        typer.Argument(
            metavar="PLACE", help="A store or a mirror: a folder, or a URL. Or the event's own folder."
        ),
    ],
    begin: Annotated[
        str,
        typer.Option(
            "--from", metavar="WHEN", help="18:30:00 (UTC), 2026-11-24T18:30Z, or +1:30 after the beginning."
        ),
    ],
    end: Annotated[str, typer.Option("--to", metavar="WHEN", help="Likewise.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="The MP4 to make.")],
    language: Annotated[
        str | None,
        typer.Option(metavar="CODE", help="Whose sound.", show_default="the event's first language"),
    ] = None,
    rendition: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Which picture, or a sound alone.", show_default="the best picture"
        ),
    ] = None,
    event: Annotated[
        str | None,
        typer.Option(
            "--event",
            metavar="LINK",
            help="The event's link or id, if PLACE is not trusted to say it.",
            show_default="what PLACE says",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Make a clip from the signed archive, every byte of it verified.

    Whole segments are taken, so it may begin up to a second early and end up to a second late; the true times are told.
    A file of the same name with .json names the event, the keys, the signed chapters and each segment's digest.
    """
    from huma.clip.making import make_clip
    from huma.clip.stretch import Wish, find_stretch
    from huma.clip.times import parse_moment

    output = Output(as_json=as_json)
    wish = Wish(parse_moment("--from", begin), parse_moment("--to", end), language, rendition)
    _refuse_name(out)
    began = time.monotonic()
    archive = _open(place, None if event is None else _event_id(event))
    stretch = find_stretch(archive, wish)
    made = make_clip(archive, stretch, out)
    _tell(output, archive, stretch, made, time.monotonic() - began, pinned=event is not None)


def _refuse_name(out: Path) -> None:
    if out.suffix.lower() not in (".mp4", ".m4a"):
        raise refuse(f"--out: {out.name} is no name of an MP4", "Call it clip.mp4, say.")
    if not out.absolute().parent.is_dir():
        raise refuse(f"--out: there is no folder {out.parent}")


def _event_id(text: str) -> str:
    """The id that a person gives: bare, or in a link."""
    from huma.protocol.link import parse_link

    return text if is_event_id(text) else parse_link(text, allow_loopback=True, allow_private=True).event_id


def _open(place: str, event_id: str | None) -> Archive:
    from huma.clip.archive import open_archive
    from huma.store.folder import FolderStore
    from huma.store.place import open_store

    if _URL.match(place):
        return open_archive(open_store(place), event_id)
    folder = Path(place).expanduser()
    if not folder.is_dir():
        raise UsageError(
            f"there is no folder {place}", hint="Give a store's folder, a URL, or the event's folder."
        )
    if (folder / "event.toml").is_file():
        return _open_own(folder, event_id)
    return open_archive(FolderStore(folder), event_id)


def _open_own(folder: Path, event_id: str | None) -> Archive:
    """The archive of an event whose folder is here: its own id, at the first of its stores that has it."""
    from huma.clip.archive import open_archive
    from huma.keys.eventdir import EventDir
    from huma.store.folder import FolderStore
    from huma.store.place import open_store

    eventdir = EventDir(folder)
    stores: list[Store] = [FolderStore(eventdir.public)]
    fault: HumaError | None = None
    stores += [
        open_store(name)
        for name in eventdir.config.stores
        if _URL.match(name) or Path(name).expanduser().is_dir()
    ]
    for store in stores:
        try:
            archive = open_archive(store, event_id or eventdir.event_id)
            archive.live(archive.event.renditions[0].name)
        except HumaError as error:
            fault = error
        else:
            return archive
    raise fault or UsageError(f"{folder} names no store")


def _tell(
    output: Output, archive: Archive, stretch: Stretch, made: Clip, seconds: float, *, pinned: bool
) -> None:
    from huma.protocol.words import event_words

    output.event(
        "state",
        state="clip",
        id=archive.event_id,
        path=str(made.path),
        side=str(made.side_path),
        start=format_ms(made.start_ms),
        end=format_ms(made.end_ms),
        renditions=list(stretch.segments),
        segments=made.segments,
        bytes=made.bytes,
        gaps=stretch.gaps,
    )
    length = (made.end_ms - made.start_ms) / 1000
    output.say(f"{made.path}: {format_ms(made.start_ms)} to {format_ms(made.end_ms)}, {length:.1f} s")
    output.say(
        f"{made.segments} segments verified, {made.bytes / 1e6:.1f} MB, in {seconds:.1f} s. Sources: {made.side_path}",
        style="dim",
    )
    if stretch.gaps:
        output.warn(
            "parts of that stretch are missing",
            code="clip-gaps",
            hint="They were not on the air, or no signed chapter lists them yet (about five minutes).",
        )
    if not pinned:
        output.say(
            f"The event, as this place says it: {' '.join(event_words(archive.event_id))}", style="dim"
        )
