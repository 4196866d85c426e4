"""CPU that a recording and a restream add to a programme: with and without them, in turn; and each beside ffmpeg -c copy.

`python -m bench besides` takes about six minutes; ROUNDS=2 SECONDS=10 in the environment make it short.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av

from bench.encode import EPOCH_MS, EVENT, make_source, used
from bench.report import Comparison, Goal, Report, Series
from huma.media.clock import FastClock, RealClock
from huma.media.movie import moved, read_track
from huma.media.programme import open_programme
from huma.record.recorder import Recorder
from huma.restream.address import parse_output
from huma.restream.output import Output

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from huma.media.segment import Segment

ROUNDS = int(os.environ.get("ROUNDS", "5"))
SECONDS = int(os.environ.get("SECONDS", "20"))
TICKS = 10
HOUR_TICKS = 3375
MINE = ("v720", "a-en", "a-fa")
NGINX = """
load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;
{user} daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 64; }}
rtmp {{ server {{ listen 127.0.0.1:{port}; application live {{ live on; }} }} }}
"""


@contextmanager
def platform(folder: Path) -> Iterator[str]:
    """nginx-rtmp, as a platform that takes RTMP."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    user = "user root root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(NGINX.format(user=user, folder=folder, port=port))
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    process = subprocess.Popen([nginx, "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")])
    try:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.02)
        yield f"rtmp://127.0.0.1:{port}/live/bench"
    finally:
        process.terminate()
        process.wait(10)


def ticks_of(source: Path) -> list[list[Segment]]:
    """Real segments of the whole ladder, tick by tick."""
    made: list[Segment] = []
    programme = open_programme(str(source), event=EVENT, first_tick=0, clock=FastClock(EPOCH_MS))
    programme.stop(at_tick=TICKS)
    programme.run(made.append)
    return [[each for each in made if each.n == n and each.rendition in MINE] for n in range(TICKS)]


def endless(ticks: list[list[Segment]]) -> Iterator[list[Segment]]:
    """The same ticks again and again, each in its own place."""
    number = 0
    while True:
        later = number - number % len(ticks)
        yield [_later(each, later) for each in ticks[number % len(ticks)]]
        number += 1


def _later(segment: Segment, ticks: int) -> Segment:
    base = Fraction(-ticks) * EVENT.grid.duration
    track = read_track(segment.init)
    data = moved(track, segment.data, number=1, sequence=segment.n + ticks + 1, base=base).data
    return replace(segment, n=segment.n + ticks, data=data)


# -- ours, each in a process of its own -------------------------------------------------------------------


def programme(source: str, beside: str, place: str, seconds: int) -> float:
    """CPU seconds of an encoded programme, and of what stands beside it, from its first segment on."""
    sinks, closing, child = _beside(beside, place)
    count = 0

    def sink(segment: Segment) -> None:
        nonlocal count
        count += 1
        for each in sinks:
            each(segment)

    clock = RealClock()
    first = EVENT.grid.tick_at(clock.wall()) + 1
    running = open_programme(source, event=EVENT, first_tick=first, loop=True, clock=clock)
    running.stop(at_tick=first + int(seconds / EVENT.grid.duration))
    before = used(resource.RUSAGE_SELF)
    thread = threading.Thread(target=running.run, args=(sink,))
    thread.start()
    spent = 0.0
    while thread.is_alive():
        thread.join(0.2)
        spent = child() or spent
    cpu = used(resource.RUSAGE_SELF) - before + spent
    closing()
    return cpu


def alone(source: str, beside: str, place: str, seconds: int) -> float:
    """CPU seconds of a recording or a restream by itself, fed with finished segments in real time."""
    ready = [
        tick
        for _, tick in zip(
            range(int(seconds / EVENT.grid.duration) + 3), endless(ticks_of(Path(source))), strict=False
        )
    ]
    sinks, closing, child = _beside(beside, place)
    begun = before = spent = 0.0
    for number, tick in enumerate(ready):
        if number == 2:  # connected, and its start paid
            before, begun = used(resource.RUSAGE_SELF) + child(), time.monotonic()
        for segment in tick:
            for each in sinks:
                each(segment)
        time.sleep(max(0.0, float(EVENT.grid.duration)))
        spent = used(resource.RUSAGE_SELF) + child() - before
    took = time.monotonic() - begun
    closing()
    return spent / took * seconds


