"""One publisher at an RTMP door while 200 connections do what they can against it: pictures lost, CPU, pauses.

ffmpeg pushes the same film in real time to our door and to nginx-rtmp, with the siege and without it, in turn. The siege
is a process of its own: garbage, half handshakes, lying lengths, slow typists, connections that say nothing, wrong keys.

`python -m bench door` takes about four minutes; ROUNDS=1 in the environment makes it short.
"""

from __future__ import annotations

import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.net.rtmp.encoder import Encoder
from tests.net.rtmp.flvfile import read_flv
from tests.net.rtmp.test_hostile import torment
from tests.restream import platform

from bench.encode import used
from bench.report import MIN_ROUNDS, Comparison, Goal, Report, Series
from huma.net.rtmp.limits import LIMITS
from huma.net.rtmp.messages import VIDEO
from huma.net.rtmp.server import RtmpServer
from huma.net.rtmp.streamkeys import StreamKey, StreamKeys

ROUNDS = int(os.environ.get("ROUNDS", str(MIN_ROUNDS)))
HOSTILE = 200
FILM_S, FPS = 10, 30
KEY = "the-publishers-own-key"
PAUSE_MS = 2_000.0
"""A pause longer than this would be heard: a backup takes over."""


def make_film(path: Path) -> int:
    """A film as an encoder would push it; gives how many pictures it has."""
    picture, sound = f"testsrc2=s=640x360:r={FPS}", "sine=440:r=48000"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound, "-t", str(FILM_S),
         "-c:v", "libx264", "-preset", "ultrafast", "-b:v", "1500k", "-g", str(FPS), "-pix_fmt", "yuv420p",
         "-c:a", "aac", "-f", "flv", str(path)],
        check=True,
    )  # fmt: skip
    return FILM_S * FPS


def serve() -> int:
    """Take one publication; then say how many pictures came, the longest pause, and our CPU seconds since its first byte."""
    server = RtmpServer(StreamKeys([StreamKey.of("main", KEY, int(time.time() * 1000) + 86_400_000)]), port=0)
    server.start()
    print(server.port, flush=True)
    arrival = server.door("main").open_next(threading.Event())
    assert arrival is not None
    before, last, pause, parts = used(resource.RUSAGE_SELF), time.monotonic(), 0.0, []
    while part := arrival.read(65536):
        now = time.monotonic()
        pause, last = max(pause, now - last), now
        parts.append(part)
    cpu = used(resource.RUSAGE_SELF) - before
    refused = sum(server.state.refused.values())
    server.stop()
    pictures = sum(tag.kind == VIDEO and tag.payload[1:2] == b"\1" for tag in read_flv(b"".join(parts))[1])
    print(
        json.dumps({"pictures": pictures, "pause_ms": pause * 1000, "cpu": cpu, "refused": refused}),
        flush=True,
    )
    return 0


def besiege(port: int) -> int:
    """Two hundred connections at a time, until this process is killed."""
    over = threading.Event()

    def wrong_keys() -> None:
        while not over.is_set():
            with suppress(OSError, AssertionError, TimeoutError), Encoder(port) as encoder:
                encoder.socket.settimeout(5)
                encoder.publish(random.randbytes(8).hex()).status()

    for number in range(HOSTILE):
        target, arguments = (wrong_keys, ()) if number % 10 == 0 else (torment, (port, number, over))
        threading.Thread(target=target, args=arguments, daemon=True).start()
    over.wait()
    return 0


class Siege:
    """The two hundred, while the block lasts."""

    def __init__(self, port: int) -> None:
        self._port = port

    def __enter__(self) -> None:
        self._process = subprocess.Popen([sys.executable, "-m", "bench.door", "--besiege", str(self._port)])
        time.sleep(2)

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()


def push(film: Path, url: str) -> None:
    """In real time, to the end."""
    subprocess.run(
        ["ffmpeg", "-v", "error", "-nostdin", "-re", "-i", str(film), "-c", "copy", "-f", "flv", url],
        check=False,
        timeout=FILM_S * 4,
    )


def ours(film: Path, *, besieged: bool) -> dict[str, Any]:
    """One round at our door."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.door", "--serve"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        port = int(process.stdout.readline())
        if besieged:
            with Siege(port):
                push(film, f"rtmp://127.0.0.1:{port}/live/{KEY}")
                found: dict[str, Any] = json.loads(process.stdout.readline())
        else:
            push(film, f"rtmp://127.0.0.1:{port}/live/{KEY}")
            found = json.loads(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    return found


def theirs(film: Path, folder: Path, *, besieged: bool) -> dict[str, Any]:
    """One round at nginx-rtmp, which records what it gets."""
    with platform.Platform(folder) as peer:
        pid = peer._process.pid  # noqa: SLF001 - its CPU is read from outside
        url = f"{peer.url}/{platform.KEY}"
        before = 0.0

        def air() -> None:
            nonlocal before
            before = _cpu_of(pid)
            push(film, url)

        if besieged:
            with Siege(peer.port):
                air()
                cpu = _cpu_of(pid) - before
        else:
            air()
            cpu = _cpu_of(pid) - before
        time.sleep(0.5)
        taken = peer.taken
    pictures = sum(
        tag.kind == VIDEO and tag.payload[1:2] == b"\1"
        for each in taken
        for tag in read_flv(each.read_bytes())[1]
    )
    return {"pictures": pictures, "cpu": cpu}


def _cpu_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> int:
    """All four sides, in turn."""
    report = Report("door", f"an RTMP publisher beside {HOSTILE} hostile connections")
    found: dict[str, list[dict[str, Any]]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        film = folder / "film.flv"
        sent = make_film(film)
        for number in range(ROUNDS):
            for besieged in (False, True):
                key = "besieged" if besieged else "alone"
                found.setdefault(f"ours {key}", []).append(ours(film, besieged=besieged))
                place = folder / f"{key}-{number}"
                found.setdefault(f"nginx {key}", []).append(theirs(film, place, besieged=besieged))

    def series(name: str, unit: str, key: str, value: Any, **settings: object) -> Series:
        return Series(name, unit, tuple(value(each) for each in found[key]), settings)

    def lost(each: dict[str, Any]) -> float:
        return float(sent - each["pictures"])

    def cpu(each: dict[str, Any]) -> float:
        return float(each["cpu"]) / FILM_S * 100

    report.add(
        Comparison(
            f"pictures lost of {sent}, besieged",
            series(
                "huma", "pictures", "ours besieged", lost, limits=f"{LIMITS.strangers} strangers at a time"
            ),
            series("nginx-rtmp", "pictures", "nginx besieged", lost),
            Goal(0, statistic="worst"),
            f"{min(each['refused'] for each in found['ours besieged'])} and more were sent away a round",
        )
    )
    report.add(
        Comparison(
            "the longest pause, besieged",
            series("huma", "ms", "ours besieged", lambda each: each["pause_ms"]),
            series("huma, left alone", "ms", "ours alone", lambda each: each["pause_ms"]),
            Goal(PAUSE_MS, statistic="worst"),
        )
    )
    for key in ("alone", "besieged"):
        report.add(
            Comparison(
                f"CPU of the door, {key}",
                series("huma", "%", f"ours {key}", cpu),
                series("nginx-rtmp", "%", f"nginx {key}", cpu),
            )
        )
    return report.show()


if __name__ == "__main__":
    match sys.argv[1:2]:
        case ["--serve"]:
            sys.exit(serve())
        case ["--besiege"]:
            sys.exit(besiege(int(sys.argv[2])))
        case _:
            sys.exit(main())
