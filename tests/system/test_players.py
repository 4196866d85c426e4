"""Players that know nothing of us play what the embedded server shows, unmodified."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from huma.cli.output import now_ms
from huma.keys.creation import create
from huma.keys.eventtoml import EventConfig
from huma.keys.ladder import DEFAULT_VIDEO
from tests.cli.airing import Airing
from tests.keys.eventmaking import DAY_MS, LANGUAGES

pytestmark = [pytest.mark.system, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a programme on the air."""
    folder = tmp_path_factory.mktemp("air")
    now = now_ms()
    small = tuple(rung for rung in DEFAULT_VIDEO if rung.height < 200)
    config = EventConfig({"en": "Try", "fa": "آزمایش"}, now, now + DAY_MS, LANGUAGES, video=small)
    event = create(folder / "event", config, now=now)
    (folder / "home").mkdir()
    with Airing(["test", "--event", str(event.path), "--serve", "127.0.0.1:0"], folder / "home") as air:
        opening = air.until(lambda line: line.get("state") == "opening")
        air.until_ticks(8)
        address: str = opening["page"]
        yield address


def played(command: list[str], within: float = 60) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=within, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def streams(place: Path) -> list[str]:
    """Each stream's kind and number of frames. What is cut off at the end of a recording may be complained of."""
    entries = "stream=codec_type,nb_read_frames"
    command = [
        "ffprobe",
        "-v",
        "error",
        "-show_entries",
        entries,
        "-count_frames",
        "-of",
        "csv=p=0",
        str(place),
    ]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout.split()


TRIES = 3
"""A player that knows no live edge may come in where a busy machine has not made the picture yet, or the sound."""


@pytest.mark.parametrize("index", ["index.m3u8", "index-slow.m3u8"])
def test_ffmpeg(page: str, index: str, tmp_path: Path) -> None:
    found: dict[str, int] = {}
    for turn in range(TRIES):
        out = tmp_path / f"out-{turn}.mkv"
        played(
            ["ffmpeg", "-v", "error", "-t", "5", "-i", page + index, "-map", "0:a:0", "-map", "0:v:0", "-c", "copy", str(out)]
        )  # fmt: skip
        found = {kind: int(count) for kind, count, *_ in (line.split(",") for line in streams(out))}
        if min(found["audio"], found["video"]) > 100:
            return
    raise AssertionError(found)


def test_mpv(page: str) -> None:
    said = ""
    for _ in range(TRIES):
        begun = time.monotonic()
        said = played(
            ["mpv", "--no-config", "--ytdl=no", "--vo=null", "--ao=null", "--length=4", "--msg-level=all=info", page + "index.m3u8"]
        )  # fmt: skip
        assert "Exiting... (End of file)" in said
        assert time.monotonic() - begun > 3.5, "four seconds of programme take four seconds"
        assert "Failed" not in said
        if "VO: [null]" in said and "AO: [null]" in said:
            return
    raise AssertionError(said)


def test_streamlink(page: str, tmp_path: Path) -> None:
    out = tmp_path / "out.ts"
    played(
        ["streamlink", "--hls-duration", "5", "--hls-audio-select", "fa", "-o", str(out), "--force", page + "index.m3u8", "best"]
    )  # fmt: skip
    kinds = {line.split(",")[0] for line in streams(out)}
    assert kinds == {"audio", "video"}
