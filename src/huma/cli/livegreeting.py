"""What a broadcast says first: which event it is, and where it can be watched."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from huma.config import SERVE_PORT
from huma.protocol.link import Link, render_link, render_page_link
from huma.protocol.words import event_words

if TYPE_CHECKING:
    from huma.cli.live import LiveOptions
    from huma.cli.liveplan import LivePlan
    from huma.cli.output import Output

PLAIN: Final = "index.m3u8"


def greet(output: Output, options: LiveOptions, plan: LivePlan, served: str | None) -> None:
    """The event, and how it can be watched; `served` is the address of our own server, where there is one."""
    mirrors = [mirror.url for mirror in plan.eventdir.roster.mirrors]
    own = None if served is None else options.url or served
    hints = tuple(dict.fromkeys([*([own] if own else []), *mirrors]))[:8]
    link = Link(plan.event_id, hints)
    page = own or plan.eventdir.config.page
    shown = render_page_link(page, link) if page else render_link(link)
    output.event(
        "state",
        state="opening",
        id=plan.event_id,
        folder=str(plan.eventdir.path),
        link=render_link(link),
        page=own,
        plain=None if own is None else own + PLAIN,
        rank=plan.signer.rank,
        first_tick=plan.opening.new_tick,
        stores=[store.name for store in plan.stores],
    )
    output.say(f"Event   {' '.join(event_words(plan.event_id)[:6])} …")
    output.say(f"Watch   {shown}")
    if own is not None:
        output.say(f"Plain   {own}{PLAIN}  (ffmpeg, mpv, VLC: they verify nothing)")
        _say_how_far(output, own)
    elif not page:
        output.say(
            "        It needs a page in front: huma link --event DIR --page URL, or --serve.", style="dim"
        )
    if plan.signer.rank > 1:
        output.say(f"Signing with the live key of rank {plan.signer.rank}", style="yellow")
    output.say("Ctrl-C ends it with a signed end.", style="dim")


def _say_how_far(output: Output, own: str) -> None:
    """An address of this machine's own is no good to anybody else: say so, and what is."""
    host = urlsplit(own).hostname or ""
    try:
        alone = ip_address(host).is_loopback
    except ValueError:
        alone = host == "localhost" or host.endswith(".localhost")
    if alone:
        output.say(
            f"        Both work on this machine alone. For others: --serve 0.0.0.0:{SERVE_PORT} --url https://live.example/,"
            " or --to a store that mirrors pull from.",
            style="dim",
        )
