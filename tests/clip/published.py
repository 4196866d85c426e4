"""A real programme, signed and published: eleven minutes of it, so that it has two whole chapters and a piece."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from huma.broadcast.chain import Chain
from huma.broadcast.signer import LiveSigner, entry_of
from huma.cli.output import now_ms
from huma.keys.creation import create
from huma.keys.eventdir import EventDir
from huma.keys.eventtoml import EventConfig
from huma.keys.ladder import VideoRung
from huma.media.clock import FastClock
from huma.media.movie import moved, read_track
from huma.media.programme import open_programme
from huma.media.segment import Segment
from huma.protocol import names
from huma.protocol.event import Event
from huma.store.folder import FolderStore
from huma.store.kinds import kind_of
from tests.keys.eventmaking import DAY_MS, LANGUAGES

TICK = Fraction(16, 15)
REAL_TICKS = 8
TICKS = 620
FIRST_TICK = 56  # the first chapter is a short one


@dataclass(frozen=True)
class Published:
    """Where it stands, and every segment that was signed."""

    folder: Path
    eventdir: EventDir
    event: Event
    segments: dict[str, list[Segment]]

    @property
    def store(self) -> FolderStore:
        return FolderStore(self.folder)

    def at(self, tick: int) -> int:
        return self.event.grid.start_ms(tick)


def publish(folder: Path, *, ticks: int = TICKS, ended: bool = False) -> Published:
    now = now_ms()
    video = (VideoRung("v144", 256, 144, 120_000),)
    config = EventConfig({"en": "Try", "fa": "آزمایش"}, now, now + DAY_MS, LANGUAGES, video=video)
    eventdir = create(folder / "event", config, now=now)
    event = eventdir.event
    real: list[Segment] = []
    made = open_programme(
        "test", event=event, first_tick=FIRST_TICK, clock=FastClock(event.grid.start_ms(FIRST_TICK))
    )
    made.stop(at_tick=FIRST_TICK + REAL_TICKS)
    made.run(real.append)
    fast = {each.name for each in event.renditions if each.ticks_per_segment == 1}
    segments = {
        name: _long([each for each in real if each.rendition == name], event, ticks) for name in sorted(fast)
    }
    store = FolderStore(folder / "store")
    for path, data in eventdir.public_files().items():
        store.put(path, data)
    for name, line in segments.items():
        sign_into(store, eventdir, name, line, ended=ended)
    return Published(folder / "store", eventdir, event, segments)


def _long(real: Sequence[Segment], event: Event, ticks: int) -> list[Segment]:
    """The same few ticks again and again, each in its place."""
    track, line = read_track(real[0].init), []
    for tick in range(ticks):
        each, later = real[tick % len(real)], tick - tick % len(real)
        data = moved(track, each.data, number=1, sequence=each.n + later + 1, base=-later * TICK).data
        line.append(replace(each, n=each.n + later, data=data, start_ms=event.grid.start_ms(each.n + later)))
    return line


def sign_into(
    store: FolderStore,
    eventdir: EventDir,
    name: str,
    line: Sequence[Segment],
    *,
    rank: int = 1,
    ended: bool = False,
    chain: Chain | None = None,
) -> Chain:
    """Sign segment after segment, as a broadcast does."""
    signer = LiveSigner(eventdir.event, eventdir.event_id, eventdir.live_signer(rank))
    chain = chain or Chain(name, 1, target_duration=2)
    for each in line:
        entry = entry_of(each)
        for ref, data in ((entry.init, each.init), (entry.ref, each.data)):
            if not store.has(ref.path, len(data)):
                store.put(ref.path, data, content_type=kind_of(ref.path).content_type)
        step = signer.extend(chain, [(each.n, entry)], now_ms=now_ms(), ended=ended and each is line[-1])
        chain = step.chain
        for chapter in step.chapters:
            store.put(chapter.path, chapter.data)
    store.put(names.live_path(name), step.playlist)
    return chain
