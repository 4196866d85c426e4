"""A look at a source before anything is made for it, told by the name that the person gave it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from huma.cli.output import Output, refuse
from huma.errors import HumaError, MediaError, TransportError, UsageError
from huma.media.address import parse_address, parse_addresses

if TYPE_CHECKING:
    from collections.abc import Sequence

    from huma.media.address import Address, Kind
    from huma.media.probe import ProbedStream

_WEB = re.compile(r"https?://[^\s/?#\[\]]+|https?://[^\s/?#]*\[[0-9a-fA-F:.]+\]")
_HOST: Final = r"(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*)"
_NO_SCHEME = re.compile(rf"{_HOST}:[0-9]{{1,5}}(?:/|$)|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+/")
"""What begins as an address does: host:port, or a name with a dot and a slash behind it."""
_REST_WORKS: Final = "huma live test shows whether the rest works."
_HINTS: Final[dict[Kind, str]] = {
    "file": f"Is it a film or a recording, and all of it there? Try it in a player. {_REST_WORKS}",
    "web": f"Check the address: does it open in a browser, or in mpv? {_REST_WORKS}",
    "tcp": f"Check the address: does somebody send MPEG-TS there? {_REST_WORKS}",
}


def read_sources(sources: Sequence[str]) -> list[Address]:
    """What the words of a person name; a slip of the pen is told by its name."""
    for text in sources:
        if not text.strip():
            raise refuse("a source without a name", "Name a file, an address, or test.")
        if text.startswith(("http:", "https:")) and not _WEB.match(text):
            raise refuse(f"{text} names no server", "Write it as https://host/path.")
        if _NO_SCHEME.match(text) and not os.path.lexists(text):
            raise UsageError(
                f"there is no file {text}",
                code="source-missing",
                hint=f"An address is written out: http://{text}",
            )
        if "://" not in text and Path(text).is_dir():
            raise refuse(
                f"{text} is a folder, and a source is a file",
                f"Name the files in it: {text.rstrip('/')}/*.mp4",
            )
    if len(sources) > 1 and not all(each.kind == "file" for each in map(parse_address, sources)):
        raise refuse(
            "several sources are files, one after the other", "Give an address, -, or test by itself."
        )
    return parse_addresses(list(sources))


def comes_once(addresses: Sequence[Address]) -> bool:
    """Whether looking at it would take away from it: standard input, a caller, a pipe with a name."""
    first = addresses[0]
    return first.kind not in ("file", "web", "test") or (
        first.kind == "file" and not Path(first.text).is_file()
    )


def cannot_look() -> UsageError:
    """What to say where `comes_once` holds, and a look is needed."""
    return refuse(
        "what comes once only cannot be looked at beforehand",
        "Make the event from a recording of it: huma new DIR --solo --copy-from FILE",
    )


def look_at(output: Output, sources: Sequence[str]) -> tuple[ProbedStream, ...]:
    """What a source holds that is to be signed as it is."""
    address = read_sources(sources)[0]
    if address.kind == "test":
        raise refuse(
            "test is a programme that is encoded here: there is nothing to sign as it is",
            "Name a file or an address; or leave out --copy, and it is encoded.",
        )
    from huma.media.probe import probe_source

    output.say("Looking at the source …", style="dim")
    try:
        return probe_source(list(sources))
    except (MediaError, TransportError) as error:
        raise _told(error, address) from None


def check_files(addresses: Sequence[Address]) -> None:
    """See that one of these files, at least, can be opened: the others are left out on the air, with a message."""
    from huma.media.inputs import open_file

    failed: HumaError | None = None
    for address in addresses:
        if address.kind != "file" or not Path(address.text).is_file():
            return
        try:
            open_file(address).container.close()
        except (MediaError, TransportError) as error:
            failed = failed or _told(error, address)
        else:
            return
    if failed is not None:
        raise failed


def _told(error: HumaError, address: Address) -> HumaError:
    """With the source's name, and what to do about its kind where the error itself knows no better."""
    own = error.hint if error.hint != type(error).hint else _HINTS.get(address.kind, error.hint)
    return type(error)(f"{address.shown}: {error.message}", code=error.code, hint=own)
