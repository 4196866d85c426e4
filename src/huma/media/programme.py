"""What a broadcaster sees of pictures and sound: a programme that fills segments until it ends or is stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huma.errors import UsageError
from huma.media.address import parse_addresses
from huma.media.bulletin import Bulletin
from huma.media.cards import sound_only
from huma.media.clock import RealClock
from huma.media.copying import CopiedProgramme
from huma.media.decoding import Wanted
from huma.media.encoded import EncodedProgramme
from huma.media.inputs import Inputs
from huma.media.ladder import canvas_of
from huma.media.lettering import can_shape, is_right_to_left
from huma.media.mediafeed import MediaFeed
from huma.media.reader import Reader
from huma.media.state import Programme, ProgrammeState
from huma.media.testcard import TestCard
from huma.media.timeline import open_timeline

if TYPE_CHECKING:
    from huma.media.address import Address
    from huma.media.clock import Clock
    from huma.media.feed import Feed
    from huma.media.timeline import Timeline
    from huma.protocol.event import Event

__all__ = ["Programme", "ProgrammeState", "open_programme"]


def open_programme(
    source: str | list[str],
    *,
    event: Event,
    first_tick: int,
    loop: bool = False,
    copy: bool = False,
    clock: Clock | None = None,
) -> Programme:
    """The programme that `source` makes for `event`, its first segments starting at `first_tick`.

    Args:
        source: A file, a list of files, an http(s) address, `-` or `tcp://host:port[?listen=1]` for MPEG-TS,
            or `test`.
        event: Which renditions to make.
        first_tick: In a copy, the number of the first segment.
        loop: Whether files begin again at their end.
        copy: Whether to take H.264 and AAC as they are.
        clock: What paces it; the machine's own unless given.

    Raises:
        UsageError: The source's name makes no sense.
        MediaError: The source, or the event's renditions, cannot be used.
    """
    addresses = parse_addresses(source)
    clock, bulletin = clock or RealClock(), Bulletin()
    if copy:
        if addresses[0].kind == "test":
            raise UsageError("test is made here: there is nothing to copy", code="source-address")
        return CopiedProgramme(
            Inputs(addresses, loop=loop, bulletin=bulletin), event, first_tick, clock, bulletin
        )
    timeline = open_timeline(event, first_tick)
    feed = _open_feed(addresses, event, timeline, loop=loop, clock=clock, bulletin=bulletin)
    return EncodedProgramme(feed, event, timeline, clock, bulletin)


def _open_feed(
    addresses: list[Address],
    event: Event,
    timeline: Timeline,
    *,
    loop: bool,
    clock: Clock,
    bulletin: Bulletin,
) -> Feed:
    languages = [language.code for language in event.languages]
    canvas = canvas_of(event)
    if any(map(is_right_to_left, languages)) and not can_shape():
        bulletin.tell("letters that join cannot be drawn here: apt install libfribidi0")
    if addresses[0].kind == "test":
        return TestCard(canvas, timeline, event.title, languages)
    wanted = Wanted(languages, canvas, timeline.sample_rate, float(timeline.frame_rate))
    inputs = Inputs(addresses, loop=loop, bulletin=bulletin)
    reader = Reader(inputs, wanted, sound_only(canvas, event.title), bulletin)
    return MediaFeed(reader, timeline, paced=clock.paced)
