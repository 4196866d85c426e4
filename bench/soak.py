"""A day on the air at speed: does the memory of the broadcasting process stay what it is after two hours?

A film that goes round is decoded, encoded, signed, logged, brought to a folder that keeps ten minutes, and recorded, all of
it by the same parts as on the air, with a clock that passes as fast as the machine can follow. Every quarter of an hour
of programme the process is looked at: resident memory, threads, open files, the log on disk.

`python -m bench.soak [HOURS]`: 24 unless told otherwise. `make bench` runs it only by its name (ONLY=soak).
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench.publish import open_broadcast
from bench.report import Comparison, Goal, Report, Series
from huma.broadcast.publisher import SWITCH_INTERVAL_S
from huma.keys.creation import Holders, create
from huma.keys.eventtoml import EventConfig
from huma.keys.ladder import AudioRung, VideoRung
from huma.media.clock import FastClock
from huma.media.programme import open_programme
from huma.protocol.event import Language
from huma.record.recorder import Recorder
from huma.store.folder import FolderStore

if TYPE_CHECKING:
    from huma.media.segment import Segment

HOURS: Final = 24.0
SETTLED_HOURS: Final = 2.0
"""Allocators and caches need a while until they have all that they will ever have."""
LOOK_EVERY_S: Final = 900
KEEP_MS: Final = 600_000
FILM_S: Final = 60
DAY_MS: Final = 24 * 3600 * 1000
GOAL: Final = 1.05
PAGE: Final = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Look:
    """The process, after so many hours of programme."""

    hours: float
    resident_mb: float
    threads: int
    files: int
    log_kb: float
    store_files: int


def make_film(path: Path) -> Path:
    """Something small that moves and sounds."""
    subprocess.run(
        ["ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc2=s=256x144:r=30",
         "-f", "lavfi", "-i", "anoisesrc=r=48000:a=0.1:c=pink", "-t", str(FILM_S), "-c:v", "libx264", "-preset", "ultrafast",
         "-pix_fmt", "yuv420p", "-c:a", "aac", str(path)],
        check=True,
    )  # fmt: skip
    return path


class Soak:
    """A broadcast of one small picture and two sounds."""

    def __init__(self, folder: Path) -> None:
        now = int(time.time() * 1000)
        config = EventConfig(
            {"en": "Soak"},
            now,
            now + DAY_MS,
            (Language("en", "English"),),
            video=(VideoRung("v144", 256, 144, 80_000),),
            audio=(AudioRung("a", 48_000, 2), AudioRung("n", 24_000, 1, "slow")),
        )
        eventdir = create(folder / "event", config, now=now, holders=Holders())
        self.event, self.folder = eventdir.event, folder
        self.clock = FastClock(now)
        stores = [FolderStore(folder / "store")]
        broadcast = open_broadcast(folder, eventdir, stores, self.clock, KEEP_MS)
        self.first_tick, self.log = broadcast.first_tick, broadcast.log
        self.delivery, self.publisher = broadcast.delivery, broadcast.publisher
        self.recorder = Recorder(self.event, folder / "record", reserve_bytes=0, line_bytes=1 << 30)
        self.looks: list[Look] = []
        self._turn = threading.Lock()

    def run(self, film: Path, hours: float) -> None:
        """All of it."""
        self.delivery.resume({}, {})
        self.publisher.start()
        self.recorder.start()
        end = self.first_tick + int(hours * 3600 / float(self.event.grid.duration))
        programme = open_programme(
            str(film), event=self.event, first_tick=self.first_tick, loop=True, clock=self.clock
        )
        programme.stop(at_tick=end)
        self.publisher.end_before(end)
        programme.run(self._take)
        self.publisher.close()
        self.delivery.flush(60)
        self.delivery.stop()
        self.recorder.close(60)
        self.log.close()

    def _take(self, segment: Segment) -> None:
        self.publisher.accept(segment)
        self.recorder.take(segment)
        if segment.rendition != "v144" or segment.n % 8:
            return
        # on the air the clock gives the disk its time; here nobody else does
        if not (self.publisher.drain(60) and self.delivery.flush(60)):
            raise RuntimeError("the disk does not follow")
        while self.recorder.state.waiting_bytes > 1 << 20:
            time.sleep(0.01)
        hours = (segment.n - self.first_tick) * float(self.event.grid.duration) / 3600
        with self._turn:
            if hours >= len(self.looks) * LOOK_EVERY_S / 3600:
                self.looks.append(self._look(hours))
                print(f"  {self.looks[-1]}", file=sys.stderr, flush=True)

    def _look(self, hours: float) -> Look:
        resident = int(Path("/proc/self/statm").read_text().split()[1]) * PAGE
        state = self.folder / "state"
        log = sum(
            file.stat().st_size for file in state.rglob("*") if file.is_file() and "spool" not in file.parts
        )
        return Look(
            round(hours, 2),
            round(resident / 1e6, 1),
            threading.active_count(),
            sum(1 for _ in Path("/proc/self/fd").iterdir()),
            round(log / 1e3, 1),
            sum(1 for _ in (self.folder / "store/media").iterdir()),
        )


def main(hours: float = HOURS) -> int:
    """Run it."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    report = Report("soak", f"{hours:g} hours on the air at speed: what the broadcasting process holds")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        soak, began = Soak(folder), time.monotonic()
        soak.run(make_film(folder / "film.mp4"), hours)
        took = time.monotonic() - began
        recorded = sum(file.stat().st_size for file in (folder / "record").iterdir())
        shutil.rmtree(folder / "record")
    settled = [each for each in soak.looks if SETTLED_HOURS <= each.hours < SETTLED_HOURS + 1]
    last = [each for each in soak.looks if each.hours >= hours - 1]
    if not settled or len(last) < 2:
        raise RuntimeError("too short a soak to say anything: give it four hours")
    later = [each for each in soak.looks if each.hours >= SETTLED_HOURS]
    slope = statistics.linear_regression(
        [each.hours for each in later], [each.resident_mb for each in later]
    ).slope
    report.add(
        Comparison(
            "resident memory",
            Series("the last hour", "MB", tuple(each.resident_mb for each in last)),
            Series("the third hour", "MB", tuple(each.resident_mb for each in settled)),
            Goal(GOAL, of="ratio"),
            f"{slope * 1000:+.0f} kB an hour from the third on; {hours * 3600 / took:.0f} times the clock; "
            f"{soak.publisher.state.segments} segments signed, {soak.publisher.state.dropped} left out; {recorded / 1e9:.2f} GB recorded",
        )
    )
    for what, unit in (("threads", ""), ("files", "open"), ("log_kb", "kB"), ("store_files", "")):
        report.add(
            Comparison(
                what,
                Series("the last hour", unit, tuple(float(getattr(each, what)) for each in last)),
                Series("the third hour", unit, tuple(float(getattr(each, what)) for each in settled)),
            )
        )
    return report.show()


if __name__ == "__main__":
    sys.exit(main(*(float(each) for each in sys.argv[1:])))
