"""From a segment's last byte to its signed playlist in a local store, as another process sees it.

The default ladder is encoded in real time from the test source, as on the air. The moment at which a segment is
complete is taken by the encoder's thread; the moment at which its playlist can be read, by a process of its own that the
kernel tells of every rename in the store (inotify). In between lie hashing, the segment on disk (fsync), the signature,
the log (fsync), and both files' way into the store.
"""

from __future__ import annotations

import ctypes
import os
import struct
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bench.report import MIN_ROUNDS, Comparison, Goal, Report, Series
from huma.broadcast.clock import SteadyClock
from huma.broadcast.delivery import Delivery
from huma.broadcast.log import LiveLog
from huma.broadcast.opening import open_at, open_chains, target_durations
from huma.broadcast.publisher import Publisher
from huma.broadcast.signer import LiveSigner
from huma.broadcast.spool import Spool
from huma.keys.creation import Holders, create
from huma.keys.eventtoml import EventConfig
from huma.media.programme import open_programme
from huma.protocol.event import Language
from huma.store.folder import FolderStore

if TYPE_CHECKING:
    from huma.media.segment import Segment

SECONDS = 12
GOAL_P99_MS = 30.0
DAY_MS = 24 * 3600 * 1000
WATCHED = 0x80  # IN_MOVED_TO
EVENT_HEAD = struct.Struct("iIII")


def watch(folder: str) -> int:
    """Print, for each playlist that appears in `folder`: milliseconds since boot, rendition, number of its last segment."""
    libc = ctypes.CDLL(None, use_errno=True)
    handle = libc.inotify_init1(0)
    if handle < 0 or libc.inotify_add_watch(handle, folder.encode(), WATCHED) < 0:
        raise OSError(ctypes.get_errno(), "inotify")
    print("ready", flush=True)
    while True:
        data = os.read(handle, 65536)
        now_ms = time.clock_gettime_ns(time.CLOCK_BOOTTIME) / 1e6
        at = 0
        while at < len(data):
            *_, length = EVENT_HEAD.unpack_from(data, at)
            name = data[at + EVENT_HEAD.size : at + EVENT_HEAD.size + length].rstrip(b"\0").decode()
            at += EVENT_HEAD.size + length
            if name.endswith(".m3u8"):
                print(now_ms, name.removesuffix(".m3u8"), _tick_in(Path(folder) / name), flush=True)


def _tick_in(place: Path) -> int:
    return int(place.read_bytes().partition(b",TICK=")[2].partition(b",")[0])


@dataclass(slots=True)
class Round:
    """One programme: when each segment was complete, and when its playlist was seen."""

    complete: dict[tuple[str, int], float] = field(default_factory=dict)
    seen: dict[tuple[str, int], float] = field(default_factory=dict)

    def latencies(self) -> list[float]:
        """Milliseconds, of every segment whose own playlist was seen."""
        return [self.seen[key] - at for key, at in self.complete.items() if key in self.seen]


def run_round(seconds: float) -> Round:
    """Go on the air for some seconds."""
    found = Round()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clock = SteadyClock()
        now = clock.wall()
        languages = (Language("en", "English"), Language("fa", "فارسی"))
        config = EventConfig({"en": "Benchmark"}, now, now + DAY_MS, languages)
        eventdir = create(folder / "event", config, now=now, holders=Holders())
        event, key = eventdir.event, eventdir.live_signer(1)
        ticks = {each.name: each.ticks_per_segment for each in event.renditions}
        opening = open_at(event, open_chains(event, {}, {}, {}, target_durations(event)), now)
        store, spool = FolderStore(folder / "store"), Spool(folder / "state/spool")
        (folder / "store/live").mkdir()
        log = LiveLog(folder / "state", eventdir.event_id)
        delivery = Delivery([store], spool, wall=clock.wall)
        publisher = Publisher(
            event,
            LiveSigner(event, eventdir.event_id, key),
            opening.chains,
            log=log,
            spool=spool,
            delivery=delivery,
            clock=clock,
            first_tick=opening.first_tick,
        )
        watcher = subprocess.Popen(
            [sys.executable, "-m", "bench.publish", "--watch", str(folder / "store/live")],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert watcher.stdout is not None
        watcher.stdout.readline()
        reading = threading.Thread(target=_collect, args=(watcher.stdout, found), daemon=True)
        reading.start()

        def take(segment: Segment) -> None:
            tick = (segment.n + 1) * ticks[segment.rendition] - 1
            found.complete[segment.rendition, tick] = segment.complete_mono
            publisher.accept(segment)

        programme = open_programme("test", event=event, first_tick=opening.first_tick, clock=clock)
        end = opening.first_tick + int(seconds / float(event.grid.duration))
        programme.stop(at_tick=end)
        publisher.end_before(end)
        delivery.resume({}, {})
        publisher.start()
        programme.run(take)
        publisher.close()
        delivery.flush(10)
        time.sleep(0.2)
        delivery.stop()
        log.close()
        watcher.kill()
        watcher.wait()
        reading.join()
        watcher.stdout.close()
    return found


def _collect(lines: object, found: Round) -> None:
    for line in lines:  # type: ignore[attr-defined]
        at, rendition, tick = line.split()
        found.seen.setdefault((rendition, int(tick)), float(at))


def main() -> int:
    """Run it."""
    report = Report("publish", "milliseconds from a segment's last byte to its signed playlist in a folder")
    rounds = [run_round(SECONDS) for _ in range(MIN_ROUNDS)]
    every = tuple(latency for each in rounds for latency in each.latencies())
    missing = sum(len(each.complete) - len(each.latencies()) for each in rounds)
    settings = {
        "rounds": MIN_ROUNDS,
        "seconds": SECONDS,
        "ladder": "default (720p, 360p, 144p, 2 languages, slow ladder)",
        "store": "folder on the same disk",
        "load": "the encoders of the same broadcast",
    }
    series = Series("huma", "ms", every, settings)
    note = f"{missing} segments shared a playlist with a later one" if missing else ""
    report.add(
        Comparison(
            "median",
            series,
            goal=None,
            note=f"p95 {series.pick('p95'):.1f} ms, p99 {series.pick('p99'):.1f} ms",
        )
    )
    report.add(Comparison("p99", series, goal=Goal(GOAL_P99_MS, statistic="p99"), note=note))
    return report.show()


if __name__ == "__main__":
    sys.exit(watch(sys.argv[2]) if sys.argv[1:2] == ["--watch"] else main())
