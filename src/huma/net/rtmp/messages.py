"""RTMP messages, and how ours are cut into chunks."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

SET_CHUNK_SIZE: Final = 1
ABORT: Final = 2
ACKNOWLEDGEMENT: Final = 3
USER_CONTROL: Final = 4
WINDOW_SIZE: Final = 5
PEER_BANDWIDTH: Final = 6
AUDIO: Final = 8
VIDEO: Final = 9
DATA_AMF3: Final = 15
COMMAND_AMF3: Final = 17
DATA: Final = 18
COMMAND: Final = 20
AGGREGATE: Final = 22

STREAM_BEGIN: Final = 0
PING: Final = 6
PONG: Final = 7

CONTROL_CHUNKS: Final = 2
COMMAND_CHUNKS: Final = 3
DEFAULT_CHUNK_SIZE: Final = 128
EXTENDED: Final = 0xFFFFFF
TIMESTAMPS: Final = 2**32


@dataclass(frozen=True, slots=True)
class Message:
    """A message by its type id, the message stream it belongs to, its timestamp in milliseconds, its payload."""

    kind: int
    stream: int
    timestamp: int
    payload: bytes


def render_message(message: Message, chunks: int, chunk_size: int) -> bytes:
    """The message as chunks of the chunk stream `chunks` (2 to 63): one with a full header, others with none."""
    extended = message.timestamp.to_bytes(4, "big") if message.timestamp >= EXTENDED else b""
    head = (
        bytes([chunks])
        + min(message.timestamp, EXTENDED).to_bytes(3, "big")
        + len(message.payload).to_bytes(3, "big")
        + bytes([message.kind])
        + message.stream.to_bytes(4, "little")
        + extended
    )
    pieces = [head, message.payload[:chunk_size]]
    for at in range(chunk_size, len(message.payload), chunk_size):
        pieces += [bytes([0xC0 | chunks]) + extended, message.payload[at : at + chunk_size]]
    return b"".join(pieces)


def control(kind: int, value: int) -> bytes:
    """A protocol control message with one number."""
    return render_message(Message(kind, 0, 0, value.to_bytes(4, "big")), CONTROL_CHUNKS, DEFAULT_CHUNK_SIZE)


def peer_bandwidth(size: int) -> bytes:
    """How much the peer may send before it hears from us; it may follow its own mind."""
    payload = size.to_bytes(4, "big") + b"\2"
    return render_message(Message(PEER_BANDWIDTH, 0, 0, payload), CONTROL_CHUNKS, DEFAULT_CHUNK_SIZE)


def user_control(event: int, value: int) -> bytes:
    """A user control message: a stream begins, an answer to a ping."""
    payload = struct.pack(">HI", event, value)
    return render_message(Message(USER_CONTROL, 0, 0, payload), CONTROL_CHUNKS, DEFAULT_CHUNK_SIZE)
