"""JSON as our documents use it: no duplicate names, no fractions, integers below 2^53.

The rules: spec/documents.md, D18 to D21.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, NoReturn, TypeAlias

from huma.config import JSON_MAX_DEPTH, MAX_INTEGER
from huma.errors import MalformedError
from huma.protocol import clocktext

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | bool | None"

_STRING = re.compile(
    rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL
)  # matches unclosed ones too, so that it stays linear
_BRACKET = re.compile(rb"[\[\]{}]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def parse_json(data: bytes, max_bytes: int) -> Json:
    """The value that `data` holds, or one of our errors, whatever the bytes are."""
    if len(data) > max_bytes:
        raise MalformedError(f"{len(data)} bytes, at most {max_bytes} are allowed", code="too-large")
    _refuse_deep(data)
    try:
        value: Json = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_fraction,
            parse_constant=_fraction,
        )
    except ValueError as error:
        raise MalformedError(f"not JSON: {error.__class__.__name__}") from None
    return value


def parse_members(data: bytes, max_bytes: int, what: str) -> Members:
    """The object that `data` holds, ready to be read member by member."""
    return as_members(parse_json(data, max_bytes), what)


def as_members(value: Json, what: str) -> Members:
    """`value`, which must be an object, ready to be read member by member."""
    if not isinstance(value, dict):
        raise MalformedError(f"{what} is not an object")
    return Members(value, what)


def render_json(value: Any) -> bytes:
    """The one spelling in which we write a document: sorted, without spaces, one line feed at the end."""
    return (json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True) + "\n").encode()


def _refuse_deep(data: bytes) -> None:
    """Refuse nesting that would cost a recursive parser its stack."""
    depth = 0
    for bracket in _BRACKET.findall(_STRING.sub(b"", data)):
        depth += 1 if bracket in b"[{" else -1
        if depth > JSON_MAX_DEPTH:
            raise MalformedError(f"nested deeper than {JSON_MAX_DEPTH}")


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise MalformedError("a name stands twice in one object")
    return members


def _integer(text: str) -> int:
    if text == "-0" or len(text) > 17 or abs(int(text)) > MAX_INTEGER:
        raise MalformedError(f"not an integer below 2^53: {text[:24]}")
    return int(text)


def _fraction(text: str) -> NoReturn:
    raise MalformedError(f"a number that is not an integer: {text[:24]}")


@dataclass(frozen=True, slots=True)
class Members:
    """An object of a document. What is missing, or of another kind, is refused; what is unknown is ignored."""

    members: dict[str, Json]
    what: str

    def get(self, name: str) -> Json:
        """The member of any kind."""
        if name not in self.members:
            raise MalformedError(f"{self.what} has no {name}")
        return self.members[name]

    def text(self, name: str, max_bytes: int) -> str:
        """A text for people or machines: not empty, without control characters."""
        return self.as_text(self.get(name), name, max_bytes)

    def integer(self, name: str, low: int, high: int) -> int:
        """An integer from `low` to `high`."""
        return self.as_integer(self.get(name), name, low, high)

    def flag(self, name: str) -> bool:
        """True or false."""
        value = self.get(name)
        if not isinstance(value, bool):
            self.refuse(name, "true or false")
        return value

    def moment(self, name: str) -> int:
        """A moment, in Unix milliseconds."""
        return clocktext.parse_ms(self.text(name, 24))

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        """One of a few words."""
        value = self.get(name)
        if not isinstance(value, str) or value not in choices:
            self.refuse(name, "one of " + ", ".join(choices))
        return value

    def items(self, name: str, most: int) -> list[Json]:
        """A list of at most `most`."""
        value = self.get(name)
        if not isinstance(value, list) or len(value) > most:
            self.refuse(name, f"a list of at most {most}")
        return value

    def objects(self, name: str, most: int) -> list[Members]:
        """A list of at most `most` objects."""
        return [as_members(value, f"an entry of {name}") for value in self.items(name, most)]

    def texts(self, name: str, most: int, max_bytes: int) -> tuple[str, ...]:
        """A list of at most `most` texts."""
        return tuple(self.as_text(value, name, max_bytes) for value in self.items(name, most))

    def inner(self, name: str) -> Members:
        """An object."""
        return as_members(self.get(name), name)

    def ratio(self, name: str, most: int) -> tuple[int, int]:
        """Two positive integers: a fraction."""
        value = self.items(name, 2)
        if len(value) != 2:
            self.refuse(name, "two integers")
        return self.as_integer(value[0], name, 1, most), self.as_integer(value[1], name, 1, most)

    def as_text(self, value: Json, name: str, max_bytes: int) -> str:
        """`value`, which must be a text."""
        if not isinstance(value, str) or not value or _SURROGATE.search(value) or _CONTROL.search(value):
            self.refuse(name, "a text without control characters")
        if len(value.encode()) > max_bytes:
            self.refuse(name, f"at most {max_bytes} bytes of text")
        return value

    def as_integer(self, value: Json, name: str, low: int, high: int) -> int:
        """`value`, which must be an integer from `low` to `high`."""
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.refuse(name, f"an integer from {low} to {high}")
        return value

    def refuse(self, name: str, want: str) -> NoReturn:
        """Say what is wrong with the member `name`."""
        raise MalformedError(f"{name} of {self.what} is not {want}")


def parse_version(members: Members) -> None:
    """Refuse a document of a version that we do not know."""
    if members.integer("v", 0, MAX_INTEGER) != 1:
        raise MalformedError(f"{members.what} is of an unknown version", code="unknown-version")
