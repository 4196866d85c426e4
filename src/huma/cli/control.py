"""`huma control`: what a technician does at the console, as words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from huma.cli.consolecall import ConsoleCall
from huma.cli.live import parse_duration
from huma.cli.output import Output, refuse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

CONTEXT: Final = {"ignore_unknown_options": True}
"""So that a language can be laid -200ms."""


def control(
    action: Annotated[str, typer.Argument(help="slate, choose, lay, dump or delay.")],
    words: Annotated[list[str] | None, typer.Argument(metavar="[WORDS]…", help="What belongs to it.")] = None,
    event: Annotated[
        Path | None,
        typer.Option("--event", metavar="DIR", help="The event's folder.", show_default="the one on the air"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Say it as one JSON object.")] = False,
) -> None:
    """Do something to the broadcast on this machine.

    **slate on|off** shows the slate, or no more. **choose INPUT** puts main, backup … on the air and holds it.
    **lay LANGUAGE TIME** lays a language later than the picture (-200ms: earlier). **dump** throws away all that the
    delay holds, and shows the slate until it is filled again; **dump go-on** goes on without a delay. **delay TIME**
    holds everything for so long.
    """
    read = _ACTIONS.get(action)
    if read is None:
        raise refuse(f"{action!r} is nothing that can be done", f"There are: {', '.join(_ACTIONS)}.")
    command, members = action, read(tuple(words or ()))
    told = ConsoleCall(event).do(command, members)
    output = Output(as_json=as_json)
    output.event("state", state="done", command=command, **{**members, **told, "v": 1})
    output.say(_said(command, {**members, **told}), style="green")


def _slate(words: Sequence[str]) -> dict[str, Any]:
    if words not in (("on",), ("off",)):
        raise refuse("slate is on or off", "Write: huma control slate on")
    return {"on": words == ("on",)}


def _choose(words: Sequence[str]) -> dict[str, Any]:
    if len(words) != 1:
        raise refuse("choose wants one input", "Write: huma control choose backup")
    return {"input": words[0]}


def _lay(words: Sequence[str]) -> dict[str, Any]:
    if len(words) != 2:
        raise refuse("lay wants a language and a time", "Write: huma control lay fa 300ms")
    sign = -1 if words[1].startswith("-") else 1
    seconds = parse_duration("lay", words[1].lstrip("+-"))
    return {"language": words[0], "offset_ms": sign * round(seconds * 1000)}


def _dump(words: Sequence[str]) -> dict[str, Any]:
    if words not in ((), ("go-on",)):
        raise refuse("dump stands alone, or with go-on", "Write: huma control dump")
    return {"refill": not words}


def _delay(words: Sequence[str]) -> dict[str, Any]:
    if len(words) != 1:
        raise refuse("delay wants a time", "Write: huma control delay 20s")
    return {"ms": round(parse_duration("delay", words[0]) * 1000)}


_ACTIONS: dict[str, Callable[[tuple[str, ...]], dict[str, Any]]] = {
    "slate": _slate,
    "choose": _choose,
    "lay": _lay,
    "dump": _dump,
    "delay": _delay,
}


def _said(command: str, members: dict[str, Any]) -> str:
    match command:
        case "slate":
            return "The slate is on the air." if members["on"] else "The slate is off."
        case "choose":
            return f"{members['input']} is on the air, and held."
        case "lay":
            return f"{members['language']} is laid {members['offset_ms']} ms later than the picture."
        case "dump":
            return "Thrown away." if members["refill"] else "Thrown away; it goes on without a delay."
        case _:
            return f"Everything is held for {members['ms'] / 1000:g} s."
