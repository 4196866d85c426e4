"""A broadcast in a hurry, in a process of its own: real segments, real keys, real log, one tick every few milliseconds.

Run as: python -m tests.system.hurried STATE SEGMENTS MS-PER-TICK STORE…

It says what it has handed to the publisher and when, a line for each tick, on standard output. Each run makes other bytes for
the same segment, so that a segment signed twice would show.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from huma.broadcast.delivery import Delivery
from huma.broadcast.log import LiveLog, only_one
from huma.broadcast.opening import open_chains, target_durations
from huma.broadcast.publiclook import PublicReader
from huma.broadcast.publisher import Publisher
from huma.broadcast.signer import LiveSigner
from huma.broadcast.spool import Spool
from huma.broadcast.standing import judge_standing
from huma.media.clock import RealClock
from huma.media.segment import Segment
from huma.store.folder import FolderStore
from tests.broadcast.studio import EPOCH_MS, EVENT_ID, KEYS, event

RENDITIONS = (("v", 1), ("a", 1), ("n", 4))
EVENT = event(renditions=RENDITIONS)


class SlowFolder(FolderStore):
    """A store across the world."""

    def put(self, path: str, data: bytes, *, content_type: str = "", cache_control: str = "") -> None:
        time.sleep(0.004)
        super().put(path, data, content_type=content_type, cache_control=cache_control)

    def link(self, path: str, source: Path) -> bool:
        time.sleep(0.004)
        return super().link(path, source)


def made(files: tuple[bytes, bytes], name: str, n: int, ticks: int, clock: RealClock) -> Segment:
    """A real segment, with a box of its own behind it: no two runs give the same bytes for one number."""
    mark, (media, init) = os.urandom(16), files
    data = media + (8 + len(mark)).to_bytes(4, "big") + b"free" + mark
    return Segment(
        rendition=name,
        n=n,
        ticks=ticks,
        data=data,
        init=init,
        duration=Fraction(16, 15) * ticks,
        start_ms=EPOCH_MS + n * ticks * 16000 // 15,
        discontinuity=False,
        origin="programme",
        complete_mono=clock.mono(),
    )


def main(state: Path, segments: Path, pace_ms: float, places: list[Path]) -> None:
    stores = [(SlowFolder if place.name.startswith("slow") else FolderStore)(place) for place in places]
    with only_one(state):
        signer = LiveSigner(EVENT, EVENT_ID, KEYS[1])
        log = LiveLog(state, EVENT_ID)
        logged = log.logged(signer.keyid)
        look = PublicReader(EVENT, EVENT_ID).look(stores)
        judge_standing(keyid=signer.keyid, rank=1, logged=logged, used_before=bool(logged), shown=look.shown)
        chains = open_chains(EVENT, logged, {}, {}, target_durations(EVENT))
        spool, clock = Spool(state / "spool"), RealClock()
        delivery = Delivery(stores, spool, wall=clock.wall)
        begun = [(chain.next_n or 0) * chain.ticks_per_segment for chain in chains.values()]
        first = min(begun) // 4 * 4
        publisher = Publisher(
            EVENT,
            signer,
            {name: replace(chain, broken=chain.next_n is not None) for name, chain in chains.items()},
            log=log,
            spool=spool,
            delivery=delivery,
            clock=clock,
            first_tick=first,
        )
        delivery.resume(logged, log.documents(signer.keyid), log.named())
        publisher.start()
        files = {
            name: ((segments / f"{name}.m4s").read_bytes(), (segments / f"{name}.mp4").read_bytes())
            for name, _ in RENDITIONS
        }
        for tick in range(first, first + 100_000):
            for name, ticks in RENDITIONS:
                if (tick + 1) % ticks == 0:
                    publisher.accept(made(files[name], name, tick // ticks, ticks, clock))
            sys.stdout.write(f"{tick} {time.monotonic()}\n")
            sys.stdout.flush()
            time.sleep(pace_ms / 1000)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]), [Path(each) for each in sys.argv[4:]])
