"""What a broadcaster sees of pictures and sound: a programme that fills segments until it ends or is stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huma.errors import MediaError
from huma.media.bulletin import Bulletin
from huma.media.clock import RealClock
from huma.media.encoded import EncodedProgramme
from huma.media.ladder import canvas_of
from huma.media.state import Programme, ProgrammeState
from huma.media.testcard import TestCard
from huma.media.timeline import open_timeline

if TYPE_CHECKING:
    from huma.media.clock import Clock
    from huma.media.feed import Feed
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
    names = [source] if isinstance(source, str) else list(source)
    clock = clock or RealClock()
    timeline = open_timeline(event, first_tick)
    canvas = canvas_of(event)
    languages = [language.code for language in event.languages]
    if names == ["test"]:
        feed: Feed = TestCard(canvas, timeline, event.title, languages)
    else:
        raise MediaError(f"not yet: {names}, {loop}, {copy}")
    return EncodedProgramme(feed, event, timeline, clock, Bulletin())
