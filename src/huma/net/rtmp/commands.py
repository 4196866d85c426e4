"""Commands of a client, and our answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from huma.net.rtmp.amf0 import Value, parse_values, render_values
from huma.net.rtmp.messages import (
    COMMAND,
    COMMAND_AMF3,
    COMMAND_CHUNKS,
    DATA_AMF3,
    DEFAULT_CHUNK_SIZE,
    Message,
    render_message,
)
from huma.net.rtmp.refusals import malformed

if TYPE_CHECKING:
    from huma.net.rtmp.limits import Limits
    from huma.net.rtmp.refusals import Refusal

_SERVER: Final[dict[str, Value]] = {"fmsVer": "FMS/3,0,1,123", "capabilities": 31}
"""What every client of the last twenty years expects to hear of a server."""


@dataclass(frozen=True, slots=True)
class Command:
    """A remote call: its name, the number of its transaction, its object and its arguments."""

    name: str
    transaction: float
    target: Value
    arguments: tuple[Value, ...]

    def text(self, index: int) -> str:
        """The argument at `index` as text; empty where it is none."""
        value = self.arguments[index] if index < len(self.arguments) else None
        return value if isinstance(value, str) else ""

    def member(self, name: str) -> str:
        """A member of the command's object as text; empty where it is none."""
        value = self.target.get(name) if isinstance(self.target, dict) else None
        return value if isinstance(value, str) else ""


def amf0_content(message: Message) -> bytes:
    """The AMF0 inside a message: those of AMF3 begin with a byte that says so."""
    if message.kind not in (COMMAND_AMF3, DATA_AMF3):
        return message.payload
    if message.payload[:1] != b"\0":
        raise malformed("AMF3 is not spoken here")
    return message.payload[1:]


def parse_command(message: Message, limits: Limits) -> Command:
    """The command in a message."""
    values = parse_values(amf0_content(message), limits)
    if len(values) < 2 or not isinstance(values[0], str) or isinstance(values[1], bool):
        raise malformed("a command without a name or a number")
    if not isinstance(values[1], float):
        raise malformed("a command without a number")
    return Command(values[0], values[1], values[2] if len(values) > 2 else None, tuple(values[3:]))


def accept_connect(command: Command) -> bytes:
    """The connection stands."""
    status = _status("status", "NetConnection.Connect.Success", "Welcome.") | {"objectEncoding": 0}
    return _command(0, "_result", command.transaction, _SERVER, status)


def refuse_connect(command: Command, refusal: Refusal) -> bytes:
    """The connection does not stand, and why."""
    return _command(0, "_error", command.transaction, None, _status("error", refusal.status, refusal.words))


def answer(command: Command, value: Value = None) -> bytes:
    """The result of a call."""
    return _command(0, "_result", command.transaction, None, value)


def notify_fc(name: str, code: str) -> bytes:
    """What some clients wait for beside the answers: onFCPublish, onFCUnpublish."""
    return _command(0, name, 0, None, _status("status", code, ""))


def started(stream: int) -> bytes:
    """The stream is taken."""
    return _command(stream, "onStatus", 0, None, _status("status", "NetStream.Publish.Start", "On the way."))


def ended(stream: int) -> bytes:
    """The stream has ended as the client wished."""
    return _command(stream, "onStatus", 0, None, _status("status", "NetStream.Unpublish.Success", "Ended."))


def refuse_stream(stream: int, refusal: Refusal) -> bytes:
    """The stream is not taken, and why."""
    return _command(stream, "onStatus", 0, None, _status("error", refusal.status, refusal.words))


def _status(level: str, code: str, words: str) -> dict[str, Value]:
    return {"level": level, "code": code, "description": words}


def _command(stream: int, *values: Value) -> bytes:
    message = Message(COMMAND, stream, 0, render_values(*values))
    return render_message(message, COMMAND_CHUNKS, DEFAULT_CHUNK_SIZE)
