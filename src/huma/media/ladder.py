"""Which encoders an event needs, and which renditions each of them fills."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from huma.errors import MediaError
from huma.media.assembler import Assembler
from huma.media.feed import Canvas
from huma.media.pictures import PictureEncoder
from huma.media.sounds import SoundEncoder
from huma.media.workers import PictureWorker, SoundWorker

if TYPE_CHECKING:
    from huma.media.clock import Clock
    from huma.media.crew import Crew
    from huma.media.segment import Sink
    from huma.media.timeline import Timeline
    from huma.protocol.event import Event, Rendition

_SOUND_DEPTH: Final = 64
_SMALLEST: Final = Canvas(256, 144)


def canvas_of(event: Event) -> Canvas:
    """The size of the largest picture that the event has."""
    sizes = [(each.width, each.height) for each in event.renditions if each.width and each.height]
    return max(
        (Canvas(*size) for size in sizes), key=lambda size: size.width * size.height, default=_SMALLEST
    )


def group_renditions(event: Event) -> list[list[Rendition]]:
    """Video renditions that carry the same fragments stand together, the one that decides first."""
    groups: dict[tuple[object, ...], list[Rendition]] = {}
    videos = [each for each in event.renditions if each.kind == "video"]
    for each in sorted(videos, key=lambda rendition: rendition.ticks_per_segment):
        look = (each.width, each.height, each.codecs)
        if each.ticks_per_segment > 1 and look in groups:
            groups[look].append(each)
        else:
            groups[look if look not in groups else (*look, each.name)] = [each]
    return list(groups.values())


def picture_workers(
    event: Event, timeline: Timeline, sink: Sink, clock: Clock, crew: Crew
) -> list[PictureWorker]:
    """A worker for each group of renditions that share their fragments."""
    canvas, taken, workers = canvas_of(event), False, []
    depth = max(4, timeline.slots_per_tick // 2)
    for group in group_renditions(event):
        leader = group[0]
        fits = (leader.width, leader.height) == (canvas.width, canvas.height)
        limit = min(each.max_bytes // each.ticks_per_segment for each in group)
        encoder = PictureEncoder(leader, timeline, limit, in_place=fits and not taken)
        taken = taken or fits
        assemblers = [Assembler(each, timeline, encoder.init, sink, clock) for each in group]
        workers.append(PictureWorker(encoder, assemblers, timeline, crew, depth=depth))
    return workers


def sound_worker(event: Event, timeline: Timeline, sink: Sink, clock: Clock, crew: Crew) -> SoundWorker:
    """The worker for all the sound."""
    encoders = []
    for each in event.renditions:
        if each.kind == "audio":
            encoder = SoundEncoder(each, timeline)
            assembler = Assembler(each, timeline, encoder.init, sink, clock)
            encoders.append((each.language or "", encoder, assembler))
    return SoundWorker(encoders, crew, depth=_SOUND_DEPTH)


def refuse_unusable(event: Event) -> None:
    """Say early what could not be encoded."""
    for each in event.renditions:
        if each.kind == "video" and ((each.width or 1) % 2 or (each.height or 1) % 2):
            raise MediaError(
                f"rendition {each.name}: {each.width}×{each.height} is odd",
                code="renditions",
                hint="Give it an even width and height in event.toml.",
            )
