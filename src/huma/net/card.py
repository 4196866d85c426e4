"""What to type into OBS or ffmpeg for one door. The only place where a key is written out: it is for its owner's eyes."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from typing import Final

KEY_INTERVAL_S: Final = 1
SOUND_HZ: Final = 48_000
SOUND_KBIT: Final = 160


@dataclass(frozen=True, slots=True)
class Card:
    """The fields by the names that OBS gives them, a line for ffmpeg, and all in one address for apps that scan it."""

    door: str
    fields: tuple[tuple[str, str], ...] = field(repr=False)
    ffmpeg: str = field(repr=False)
    url: str = field(repr=False)

    @classmethod
    def of(
        cls, door: str, place: tuple[tuple[str, str], ...], video_kbit: int, ffmpeg: str, url: str
    ) -> Card:
        """The card of a door at a place, with the settings that every encoder should have."""
        settings = (
            ("Video Encoder", "x264 (H.264)"),
            ("Rate Control", "CBR"),
            ("Bitrate", f"{video_kbit} Kbps"),
            ("Keyframe Interval", f"{KEY_INTERVAL_S} s"),
            ("Profile", "high"),
            ("Audio Encoder", "AAC"),
            ("Audio Bitrate", f"{SOUND_KBIT}"),
            ("Sample Rate", f"{SOUND_HZ // 1000} kHz"),
        )
        return cls(door, (*place, *settings), ffmpeg, url)


def ffmpeg_line(form: str, target: str, video_kbit: int) -> str:
    """How ffmpeg would push SOURCE there in that container, as one types it."""
    return shlex.join(
        [
            *("ffmpeg", "-re", "-i", "SOURCE"),
            *("-c:v", "libx264", "-preset", "veryfast", "-profile:v", "high", "-pix_fmt", "yuv420p"),
            *("-b:v", f"{video_kbit}k", "-maxrate", f"{video_kbit}k", "-bufsize", f"{video_kbit}k"),
            *("-force_key_frames", f"expr:gte(t,n_forced*{KEY_INTERVAL_S})"),
            *("-c:a", "aac", "-b:a", f"{SOUND_KBIT}k", "-ar", str(SOUND_HZ)),
            *("-f", form, target),
        ]
    )
