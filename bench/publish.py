"""From a segment's last byte to its signed playlist in a local store, as another process sees it.

The default ladder is encoded in real time from the test source, as on the air; and, apart, segments encoded beforehand
are handed over five times as fast. The moment at which a segment is complete is taken by the thread that hands it over;
the moment at which its playlist can be read, by a process of its own that the kernel tells of every rename in the store
(inotify). In between lie hashing, the segment on disk, the signature, the log (fsync), and both files' way into the store.
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
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bench.report import MIN_ROUNDS, Comparison, Goal, Report, Series
from huma.broadcast.clock import SteadyClock
from huma.broadcast.delivery import Delivery
from huma.broadcast.log import LiveLog
from huma.broadcast.opening import open_at, open_chains, target_durations
from huma.broadcast.publisher import SWITCH_INTERVAL_S, Publisher
from huma.broadcast.signer import LiveSigner
from huma.broadcast.spool import Spool
from huma.keys.creation import Holders, create
from huma.keys.eventtoml import EventConfig
from huma.media.clock import FastClock
from huma.media.programme import open_programme
from huma.protocol.event import Language
from huma.store.folder import FolderStore

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from huma.keys.eventdir import EventDir
    from huma.media.clock import Clock
    from huma.media.segment import Segment
    from huma.store.port import Store

SECONDS = 20
PREPARED_TICKS = 8
PREPARED_PACE_S = 0.2
PREPARED_ROUND_TICKS = 60
GOAL_P99_MS = 30.0
DAY_MS = 24 * 3600 * 1000
WATCHED = 0x80  # IN_MOVED_TO
EVENT_HEAD = struct.Struct("iIII")


def watch(folders: Sequence[str]) -> int:
    """Print, for each playlist that appears in one of these: milliseconds since boot, rendition, number of its last segment."""
    libc = ctypes.CDLL(None, use_errno=True)
    handle = libc.inotify_init1(0)
    places = {libc.inotify_add_watch(handle, each.encode(), WATCHED): Path(each) for each in folders}
    if handle < 0 or min(places) < 0:
        raise OSError(ctypes.get_errno(), "inotify")
    print("ready", flush=True)
    while True:
        data = os.read(handle, 65536)
        now_ms = time.clock_gettime_ns(time.CLOCK_BOOTTIME) / 1e6
        at = 0
        while at < len(data):
            place, *_, length = EVENT_HEAD.unpack_from(data, at)
            name = data[at + EVENT_HEAD.size : at + EVENT_HEAD.size + length].rstrip(b"\0").decode()
            at += EVENT_HEAD.size + length
            if name.endswith(".m3u8"):
                print(now_ms, name.removesuffix(".m3u8"), _tick_in(places[place] / name), flush=True)


def _tick_in(place: Path) -> int:
    return int(place.read_bytes().partition(b",TICK=")[2].partition(b",")[0])


@dataclass(slots=True)
class Round:
    """One programme: when each segment was complete, and when its playlist was seen in each of the stores."""

    stores: int = 1
    complete: dict[tuple[str, int], float] = field(default_factory=dict)
    seen: dict[tuple[str, int], list[float]] = field(default_factory=dict)

    def latencies(self) -> list[float]:
        """Milliseconds to the last of the stores, of every segment whose own playlist was seen in all of them."""
        return [
            max(self.seen[key]) - at
            for key, at in self.complete.items()
            if len(self.seen.get(key, ())) >= self.stores
        ]


@dataclass(frozen=True, slots=True)
class Broadcast:
    """What signs and what brings it to the stores, from the first tick on."""

    publisher: Publisher
    delivery: Delivery
    log: LiveLog
    first_tick: int


def open_broadcast(
    folder: Path, eventdir: EventDir, stores: Sequence[Store], clock: Clock, keep_ms: int | None = None
) -> Broadcast:
    """A broadcast of nothing yet, its state in `folder`."""
    event = eventdir.event
    opening = open_at(event, open_chains(event, {}, {}, {}, target_durations(event)), clock.wall())
    spool = Spool(folder / "state/spool")
    log = LiveLog(folder / "state", eventdir.event_id)
    delivery = Delivery(stores, spool, wall=clock.wall, keep_ms=keep_ms)
    publisher = Publisher(
        event,
        LiveSigner(event, eventdir.event_id, eventdir.live_signer(1)),
        opening.chains,
        log=log,
        spool=spool,
        delivery=delivery,
        clock=clock,
        first_tick=opening.first_tick,
    )
    return Broadcast(publisher, delivery, log, opening.first_tick)


class Air:
    """A publisher of the default ladder, and a process that watches the folders that its stores are, or write to."""

    def __init__(self, folder: Path, stores: Mapping[Path, Store] | None = None) -> None:
        self.clock = SteadyClock()
        now = self.clock.wall()
        languages = (Language("en", "English"), Language("fa", "فارسی"))
        config = EventConfig({"en": "Benchmark"}, now, now + DAY_MS, languages)
        eventdir = create(folder / "event", config, now=now, holders=Holders())
        self.event = eventdir.event
        self.ticks = {each.name: each.ticks_per_segment for each in self.event.renditions}
        stores = stores or {folder / "store": FolderStore(folder / "store")}
        self.found = Round(len(stores))
        for place in stores:
            (place / "live").mkdir(parents=True, exist_ok=True)
        broadcast = open_broadcast(folder, eventdir, [*stores.values()], self.clock)
        self.first_tick, self.log = broadcast.first_tick, broadcast.log
        self.delivery, self.publisher = broadcast.delivery, broadcast.publisher
        watched = [str(place / "live") for place in stores]
        command = [sys.executable, "-m", "bench.publish", "--watch", *watched]
        self._watcher = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._watcher.stdout is not None
        self._lines = self._watcher.stdout
        self._lines.readline()
        self._reading = threading.Thread(target=self._collect, daemon=True)
        self._reading.start()
        self.delivery.resume({}, {})
        self.publisher.start()

    def take(self, segment: Segment) -> None:
        """Hand a segment over."""
        tick = (segment.n + 1) * self.ticks[segment.rendition] - 1
        self.found.complete[segment.rendition, tick] = segment.complete_mono
        self.publisher.accept(segment)

    def close(self) -> Round:
        """End, and give what was found."""
        self.publisher.close()
        self.delivery.flush(10)
        time.sleep(0.2)
        self.delivery.stop()
        self.log.close()
        self._watcher.kill()
        self._watcher.wait()
        self._reading.join()
        self._lines.close()
        return self.found

    def _collect(self) -> None:
        for line in self._lines:
            at, rendition, tick = line.split()
            self.found.seen.setdefault((rendition, int(tick)), []).append(float(at))


def encoding(folder: Path) -> Round:
    """Go on the air with the test source."""
    air = Air(folder)
    end = air.first_tick + int(SECONDS / float(air.event.grid.duration))
    programme = open_programme("test", event=air.event, first_tick=air.first_tick, clock=air.clock)
    programme.stop(at_tick=end)
    air.publisher.end_before(end)
    programme.run(air.take)
    return air.close()


def prepared(folder: Path) -> Round:
    """Hand over segments that were encoded before, round and round."""
    air = Air(folder)
    play(air, encode(air), PREPARED_ROUND_TICKS, PREPARED_PACE_S)
    return air.close()


Film = dict[tuple[str, int], "Segment"]


def encode(air: Air) -> Film:
    """Some ticks of the test source, by rendition and number."""
    kept: Film = {}
    programme = open_programme("test", event=air.event, first_tick=0, clock=FastClock(air.clock.wall()))
    programme.stop(at_tick=PREPARED_TICKS)
    programme.run(lambda each: kept.update({(each.rendition, each.n): each}))
    return kept


def play(air: Air, kept: Film, count: int, pace_s: float) -> None:
    """Hand over so many ticks, one each `pace_s`."""
    for tick in range(air.first_tick, air.first_tick + count):
        due = time.monotonic() + pace_s
        for name, ticks in air.ticks.items():
            if (tick + 1) % ticks == 0:
                n = tick // ticks
                like = kept[name, n % (PREPARED_TICKS // ticks)]
                start_ms = air.event.grid.start_ms(n * ticks)
                air.take(replace(like, n=n, start_ms=start_ms, complete_mono=air.clock.mono()))
        time.sleep(max(0.0, due - time.monotonic()))


def series(make: Callable[[Path], Round], load: str) -> tuple[Series, str]:
    """All latencies of all rounds, and what else there is to say."""
    rounds = []
    for _ in range(MIN_ROUNDS):
        with tempfile.TemporaryDirectory() as name:
            rounds.append(make(Path(name)))
    missing = sum(len(each.complete) - len(each.latencies()) for each in rounds)
    found = Series(
        "huma",
        "ms",
        tuple(latency for each in rounds for latency in each.latencies()),
        {
            "rounds": MIN_ROUNDS,
            "ladder": "default, 8 renditions",
            "store": "folder on the same disk",
            "load": load,
        },
    )
    note = (
        f"p95 {found.pick('p95'):.1f} ms, p99 {found.pick('p99'):.1f} ms, worst {found.pick('worst'):.1f} ms"
    )
    return found, note + (f"; {missing} shared a playlist with a later one" if missing else "")


def main() -> int:
    """Run it."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    report = Report("publish", "milliseconds from a segment's last byte to its signed playlist in a folder")
    for name, make, load in (
        ("prepared segments", prepared, "none but publishing"),
        ("on the air", encoding, "the encoders of the same broadcast"),
    ):
        found, note = series(make, load)
        report.add(Comparison(name, found, goal=Goal(GOAL_P99_MS, statistic="p99"), note=note))
    return report.show()


if __name__ == "__main__":
    sys.exit(watch(sys.argv[2:]) if sys.argv[1:2] == ["--watch"] else main())
