"""A real programme, encoded once, for everybody here."""

from __future__ import annotations

import io
import pickle
from functools import cache
from pathlib import Path

import av

from huma.media.clock import FastClock
from huma.media.programme import open_programme
from huma.media.segment import Segment
from huma.protocol.event import Event
from tests.media.events import small

FIRST = 4


@cache
def programme(ticks: int = 12, fps: int = 30) -> tuple[Event, tuple[Segment, ...]]:
    """The event of two pictures and two languages, and its segments in the order in which they were made."""
    event = small(fps)
    segments: list[Segment] = []
    made = open_programme("test", event=event, first_tick=FIRST, clock=FastClock(event.grid.start_ms(FIRST)))
    made.stop(at_tick=FIRST + ticks)
    made.run(segments.append)
    # as fast as it goes, sound is made far ahead of pictures: here they come as they do on the air
    return event, tuple(sorted(segments, key=lambda each: each.start_ms + each.duration * 1000))


def pickled(folder: Path, ticks: int = 12) -> Path:
    """The same in a file, for a process of its own."""
    path = folder / "programme.pickle"
    path.write_bytes(pickle.dumps(programme(ticks)))
    return path


def of(segments: tuple[Segment, ...], rendition: str) -> list[Segment]:
    return [each for each in segments if each.rendition == rendition]


def coded(source: bytes | Path, kind: str) -> list[bytes]:
    """The coded pictures, or sounds, as a demuxer finds them."""
    opened = io.BytesIO(source) if isinstance(source, bytes) else str(source)
    with av.open(opened, "r") as container:
        stream = next(each for each in container.streams if each.type == kind)
        return [bytes(packet) for packet in container.demux(stream) if packet.size]


def signed(segments: tuple[Segment, ...], rendition: str) -> bytes:
    mine = of(segments, rendition)
    return mine[0].init + b"".join(each.data for each in mine)
