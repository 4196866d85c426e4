"""What comes in: the source, backups, languages with a source of their own; and which of them are doors of ours."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import urlsplit

from huma.cli.output import refuse
from huma.cli.sourcelook import read_sources
from huma.net.rtmp.limits import RTMP_PORT
from huma.net.srt.limits import SRT_PORT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from huma.media.intake import IntakePlan

MAIN: Final = "main"
BACKUP: Final = "backup"
DELAY_MOST_S: Final = 60
DoorKind = Literal["rtmp", "srt"]
_PORTS: Final[dict[DoorKind, int]] = {"rtmp": RTMP_PORT, "srt": SRT_PORT}
_NAMES: Final[dict[DoorKind, str]] = {"rtmp": "an RTMP", "srt": "an SRT"}
_CODE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class DoorPlace:
    """A door of ours: what it is called, and where encoders reach it."""

    name: str
    host: str
    port: int
    language: str = ""
    kind: DoorKind = "rtmp"


@dataclass(frozen=True, slots=True)
class InputOptions:
    """Everything that comes in. Sources that others push stand as `door:NAME`, and their doors beside them.

    Attributes:
        main: The source, or several files.
        backups: What stands in for it, by name and in their order.
        languages: The source of each language that has one of its own.
        floor: Whether such a language has the floor's sound while its source is away.
        return_after_s: After so long without a break main takes over again; None: when told.
        lead_ms: How much the picture is held back, so that languages can be laid earlier.
        delay_s: How long everything is held before the air.
        doors: The doors to be opened.
    """

    main: tuple[str, ...]
    backups: Mapping[str, str] = field(default_factory=dict)
    languages: Mapping[str, str] = field(default_factory=dict)
    floor: bool = False
    return_after_s: float | None = None
    lead_ms: int = 0
    delay_s: float = 0.0
    doors: tuple[DoorPlace, ...] = ()

    @property
    def is_one(self) -> bool:
        """Whether there is nothing but a source."""
        return not (
            self.backups
            or self.languages
            or self.floor
            or self.return_after_s
            or self.lead_ms
            or self.delay_s
        )

    def plan(self, *, loop: bool) -> IntakePlan:
        """The same as media takes it."""
        from huma.media.intake import IntakePlan

        return IntakePlan(
            main=list(self.main),
            backups=self.backups,
            languages=self.languages,
            loop=loop,
            return_after_s=self.return_after_s,
            fallback="floor" if self.floor else "silence",
            lead_ms=self.lead_ms,
            delay_s=self.delay_s,
        )


def read_inputs(
    sources: Sequence[str],
    backups: Sequence[str],
    languages: Sequence[str],
    *,
    floor: bool,
    return_after_s: float | None,
    lead_s: float,
    delay_s: float,
) -> InputOptions:
    """The inputs that a person named; a slip of the pen is told before anything is made."""
    doors: list[DoorPlace] = []
    main = tuple(_place(text, MAIN, doors) for text in sources)
    named = {
        name: _place(text, name, doors)
        for name, text in zip(_backup_names(len(backups)), backups, strict=True)
    }
    voices = {
        code: _place(text, code.lower(), doors, language=code) for code, text in _languages(languages).items()
    }
    read_sources(main)
    for text in (*named.values(), *voices.values()):
        read_sources([text])
    if floor and not voices:
        raise refuse("--floor is for languages with a source of their own", "Add --language fa=SOURCE.")
    if return_after_s is not None and not named:
        raise refuse("--return is for a source with a backup", "Add --backup SOURCE.")
    if lead_s and not voices:
        raise refuse("--lead is for languages with a source of their own", "Add --language fa=SOURCE.")
    if delay_s > DELAY_MOST_S:
        raise refuse(f"--delay: more than {DELAY_MOST_S} s are not held")
    return InputOptions(
        main=main,
        backups=named,
        languages=voices,
        floor=floor,
        return_after_s=return_after_s,
        lead_ms=round(lead_s * 1000),
        delay_s=delay_s,
        doors=tuple(doors),
    )


def _backup_names(count: int) -> list[str]:
    return [BACKUP if place == 1 else f"{BACKUP}-{place}" for place in range(1, count + 1)]


def _languages(texts: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in texts:
        code, equals, source = text.partition("=")
        if not equals or not source or not _CODE.fullmatch(code):
            raise refuse(
                f"--language: {code!r} is not written as a language and its source",
                "Write it as fa=rtmp://0.0.0.0, or fa=https://host/fa.m3u8.",
            )
        if code in found:
            raise refuse(f"--language: {code} has two sources", "Give each language one.")
        found[code] = source
    return found


def _place(text: str, name: str, doors: list[DoorPlace], *, language: str = "") -> str:
    """The source as media reads it; a door of ours is noted in `doors`."""
    kind = next((kind for kind in _PORTS if text.lower().startswith(f"{kind}://")), None)
    if kind is None:
        return text
    usual = _PORTS[kind]
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port or usual
    except ValueError:
        host, port, parts = "", 0, urlsplit(f"{kind}://")
    if not host or parts.path not in ("", "/") or parts.query or parts.fragment or parts.username:
        raise refuse(
            f"{_NAMES[kind]} source is a door of this machine, that an encoder pushes to: only a host and a port",
            f"Write {kind}://127.0.0.1:{usual}, or {kind}://0.0.0.0:{usual} for other machines; huma live --card tells the encoder.",
        )
    if kind == "srt" and any(each.kind == "srt" and each.port == port for each in doors):
        raise refuse(
            f"two SRT doors cannot share port {port}: SRT knows an encoder by nothing else",
            f"Give the second one another port: srt://{parts.hostname}:{port + 1}",
        )
    doors.append(DoorPlace(name, host, port, language, kind))
    return f"door:{name}"
