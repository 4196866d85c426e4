"""AAC: the AudioSpecificConfig of ISO/IEC 14496-3, and ADTS frames cut out of a stream."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from huma.errors import MediaError

FRAME_SAMPLES: Final = 1024
_RATES: Final = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)


@dataclass(frozen=True, slots=True)
class AudioConfig:
    """What an AudioSpecificConfig says."""

    object_type: int
    sample_rate: int
    channels: int
    raw: bytes

    @property
    def codecs(self) -> str:
        """The codecs string of RFC 6381."""
        return f"mp4a.40.{self.object_type}"


def parse_config(raw: bytes) -> AudioConfig:
    """What `raw` says about the sound."""
    if len(raw) < 2:
        raise MediaError("the AAC stream does not say what it is", code="no-parameters")
    object_type, index, channels = raw[0] >> 3, (raw[0] & 7) << 1 | raw[1] >> 7, raw[1] >> 3 & 15
    if index >= len(_RATES) or not 1 <= channels <= 7 or not object_type or object_type == 31:
        raise MediaError("the AAC stream has an unusual layout", code="unsuitable-sound")
    return AudioConfig(object_type, _RATES[index], 8 if channels == 7 else channels, raw)


def split_adts(data: bytes) -> tuple[AudioConfig, list[bytes]]:
    """The raw AAC frames in `data`, which is one or more whole ADTS frames, and their configuration."""
    frames: list[bytes] = []
    config: AudioConfig | None = None
    at = 0
    while at + 7 <= len(data):
        if data[at] != 0xFF or data[at + 1] & 0xF6 != 0xF0:
            raise MediaError("an AAC frame has no ADTS head", code="unsuitable-sound")
        head = 7 if data[at + 1] & 1 else 9
        size = (data[at + 3] & 3) << 11 | data[at + 4] << 3 | data[at + 5] >> 5
        if size < head or at + size > len(data):
            break
        if config is None:
            config = _config_of_adts(data[at : at + 7])
        if data[at + 6] & 3:
            raise MediaError("an ADTS frame holds several raw blocks", code="unsuitable-sound")
        frames.append(data[at + head : at + size])
        at += size
    if config is None:
        raise MediaError("an AAC frame is cut off", code="unsuitable-sound")
    return config, frames


def is_adts(data: bytes) -> bool:
    """Whether `data` begins with an ADTS head that fits its length."""
    if len(data) < 7 or data[0] != 0xFF or data[1] & 0xF6 != 0xF0:
        return False
    return (data[3] & 3) << 11 | data[4] << 3 | data[5] >> 5 <= len(data)


def _config_of_adts(head: bytes) -> AudioConfig:
    object_type, index = (head[2] >> 6) + 1, head[2] >> 2 & 15
    channels = (head[2] & 1) << 2 | head[3] >> 6
    raw = bytes((object_type << 3 | index >> 1, (index & 1) << 7 | channels << 3))
    return parse_config(raw)
