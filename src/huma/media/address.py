"""What people write as a source, and which kind of source it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal
from urllib.parse import parse_qs, urlsplit

from huma.errors import UsageError

Kind = Literal["test", "file", "web", "stdin", "tcp", "door"]

_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*)://")
_WEB: Final = frozenset(("http", "https"))
_PLAIN_NAME = re.compile(
    r"[a-z]{1,16}(?:[_-][a-z0-9]{1,8})?\.(?:m3u8|mpd|mp4|m4s|ts|mkv|webm|flv|aac|mp3|ogg)", re.IGNORECASE
)
_DOOR: Final = "door:"
_DOOR_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


@dataclass(frozen=True, slots=True)
class Address:
    """A source by kind. `text` is what to open, `shown` what may be shown: no password, no folder, no query."""

    kind: Kind
    text: str
    shown: str
    host: str = ""
    port: int = 0
    listen: bool = False


def parse_address(text: str) -> Address:
    """The source that `text` names."""
    if text == "test":
        return Address("test", text, text)
    if text == "-":
        return Address("stdin", text, "standard input")
    if text.startswith(_DOOR):
        return _parse_door(text)
    scheme = _SCHEME.match(text)
    if scheme is None or scheme[1].lower() == "file":
        path = text[len(scheme[0]) :] if scheme else text
        if not Path(path).exists() or Path(path).is_dir():
            raise UsageError(
                f"there is no file {path}", code="source-missing", hint="Check the spelling of the source."
            )
        return Address("file", path, Path(path).name)
    if scheme[1].lower() in _WEB:
        return Address("web", text, _without_secrets(text), _host(text))
    if scheme[1].lower() == "tcp":
        return _parse_tcp(text)
    raise UsageError(
        f"{scheme[1]}:// is no source that is known here",
        code="source-scheme",
        hint="Use a file, http(s)://…, tcp://host:port, - for MPEG-TS on standard input, or test.",
    )


def parse_addresses(source: str | list[str]) -> list[Address]:
    """The sources of a list; only files can stand in one of more than one."""
    addresses = [parse_address(text) for text in ([source] if isinstance(source, str) else source)]
    if not addresses:
        raise UsageError(
            "no source is given", code="source-missing", hint="Name a file, an address, or test."
        )
    if len(addresses) > 1 and any(address.kind != "file" for address in addresses):
        raise UsageError("a list of sources may hold files only", code="source-list")
    return addresses


def _parse_tcp(text: str) -> Address:
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if not host or port is None:
        raise UsageError(
            f"{text} needs a host and a port", code="source-address", hint="Write tcp://127.0.0.1:9000."
        )
    listen = parse_qs(parts.query).get("listen", ["0"])[-1] not in ("0", "")
    return Address("tcp", text, f"tcp://{host}:{port}", host, port, listen)


def _parse_door(text: str) -> Address:
    name = text.removeprefix(_DOOR)
    if not _DOOR_NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} is no name of a door",
            code="source-address",
            hint="Write door:main: small letters, digits and hyphens.",
        )
    return Address("door", name, f"door {name}")


def _host(text: str) -> str:
    """The host of an address, in the letters that connections use."""
    try:
        host = urlsplit(text).hostname or ""
        return host if host.isascii() else host.encode("idna").decode("ascii")
    except ValueError:
        return ""


def _without_secrets(text: str) -> str:
    """Scheme and host, and the name of the file where it is a plain one: a token may stand anywhere else."""
    parts = urlsplit(text)
    *folders, name = parts.path.split("/")
    shown = name if _PLAIN_NAME.fullmatch(name) else "…"
    path = f"/…/{shown}" if any(folders) and shown != "…" else f"/{shown}"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{path if parts.path.strip('/') else '/'}"
