"""Where the programme is sent on to, as people write it behind `--also`.

    rtmp://host/app[/key]   rtmps://host/app[/key]     YouTube, Telegram, any platform
    srt://host:port?passphrase=…&streamid=…&latency=…  a contribution or up-link encoder's decoder
    file.ts                                            MPEG-TS into a new file, or into a FIFO that stands there
    -                                                  MPEG-TS on standard output

Behind `#` stand choices of ours, separated by `&`: `lang=fa`, `label=YouTube`, and where the key comes from:
`key-env=NAME` or `key-file=PATH`. A key that stands in the address itself is taken, and `key_in_sight` says so.
"""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import parse_qsl, quote, urlsplit

from huma.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal["rtmp", "srt", "file", "pipe"]

KEY_MAX_BYTES: Final = 4096
HOWTO: Final = "See docs/how-to/restream.md."
_CHOICES: Final = ("lang", "label", "key-env", "key-file")
_SRT_OPTIONS: Final = ("passphrase", "streamid", "latency", "pbkeylen", "mode")
_IN_PATH: Final = "-._~!$&'()*+,;=:@/?%"
_LABEL = re.compile(r"[\w .()-]{1,40}")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")


@dataclass(frozen=True, slots=True)
class OutputAddress:
    """One place to send the programme to. Its text form shows neither address nor key.

    Attributes:
        kind: rtmp, srt, file or pipe.
        label: What people call it: their own word, or its kind.
        language: Whose sound goes with the picture; None is the event's first.
        url: The whole address, with the key, or the file's path.
        options: What SRT is told besides.
        key_in_sight: Whether a key stood in what was typed, where process lists and histories show it.
    """

    kind: Kind
    label: str
    language: str | None = None
    url: str = field(default="", repr=False)
    options: Mapping[str, str] = field(default_factory=dict, repr=False)
    key_in_sight: bool = False


def parse_output(text: str, environ: Mapping[str, str] = os.environ) -> OutputAddress:
    """The place named by `text`.

    Raises:
        UsageError: It makes no sense. Its words never repeat what may be a key.
    """
    address, _, rest = text.partition("#")
    choices = _choices(rest)
    scheme = _SCHEME.match(address)
    if scheme is None:
        return _file_or_pipe(address, choices)
    key = _key(choices, environ)
    match scheme[1].lower():
        case "rtmp" | "rtmps" as kind:
            return _rtmp(address, kind, key, choices)
        case "srt":
            return _srt(address, key, choices)
        case other:
            raise UsageError(
                f"--also takes no {other[:12]}:// address",
                hint=f"It takes rtmp://, rtmps://, srt://, a .ts file or -. {HOWTO}",
            )


def _choices(text: str) -> dict[str, str]:
    choices = dict(parse_qsl(text, keep_blank_values=True)) if text else {}
    for name in choices:
        if name not in _CHOICES:
            raise UsageError(
                "--also: what stands behind # is not known",
                hint=f"It can be {', '.join(f'{each}=…' for each in _CHOICES)}. {HOWTO}",
            )
    if not _LABEL.fullmatch(choices.get("label", "x")):
        raise UsageError("--also: a label is up to 40 letters, digits and spaces")
    return choices


def _file_or_pipe(address: str, choices: Mapping[str, str]) -> OutputAddress:
    language = choices.get("lang")
    if address == "-":
        return OutputAddress("pipe", choices.get("label", "pipe"), language)
    place = Path(address).expanduser()
    try:
        mode = place.lstat().st_mode
    except OSError:
        mode = None
    if mode is not None and not stat.S_ISFIFO(mode):
        raise UsageError(
            f"--also: {place} is there already", hint="Nothing is ever written over: choose another name."
        )
    if mode is None and (place.suffix != ".ts" or not place.parent.is_dir()):
        raise UsageError(
            f"--also: {place} is neither a new .ts file in a folder that exists nor a FIFO", hint=HOWTO
        )
    return OutputAddress("file", choices.get("label", "file"), language, url=str(place.absolute()))


def _rtmp(address: str, scheme: str, key: str | None, choices: Mapping[str, str]) -> OutputAddress:
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or not parts.path.strip("/") or not _is_plain(address):
        raise UsageError(
            f"--also: the {scheme} address does not parse",
            hint=f"Write it as {scheme}://host/app, with #key-env=NAME for the stream key. {HOWTO}",
        )
    folders = parts.path.strip("/").count("/") + 1
    in_sight = key is None and (folders > 1 or bool(parts.query) or parts.username is not None)
    url = address if key is None else f"{address.rstrip('/')}/{quote(key, safe=_IN_PATH)}"
    return OutputAddress(
        "rtmp", choices.get("label", scheme), choices.get("lang"), url=url, key_in_sight=in_sight
    )


def _srt(address: str, key: str | None, choices: Mapping[str, str]) -> OutputAddress:
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
        options = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    except ValueError:
        host, port, options = None, None, {}
    if not host or not port or parts.path.strip("/") or parts.username is not None:
        raise UsageError(
            "--also: the srt address does not parse",
            hint=f"Write it as srt://host:port?latency=200, with #key-env=NAME for the passphrase. {HOWTO}",
        )
    if unknown := [name for name in options if name not in _SRT_OPTIONS]:
        raise UsageError(
            f"--also: srt has no option {unknown[0][:20]!r} here", hint=f"It has {', '.join(_SRT_OPTIONS)}."
        )
    if options.pop("mode", "caller") != "caller":
        raise UsageError("--also: srt is called from here (mode=caller)", hint=HOWTO)
    in_sight = "passphrase" in options
    if key is not None:
        options["passphrase"] = key
    if not 10 <= len(options.get("passphrase", "x" * 10).encode()) <= 79:
        raise UsageError("--also: an srt passphrase has 10 to 79 characters")
    for name, most in (("latency", 60_000), ("pbkeylen", 32)):
        value = options.get(name, "0")
        if not value.isdecimal() or int(value) > most:
            raise UsageError(f"--also: srt {name} is a number up to {most}")
    if len(options.get("streamid", "").encode()) > 512:
        raise UsageError("--also: an srt streamid has up to 512 characters")
    return OutputAddress(
        "srt",
        choices.get("label", "srt"),
        choices.get("lang"),
        url=f"{host}\n{port}",
        options=options,
        key_in_sight=in_sight,
    )


def _key(choices: Mapping[str, str], environ: Mapping[str, str]) -> str | None:
    """The stream key or passphrase, from the environment or from a file that nobody else can read."""
    if "key-env" in choices:
        key = environ.get(choices["key-env"], "")
        if not key:
            raise UsageError(
                f"--also: the environment has no {choices['key-env'][:64]!r}",
                hint="Set it, then start again.",
            )
    elif "key-file" in choices:
        key = read_key_file(Path(choices["key-file"]).expanduser())
    else:
        return None
    if not _is_plain(key):
        raise UsageError("--also: the key holds spaces or unprintable characters")
    return key


def read_key_file(place: Path) -> str:
    """The first line of a file that is for our eyes only."""
    try:
        with place.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & 0o077:
                raise UsageError(f"--also: {place} can be read by others", hint=f"chmod 600 {place}")
            data = file.read(KEY_MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"--also: {place}: {error.strerror}") from None
    try:
        lines = data.decode().splitlines()
    except UnicodeDecodeError:
        lines = []
    if len(data) > KEY_MAX_BYTES or not lines or not lines[0].strip():
        raise UsageError(f"--also: {place} holds no key in its first line")
    return lines[0].strip()


def _is_plain(text: str) -> bool:
    return bool(text) and all(0x20 < ord(letter) < 0x7F for letter in text)
