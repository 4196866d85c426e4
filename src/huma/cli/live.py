"""`huma live`: put a source on the air."""

from __future__ import annotations

import re
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from huma.cli.output import Output, refuse
from huma.cli.timehost import NTP_HOST, time_host
from huma.config import CONSOLE_PORT, SERVE_PORT

if TYPE_CHECKING:
    from huma.cli.liveinputs import InputOptions
    from huma.net.server import Tls
    from huma.restream.address import OutputAddress

KEEP_ALL: Final = "all"
KEEP_LEAST_S: Final = 60
DEFAULT_STAY: Final = "6s"
DEFAULT_KEY_LIFE: Final = "30d"
DEFAULT_KEY_LIFE_MS: Final = 30 * 86_400_000

_INPUTS: Final = "Inputs"
_BESIDE: Final = "Beside the signed stream"
_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,3})?)(ms|s|m|min|h|d)?")
_UNITS: Final[dict[str | None, int | Fraction]] = {
    None: 1,
    "ms": Fraction(1, 1000),
    "s": 1,
    "m": 60,
    "min": 60,
    "h": 3600,
    "d": 86_400,
}
_PLACE = re.compile(r"(?:(\[[0-9a-fA-F:.]+\]|[^:\[\]/]*):)?([0-9]{1,5})")


@dataclass(frozen=True, slots=True)
class LiveOptions:
    """What the person asked for, read."""

    inputs: InputOptions
    event: Path | None
    stores: tuple[str, ...]
    serve: tuple[str, int] | None
    url: str | None
    tls: Tls | None
    seconds: Fraction | None
    loop: bool
    copy: bool
    rank: int | None
    keep_ms: int | None
    ntp: str
    ignore_clock: bool
    stay_s: float
    record: Path | None = None
    also: tuple[OutputAddress, ...] = ()
    card: bool = False
    key_life_ms: int = DEFAULT_KEY_LIFE_MS
    console: tuple[str, int] | None = None
    console_asked: bool = False

    @property
    def sources(self) -> tuple[str, ...]:
        """The programme's source, or several files."""
        return self.inputs.main


