"""What one encoder sends between publish and its end: the beginning put in order, then tag by tag to whoever reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huma.net.rtmp.arrival import Arrival
from huma.net.rtmp.flv import SCRIPT, render_header, render_tag
from huma.net.rtmp.measure import BitRate, KeyInterval
from huma.net.rtmp.messages import AUDIO, VIDEO
from huma.net.rtmp.timeline import Timeline, signed_gap

if TYPE_CHECKING:
    from collections.abc import Callable

    from huma.net.rtmp.description import Description
    from huma.net.rtmp.limits import Limits
    from huma.net.rtmp.streamkeys import StreamKey
    from huma.net.rtmp.tags import Tag


class Publication:
    """Lives in the door's thread. `offer` is told of each arrival that a reader may take.

    Tags wait until both tracks have shown their sequence header, or one has run for a while alone: the head of an
    FLV file names its tracks, and a decoder must have the headers first.
    """

    def __init__(
        self, key: StreamKey, limits: Limits, clock: Callable[[], int], offer: Callable[[Arrival], None]
    ) -> None:
        self.key = key
        self.began_ms = self.heard_ms = clock()
        self.description: Description | None = None
        self.rate = BitRate(self.began_ms)
        self.keys = KeyInterval()
        self._limits = limits
        self._clock = clock
        self._offer = offer
        self._headers: dict[int, Tag] = {}
        self._prelude: list[Tag] = []
        self._prelude_bytes = 0
        self._timeline: Timeline | None = None
        self._arrival: Arrival | None = None
        self._origin = self._dropped = 0

    @property
    def tracks(self) -> tuple[bool, bool]:
        """Whether there are pictures, and whether there is sound."""
        return VIDEO in self._headers, AUDIO in self._headers

    @property
    def dropped(self) -> int:
        """Tags that no reader took in time."""
        return self._dropped + (self._arrival.dropped if self._arrival else 0)

    def describe(self, description: Description) -> None:
        """Keep what the encoder says of its stream; who reads already is not told again."""
        self.description = description

    def take(self, tag: Tag) -> None:
        """The next tag."""
        now = self.heard_ms = self._clock()
        self.rate.add(len(tag.payload), now)
        if tag.role == "aside":
            return
        if tag.kind not in self._headers and tag.role != "header":
            self._dropped += 1  # nobody can decode it
        elif self._timeline is not None:
            self._pass_on(tag, self._timeline)
        elif tag.role == "header":
            self._headers[tag.kind] = tag
        else:
            self._wait(tag)

    def end(self) -> None:
        """The encoder has gone; what has come can still be read."""
        if self._timeline is None and self._prelude:
            self._begin()
        if self._arrival is not None:
            self._arrival.end()

    def _wait(self, tag: Tag) -> None:
        self._prelude.append(tag)
        self._prelude_bytes += len(tag.payload)
        span = abs(signed_gap(self._prelude[0].timestamp, tag.timestamp))
        long = span >= self._limits.prelude_ms or len(self._prelude) >= self._limits.prelude_tags
        if long or self._prelude_bytes > self._limits.message_bytes or self._is_complete():
            self._begin()

    def _is_complete(self) -> bool:
        """Whether every track that was announced has come; without an announcement both are waited for."""
        told = self.description
        wanted = {VIDEO, AUDIO}
        if told is not None and (told.has_picture or told.has_sound):
            wanted = {kind for kind, has in ((VIDEO, told.has_picture), (AUDIO, told.has_sound)) if has}
        return wanted <= {tag.kind for tag in self._prelude}

    def _begin(self) -> None:
        """Headers first, then what has waited; the earliest of it is the beginning of time."""
        waiting, self._prelude = self._prelude, []
        origin = waiting[0].timestamp
        first = min(signed_gap(origin, tag.timestamp) for tag in waiting)
        timeline = self._timeline = Timeline(origin + first, self._limits)
        self._open(0)
        for tag in waiting:
            self._pass_on(tag, timeline)

    def _open(self, origin: int) -> Arrival:
        """A new arrival whose time begins at `origin`, with all that a decoder needs before its first tag."""
        picture, sound = self.tracks
        pieces = [render_header(sound=sound, picture=picture)]
        if self.description is not None:
            pieces.append(render_tag(SCRIPT, 0, self.description.script))
        pieces += [
            render_tag(tag.kind, 0, tag.payload) for _, tag in sorted(self._headers.items(), reverse=True)
        ]
        arrival = Arrival(
            b"".join(pieces),
            name=self.key.name,
            language=self.key.language,
            limits=self._limits,
            clock=self._clock,
        )
        self._arrival, self._origin = arrival, origin
        self._offer(arrival)
        return arrival

    def _pass_on(self, tag: Tag, timeline: Timeline) -> None:
        if tag.role == "header":
            self._headers[tag.kind] = tag
        moment = timeline.place(tag.kind, tag.timestamp)
        entry = tag.role == "key" and (tag.kind == VIDEO or VIDEO not in self._headers)
        if entry and tag.kind == VIDEO:
            self.keys.add(moment)
        arrival = self._arrival
        if arrival is not None and arrival.closed and entry:
            self._dropped += arrival.dropped
            arrival = self._open(moment)
        if arrival is not None:
            arrival.put(tag, max(0, moment - self._origin), entry=entry)
