"""How the broadcaster feeds the server's own process: frames over a pipe.

A frame is the length of its head, the length of its body, the head as JSON, the body.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from huma.errors import BugError

if TYPE_CHECKING:
    from typing import IO, Literal

_LENGTHS: Final = struct.Struct(">II")
_HEAD_MAX: Final = 64 * 1024
_BODY_MAX: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Frame:
    """Show a file, show it no more, or say that all before has been done."""

    act: Literal["put", "delete", "sync"]
    path: str = ""
    content_type: str = ""
    cache_control: str = ""
    extra: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


def render_frame(frame: Frame) -> list[bytes]:
    """The frame's bytes, in two pieces so that the body is not copied."""
    head = json.dumps(
        [frame.act, frame.path, frame.content_type, frame.cache_control, [list(each) for each in frame.extra]]
    ).encode()
    if len(head) > _HEAD_MAX or len(frame.body) > _BODY_MAX:
        raise BugError("a file is too large for the server's pipe")
    return [_LENGTHS.pack(len(head), len(frame.body)) + head, frame.body]


def read_frame(file: IO[bytes]) -> Frame | None:
    """The next frame; None at the end, also at an end in the middle of a frame."""
    lengths = file.read(_LENGTHS.size)
    if len(lengths) < _LENGTHS.size:
        return None
    head_size, body_size = _LENGTHS.unpack(lengths)
    head, body = file.read(head_size), file.read(body_size)
    if len(head) < head_size or len(body) < body_size:
        return None
    act, path, content_type, cache_control, extra = json.loads(head)
    return Frame(act, path, content_type, cache_control, tuple((name, value) for name, value in extra), body)
