"""What a sender process is told, on its standard input before the media: so that no key stands in any argv."""

from __future__ import annotations

import json
import struct
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from huma.restream.address import Kind

_MOST: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Order:
    """Where to send what follows."""

    kind: Kind
    url: str = field(default="", repr=False)
    options: Mapping[str, str] = field(default_factory=dict, repr=False)
    handle: int = -1


def render_order(order: Order) -> bytes:
    """The order behind its length."""
    data = json.dumps(asdict(order)).encode()
    return struct.pack(">I", len(data)) + data


def read_order(read: Callable[[int], bytes]) -> Order:
    """The order that a supervisor of ours wrote."""
    (size,) = struct.unpack(">I", _exactly(read, 4))
    return Order(**json.loads(_exactly(read, min(size, _MOST))))


def _exactly(read: Callable[[int], bytes], count: int) -> bytes:
    data = b""
    while len(data) < count:
        part = read(count - len(data))
        if not part:
            raise EOFError
        data += part
    return data
