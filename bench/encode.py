"""CPU of our encoding beside `ffmpeg -f hls`: the same ladder, x264 settings, threads and frames, in turn."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from collections import defaultdict
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av

from bench.report import Comparison, Goal, Report, Series
from huma.media.clock import FastClock
from huma.media.pictures import AVERAGE_SHARE, x264_options
from huma.media.programme import open_programme
from huma.media.sounds import RATE_SHARE
from huma.media.timeline import open_timeline
from huma.protocol.event import Event, Language, Rendition

if TYPE_CHECKING:
    from huma.media.segment import Segment

ROUNDS = 5
TICKS = 10
EPOCH_MS = 1_795_000_000_000


def video(name: str, size: tuple[int, int], bandwidth: int, codecs: str, ticks: int = 1) -> Rendition:
    return Rendition(
        name, "video", ticks, 1_500_000, codecs, bandwidth, width=size[0], height=size[1], frame_rate=(30, 1)
    )


def audio(name: str, language: str, bandwidth: int, channels: int, ticks: int = 1) -> Rendition:
    return Rendition(
        name,
        "audio",
        ticks,
        65_536,
        "mp4a.40.2",
        bandwidth,
        language=language,
        channels=channels,
        sample_rate=48_000,
    )


EVENT = Event(
    title={"en": "A benchmark"},
    schedule=(),
    start_ms=EPOCH_MS,
    end_ms=EPOCH_MS + 3_600_000,
    tick=(16, 15),
    epoch_ms=EPOCH_MS,
    copy=False,
    languages=(Language("en", "English"), Language("fa", "فارسی")),
    renditions=(
        video("v720", (1280, 720), 1_900_000, "avc1.64001f"),
        video("v360", (640, 360), 633_000, "avc1.64001e"),
        video("v144", (256, 144), 127_000, "avc1.64000c"),
        audio("a-en", "en", 100_000, 2),
        audio("a-fa", "fa", 100_000, 2),
        video("v144s", (256, 144), 127_000, "avc1.64000c", 4),
        audio("n-en", "en", 25_000, 1, 4),
        audio("n-fa", "fa", 25_000, 1, 4),
    ),
    live_keys=(),
)
VIDEOS = [each for each in EVENT.renditions if each.kind == "video" and each.ticks_per_segment == 1]
AUDIOS = [each for each in EVENT.renditions if each.kind == "audio"]


def make_source(folder: Path) -> Path:
    """720p30 that moves everywhere, with two languages of sound; cheap to decode, as a contribution feed is."""
    path = folder / "source.mkv"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-nostdin",
         "-f", "lavfi", "-i", "mandelbrot=s=1280x720:r=30", "-f", "lavfi", "-i", "anoisesrc=r=48000:a=0.1:c=pink",
         "-f", "lavfi", "-i", "anoisesrc=r=48000:a=0.1:c=brown:seed=2", "-map", "0", "-map", "1", "-map", "2",
         "-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=per",
         "-t", str(float(TICKS * EVENT.grid.duration)), "-c:v", "libx264", "-preset", "ultrafast", "-crf", "14",
         "-pix_fmt", "yuv420p", "-color_range", "tv", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709",
         "-c:a", "pcm_s16le", str(path)],
        check=True,
    )  # fmt: skip
    return path


def ours(source: Path) -> tuple[float, dict[str, float]]:
    """CPU seconds of a programme as fast as it goes, and kbit/s of each rendition. Runs in a process of its own."""
    sizes: dict[str, int] = defaultdict(int)
    lengths: dict[str, Fraction] = defaultdict(Fraction)

    def sink(segment: Segment) -> None:
        sizes[segment.rendition] += len(segment.data)
        lengths[segment.rendition] += segment.duration

    programme = open_programme(str(source), event=EVENT, first_tick=0, clock=FastClock(EPOCH_MS))
    programme.stop(at_tick=TICKS)
    before = used(resource.RUSAGE_SELF)
    programme.run(sink)
    cpu = used(resource.RUSAGE_SELF) - before
    return cpu, {name: sizes[name] * 8 / float(lengths[name]) / 1000 for name in sizes}


def ours_apart(source: Path) -> tuple[float, float, dict[str, float]]:
    """Ours in a fresh process: CPU of the programme, CPU of all, kbit/s."""
    before = used(resource.RUSAGE_CHILDREN)
    code = "import sys; from bench import encode; from pathlib import Path; print(*encode.ours(Path(sys.argv[1])), sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-c", code, str(source)], check=True, capture_output=True, text=True
    )
    whole = used(resource.RUSAGE_CHILDREN) - before
    cpu, rates = done.stdout.splitlines()
    parsed = (pair.split(": ") for pair in rates.strip("{}").split(", "))
    return float(cpu), whole, {name.strip("'"): float(rate) for name, rate in parsed}


def used(whose: int) -> float:
    usage = resource.getrusage(whose)
    return usage.ru_utime + usage.ru_stime


def peer_command(source: Path, folder: Path) -> list[str]:
    """Ffmpeg with the very settings that x264 and AAC get from us."""
    timeline = open_timeline(EVENT, 0)
    split = f"[0:v]split={len(VIDEOS)}" + "".join(f"[s{index}]" for index in range(len(VIDEOS)))
    scales = [
        f"[s{index}]scale={each.width}:{each.height}:flags=bicubic[v{index}]"
        for index, each in enumerate(VIDEOS)
    ]
    command = [
        "ffmpeg",
        "-v",
        "error",
        "-nostdin",
        "-i",
        str(source),
        "-filter_complex",
        ";".join([split, *scales]),
    ]
    for index, each in enumerate(VIDEOS):
        options = x264_options(each, timeline, each.max_bytes)
        command += [
            "-map",
            f"[v{index}]",
            f"-c:v:{index}",
            "libx264",
            f"-b:v:{index}",
            str(int(each.bandwidth * AVERAGE_SHARE)),
        ]
        for name, value in options.items():
            command += [f"-{name}:v:{index}", value]
        command += [f"-threads:v:{index}", "1", f"-g:v:{index}", str(timeline.slots_per_tick)]
    for index, each in enumerate(AUDIOS):
        command += ["-map", f"0:a:{0 if each.language == 'en' else 1}", f"-c:a:{index}", "aac", f"-b:a:{index}",
                    str(int(each.bandwidth * RATE_SHARE)), f"-ac:a:{index}", str(each.channels)]  # fmt: skip
    streams = [f"v:{index}" for index in range(len(VIDEOS))] + [f"a:{index}" for index in range(len(AUDIOS))]
    tick = EVENT.grid.duration
    return [
        *command, "-force_key_frames:v", f"expr:gte(t,n_forced*{tick.numerator}/{tick.denominator})",
        "-f", "hls", "-hls_time", str(float(tick)), "-hls_list_size", "0", "-hls_segment_type", "fmp4",
        "-var_stream_map", " ".join(streams), "-hls_fmp4_init_filename", "init.mp4",
        "-hls_segment_filename", str(folder / "%v/%d.m4s"), str(folder / "%v/index.m3u8"),
    ]  # fmt: skip


def peer(source: Path) -> tuple[float, dict[str, float]]:
    """CPU seconds of ffmpeg, and kbit/s of each rendition."""
    with tempfile.TemporaryDirectory(dir=source.parent) as name:
        folder = Path(name)
        for index in range(len(VIDEOS) + len(AUDIOS)):
            (folder / str(index)).mkdir()
        before = used(resource.RUSAGE_CHILDREN)
        subprocess.run(peer_command(source, folder), check=True)
        cpu = used(resource.RUSAGE_CHILDREN) - before
        seconds = float(TICKS * EVENT.grid.duration)
        rates = {}
        for index, each in enumerate([*VIDEOS, *AUDIOS]):
            size = sum(path.stat().st_size for path in (folder / str(index)).glob("*.m4s"))
            rates[each.name] = size * 8 / seconds / 1000
    return cpu, rates


def settings(rates: dict[str, float], *, codec: str) -> dict[str, object]:
    bitrates = " ".join(f"{name} {rate:.0f}" for name, rate in rates.items() if name != "v144s")
    return {"libavcodec": codec, "kbit/s": bitrates}


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        source = make_source(Path(name))
        runs, wholes, peers = [], [], []
        for _ in range(ROUNDS):
            cpu, whole, rates = ours_apart(source)
            runs.append(cpu)
            wholes.append(whole - cpu)
            other, other_rates = peer(source)
            peers.append(other)
    version = subprocess.run(
        ["ffmpeg", "-version"], check=True, capture_output=True, text=True
    ).stdout.split()[2]
    timeline = open_timeline(EVENT, 0)
    seconds = float(TICKS * EVENT.grid.duration)
    built = ".".join(map(str, av.library_versions["libavcodec"]))
    report = Report("encode", f"CPU to encode {seconds:.1f} s of 720p30 into 3 pictures and 4 sounds")
    report.add(
        Comparison(
            "user + system, the whole ladder",
            Series("huma", "s", tuple(runs), settings(rates, codec=built)),
            Series("ffmpeg -f hls", "s", tuple(peers), settings(other_rates, codec=f"ffmpeg {version}")),
            Goal(1.12, of="ratio"),
            f"{sorted(runs)[ROUNDS // 2] / seconds:.2f} of a core at real time; "
            f"our start, counted for neither: {sorted(wholes)[ROUNDS // 2]:.2f} s",
        )
    )
    print(f"  x264 of both: {x264_options(VIDEOS[0], timeline, VIDEOS[0].max_bytes)}, one thread a rendition")
    return report.show()


if __name__ == "__main__":
    sys.exit(main())
