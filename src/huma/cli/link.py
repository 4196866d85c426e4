"""`huma link`: the link of an event, for viewers and volunteers."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from huma.cli.output import Output, refuse
from huma.config import MAX_HINTS
from huma.errors import HumaError, UsageError
from huma.keys.eventdir import EventDir
from huma.protocol.hosts import parse_mirror_url
from huma.protocol.link import Link, render_link, render_page_link
from huma.protocol.words import event_digits, event_words

if TYPE_CHECKING:
    from huma.protocol.roster import Roster

_MIRRORS: Final = "A link takes at most 8 mirrors: https or onion ones, and those of one's own network."


def link(
    event: Annotated[Path, typer.Option("--event", metavar="DIR", help="The event's folder.")],
    mirror: Annotated[
        list[str] | None,
        typer.Option(
            metavar="URL", help="A mirror to ask first; up to 8.", show_default="those of the roster"
        ),
    ] = None,
    page: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Where the page stands.", show_default="page of event.toml"),
    ] = None,
    qr: Annotated[bool, typer.Option("--qr", help="Draw it as a QR code, too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Print the link of an event. With a page any browser opens it; without one it is only what a page needs to know.

    The mirrors in a link are hints where to ask first: whatever they answer is verified.
    """
    output = Output(as_json=as_json)
    eventdir = EventDir(event)
    hints = tuple(dict.fromkeys(map(_mirror, mirror or [])))
    found = Link(eventdir.event_id, hints or _hints(eventdir.roster))
    page = eventdir.config.page if page is None else page
    try:
        program = render_link(found)
    except UsageError as error:
        raise refuse(error.message, _MIRRORS) from None
    try:
        text = program if page is None else render_page_link(page, found)
    except UsageError:
        raise refuse(
            f"{page!r} is not where a page stands", "Write --page https://watch.example.org/, without a #."
        ) from None
    words, digits = event_words(found.event_id), event_digits(found.event_id)
    for hint in found.mirrors:
        zone = parse_mirror_url(hint).zone
        if zone == "loopback":
            output.warn(f"{hint} is this machine alone", hint="Nobody else can use that mirror.")
        elif zone == "private":
            output.warn(f"{hint} is in somebody's own network", hint="Only those inside can use that mirror.")
    output.event("state", state="link", link=text, program=program, words=list(words), digits=list(digits))
    output.say(text)
    if page is None and not as_json:
        output.warn(
            "nothing opens this link by itself: it needs a page in front",
            hint="Say where Huma's page stands, at a mirror or a server of yours: --page https://mirror.example/; or page = … in event.toml.",
        )
    if not as_json and sys.stdout.isatty():
        output.say()
        output.say(f"Words  {' '.join(words)}", style="dim")
        output.say(f"Digits {' '.join(digits)}", style="dim")
    if qr and not as_json:
        _draw(text)


def _mirror(text: str) -> str:
    url = text if text.endswith("/") else f"{text}/"
    try:
        parse_mirror_url(url)
    except HumaError:
        raise refuse(f"--mirror: {text!r} is not the address of a mirror", _MIRRORS) from None
    return url


def _hints(roster: Roster) -> tuple[str, ...]:
    """The mirrors to name: trusted ones first, one of each operator before a second one of any."""
    ordered = sorted(roster.mirrors, key=lambda each: (each.tier != "trusted", each.cls == "onion"))
    first: dict[str, str] = {}
    for each in ordered:
        first.setdefault(each.operator, each.url)
    rest = [each.url for each in ordered if each.url not in first.values()]
    return tuple([*first.values(), *rest][:MAX_HINTS])


def _draw(text: str) -> None:
    import segno

    segno.make(text, error="m", micro=False).terminal(compact=True)
