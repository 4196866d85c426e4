"""What a listener is told, on its standard input: so that the passphrase stands in no argv and no environment."""

from __future__ import annotations

import json
import struct
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Final

from huma.net.srt.limits import Limits

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Order:
    """What to listen with.

    Attributes:
        socket: The UDP socket's handle; it is bound already.
        media: Where publications are written to, as frames.
        latency_ms: For how long libsrt waits for what was lost.
        passphrase: Empty: none is asked for.
        streamid: None: whatever the encoder says.
        limits: All of them.
    """

    socket: int
    media: int
    latency_ms: int
    passphrase: str = field(repr=False)
    streamid: str | None
    limits: Limits


def render_order(order: Order) -> bytes:
    """The order behind its length."""
    data = json.dumps(asdict(order)).encode()
    return struct.pack(">I", len(data)) + data


def read_order(read: Callable[[int], bytes]) -> Order:
    """The order that a supervisor of ours wrote."""
    (size,) = struct.unpack(">I", _exactly(read, 4))
    members = json.loads(_exactly(read, min(size, _MOST)))
    return Order(**{**members, "limits": Limits(**members["limits"])})


def _exactly(read: Callable[[int], bytes], count: int) -> bytes:
    data = b""
    while len(data) < count:
        part = read(count - len(data))
        if not part:
            raise EOFError
        data += part
    return data
