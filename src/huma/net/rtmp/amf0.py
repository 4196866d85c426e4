"""AMF0, the values inside commands and metadata: bounded in depth and in number."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

from huma.errors import BugError
from huma.net.rtmp.refusals import malformed, too_large

if TYPE_CHECKING:
    from huma.net.rtmp.limits import Limits

Value: TypeAlias = "float | bool | str | Mapping[str, Value] | Sequence[Value] | None"

_NUMBER, _BOOLEAN, _STRING, _OBJECT = 0, 1, 2, 3
_NULL, _UNDEFINED, _ECMA_ARRAY, _OBJECT_END = 5, 6, 8, 9
_STRICT_ARRAY, _DATE, _LONG_STRING, _UNSUPPORTED, _XML, _TYPED = 10, 11, 12, 13, 15, 16
_DOUBLE: Final = struct.Struct(">d")


def parse_values(data: bytes, limits: Limits) -> list[Value]:
    """All values of `data`."""
    reader = _Reader(data, limits)
    values = []
    while reader.at < len(data):
        values.append(reader.value(0))
    return values


class _Reader:
    def __init__(self, data: bytes, limits: Limits) -> None:
        if len(data) > limits.script_bytes:
            raise too_large(f"values of {len(data)} bytes")
        self.at = 0
        self._data = data
        self._limits = limits
        self._count = 0

    def value(self, depth: int) -> Value:
        self._count += 1
        if depth > self._limits.amf_depth or self._count > self._limits.amf_values:
            raise too_large("values too deep or too many")
        marker = self._take(1)[0]
        simple = _SIMPLE.get(marker)
        return self._compound(marker, depth) if simple is None else simple(self)

    def nothing(self) -> None:
        """Null, undefined, unsupported."""

    def truth(self) -> bool:
        return self._take(1) != b"\0"

    def text(self) -> str:
        return self._string(2)

    def long_text(self) -> str:
        return self._string(4)

    def moment(self) -> float:
        """A date; its time zone is reserved and says nothing."""
        number = self.number()
        self._take(2)
        return number

    def number(self) -> float:
        number: float = _DOUBLE.unpack(self._take(8))[0]
        return number

    def _compound(self, marker: int, depth: int) -> Value:
        if marker == _STRICT_ARRAY:
            return [self.value(depth + 1) for _ in range(self._size(4))]
        if marker == _ECMA_ARRAY:
            self._take(4)  # a count that nobody keeps to: the end is marked
        elif marker == _TYPED:
            self._string(2)
        elif marker != _OBJECT:
            raise malformed("a value of an unknown type")
        return self._members(depth)

    def _members(self, depth: int) -> dict[str, Value]:
        members: dict[str, Value] = {}
        while True:
            name = self._string(2)
            if not name and self._data[self.at : self.at + 1] == bytes([_OBJECT_END]):
                self.at += 1
                return members
            members[name] = self.value(depth + 1)

    def _string(self, size_bytes: int) -> str:
        return self._take(self._size(size_bytes)).decode("utf-8", "replace")

    def _size(self, size_bytes: int) -> int:
        return int.from_bytes(self._take(size_bytes), "big")

    def _take(self, size: int) -> bytes:
        taken = self._data[self.at : self.at + size]
        if len(taken) < size:
            raise malformed("a value ends too early")
        self.at += size
        return taken


_SIMPLE: Final[dict[int, Callable[[_Reader], Value]]] = {
    _NUMBER: _Reader.number,
    _BOOLEAN: _Reader.truth,
    _STRING: _Reader.text,
    _NULL: _Reader.nothing,
    _UNDEFINED: _Reader.nothing,
    _DATE: _Reader.moment,
    _LONG_STRING: _Reader.long_text,
    _UNSUPPORTED: _Reader.nothing,
    _XML: _Reader.long_text,
}


def render_values(*values: Value) -> bytes:
    """The values, one after the other."""
    return b"".join(map(_render, values))


def _render(value: Value) -> bytes:
    match value:
        case None:
            return bytes([_NULL])
        case bool():
            return bytes([_BOOLEAN, value])
        case int() | float():
            return bytes([_NUMBER]) + _DOUBLE.pack(value)
        case str():
            return _render_string(value)
        case Mapping():
            members = (_name(name) + _render(member) for name, member in value.items())
            return bytes([_OBJECT]) + b"".join(members) + bytes([0, 0, _OBJECT_END])
        case Sequence():
            return bytes([_STRICT_ARRAY]) + len(value).to_bytes(4, "big") + render_values(*value)
    raise BugError("no AMF value")


def _render_string(text: str) -> bytes:
    data = text.encode()
    if len(data) > 0xFFFF:
        return bytes([_LONG_STRING]) + len(data).to_bytes(4, "big") + data
    return bytes([_STRING]) + _name(text)


def _name(text: str) -> bytes:
    data = text.encode()
    return len(data).to_bytes(2, "big") + data
