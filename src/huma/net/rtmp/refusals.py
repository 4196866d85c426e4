"""Why the door sends somebody away: a reason to count, a status for the encoder, words for its screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from huma.errors import TransportError

MALFORMED: Final = "rtmp-malformed"
TOO_LARGE: Final = "rtmp-too-large"
CODEC: Final = "rtmp-codec"

_BAD_NAME: Final = "NetStream.Publish.BadName"
_REJECTED: Final = "NetStream.Publish.Rejected"


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is counted and what is told. The words never hold a key or an address."""

    reason: str
    status: str
    words: str


WRONG_APPLICATION: Final = Refusal(
    "wrong-application",
    "NetConnection.Connect.Rejected",
    "The server address must end in /live, and the key belongs into the field for the stream key.",
)
MISSING_KEY: Final = Refusal("missing-key", _BAD_NAME, "There is no stream key. Copy it from the card.")
WRONG_KEY: Final = Refusal(
    "wrong-key", _BAD_NAME, "This stream key is not known here. Copy it from the card."
)
EXPIRED_KEY: Final = Refusal(
    "expired-key", _BAD_NAME, "This stream key has expired. Ask the technician for a new one."
)
BUSY: Final = Refusal(
    "already-publishing", _REJECTED, "Another encoder is sending with this stream key. Stop it first."
)
PLAY: Final = Refusal(
    "play", "NetStream.Play.Failed", "This door only takes streams in; nothing is played here."
)

GARBAGE: Final = "garbage"
HANDSHAKE: Final = "handshake-time-out"
SILENT: Final = "silent"
IDLE: Final = "idle"
CROWDED: Final = "crowded"
TAKEN_OVER: Final = "taken-over"


def codec_refusal(words: str) -> Refusal:
    """A refusal for a codec that is not taken here; the words say what to set."""
    return Refusal("codec", _REJECTED, words)


def malformed(what: str) -> TransportError:
    """It is not RTMP, or breaks its rules."""
    return TransportError(what, code=MALFORMED, hint="Send with OBS or ffmpeg, as the card says.")


def too_large(what: str) -> TransportError:
    """It is more than an encoder ever sends."""
    return TransportError(what, code=TOO_LARGE, hint="Lower the encoder's bit rate.")
