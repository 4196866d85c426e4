"""One encoder's conversation, without I/O: bytes in, acts out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from huma.errors import MediaError
from huma.net.rtmp import commands, refusals
from huma.net.rtmp.chunks import ChunkReader
from huma.net.rtmp.description import Description, parse_description
from huma.net.rtmp.handshake import Handshake
from huma.net.rtmp.limits import APPLICATION, Limits
from huma.net.rtmp.messages import (
    ACKNOWLEDGEMENT,
    AGGREGATE,
    AUDIO,
    COMMAND,
    COMMAND_AMF3,
    DATA,
    DATA_AMF3,
    PING,
    PONG,
    STREAM_BEGIN,
    TIMESTAMPS,
    USER_CONTROL,
    VIDEO,
    WINDOW_SIZE,
    Message,
    control,
    peer_bandwidth,
    user_control,
)
from huma.net.rtmp.tags import Tag, parse_tag

if TYPE_CHECKING:
    from collections.abc import Iterator

    from huma.net.rtmp.refusals import Refusal

STREAM: Final = 1
WINDOW_BYTES: Final = 2_500_000
_WINDOW_MIN: Final = 64 * 1024


class Gate(Protocol):
    """Who decides whether a key may publish."""

    def admit(self, key: str) -> Refusal | None:
        """None where it may, and then it does; otherwise why not."""


@dataclass(frozen=True, slots=True)
class Reply:
    """Bytes to send."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Began:
    """The key was good and the stream is taken."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The encoder was told to go; nothing that it sends from here on counts."""

    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Left:
    """The encoder has ended its stream."""


Act: TypeAlias = Reply | Began | Refused | Left | Tag | Description


class Session:
    """States in order: greeting, a stranger who has not shown a key, publishing, over."""

    def __init__(self, gate: Gate, limits: Limits, random: bytes) -> None:
        self._gate = gate
        self._limits = limits
        self._handshake = Handshake(random)
        self._chunks = ChunkReader(limits, limits.stranger_message_bytes)
        self._received = self._acknowledged = self._messages = 0
        self._window = WINDOW_BYTES
        self._connected = False
        self.publishing = False
        self.over = False

    @property
    def greeted(self) -> bool:
        """Whether the handshake is done."""
        return self._handshake.done

    def receive(self, data: bytes) -> Iterator[Act]:
        """What follows from these bytes; to be taken to the last one."""
        self._received += len(data)
        if not self._handshake.done:
            reply, data = self._handshake.feed(data)
            if reply:
                yield Reply(reply)
        for message in self._chunks.feed(data) if data else ():
            yield from self._hear(message)
            if self.over:
                return
            self._bound_stranger(message)
        if not self.publishing and self._received > self._limits.stranger_bytes:
            raise refusals.too_large("too much without a stream key")
        yield from self._acknowledge()

    def _bound_stranger(self, message: Message) -> None:
        self._messages += 1
        if self.publishing:
            return
        if self._messages > self._limits.stranger_messages or message.kind in (AUDIO, VIDEO):
            raise refusals.too_large("too much without a stream key")

    def _acknowledge(self) -> Iterator[Act]:
        if self.publishing and self._received - self._acknowledged >= self._window // 2:
            self._acknowledged = self._received
            yield Reply(control(ACKNOWLEDGEMENT, self._received % TIMESTAMPS))

    def _hear(self, message: Message) -> Iterator[Act]:
        match message.kind:
            case k if k in (AUDIO, VIDEO):
                yield from self._take_tag(message)
            case k if k in (COMMAND, COMMAND_AMF3):
                yield from self._obey(message)
            case k if k in (DATA, DATA_AMF3):
                description = parse_description(message, self._limits) if self.publishing else None
                if description is not None:
                    yield description
            case k if k == WINDOW_SIZE:
                self._window = max(_WINDOW_MIN, int.from_bytes(message.payload[:4], "big"))
            case k if k == USER_CONTROL:
                if message.payload[:2] == PING.to_bytes(2, "big"):
                    yield Reply(user_control(PONG, int.from_bytes(message.payload[2:6], "big")))
            case k if k == AGGREGATE:
                raise refusals.malformed("aggregate messages are not taken")

    def _take_tag(self, message: Message) -> Iterator[Act]:
        if not self.publishing:
            return
        try:
            tag = parse_tag(message.kind, message.timestamp, message.payload, self._limits)
        except MediaError as error:
            yield from self._refuse_stream(refusals.codec_refusal(f"{error.message} {error.hint}"))
        else:
            yield tag

    def _obey(self, message: Message) -> Iterator[Act]:
        command = commands.parse_command(message, self._limits)
        if command.name == "connect":
            yield from self._connect(command)
        elif not self._connected:
            raise refusals.malformed("a command before connect")
        else:
            yield from self._serve(command)

    def _serve(self, command: commands.Command) -> Iterator[Act]:
        match command.name:
            case "createStream":
                yield Reply(commands.answer(command, STREAM))
            case "publish":
                yield from self._publish(command)
            case "play" | "play2":
                yield from self._refuse_stream(refusals.PLAY)
            case "releaseStream":
                yield Reply(commands.answer(command))
            case "getStreamLength":
                yield Reply(commands.answer(command, 0))
            case "FCPublish":
                yield Reply(commands.notify_fc("onFCPublish", "NetStream.Publish.Start"))
            case "FCUnpublish":
                yield Reply(commands.notify_fc("onFCUnpublish", "NetStream.Unpublish.Success"))
            case "closeStream" | "deleteStream":
                yield from self._end()

    def _connect(self, command: commands.Command) -> Iterator[Act]:
        if self._connected:
            raise refusals.malformed("connected twice")
        if command.member("app").rstrip("/") != APPLICATION:
            self.over = True
            yield Reply(commands.refuse_connect(command, refusals.WRONG_APPLICATION))
            yield Refused(refusals.WRONG_APPLICATION)
            return
        self._connected = True
        greeting = control(WINDOW_SIZE, WINDOW_BYTES) + peer_bandwidth(WINDOW_BYTES)
        yield Reply(greeting + user_control(STREAM_BEGIN, 0) + commands.accept_connect(command))

    def _publish(self, command: commands.Command) -> Iterator[Act]:
        if self.publishing:
            raise refusals.malformed("published twice")
        key = command.text(0)
        refusal = self._gate.admit(key) if key else refusals.MISSING_KEY
        if refusal is not None:
            yield from self._refuse_stream(refusal)
            return
        self.publishing = True
        self._chunks.message_bytes = self._limits.message_bytes
        yield Reply(user_control(STREAM_BEGIN, STREAM) + commands.started(STREAM))
        yield Began()

    def _end(self) -> Iterator[Act]:
        if self.publishing:
            self.over = True
            yield Reply(commands.ended(STREAM))
            yield Left()

    def _refuse_stream(self, refusal: Refusal) -> Iterator[Act]:
        self.over = True
        yield Reply(commands.refuse_stream(STREAM, refusal))
        yield Refused(refusal)
