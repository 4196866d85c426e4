"""An encoder by hand: a real socket, and every way to misuse it."""

from __future__ import annotations

import socket
from contextlib import suppress
from types import TracebackType
from typing import Self

from huma.net.rtmp.amf0 import Value, parse_values, render_values
from huma.net.rtmp.chunks import ChunkReader
from huma.net.rtmp.limits import LIMITS
from huma.net.rtmp.messages import (
    AUDIO,
    COMMAND,
    DATA,
    PING,
    SET_CHUNK_SIZE,
    USER_CONTROL,
    VIDEO,
    Message,
    render_message,
    user_control,
)

PATIENCE_S = 60.0
PICTURE_HEADER = bytes.fromhex("17000000000164001effe1000467640000010001") + b"h"
SOUND_HEADER = bytes.fromhex("af001190")
KEY_FRAME = bytes.fromhex("1701000000") + b"key"
OTHER_FRAME = bytes.fromhex("2701000000") + b"other"
SOUND = bytes.fromhex("af01") + b"sound"


class Encoder:
    """Says what it is told to say, and hears the statuses of the door."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        self.chunk_size = 128
        self._reader = ChunkReader(LIMITS, LIMITS.message_bytes)
        self._heard: list[Message] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.socket.close()

    def greet(self) -> Self:
        self.socket.sendall(b"\3" + bytes(1536))
        answer = b""
        while len(answer) < 3073:
            part = self.socket.recv(3073 - len(answer))
            assert part, "the door closed during the handshake"
            answer += part
        self.socket.sendall(answer[1:1537])
        return self

    def say(self, *values: Value, stream: int = 0) -> Self:
        return self.send(Message(COMMAND, stream, 0, render_values(*values)))

    def send(self, message: Message, chunks: int = 3) -> Self:
        self.socket.sendall(render_message(message, chunks, self.chunk_size))
        return self

    def connect(self, app: str = "live") -> Self:
        return self.greet().say("connect", 1, {"app": app, "tcUrl": "rtmp://h/live"})

    def publish(self, key: str, app: str = "live") -> Self:
        """All of it up to publish; what the door says to that is heard with `status`."""
        self.connect(app)
        self.say("releaseStream", 2, None, key).say("FCPublish", 3, None, key)
        return self.say("createStream", 4, None).say("publish", 5, None, key, "live", stream=1)

    def begin(self, key: str) -> Self:
        """Publish, and be taken."""
        self.publish(key)
        assert self.status() == "NetStream.Publish.Start"
        return self

    def set_chunk_size(self, size: int) -> Self:
        self.send(Message(SET_CHUNK_SIZE, 0, 0, size.to_bytes(4, "big")), 2)
        self.chunk_size = size
        return self

    def picture(self, timestamp: int, payload: bytes) -> Self:
        return self.send(Message(VIDEO, 1, timestamp, payload), 6)

    def sound(self, timestamp: int, payload: bytes) -> Self:
        return self.send(Message(AUDIO, 1, timestamp, payload), 4)

    def describe(self, members: dict[str, Value]) -> Self:
        return self.send(Message(DATA, 1, 0, render_values("@setDataFrame", "onMetaData", members)))

    def headers(self) -> Self:
        return self.picture(0, PICTURE_HEADER).sound(0, SOUND_HEADER)

    def flood(self, data: bytes) -> None:
        """Send it again and again until the door has cut us off."""
        with suppress(ConnectionError):
            while True:
                self.socket.sendall(data)

    def settle(self) -> Self:
        """Wait until the door has taken all that was said."""
        self.socket.sendall(user_control(PING, 1))
        while not any(message.kind == USER_CONTROL for message in self._heard):
            assert self._listen(), "the door closed"
        return self

    def status(self) -> str:
        """The code of the next stream status or refused connection; empty when the door has closed."""
        return self.words()[0]

    def words(self) -> tuple[str, str]:
        """The same, and its description."""
        while True:
            while self._heard:
                message = self._heard.pop(0)
                if message.kind != COMMAND:
                    continue
                values = parse_values(message.payload, LIMITS)
                if values[0] in ("onStatus", "_error") and isinstance(values[3], dict):
                    return str(values[3]["code"]), str(values[3]["description"])
            if not self._listen():
                return "", ""

    def closed(self) -> bool:
        """Wait until the door closes; what it says until then is not looked at."""
        with suppress(ConnectionError):
            while self.socket.recv(65536):
                pass
        return True

    def _listen(self) -> bool:
        try:
            data = self.socket.recv(65536)
        except ConnectionError:
            return False
        self._heard += self._reader.feed(data)
        return bool(data)
