"""Cuts bytes anywhere, and cuts messages into chunks as a thrifty encoder would."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import strategies as st

from huma.net.rtmp.messages import EXTENDED, TIMESTAMPS, Message

cuts = st.lists(st.integers(min_value=0, max_value=5000), max_size=12)


def cut(data: bytes, places: Sequence[int]) -> list[bytes]:
    """`data` in pieces; some may be empty."""
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


class Chunker:
    """Uses the shortest header that says the truth; `take` gives one chunk of each stream in turn."""

    def __init__(self, chunk_size: int) -> None:
        self._size = chunk_size
        self._last: dict[int, tuple[Message, int]] = {}

    def chunks(self, number: int, message: Message) -> list[bytes]:
        form, stamp, header = self._header(number, message)
        self._last[number] = (message, stamp)
        extended = stamp.to_bytes(4, "big") if stamp >= EXTENDED else b""
        payload = message.payload
        first = _basic(form, number) + header + extended + payload[: self._size]
        return [
            first,
            *(
                _basic(3, number) + extended + payload[at : at + self._size]
                for at in range(self._size, len(payload), self._size)
            ),
        ]

    def _header(self, number: int, message: Message) -> tuple[int, int, bytes]:
        size = len(message.payload).to_bytes(3, "big") + bytes([message.kind])
        known = self._last.get(number)
        if known is None or known[0].stream != message.stream or message.timestamp < known[0].timestamp:
            stamp = min(message.timestamp, EXTENDED).to_bytes(3, "big")
            return 0, message.timestamp, stamp + size + message.stream.to_bytes(4, "little")
        before, last_stamp = known
        delta = (message.timestamp - before.timestamp) % TIMESTAMPS
        stamp = min(delta, EXTENDED).to_bytes(3, "big")
        if (len(before.payload), before.kind) != (len(message.payload), message.kind):
            return 1, delta, stamp + size
        if delta != last_stamp:
            return 2, delta, stamp
        return 3, delta, b""


def _basic(form: int, number: int) -> bytes:
    if number < 64:
        return bytes([form << 6 | number])
    if number < 320:
        return bytes([form << 6, number - 64])
    return bytes([form << 6 | 1]) + (number - 64).to_bytes(2, "little")
