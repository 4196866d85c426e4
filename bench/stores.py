"""What 1, 10 and 100 stores cost the origin, and how long a signed playlist needs to the last of them.

Segments of the default ladder, encoded beforehand, are handed over at the pace of the clock; stores are folders, or
places of one nginx with WebDAV, on loopback. CPU is that of the publishing process alone, in a process of its own for each
round; the moment at which a playlist can be read in each store is told by the kernel to another one (bench/publish.py).

`python -m bench stores` takes about twelve minutes; ROUNDS=1 in the environment makes it short.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.system.nginxdav import NginxDav

from bench.encode import used
from bench.publish import Air, encode, play
from bench.report import MIN_ROUNDS, Comparison, Report, Series
from huma.broadcast.publisher import SWITCH_INTERVAL_S
from huma.store.credentials import Credentials
from huma.store.folder import FolderStore
from huma.store.http import HttpStore

if TYPE_CHECKING:
    from huma.store.port import Store

ROUNDS: Final = int(os.environ.get("ROUNDS", str(MIN_ROUNDS)))
COUNTS: Final = (1, 10, 100)
KINDS: Final = ("folder", "webdav")
TICKS: Final = 16
WARM_UP_TICKS: Final = 4


def measure(folder: Path, www: Path, url: str, count: int) -> dict[str, Any]:
    """One broadcast to that many stores: CPU seconds a second, milliseconds to the last store, threads."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    stores: dict[Path, Store] = {}
    for number in range(count):
        name = f"s{number}"
        place = www / name
        stores[place] = HttpStore(f"{url}{name}/", credentials=Credentials()) if url else FolderStore(place)
    air = Air(folder, stores)
    film, tick_s = encode(air), float(air.event.grid.duration)
    play(air, film, WARM_UP_TICKS, tick_s)
    air.first_tick += WARM_UP_TICKS
    air.found.complete.clear()
    before = used(resource.RUSAGE_SELF)
    play(air, film, TICKS, tick_s)
    cpu = (used(resource.RUSAGE_SELF) - before) / (TICKS * tick_s)
    threads = threading.active_count()
    found = air.close()
    latencies = found.latencies()
    return {
        "cpu": cpu,
        "latencies": latencies,
        "missing": len(found.complete) - len(latencies),
        "threads": threads,
    }


def apart(folder: Path, kind: str, count: int) -> dict[str, Any]:
    """The same in a process of its own."""
    arguments = [sys.executable, "-m", "bench.stores", "--measure", str(folder)]
    if kind == "folder":
        words = [*arguments, str(folder / "www"), "", str(count)]
        done = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True)
    else:
        with NginxDav(folder / "nginx") as dav:
            words = [*arguments, str(dav.www), dav.url, str(count)]
            done = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> int:
    """Every kind and number, in turn."""
    report = Report("stores", "what stores cost the origin")
    found: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for _ in range(ROUNDS):
        for kind in KINDS:
            for count in COUNTS:
                with tempfile.TemporaryDirectory() as name:
                    found.setdefault((kind, count), []).append(apart(Path(name), kind, count))
                print(f"  {kind} {count}", file=sys.stderr, flush=True)
    settings = {"ladder": "default, 8 renditions", "rounds": ROUNDS, "ticks a round": TICKS}
    for kind in KINDS:
        alone = found[kind, 1]
        for count in COUNTS:
            rounds = found[kind, count]
            cpu = Series(
                f"{count} × {kind}", "% of a core", tuple(each["cpu"] * 100 for each in rounds), settings
            )
            one = Series(f"1 × {kind}", "% of a core", tuple(each["cpu"] * 100 for each in alone))
            note = f"{rounds[0]['threads']} threads"
            report.add(Comparison(f"CPU, {count} × {kind}", cpu, one if count > 1 else None, note=note))
            late = Series(f"{count} × {kind}", "ms", tuple(ms for each in rounds for ms in each["latencies"]))
            first = Series(f"1 × {kind}", "ms", tuple(ms for each in alone for ms in each["latencies"]))
            note = f"p95 {late.pick('p95'):.0f} ms, p99 {late.pick('p99'):.0f} ms, worst {late.pick('worst'):.0f} ms"
            missing = sum(each["missing"] for each in rounds)
            note += f"; {missing} shared a playlist with a later one somewhere" if missing else ""
            report.add(
                Comparison(f"to the last of {count} × {kind}", late, first if count > 1 else None, note=note)
            )
    return report.show()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        place, www, url, count = sys.argv[2:]
        print(json.dumps(measure(Path(place), Path(www), url, int(count))), flush=True)
    else:
        sys.exit(main())
