"""What to type into OBS or ffmpeg for one door. The only place where a key is written out: it is for its owner's eyes."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import Final

from huma.net.rtmp.limits import APPLICATION

KEY_INTERVAL_S: Final = 1
SOUND_HZ: Final = 48_000
SOUND_KBIT: Final = 160


@dataclass(frozen=True, slots=True)
class Card:
    """The fields by the names that OBS gives them, a line for ffmpeg, and all in one address for apps that scan it."""

    door: str
    fields: tuple[tuple[str, str], ...]
    ffmpeg: str
    url: str


def make_card(
    door: str, key: str, *, host: str, port: int, video_kbit: int = 4_000, secure: bool = False
) -> Card:
    """The card of a door, for encoders that reach it at `host`."""
    shown = f"[{host}]" if ":" in host and not host.startswith("[") else host
    server = f"{'rtmps' if secure else 'rtmp'}://{shown}:{port}/{APPLICATION}"
    fields = (
        ("Service", "Custom…"),
        ("Server", server),
        ("Stream Key", key),
        ("Video Encoder", "x264 (H.264)"),
        ("Rate Control", "CBR"),
        ("Bitrate", f"{video_kbit} Kbps"),
        ("Keyframe Interval", f"{KEY_INTERVAL_S} s"),
        ("Profile", "high"),
        ("Audio Encoder", "AAC"),
        ("Audio Bitrate", f"{SOUND_KBIT}"),
        ("Sample Rate", f"{SOUND_HZ // 1000} kHz"),
    )
    return Card(door, fields, _ffmpeg_line(f"{server}/{key}", video_kbit), f"{server}/{key}")


def _ffmpeg_line(target: str, video_kbit: int) -> str:
    return shlex.join(
        [
            *("ffmpeg", "-re", "-i", "SOURCE"),
            *("-c:v", "libx264", "-preset", "veryfast", "-profile:v", "high", "-pix_fmt", "yuv420p"),
            *("-b:v", f"{video_kbit}k", "-maxrate", f"{video_kbit}k", "-bufsize", f"{video_kbit}k"),
            *("-force_key_frames", f"expr:gte(t,n_forced*{KEY_INTERVAL_S})"),
            *("-c:a", "aac", "-b:a", f"{SOUND_KBIT}k", "-ar", str(SOUND_HZ)),
            *("-f", "flv", target),
        ]
    )
