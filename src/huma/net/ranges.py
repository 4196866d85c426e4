"""One byte range of a file, as RFC 9110 section 14 has it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

_RANGE = re.compile(r"bytes=(?:([0-9]{1,15})-([0-9]{0,15})|-([0-9]{1,15}))")

UNSATISFIABLE: Final = "unsatisfiable"


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes `start` up to and with `last` of a file of `size` bytes."""

    start: int
    last: int
    size: int

    @property
    def content_range(self) -> str:
        """The header of the answer."""
        return f"bytes {self.start}-{self.last}/{self.size}"


RangeAnswer: TypeAlias = ByteRange | Literal["unsatisfiable"] | None


def parse_range(text: str, size: int) -> RangeAnswer:
    """The range to send; None = send all (several ranges, other units and nonsense are no error but ignored)."""
    found = _RANGE.fullmatch(text.strip())
    if found is None:
        return None
    first, last, suffix = found.groups()
    if suffix is not None:
        length = min(int(suffix), size)
        return ByteRange(size - length, size - 1, size) if length else UNSATISFIABLE
    start = int(first)
    end = min(int(last), size - 1) if last else size - 1
    if last and int(last) < start:
        return None
    return ByteRange(start, end, size) if start < size else UNSATISFIABLE
