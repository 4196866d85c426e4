"""Encoders as a newsroom has them: ffmpeg, which pushes a picture and one or more sounds in real time."""

from __future__ import annotations

import subprocess
from contextlib import ExitStack
from typing import Any


def push(
    stack: ExitStack, port: int, key: str, *tones: int, srt: bool = False, languages: tuple[str, ...] = ()
) -> subprocess.Popen[bytes]:
    """Push to a door, a track for each tone (Hz), each with its language; ended with the stack."""
    target = f"rtmp://127.0.0.1:{port}/live/{key}"
    if srt:
        target = f"srt://127.0.0.1:{port}?passphrase={key}"
    words = ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=30", "-map", "0:v"]
    for place, tone in enumerate(tones, start=1):
        words[4 * place : 4 * place] = ["-f", "lavfi", "-i", f"sine={tone}:r=48000"]
        words += ["-map", f"{place}:a"]
    for place, language in enumerate(languages):
        words += [f"-metadata:s:a:{place}", f"language={language}"]
    sender = subprocess.Popen(
        ["ffmpeg", "-v", "quiet", "-nostdin", "-re", *words,
         "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "30", "-c:a", "aac",
         "-f", "mpegts" if srt else "flv", target],
    )  # fmt: skip

    def end() -> None:
        sender.kill()
        sender.wait(10)

    stack.callback(end)
    return sender


def told(name: str, **members: Any) -> Any:
    """A line of that state with those members."""
    return lambda line: line.get("state") == name and members.items() <= line.items()
