"""`huma status`: how the broadcast on this machine is doing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.table import Table

from huma.cli.consolecall import ConsoleCall
from huma.cli.output import DEGRADED, OK, Output, duration_words

_NOTHING: Final = "–"


def status(
    event: Annotated[
        Path | None,
        typer.Option("--event", metavar="DIR", help="The event's folder.", show_default="the one on the air"),
    ] = None,
    address: Annotated[
        bool, typer.Option("--address", help="Print the address of the technician's page, and nothing else.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="The whole state: docs/reference/console.md.")
    ] = False,
) -> None:
    """How the broadcast on this machine is doing: inputs, levels, stores, outputs, recording, alarms.

    Ends with 0 when all is well, 3 while an alarm stands, 4 when nothing is on the air.
    """
    output = Output(as_json=as_json)
    call = ConsoleCall(event)
    if address:
        typer.echo(call.address)
        raise typer.Exit(OK)
    state = call.state()
    if as_json:
        output.event("status", **{name: value for name, value in state.items() if name not in ("v", "at")})
    else:
        show(output, state)
    standing = any(each["level"] == "alarm" for each in state["alarms"])
    raise typer.Exit(DEGRADED if standing else OK)


def show(output: Output, state: dict[str, Any]) -> None:
    """The state in a few tables."""
    publisher, programme = state["publisher"], state["programme"]
    delay = _NOTHING if publisher["delay_ms"] is None else f"{publisher['delay_ms'] / 1000:.1f} s"
    speed = _NOTHING if programme["speed"] is None else f"{programme['speed']:.2f}×"
    on_air = "slate" if state["slate"] or programme["origin"] == "slate" else state["input"]["on_air"]
    output.say(
        f"On air: {on_air}  tick {publisher['tick']}  {duration_words(int(publisher['programme_s'] * 1000))}"
        f"  delay {delay}  encoder {speed}"
    )
    for each in state["alarms"]:
        style = "bold red" if each["level"] == "alarm" else "yellow"
        output.say(f"  {each['level'].upper()}: {each['code']} ({each['where']})", style=style)
    if state["inputs"]:
        output.show(_inputs(state["inputs"]))
    output.show(_languages(state["languages"]))
    output.show(_stores(state["stores"]))
    for each in state["outputs"]:
        output.say(
            f"  {each['label']}: {'sends' if each['connected'] else each['message'] or 'not connected'}"
        )
    recording = state["recording"]
    if recording is not None:
        left = recording["full_in_s"]
        room = "" if left is None else f", disk full in {duration_words(int(left * 1000))}"
        output.say(f"  recording: {recording['message'] or _size(recording['bytes'])}{room}")


def _inputs(rows: list[dict[str, Any]]) -> Table:
    table = _table("input", "by", "status", "kbit/s", "key frames", "size", "lost")
    for each in rows:
        size = _NOTHING if each["width"] is None else f"{each['width']}×{each['height']}"
        interval = _NOTHING if each["key_interval_s"] is None else f"{each['key_interval_s']:.1f} s"
        name = f"[bold red]{each['name']}[/]" if each["on_air"] else each["name"]
        table.add_row(
            name, each["protocol"], each["status"], str(each["kbps"]), interval, size, str(each["faults"])
        )
    return table


def _languages(rows: list[dict[str, Any]]) -> Table:
    table = _table("language", "momentary", "short", "integrated", "true peak", "heard")
    for each in rows:
        levels = each["levels"]
        names = ("momentary", "short_term", "integrated", "true_peak")
        shown = [_NOTHING if levels[name] is None else f"{levels[name]:.1f}" for name in names]
        table.add_row(each["code"], *shown, "programme" if each["own"] is None else each["own"]["heard"])
    return table


def _stores(rows: list[dict[str, Any]]) -> Table:
    table = _table("store", "", "tick", "age", "behind")
    for each in rows:
        age = _NOTHING if each["age_ms"] is None else f"{each['age_ms'] / 1000:.1f} s"
        table.add_row(each["name"], each["code"] or "ok", str(each["tick"]), age, str(each["behind"]))
    return table


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, show_edge=False, header_style="dim")
    for place, column in enumerate(columns):
        table.add_column(column, justify="left" if place < 2 else "right")
    return table


def _size(count: int) -> str:
    return f"{count / 1e9:.2f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"
