"""What is inside audio and video messages: H.264 and AAC are taken, everything else is refused with what to set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from huma.errors import MediaError
from huma.net.rtmp.messages import AUDIO
from huma.net.rtmp.refusals import CODEC, malformed, too_large

if TYPE_CHECKING:
    from huma.net.rtmp.limits import Limits

Role = Literal["header", "key", "other", "aside"]

_KEY_FRAME: Final = 1
_COMMAND_FRAME: Final = 5
_AVC: Final = 7
_AAC: Final = 10
_FOURCC_SOUND: Final = 9
_EXTENDED: Final = 0x80
_SEQUENCE_HEADER, _CODED, _SEQUENCE_END, _CODED_AT_ONCE = 0, 1, 2, 3
_MULTITRACK, _MOD_EX = 6, 7
_LONGEST_FOURCC: Final = 5
_CODED_HEADER: Final = 5
_CODED_HEADER_FOURCC: Final = 8

_PICTURES: Final = {
    1: "JPEG",
    2: "Sorenson H.263",
    3: "screen video",
    4: "VP6",
    5: "VP6",
    6: "screen video",
    12: "HEVC",
}
_FOURCCS: Final = {b"hvc1": "HEVC", b"av01": "AV1", b"vp08": "VP8", b"vp09": "VP9", b"vvc1": "VVC"}
_SOUNDS: Final = {
    0: "PCM",
    1: "ADPCM",
    2: "MP3",
    3: "PCM",
    4: "Nellymoser",
    5: "Nellymoser",
    6: "Nellymoser",
} | {
    7: "G.711",
    8: "G.711",
    9: "enhanced audio",
    11: "Speex",
    14: "MP3",
}
PICTURE_WORDS: Final = "Set the encoder to H.264 (OBS: Settings, Output, Streaming, Video Encoder: x264)."
SOUND_WORDS: Final = (
    "Set the encoder to AAC, one track (OBS: Settings, Output, Streaming, Audio Encoder: AAC)."
)


@dataclass(frozen=True, slots=True)
class Tag:
    """An audio or video message by what it is for: a sequence header, a key, an ordinary one, or nothing to decode."""

    kind: int
    role: Role
    timestamp: int
    payload: bytes

    @property
    def sound(self) -> bool:
        """Whether it is sound."""
        return self.kind == AUDIO


def parse_tag(kind: int, timestamp: int, payload: bytes, limits: Limits) -> Tag:
    """The tag in an audio or video message."""
    role = _sound_role(payload) if kind == AUDIO else _picture_role(payload)
    if role == "header" and len(payload) > limits.header_bytes:
        raise too_large("a sequence header of that size")
    return Tag(kind, role, timestamp, payload)


def _sound_role(payload: bytes) -> Role:
    if not payload:
        return "aside"
    if payload[0] >> 4 != _AAC:
        name = _SOUNDS.get(payload[0] >> 4, "unknown")
        raise MediaError(f"The sound is {name}.", code=CODEC, hint=SOUND_WORDS)
    if len(payload) < 2:
        raise malformed("sound without a header")
    if payload[1] == _SEQUENCE_HEADER:
        return "header" if len(payload) > 2 else "aside"
    return "key" if len(payload) > 2 else "aside"


def _picture_role(payload: bytes) -> Role:
    if not payload:
        return "aside"
    if payload[0] & _EXTENDED:
        return _enhanced_role(payload)
    if payload[0] >> 4 == _COMMAND_FRAME:
        return "aside"
    if payload[0] & 15 != _AVC:
        raise _other_pictures(_PICTURES.get(payload[0] & 15, "unknown"))
    if len(payload) < _CODED_HEADER:
        raise malformed("a picture without a header")
    return _coded_role(payload[0] >> 4, payload[1], len(payload) - _CODED_HEADER)


def _enhanced_role(payload: bytes) -> Role:
    form, packet = payload[0] >> 4 & 7, payload[0] & 15
    if packet in (_MULTITRACK, _MOD_EX):
        raise _other_pictures("in several tracks" if packet == _MULTITRACK else "extended")
    if len(payload) < _LONGEST_FOURCC:
        raise malformed("a picture without a header")
    if payload[1:5] != b"avc1":
        raise _other_pictures(_FOURCCS.get(payload[1:5], "unknown"))
    if form == _COMMAND_FRAME or packet > _CODED_AT_ONCE:
        return "aside"
    head = _CODED_HEADER_FOURCC if packet == _CODED else _CODED_HEADER
    if len(payload) < head:
        raise malformed("a picture without a header")
    return _coded_role(form, packet, len(payload) - head)


def _coded_role(form: int, packet: int, body: int) -> Role:
    if packet == _SEQUENCE_END or packet > _CODED_AT_ONCE or not body:
        return "aside"
    if packet == _SEQUENCE_HEADER:
        return "header"
    return "key" if form == _KEY_FRAME else "other"


def _other_pictures(name: str) -> MediaError:
    return MediaError(f"The picture is {name}.", code=CODEC, hint=PICTURE_WORDS)
