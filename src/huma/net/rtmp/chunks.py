"""Bytes to messages: the chunk stream, cut anywhere.

Payload is taken as it comes, so that what a peer announces costs nothing before it has sent it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from huma.net.rtmp.messages import ABORT, DEFAULT_CHUNK_SIZE, EXTENDED, SET_CHUNK_SIZE, TIMESTAMPS, Message
from huma.net.rtmp.refusals import malformed, too_large

if TYPE_CHECKING:
    from collections.abc import Iterator

    from huma.net.rtmp.limits import Limits

_HEADER_BYTES: Final = (11, 7, 3, 0)
_FULL, _SAME_STREAM, _NOTHING = 0, 1, 3
_EXTENDED: Final = b"\xff\xff\xff"


@dataclass(slots=True)
class _ChunkStream:
    """What the chunks of one chunk stream inherit from those before, and its unfinished message."""

    timestamp: int = 0
    delta: int = 0
    length: int = 0
    kind: int = 0
    stream: int = 0
    extended: bool = False
    payload: bytearray = field(default_factory=bytearray)


class ChunkReader:
    """Gives messages in the order in which they end. `message_bytes` bounds each, and all unfinished ones together."""

    def __init__(self, limits: Limits, message_bytes: int) -> None:
        self.message_bytes = message_bytes
        self._limits = limits
        self._streams: dict[int, _ChunkStream] = {}
        self._head = b""
        self._current: _ChunkStream | None = None
        self._left = 0
        self._held = 0
        self._chunk_size = DEFAULT_CHUNK_SIZE

    def feed(self, data: bytes) -> Iterator[Message]:
        """The messages that `data` completes; to be taken to the last one."""
        data, at = self._head + data, 0
        self._head = b""
        while at < len(data):
            if self._current is None:
                used = self._begin_chunk(data, at)
                if not used:
                    self._head = data[at:]
                    return
                at += used
            taken = min(self._left, len(data) - at)
            message = self._take(data[at : at + taken])
            at += taken
            if message is not None and not self._obey(message):
                yield message

    def _begin_chunk(self, data: bytes, at: int) -> int:
        """Read the header at `at`; returns its size, or 0 where it is not all there."""
        form, number, basic = _basic_header(data, at)
        body = at + basic
        end = body + _HEADER_BYTES[form]
        if not basic or len(data) < end:
            return 0
        known = self._streams.get(number)
        stream = known or _ChunkStream()
        extended = stream.extended if form == _NOTHING else data[body : body + 3] == _EXTENDED
        if len(data) < end + 4 * extended:
            return 0
        if known is None:
            self._admit(form, number, stream)
        stamp = int.from_bytes(data[end : end + 4] if extended else data[body : body + 3], "big")
        self._apply(form, stream, data[body:end], stamp if form != _NOTHING or extended else stream.delta)
        self._current = stream
        self._left = min(self._chunk_size, stream.length - len(stream.payload))
        return basic + _HEADER_BYTES[form] + 4 * extended

    def _admit(self, form: int, number: int, stream: _ChunkStream) -> None:
        """A chunk stream begins with a full header; librtmp leaves the message stream out of its pings."""
        if form > _SAME_STREAM:
            raise malformed("a chunk refers to one that was never sent")
        if len(self._streams) >= self._limits.chunk_streams:
            raise too_large("too many chunk streams")
        self._streams[number] = stream

    def _apply(self, form: int, stream: _ChunkStream, header: bytes, stamp: int) -> None:
        """Read what a header says into what its chunk stream knows."""
        if stream.payload:
            if form != _NOTHING:
                raise malformed("a message begins inside another one")
            return
        if form <= _SAME_STREAM:
            stream.length = int.from_bytes(header[3:6], "big")
            stream.kind = header[6]
        if form == _FULL:
            stream.stream = int.from_bytes(header[7:11], "little")
        if form != _NOTHING:
            stream.extended = header[:3] == _EXTENDED
        stream.delta = stamp
        stream.timestamp = stamp if form == _FULL else (stream.timestamp + stamp) % TIMESTAMPS
        if stream.length > self.message_bytes:
            raise too_large(f"a message of {stream.length} bytes")

    def _take(self, part: bytes) -> Message | None:
        """Add to the unfinished message of the present chunk; returns it when that completes it."""
        stream = self._current
        if stream is None:
            return None
        stream.payload += part
        self._left -= len(part)
        self._held += len(part)
        if self._left:
            self._bound()
            return None
        self._current = None
        if len(stream.payload) < stream.length:
            self._bound()
            return None
        self._held -= len(stream.payload)
        message = Message(stream.kind, stream.stream, stream.timestamp, bytes(stream.payload))
        stream.payload = bytearray()
        return message

    def _bound(self) -> None:
        if self._held > self.message_bytes:
            raise too_large("too many unfinished messages")

    def _obey(self, message: Message) -> bool:
        """Carry out what a message says about the chunks that follow."""
        if message.kind not in (SET_CHUNK_SIZE, ABORT):
            return False
        if len(message.payload) < 4:
            raise malformed("a control message is too short")
        value = int.from_bytes(message.payload[:4], "big")
        if message.kind == SET_CHUNK_SIZE:
            self._chunk_size = min(value & 0x7FFFFFFF, EXTENDED)
            if self._chunk_size < self._limits.chunk_size_min:
                raise malformed("chunks so small are no encoder's")
        elif value in self._streams:
            self._held -= len(self._streams[value].payload)
            self._streams[value].payload = bytearray()
        return True


def _basic_header(data: bytes, at: int) -> tuple[int, int, int]:
    """Form, number of the chunk stream, and size; a size of 0 where it is not all there."""
    form, number = data[at] >> 6, data[at] & 63
    size = 3 if number == 1 else 2 if number == 0 else 1
    if len(data) < at + size:
        return form, number, 0
    if size > 1:
        number = 64 + int.from_bytes(data[at + 1 : at + size], "little")
    return form, number, size
