"""The `#EXT-X-HUMA` line: what a playlist says about itself (spec/documents.md, D26 to D28)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, TypeAlias

from huma.errors import MalformedError
from huma.protocol import clocktext, names

TAG: Final = "#EXT-X-HUMA:"

Extra: TypeAlias = tuple[tuple[str, str], ...]
"""Attributes that we do not know, in their order: name and raw value. They are kept, and signed over."""

_ATTRIBUTE = re.compile(r'([A-Z0-9-]+)=("[^"]*"|[!#-+\--~]+)')

_QUOTED: Final = frozenset({"EVENT", "RENDITION", "KEYID", "PREV", "CHAPTERSHA"})
_PLAIN: Final = frozenset(
    {"V", "TYPE", "TICK", "ISSUED", "PREVTICK", "PREVRANK", "PREVCHAPTER", "CHAPTER", "ENDED"},
)
KNOWN: Final = _QUOTED | _PLAIN


@dataclass(frozen=True, slots=True)
class Header:
    """The attributes of one header line, each at most once."""

    attributes: dict[str, str]

    def __contains__(self, name: str) -> bool:
        return name in self.attributes

    def text(self, name: str) -> str:
        """A known attribute's value, without its quotes."""
        if name not in self.attributes:
            raise MalformedError(f"the header has no {name}")
        return self.attributes[name].strip('"')

    def integer(self, name: str) -> int:
        """An attribute that is an integer."""
        return names.parse_integer(self.text(name))

    def moment(self, name: str) -> int:
        """An attribute that is a moment, in Unix milliseconds."""
        return clocktext.parse_ms(self.text(name))

    def digest(self, name: str) -> str:
        """An attribute that is a digest."""
        value = self.text(name)
        if not names.is_digest(value):
            raise MalformedError(f"{name} is not a digest")
        return value

    def flag(self, name: str) -> bool:
        """An attribute that is YES or absent."""
        if name in self.attributes and self.text(name) != "YES":
            raise MalformedError(f"{name} is YES, or absent")
        return name in self.attributes

    def together(self, *group: str) -> bool:
        """Whether all of `group` are there; some without the others are refused."""
        present = [name in self.attributes for name in group]
        if any(present) and not all(present):
            raise MalformedError(f"{', '.join(group)} stand together or not at all")
        return all(present)

    @property
    def extra(self) -> Extra:
        """The attributes that this version does not know."""
        return tuple((name, value) for name, value in self.attributes.items() if name not in KNOWN)


def parse_header(line: str) -> Header:
    """The header line of a playlist, without its line feed."""
    if not line.startswith(TAG):
        raise MalformedError("line 2 is not the header")
    attributes: dict[str, str] = {}
    at = len(TAG)
    while True:
        found = _ATTRIBUTE.match(line, at)
        if found is None:
            raise MalformedError("the header is not an attribute list")
        name, value = found[1], found[2]
        if name in attributes:
            raise MalformedError(f"{name} stands twice")
        _refuse_wrong_quotes(name, value)
        attributes[name] = value
        at = found.end()
        if at == len(line):
            break
        if line[at] != ",":
            raise MalformedError("the header is not an attribute list")
        at += 1
    header = Header(attributes)
    _refuse_wrong_names(header)
    return header


def render_header(known: list[tuple[str, str | int | None]], extra: Extra) -> str:
    """The header line; attributes whose value is None are left out."""
    parts = []
    for name, value in known:
        if value is not None:
            parts.append(f'{name}="{value}"' if name in _QUOTED else f"{name}={value}")
    parts.extend(f"{name}={value}" for name, value in extra)
    return TAG + ",".join(parts)


def _refuse_wrong_quotes(name: str, value: str) -> None:
    if (name in _QUOTED and not value.startswith('"')) or (name in _PLAIN and value.startswith('"')):
        raise MalformedError(f"{name} has the wrong kind of value")


def _refuse_wrong_names(header: Header) -> None:
    """The attributes that every playlist has."""
    if header.integer("V") != 1:
        raise MalformedError("a playlist of an unknown version", code="unknown-version")
    if not names.is_event_id(header.text("EVENT")):
        raise MalformedError("EVENT is not an event id")
    if not names.is_rendition_name(header.text("RENDITION")):
        raise MalformedError("RENDITION is not a rendition's name")
    if not names.is_keyid(header.text("KEYID")):
        raise MalformedError("KEYID is not a key's id")
    header.moment("ISSUED")
    header.text("TYPE")