def rewriting(source: str, place: str) -> float:
    """CPU seconds to record an hour of finished segments as fast as it goes."""
    recorder = Recorder(EVENT, Path(place), reserve_bytes=0, line_bytes=1 << 40)
    line = ticks_of(Path(source))
    ready = [tick for _, tick in zip(range(HOUR_TICKS // 10), endless(line), strict=False)]
    before = used(resource.RUSAGE_SELF)
    recorder.start()
    for tick in ready:
        for segment in tick:
            recorder.take(segment)
    assert recorder.close(600)
    return (used(resource.RUSAGE_SELF) - before) * 10


def remuxing(source: str, place: str) -> float:
    """The same by PyAV's demuxer and muxer instead: the programme and both languages, in fragments."""
    line = ticks_of(Path(source))
    ready = [tick for _, tick in zip(range(HOUR_TICKS // 10), endless(line), strict=False)]
    for name in MINE:
        first = next(each for each in line[0] if each.rendition == name)
        with (Path(place) / f"{name}.fragments").open("wb") as file:
            file.write(first.init)
            file.writelines(each.data for tick in ready for each in tick if each.rendition == name)
    before = used(resource.RUSAGE_SELF)
    for names in (MINE[:2], MINE[1:2], MINE[2:3]):
        _remux([Path(place) / f"{name}.fragments" for name in names], Path(place) / f"{'-'.join(names)}.mp4")
    return (used(resource.RUSAGE_SELF) - before) * 10


def _remux(paths: list[Path], out: Path) -> None:
    options = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
    sources = [av.open(str(path), "r", format="mp4") for path in paths]
    with av.open(str(out), "w", format="mp4", options=options) as made:
        streams = [made.add_stream_from_template(each.streams[0]) for each in sources]
        for source, stream in zip(sources, streams, strict=True):
            for packet in source.demux():
                if packet.dts is not None:
                    packet.stream = stream
                    made.mux(packet)
    for each in sources:
        each.close()


Beside = tuple[list["Callable[[Segment], object]"], "Callable[[], object]", "Callable[[], float]"]


def _beside(kind: str, place: str) -> Beside:
    if kind == "record":
        recorder = Recorder(EVENT, Path(place), reserve_bytes=0)
        recorder.start()
        return [recorder.take], recorder.close, lambda: 0.0
    if kind == "restream":
        output = Output(EVENT, parse_output(place))
        output.start()
        return [output.take], output.close, lambda: _cpu_of(output.pid)
    return [], lambda: None, lambda: 0.0


def _cpu_of(pid: int | None) -> float:
    """CPU seconds of a process that still runs."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def apart(what: str, *arguments: object) -> float:
    """One of the above in a fresh process."""
    code = f"import json, sys; from bench import besides; print(besides.{what}(*json.loads(sys.argv[1])))"
    done = subprocess.run(
        [sys.executable, "-c", code, json.dumps([*map(_plain, arguments)])],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return float(done.stdout)


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Path) else value


def peer(source: Path, out: list[str]) -> float:
    """CPU seconds of ffmpeg, which carries the same picture and sound in real time."""
    before = used(resource.RUSAGE_CHILDREN)
    subprocess.run(
        ["ffmpeg", "-v", "error", "-nostdin", "-y", "-re", "-stream_loop", "-1", "-i", str(source), "-t", str(SECONDS),
         "-c", "copy", *out],
        check=True,
    )  # fmt: skip
    return used(resource.RUSAGE_CHILDREN) - before


def carried(folder: Path, source: Path) -> Path:
    """A file of what the best rung and its sound hold, for ffmpeg to carry."""
    ticks = ticks_of(source)
    for name in MINE[:2]:
        line = [each for tick in ticks for each in tick if each.rendition == name]
        (folder / f"{name}.mp4").write_bytes(line[0].init + b"".join(each.data for each in line))
    path = folder / "carried.ts"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-nostdin", "-i", str(folder / "v720.mp4"), "-i", str(folder / "a-en.mp4"), "-c", "copy",
         "-bsf:v", "h264_mp4toannexb", "-f", "mpegts", str(path)],
        check=True,
    )  # fmt: skip
    return path


def measure(folder: Path, url: str) -> dict[str, list[float]]:
    """All sides, in turn, round by round."""
    source = make_source(folder)
    ts = carried(folder, source)
    fragments = [
        "-bsf:a",
        "aac_adtstoasc",
        "-f",
        "mp4",
        "-movflags",
        "frag_keyframe+empty_moov",
        str(folder / "peer.mp4"),
    ]
    flv = ["-bsf:a", "aac_adtstoasc", "-f", "flv", url + "-peer"]
    found: dict[str, list[float]] = {}

    def note(name: str, value: float) -> None:
        found.setdefault(name, []).append(value)

    for number in range(ROUNDS):
        place = folder / f"round-{number}"
        place.mkdir()
        for beside, where in (("nothing", ""), ("record", str(place / "live")), ("restream", url)):
            note(f"programme {beside}", apart("programme", source, beside, where, SECONDS))
        note("record", apart("alone", source, "record", place / "alone", SECONDS))
        note("ffmpeg record", peer(ts, fragments))
        note("restream", apart("alone", source, "restream", url, SECONDS))
        note("ffmpeg restream", peer(ts, flv))
        note("rewriting", apart("rewriting", source, place / "hour"))
        note("remuxing", apart("remuxing", source, place))
        shutil.rmtree(place)
    return found


def share(name: str, values: list[float], settings: dict[str, Any] | None = None) -> Series:
    return Series(name, "%", tuple(value / SECONDS * 100 for value in values), settings or {})


def main() -> int:
    report = Report("besides", "CPU that a recording and a restream add")
    settings: dict[str, Any] = {"source": "720p30", "ladder": "3 pictures, 4 sounds", "seconds": SECONDS}
    with tempfile.TemporaryDirectory() as name, platform(Path(name)) as url:
        found = measure(Path(name), url)
    without = share("without", found["programme nothing"], settings)
    for beside in ("record", "restream"):
        report.add(
            Comparison(
                f"a programme, with a {beside}",
                share(f"with a {beside}", found[f"programme {beside}"]),
                without,
                Goal(1.10, of="ratio"),
            )
        )
    report.add(
        Comparison(
            "a recording alone",
            share("huma (programme + 2 languages)", found["record"]),
            share("ffmpeg -re -c copy -f mp4 (programme)", found["ffmpeg record"]),
        )
    )
    report.add(
        Comparison(
            "a restream alone",
            share("huma to nginx-rtmp", found["restream"]),
            share("ffmpeg -re -c copy -f flv", found["ffmpeg restream"]),
            note="ffmpeg's start is counted, ours is not",
        )
    )
    report.add(
        Comparison(
            "to record an hour",
            Series("rewriting boxes", "s", tuple(found["rewriting"])),
            Series("PyAV's muxer", "s", tuple(found["remuxing"])),
            note="as fast as it goes, a tenth of it measured",
        )
    )
    return report.show()


if __name__ == "__main__":
    sys.exit(main())
