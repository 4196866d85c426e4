"""What a broadcaster sees of pictures and sound: a programme that fills segments until it ends or is stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huma.errors import UsageError
from huma.media.address import parse_addresses
from huma.media.bulletin import Bulletin
from huma.media.clock import RealClock
from huma.media.copying import CopiedProgramme
from huma.media.encoded import EncodedProgramme
from huma.media.inlet import Setting, open_inlet
from huma.media.inputs import Inputs
from huma.media.state import Programme, ProgrammeState
from huma.media.timeline import open_timeline

if TYPE_CHECKING:
    from collections.abc import Mapping

    from huma.media.clock import Clock
    from huma.media.doors import DoorSource
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
    doors: Mapping[str, DoorSource] | None = None,
) -> Programme:
    """The programme that `source` makes for `event`, its first segments starting at `first_tick`.

    Args:
        source: A file, a list of files, an http(s) address, `-` or `tcp://host:port[?listen=1]` for MPEG-TS,
            `door:NAME`, or `test`.
        event: Which renditions to make.
        first_tick: In a copy, the number of the first segment.
        loop: Whether files begin again at their end.
        copy: Whether to take H.264 and AAC as they are.
        clock: What paces it; the machine's own unless given.
        doors: What stands behind `door:NAME`, by name; already open.

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
            Inputs(addresses, loop=loop, bulletin=bulletin, doors=doors), event, first_tick, clock, bulletin
        )
    timeline = open_timeline(event, first_tick)
    setting = Setting(event, timeline, clock, bulletin, doors or {})
    inlet = open_inlet(addresses, setting, loop=loop)
    return EncodedProgramme(inlet.feed, event, timeline, clock, bulletin)