def live(
    source: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE…",
            help="A file or several, an http(s) or HLS address, rtmp://HOST as a door that an encoder pushes to, tcp://host:port, - for MPEG-TS on standard input, or test.",
        ),
    ],
    event: Annotated[
        Path | None,
        typer.Option(
            "--event", metavar="DIR", help="The event's folder.", show_default="one made for this source"
        ),
    ] = None,
    to: Annotated[
        list[str] | None,
        typer.Option(
            "--to", metavar="STORE", help="A folder or URL to publish to, besides those of event.toml."
        ),
    ] = None,
    serve: Annotated[
        str | None,
        typer.Option("--serve", metavar="HOST:PORT", help="Serve it from here too, with the page."),
    ] = None,
    url: Annotated[
        str | None,
        typer.Option(
            "--url", metavar="URL", help="How viewers reach that server, where it is not its address."
        ),
    ] = None,
    cert: Annotated[
        Path | None, typer.Option("--cert", metavar="FILE", help="TLS certificate chain for --serve.")
    ] = None,
    key: Annotated[Path | None, typer.Option("--key", metavar="FILE", help="Its private key.")] = None,
    seconds: Annotated[
        str | None,
        typer.Option("--for", metavar="TIME", help="End after so much programme: 30s, 10m, 2h."),
    ] = None,
    loop: Annotated[bool, typer.Option("--loop", help="Begin files again at their end.")] = False,
    copy: Annotated[
        bool, typer.Option("--copy", help="Sign H.264 and AAC as they are, without encoding.")
    ] = False,
    rank: Annotated[
        int | None,
        typer.Option(
            "--rank",
            metavar="N",
            min=1,
            help="Sign with the live key of this rank.",
            show_default="the one in use",
        ),
    ] = None,
    keep: Annotated[
        str,
        typer.Option("--keep", metavar="TIME", help="How long media stay in the stores: all, or 10m."),
    ] = KEEP_ALL,
    ntp: Annotated[
        str,
        typer.Option(metavar="HOST", help="Whom to ask for the time, besides the stores; none asks nobody."),
    ] = NTP_HOST,
    ignore_clock: Annotated[
        bool, typer.Option("--ignore-clock", help="Go on the air although the clock is measured wrong.")
    ] = False,
    stay: Annotated[
        str,
        typer.Option("--stay", metavar="TIME", help="How long --serve goes on after the end."),
    ] = DEFAULT_STAY,
    backup: Annotated[
        list[str] | None,
        typer.Option(
            "--backup",
            metavar="SOURCE",
            rich_help_panel=_INPUTS,
            help="What stands in while SOURCE is away; several in their order.",
        ),
    ] = None,
    return_after: Annotated[
        str | None,
        typer.Option(
            "--return",
            metavar="TIME",
            rich_help_panel=_INPUTS,
            help="Go back to SOURCE when it has been well for so long.",
            show_default="when told",
        ),
    ] = None,
    language: Annotated[
        list[str] | None,
        typer.Option(
            "--language",
            metavar="CODE=SOURCE",
            rich_help_panel=_INPUTS,
            help="A language's own source: its sound is laid under the programme.",
        ),
    ] = None,
    floor: Annotated[
        bool,
        typer.Option(
            "--floor",
            rich_help_panel=_INPUTS,
            help="While a language's source is away, the programme's own sound instead of silence.",
        ),
    ] = False,
    lead: Annotated[
        str,
        typer.Option(
            "--lead",
            metavar="TIME",
            rich_help_panel=_INPUTS,
            help="Hold the picture back, so that languages can be laid earlier.",
        ),
    ] = "0s",
    delay: Annotated[
        str,
        typer.Option(
            "--delay",
            metavar="TIME",
            rich_help_panel=_INPUTS,
            help="Hold everything for so long before the air, to be thrown away if need be.",
        ),
    ] = "0s",
    card: Annotated[
        bool,
        typer.Option(
            "--card",
            rich_help_panel=_INPUTS,
            help="Make a new stream key for each door, show what to type into OBS or ffmpeg, and end.",
        ),
    ] = False,
    key_life: Annotated[
        str,
        typer.Option(
            "--key-life", metavar="TIME", rich_help_panel=_INPUTS, help="How long a new key is good."
        ),
    ] = DEFAULT_KEY_LIFE,
    console: Annotated[
        str | None,
        typer.Option(
            "--console",
            metavar="HOST:PORT",
            help="Where the technician's page is; off for none.",
            show_default=f"127.0.0.1:{CONSOLE_PORT}",
        ),
    ] = None,
    record: Annotated[
        Path | None,
        typer.Option(
            "--record",
            metavar="DIR",
            rich_help_panel=_BESIDE,
            help="Record the programme and each language there.",
        ),
    ] = None,
    also: Annotated[
        list[str] | None,
        typer.Option(
            "--also",
            metavar="OUTPUT",
            rich_help_panel=_BESIDE,
            help="Send the programme on too: rtmp(s)://…, srt://…, a .ts file or -. Never delays the signed path.",
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line: docs/reference/json-events.md.")
    ] = False,
) -> None:
    """Put a source on the air: encode it (or sign it as it is), sign it, publish it to every store at once.

    Ctrl-C ends it with a signed end. Started again after a crash, it goes on where it was: what was signed is sent
    again byte for byte, and the gap is filled.
    """
    from huma.cli.livebeside import read_outputs, takes_stdout
    from huma.cli.liveinputs import read_inputs
    from huma.cli.liveplan import plan, show_cards
    from huma.cli.liverun import run

    outputs = read_outputs(also or ())
    output = Output(as_json=as_json, off_stdout=takes_stdout(outputs, as_json=as_json))
    options = LiveOptions(
        inputs=read_inputs(
            source,
            backup or (),
            language or (),
            floor=floor,
            return_after_s=None if return_after is None else float(parse_length("--return", return_after)),
            lead_s=float(parse_duration("--lead", lead)),
            delay_s=float(parse_duration("--delay", delay)),
        ),
        event=event,
        stores=tuple(to or ()),
        serve=None if serve is None else parse_place(serve),
        url=None if url is None else _base_url(url),
        tls=parse_tls(cert, key),
        seconds=None if seconds is None else parse_length("--for", seconds),
        loop=loop,
        copy=copy,
        rank=rank,
        keep_ms=_keep(keep),
        ntp=time_host(ntp),
        ignore_clock=ignore_clock,
        stay_s=float(parse_duration("--stay", stay)),
        record=record,
        also=outputs,
        card=card,
        console=parse_console(console, CONSOLE_PORT),
        console_asked=console is not None,
        key_life_ms=int(parse_length("--key-life", key_life) * 1000),
    )
    if copy and not options.inputs.is_one:
        raise refuse(
            "--copy signs one source as it is: no backup, no language laid under it, no delay",
            "Leave out --copy, and it is encoded here.",
        )
    if card:
        show_cards(output, options)
        raise typer.Exit
    with ExitStack() as open_parts:
        raise typer.Exit(run(output, options, plan(output, options, open_parts)))


