"""`huma demo`: all of it on one machine in one command."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated

import typer

from huma.cli.output import Output


def demo(
    file: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FILE…]", help="What to show, over and over.", show_default="a test programme"
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="The page's port; 0 takes any.", show_default="8400, or any"),
    ] = None,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Print the address, and open nothing.")
    ] = False,
    light: Annotated[
        bool,
        typer.Option("--light", help="Encode half a minute beforehand and repeat it: for small machines."),
    ] = False,
    seconds: Annotated[
        str | None,
        typer.Option("--for", metavar="TIME", help="End after so much programme: 60s, 10m."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """See it: a live programme, three mirrors, a stock player beside Huma, and buttons that attack the mirrors.

    Everything stays on this machine: the page and the mirrors listen on 127.0.0.1 alone, and nothing is left behind
    when Ctrl-C ends it.
    """
    from huma.cli.demorun import DemoOptions, run
    from huma.cli.live import parse_length

    options = DemoOptions(
        sources=tuple(file or ("test",)),
        port=port,
        browser=not no_browser,
        light=light,
        seconds=None if seconds is None else Fraction(parse_length("--for", seconds)),
    )
    raise typer.Exit(run(Output(as_json=as_json), options))
