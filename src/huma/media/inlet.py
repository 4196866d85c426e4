"""One input, opened by its address: its feed, its delay, and what a technician sees of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from huma.media.cards import sound_only
from huma.media.decoding import Wanted
from huma.media.gauge import Arriving
from huma.media.ingest import Ingest
from huma.media.inputs import Inputs
from huma.media.ladder import canvas_of
from huma.media.lettering import can_shape, is_right_to_left
from huma.media.mediafeed import MediaFeed
from huma.media.reader import Reader
from huma.media.testcard import TestCard

if TYPE_CHECKING:
    from collections.abc import Mapping

    from huma.media.address import Address
    from huma.media.bulletin import Bulletin
    from huma.media.clock import Clock
    from huma.media.doors import DoorSource
    from huma.media.feed import Feed
    from huma.media.timeline import Timeline
    from huma.protocol.event import Event

_PROTOCOLS: Final = {"test": "test", "file": "file", "web": "http", "stdin": "stdin", "tcp": "tcp"}


@dataclass(frozen=True, slots=True)
class InputState:
    """How one input is doing. No address and no key stands in it.

    Attributes:
        protocol: What it comes by: file, http, tcp, stdin, test, or what its door says.
        status: waiting | playing | stalled | reconnecting | ended.
        arriving: What has come in during the last seconds.
        delay_s: How long it is held before the air.
        held_s: How many seconds are held now.
        held_bytes: How much memory that takes.
    """

    protocol: str
    status: str
    arriving: Arriving
    delay_s: float
    held_s: float
    held_bytes: int


class Inlet:
    """An input: a feed, and what can be done with it. Everything but `feed` may be used from any thread."""

    def __init__(
        self, feed: Feed, protocol: str, reader: Reader | None = None, *, can_be_held: bool = False
    ) -> None:
        self.feed = feed
        self.protocol = protocol
        self._reader = reader
        self._can_be_held = can_be_held

    def dump(self, *, refill: bool = True) -> None:
        """Throw away what has arrived and is not on the air."""
        if self._reader is not None:
            self._reader.dump(refill=refill)

    def hold(self, seconds: float) -> None:
        """Hold for so long what arrives. A longer delay shows the slate until it is filled; a shorter one counts after a dump."""
        if self._reader is not None and self._can_be_held:
            self._reader.hold(seconds)

    def state(self) -> InputState:
        """How it is doing."""
        reader, status = self._reader, self.feed.status()
        if reader is None:
            return InputState(self.protocol, status, Arriving(), 0.0, 0.0, 0)
        arriving = reader.ingest.gauge.read()
        return InputState(
            self.protocol, status, arriving, reader.ingest.delay_s, reader.held_s, reader.held_bytes
        )


@dataclass(frozen=True, slots=True)
class Setting:
    """What all inputs of a programme share."""

    event: Event
    timeline: Timeline
    clock: Clock
    bulletin: Bulletin
    doors: Mapping[str, DoorSource]


def open_inlet(
    addresses: list[Address],
    setting: Setting,
    *,
    loop: bool = False,
    delay_s: float = 0.0,
    language: str | None = None,
) -> Inlet:
    """The input that these addresses name; for one `language` only, its pictures are not even decoded.

    Raises:
        UsageError: There is no such door, or no such delay.
    """
    event, timeline, clock = setting.event, setting.timeline, setting.clock
    languages = [each.code for each in event.languages]
    canvas, kind = canvas_of(event), addresses[0].kind
    if any(map(is_right_to_left, languages)) and not can_shape():
        setting.bulletin.tell("letters that join cannot be drawn here: apt install libfribidi0")
    if kind == "test":
        return Inlet(TestCard(canvas, timeline, event.title, languages), kind)
    inputs = Inputs(addresses, loop=loop, bulletin=setting.bulletin, doors=setting.doors)
    wanted = Wanted(
        languages if language is None else [language],
        canvas if language is None else None,
        timeline.sample_rate,
        float(timeline.frame_rate),
    )
    # As fast as possible nothing arrives at a time: then there is nothing to wait for either.
    ingest = Ingest(lambda: clock.mono() / 1000, delay_s if clock.paced else 0.0)
    reader = Reader(inputs, wanted, sound_only(canvas, event.title), setting.bulletin, ingest)
    protocol = setting.doors[addresses[0].text].protocol if kind == "door" else _PROTOCOLS[kind]
    return Inlet(MediaFeed(reader, timeline, paced=clock.paced), protocol, reader, can_be_held=clock.paced)