def parse_duration(option: str, text: str) -> Fraction:
    """Seconds, from 90, 30s, 10m, 2h."""
    found = _DURATION.fullmatch(text.strip().lower())
    if found is None:
        raise refuse(f"{option}: {text!r} is no length of time", "Write it as 30s, 10m or 2h.")
    return Fraction(found[1]) * _UNITS[found[2]]


def parse_length(option: str, text: str) -> Fraction:
    """Seconds of something that must be longer than nothing."""
    seconds = parse_duration(option, text)
    if not seconds:
        raise refuse(
            f"{option}: {text!r} is no time at all", f"Write {option} 30s, 10m or 2h; or leave it out."
        )
    return seconds


def parse_place(text: str, option: str = "--serve", port: int = SERVE_PORT) -> tuple[str, int]:
    """Host and port, from HOST:PORT, :PORT or PORT; without a host only this machine is served."""
    found = _PLACE.fullmatch(text)
    if found is None or int(found[2]) > 65_535:
        raise refuse(f"{option}: {text!r} is no address", f"Write it as 127.0.0.1:{port}.")
    return (found[1] or "127.0.0.1").strip("[]"), int(found[2])


def parse_console(text: str | None, port: int) -> tuple[str, int] | None:
    """Where a console should be; None for nowhere. `port` is the usual one."""
    if text == "off":
        return None
    return ("127.0.0.1", port) if text is None else parse_place(text, "--console", port)


def _base_url(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s?#@]+", text):
        raise refuse(f"--url: {text!r} is not the URL of a server", "Write it as https://live.example.org/.")
    return text if text.endswith("/") else text + "/"


def _keep(text: str) -> int | None:
    if text == KEEP_ALL:
        return None
    seconds = parse_duration("--keep", text)
    if seconds < KEEP_LEAST_S:
        raise refuse(
            "--keep: less than a minute is too little", "Viewers on slow lines are half a minute behind."
        )
    return int(seconds * 1000)


def parse_tls(cert: Path | None, key: Path | None) -> Tls | None:
    """The files of --cert and --key, looked at; None where neither was given."""
    from huma.net.certificates import checked_tls
    from huma.net.server import Tls

    if cert is None and key is None:
        return None
    if cert is None or key is None:
        missing = "--key" if key is None else "--cert"
        raise refuse("--cert and --key belong together", f"Give {missing} too.")
    return checked_tls(Tls(cert, key))
