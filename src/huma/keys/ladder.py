"""The rungs that an event's programme is encoded in, as people write them, and as renditions of event.json."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final, Literal

from huma.config import SEGMENT_MAX_BYTES
from huma.errors import UsageError
from huma.protocol.event import FAST_TICKS, SLOW_TICKS, Language, Rendition

if TYPE_CHECKING:
    from collections.abc import Sequence

Ladder = Literal["fast", "slow"]

TICKS: Final = {30: (16, 15), 25: (24, 25)}
"""By frames a second: the tick in which a whole number of frames and of AAC frames fit (32 and 50; 24 and 45)."""

AAC: Final = "mp4a.40.2"
SAMPLE_RATE: Final = 48_000

_TICKS_PER_SEGMENT: Final = {"fast": FAST_TICKS, "slow": SLOW_TICKS}
_VIDEO_OVERHEAD: Final = Fraction(19, 18)
_AUDIO_OVERHEAD: Final = Fraction(25, 24)
_PEAK: Final = 6
_MAX_BYTES_LEAST: Final = 64 * 1024
_COPY_MAX_BYTES: Final = SEGMENT_MAX_BYTES
_H264_LEVELS: Final = (
    (10, 1_485, 99),
    (11, 3_000, 396),
    (12, 6_000, 396),
    (13, 11_880, 396),
    (21, 19_800, 792),
    (22, 20_250, 1_620),
    (30, 40_500, 1_620),
    (31, 108_000, 3_600),
    (32, 216_000, 5_120),
    (40, 245_760, 8_192),
    (42, 522_240, 8_704),
    (50, 589_824, 22_080),
    (51, 983_040, 36_864),
)
"""H.264 levels: number, macroblocks a second, macroblocks a frame (ITU-T H.264, table A-1)."""


@dataclass(frozen=True, slots=True)
class VideoRung:
    """A picture size. `bitrate` is what the encoder is asked for, in bits a second."""

    name: str
    width: int
    height: int
    bitrate: int
    ladder: Ladder = "fast"
    codecs: str | None = None
    frame_rate: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class AudioRung:
    """A quality of sound: one rendition for each language, unless it is of one language only."""

    name: str
    bitrate: int
    channels: int
    ladder: Ladder = "fast"
    codecs: str = AAC
    sample_rate: int = SAMPLE_RATE
    language: str | None = None


DEFAULT_VIDEO: Final = (
    VideoRung("v720", 1280, 720, 1_800_000),
    VideoRung("v360", 640, 360, 600_000),
    VideoRung("v144", 256, 144, 120_000),
    VideoRung("v144s", 256, 144, 120_000, "slow"),
)
"""v144s carries the very fragments of v144, four to a segment."""

DEFAULT_AUDIO: Final = (AudioRung("a", 96_000, 2), AudioRung("n", 24_000, 1, "slow"))


def video_rendition(rung: VideoRung, tick: tuple[int, int], fps: int, *, copy: bool = False) -> Rendition:
    """The rendition of a picture size."""
    rate = rung.frame_rate or (fps, 1)
    ticks = _TICKS_PER_SEGMENT[rung.ladder]
    bandwidth = _scaled(rung.bitrate, Fraction(1) if copy else _VIDEO_OVERHEAD)
    return Rendition(
        name=rung.name,
        kind="video",
        ticks_per_segment=ticks,
        max_bytes=_COPY_MAX_BYTES if copy else _max_bytes(bandwidth, tick, ticks),
        codecs=rung.codecs or h264_codec(rung.width, rung.height, Fraction(*rate)),
        bandwidth=bandwidth,
        width=rung.width,
        height=rung.height,
        frame_rate=rate,
    )


def audio_renditions(
    rung: AudioRung, languages: Sequence[Language], tick: tuple[int, int], *, copy: bool = False
) -> list[Rendition]:
    """The renditions of a quality of sound: `a-en`, `a-fa` and so on."""
    ticks = _TICKS_PER_SEGMENT[rung.ladder]
    bandwidth = _scaled(rung.bitrate, Fraction(1) if copy else _AUDIO_OVERHEAD)
    spoken = [each.code for each in languages] if rung.language is None else [rung.language]
    return [
        Rendition(
            name=f"{rung.name}-{code.lower()}" if rung.language is None else rung.name,
            kind="audio",
            ticks_per_segment=ticks,
            max_bytes=_COPY_MAX_BYTES if copy else _max_bytes(bandwidth, tick, ticks),
            codecs=rung.codecs,
            bandwidth=bandwidth,
            language=code,
            channels=rung.channels,
            sample_rate=rung.sample_rate,
        )
        for code in spoken
    ]


def h264_codec(width: int, height: int, rate: Fraction) -> str:
    """The codecs string of H.264 High at the lowest level that holds such a picture."""
    blocks = -(-width // 16) * -(-height // 16)
    for level, most_a_second, most in _H264_LEVELS:
        if blocks <= most and blocks * rate <= most_a_second:
            return f"avc1.6400{level:02x}"
    raise UsageError(
        f"{width}x{height} at {float(rate):g} frames a second is more than H.264 level 5.1 holds",
        hint="Make the picture of that rung smaller in event.toml.",
    )


def _scaled(bitrate: int, factor: Fraction) -> int:
    """Bits a second on the line, the container included, rounded up to a hundred."""
    return -int(-bitrate * factor // 100) * 100


def _max_bytes(bandwidth: int, tick: tuple[int, int], ticks: int) -> int:
    """A limit that a sound encoder never reaches: six times its average, and at least 64 KiB."""
    average = bandwidth * Fraction(*tick) * ticks / 8
    return min(SEGMENT_MAX_BYTES, max(_MAX_BYTES_LEAST, -int(-average * _PEAK // 4096) * 4096))
