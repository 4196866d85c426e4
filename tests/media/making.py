"""Real media, made by Debian's ffmpeg, and looked at by its tools."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import av
import numpy as np
from av.audio.frame import AudioFrame

from huma.media import barcode
from huma.media.canvas import blank, planes

if TYPE_CHECKING:
    from pathlib import Path

PICTURE = "testsrc2=s=320x180:r=30"
TONE = "sine=f=440:r=48000"


def ffmpeg(*arguments: str) -> str:
    """Run ffmpeg; what it complains about comes back, and is nothing if all is well."""
    done = subprocess.run(
        ["ffmpeg", "-v", "warning", "-nostdin", "-y", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def movie(
    path: Path,
    *,
    seconds: float = 3,
    picture: str | None = PICTURE,
    sound: str | None = TONE,
    options: tuple[str, ...] = (),
) -> Path:
    """A file with a test picture and a tone, or only one of them."""
    inputs = [each for source in (picture, sound) if source for each in ("-f", "lavfi", "-i", source)]
    video = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p") if picture else ()
    ffmpeg(*inputs, "-t", str(seconds), *video, *options, str(path))
    return path


def copyable(
    path: Path, *, seconds: float = 6, gop: int = 30, bframes: int = 0, options: tuple[str, ...] = ()
) -> Path:
    """H.264 High and AAC as an encoder in the field would send them: 320×180, level 1.3."""
    h264 = (
        "-preset",
        "veryfast",
        "-profile:v",
        "high",
        "-level",
        "1.3",
        "-g",
        str(gop),
        "-keyint_min",
        str(gop),
        "-sc_threshold",
        "0",
        "-bf",
        str(bframes),
    )
    return movie(path, seconds=seconds, options=(*h264, "-c:a", "aac", "-b:a", "64k", "-ac", "2", *options))


def clocked(path: Path, *, seconds: float = 4, first_ms: int = 0, gop: int = 15, fps: int = 30) -> Path:
    """H.264 and AAC whose pictures say when they are due, from `first_ms` on, with a tone."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", fps)
        video.width, video.height, video.pix_fmt, video.gop_size = 320, 180, "yuv420p", gop
        video.options = {"preset": "ultrafast", "tune": "zerolatency", "sc_threshold": "0"}
        audio = container.add_stream("aac", 48_000)
        heard = 0
        for index in range(round(seconds * fps)):
            frame = blank(320, 180)
            barcode.draw(planes(frame)[0], first_ms + index * 1000 // fps)
            frame.pts = index
            container.mux(video.encode(frame))
            while heard < (index + 1) * 48_000 // fps:
                container.mux(audio.encode(_tone(heard)))
                heard += 1024
        container.mux(video.encode(None))
        container.mux(audio.encode(None))
    return path


def _tone(start: int) -> AudioFrame:
    wave = 0.25 * np.sin(2 * np.pi * 440 / 48_000 * np.arange(start, start + 1024))
    frame = AudioFrame.from_ndarray(np.stack((wave, wave)).astype(np.float32), "fltp", "stereo")
    frame.sample_rate, frame.pts = 48_000, start
    return frame


def ffprobe(path: Path, *entries: str) -> dict[str, Any]:
    done = subprocess.run(
        ["ffprobe", "-v", "error", "-of", "json", "-show_entries", ":".join(entries), str(path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def stream_of(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = ffprobe(path, "stream")["streams"][0]
    return found


def packets_of(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ffprobe(path, "packet")["packets"]
    return found


def decodes_cleanly(*paths: Path) -> bool:
    """Whether ffmpeg decodes all of it without a word."""
    inputs = [each for path in paths for each in ("-i", str(path))]
    return ffmpeg(*inputs, "-f", "null", "-") == ""
