"""A studio for tests: an event with real keys, and segments whose bytes follow from their number."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from huma.broadcast.chain import Chain
from huma.broadcast.delivery import Delivery
from huma.broadcast.log import LiveLog
from huma.broadcast.publisher import Publisher
from huma.broadcast.signer import LiveSigner
from huma.broadcast.spool import Spool
from huma.config import LIVE_MAX_BYTES
from huma.media.clock import RealClock
from huma.media.segment import Segment
from huma.protocol import names
from huma.protocol.event import Event, Language, Rendition
from huma.protocol.playlist import LivePlaylist, verify_live
from huma.protocol.signature import Ed25519Signer, LiveKey
from huma.store.port import Store

EPOCH_MS = 1_800_000_000_000
TICK = Fraction(16, 15)
EVENT_ID = names.event_id(b"the studio's first root")
KEYS = {rank: Ed25519Signer.from_seed(bytes([rank]) * 32) for rank in (1, 2, 3)}
COPY_EPOCH_MS = 1_700_000_000_000
"""In a copy no tick may be of the future, and a test's clock is the machine's."""
FOREVER_MS = 4_000_000_000_000
ALL = ("v", "a", "n")
"""The renditions that it makes when not told otherwise."""


def event(
    *, copy: bool = False, renditions: tuple[tuple[str, int], ...] = (("v", 1), ("a", 1), ("n", 4))
) -> Event:
    return Event(
        title={"en": "Studio"},
        schedule=(),
        start_ms=EPOCH_MS,
        end_ms=EPOCH_MS + 86_400_000,
        tick=(16, 15),
        epoch_ms=COPY_EPOCH_MS if copy else EPOCH_MS,
        copy=copy,
        languages=(Language("en", "English"),),
        renditions=tuple(_rendition(name, ticks) for name, ticks in renditions),
        live_keys=tuple(
            LiveKey(signer.public.keyid, signer.public, rank, 0, FOREVER_MS) for rank, signer in KEYS.items()
        ),
    )


def _rendition(name: str, ticks: int) -> Rendition:
    if name.startswith("v"):
        return Rendition(
            name, "video", ticks, 1_000_000, "avc1.64001f", 500_000, width=640, height=360, frame_rate=(30, 1)
        )
    return Rendition(
        name, "audio", ticks, 1_000_000, "mp4a.40.2", 64_000, language="en", channels=2, sample_rate=48_000
    )


def segment(
    rendition: str,
    n: int,
    *,
    ticks: int = 1,
    size: int = 500,
    version: str = "",
    discontinuity: bool = False,
    init: bytes = b"",
    duration: Fraction | None = None,
) -> Segment:
    seed = hashlib.sha256(f"{rendition} {n} {version}".encode()).digest()
    return Segment(
        rendition=rendition,
        n=n,
        ticks=ticks,
        data=(seed * (size // 32 + 1))[:size],
        init=init or f"init of {rendition}".encode() * 10,
        duration=duration or ticks * TICK,
        start_ms=EPOCH_MS + int(n * ticks * TICK * 1000),
        discontinuity=discontinuity,
        origin="programme",
        complete_mono=RealClock().mono(),
    )


def chain(rendition: str, ticks: int = 1) -> Chain:
    return Chain(rendition, ticks, target_duration=-(-ticks * 16 // 15))


def verified(data: bytes | None, rendition: str, on: Event) -> LivePlaylist:
    assert data is not None
    return verify_live(data, event=on, event_id=EVENT_ID, rendition=rendition)


def live(store: Store, rendition: str, on: Event) -> LivePlaylist:
    return verified(store.get(names.live_path(rendition), LIVE_MAX_BYTES), rendition, on)


@dataclass
class Studio:
    """A publisher with its stores, on a folder; `restart` is what a new process would do."""

    folder: Path
    stores: list[Store]
    event: Event = field(default_factory=event)
    rank: int = 1
    first_tick: int = 0
    keep_ms: int | None = None

    def __post_init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        self.signer = LiveSigner(self.event, EVENT_ID, KEYS[self.rank])
        self.log = LiveLog(self.folder, EVENT_ID)
        self.spool = Spool(self.folder / "spool")
        self.clock = RealClock()
        self.delivery = Delivery(self.stores, self.spool, wall=self.clock.wall, keep_ms=self.keep_ms)
        logged = self.log.logged(self.signer.keyid)
        chains = {
            each.name: logged[each.name].chain
            if each.name in logged
            else chain(each.name, each.ticks_per_segment)
            for each in self.event.renditions
        }
        self.publisher = Publisher(
            self.event,
            self.signer,
            chains,
            log=self.log,
            spool=self.spool,
            delivery=self.delivery,
            clock=self.clock,
            first_tick=self.first_tick,
        )
        self.delivery.resume(logged, self.log.documents(self.signer.keyid), self.log.named())
        self.publisher.start()

    def ticks(self, first: int, last: int, **more: Any) -> None:
        """Feed all renditions from tick `first` to tick `last`."""
        for tick in range(first, last + 1):
            for each in self.event.renditions:
                ticks = each.ticks_per_segment
                if (tick + 1) % ticks == 0:
                    self.publisher.accept(segment(each.name, tick // ticks, ticks=ticks, **more))

    def settle(self) -> None:
        """Wait until everything is out."""
        assert self.publisher.drain(10)
        self.publisher.check()
        assert self.delivery.flush(10)

    def end(self, *, ended: bool = True) -> None:
        self.publisher.close(ended=ended)
        self.delivery.flush(0.3)
        self.delivery.stop()
        self.log.close()

    def restart(self, *, ended: bool = False) -> None:
        self.end(ended=ended)
        self.begin()

    def shown(self, rendition: str, store: int = 0) -> LivePlaylist:
        return live(self.stores[store], rendition, self.event)


def until(what: object, within: float = 20.0) -> None:
    assert callable(what)
    end = time.monotonic() + within
    while not what():
        assert time.monotonic() < end, "it did not come in time"
        time.sleep(0.005)
