"""CPU of `--copy` beside `ffmpeg -c copy -f hls`: share of a core in real time, and the ratio as fast as it goes."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.encode import EPOCH_MS, audio, used, video
from bench.report import Comparison, Goal, Report, Series
from huma.media.programme import open_programme
from huma.protocol.event import Event, Language

if TYPE_CHECKING:
    from huma.media.clock import Clock
    from huma.media.segment import Segment

ROUNDS = 5
SECONDS = 10
FAST_SECONDS = 120
RATE = 2_000_000

EVENT = Event(
    title={"en": "A benchmark"},
    schedule=(),
    start_ms=EPOCH_MS,
    end_ms=EPOCH_MS + 3_600_000,
    tick=(16, 15),
    epoch_ms=EPOCH_MS,
    copy=True,
    languages=(Language("en", "English"),),
    renditions=(video("v", (1280, 720), 3_000_000, "avc1.64001f"), audio("a-en", "en", 110_000, 2)),
    live_keys=(),
)


def make_source(folder: Path, seconds: int) -> Path:
    """720p30 at about 2 Mbit/s with AAC, a key frame every 2 s, in MPEG-TS: what an encoder in the field sends."""
    path = folder / f"source-{seconds}.ts"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc2=s=1280x720:r=30", "-f", "lavfi", "-i",
         "anoisesrc=r=48000:a=0.1:c=pink", "-t", str(seconds), "-c:v", "libx264", "-preset", "ultrafast", "-profile:v", "high",
         "-level", "3.1", "-bf", "2", "-x264-params", "cabac=1:8x8dct=1:nal-hrd=cbr", "-g", "60", "-keyint_min", "60",
         "-sc_threshold", "0", "-b:v", str(RATE), "-maxrate", str(RATE), "-bufsize", str(RATE), "-pix_fmt", "yuv420p",
         "-c:a", "aac", "-b:a", "96k", "-ac", "2", str(path)],
        check=True,
    )  # fmt: skip
    return path


def ours(source: str, clock: Clock) -> tuple[float, int]:
    """CPU seconds of a copy, and how many segments it made. Runs in a process of its own."""
    count = 0

    def sink(_: Segment) -> None:
        nonlocal count
        count += 1

    programme = open_programme(source, event=EVENT, first_tick=0, copy=True, clock=clock)
    before = used(resource.RUSAGE_SELF)
    programme.run(sink)
    return used(resource.RUSAGE_SELF) - before, count


def ours_apart(source: Path, *, paced: bool) -> float:
    """Ours in a fresh process."""
    code = (
        "import sys; from bench import copy; from huma.media.clock import FastClock, RealClock;"
        f"print(*copy.ours(sys.argv[1], {'RealClock()' if paced else f'FastClock({EPOCH_MS})'}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(source)], check=True, capture_output=True, text=True
    )
    cpu, count = done.stdout.split()
    assert int(count) > 4
    return float(cpu)


def peer(source: Path, *, paced: bool) -> float:
    """CPU seconds of ffmpeg."""
    with tempfile.TemporaryDirectory(dir=source.parent) as name:
        before = used(resource.RUSAGE_CHILDREN)
        subprocess.run(
            ["ffmpeg", "-v", "error", "-nostdin", *(["-re"] if paced else []), "-i", str(source), "-c", "copy",
             "-bsf:a", "aac_adtstoasc", "-map", "0:v", "-map", "0:a", "-f", "hls", "-hls_time", "1", "-hls_list_size", "0", "-hls_segment_type", "fmp4",
             "-var_stream_map", "v:0 a:0", "-hls_fmp4_init_filename", "init.mp4",
             "-hls_segment_filename", f"{name}/%v-%d.m4s", f"{name}/%v.m3u8"],
            check=True,
        )  # fmt: skip
        return used(resource.RUSAGE_CHILDREN) - before


def in_turn(source: Path, *, paced: bool) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """CPU seconds of both, round by round."""
    rounds = [(ours_apart(source, paced=paced), peer(source, paced=paced)) for _ in range(ROUNDS)]
    mine, others = zip(*rounds, strict=True)
    return mine, others


def main() -> int:
    report = Report("copy", "CPU to carry H.264 and AAC as they are")
    settings: dict[str, Any] = {"source": "720p30 MPEG-TS, 2 Mbit/s + 96 kbit/s, key frame every 2 s"}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        mine, others = in_turn(make_source(folder, SECONDS), paced=True)
        report.add(
            Comparison(
                "share of a core in real time",
                Series("huma --copy", "%", tuple(value / SECONDS * 100 for value in mine), settings),
                Series("ffmpeg -re -c copy -f hls", "%", tuple(value / SECONDS * 100 for value in others)),
                Goal(3.0),
            )
        )
        mine, others = in_turn(make_source(folder, FAST_SECONDS), paced=False)
        report.add(
            Comparison(
                "CPU for an hour, as fast as it goes",
                Series("huma --copy", "s", tuple(value / FAST_SECONDS * 3600 for value in mine)),
                Series("ffmpeg -c copy -f hls", "s", tuple(value / FAST_SECONDS * 3600 for value in others)),
                note="ffmpeg's start is counted, ours is not",
            )
        )
    return report.show()


if __name__ == "__main__":
    sys.exit(main())
