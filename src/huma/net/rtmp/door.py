"""One door: the streams that come in with one key, one after the other, and those who read them."""

from __future__ import annotations

import threading
from collections import Counter
from typing import TYPE_CHECKING, Final

from huma.net.rtmp.state import DoorState, StreamState

if TYPE_CHECKING:
    from huma.net.rtmp.arrival import Arrival
    from huma.net.rtmp.limits import Limits
    from huma.net.rtmp.publication import Publication
    from huma.net.rtmp.streamkeys import StreamKey

_LOOK_S: Final = 0.1


class RtmpDoor:
    """What a reader holds. It gives one stream after the other, as FLV."""

    protocol: Final = "rtmp"
    form: Final = "flv"

    def __init__(self, key: StreamKey, limits: Limits) -> None:
        self.key = key
        self.publication: Publication | None = None
        self.refused: Counter[str] = Counter()
        self.streams = 0
        self._limits = limits
        self._changed = threading.Condition()
        self._waiting: Arrival | None = None
        self._reading: Arrival | None = None
        self._shut = False

    @property
    def name(self) -> str:
        """The door's name."""
        return self.key.name

    @property
    def language(self) -> str:
        """The language that comes in here; empty where it is none in particular."""
        return self.key.language

    def open_next(self, stop: threading.Event) -> Arrival | None:
        """The next stream, or None when stopped. The one before is let go of.

        An encoder whose stream was let go of stays, and can be read again from its next key frame on.
        """
        with self._changed:
            reading, self._reading = self._reading, None
        if reading is not None:
            reading.close()
        with self._changed:
            while self._waiting is None or self._waiting.stale:
                if stop.is_set() or self._shut:
                    return None
                self._changed.wait(_LOOK_S)
            arrival, self._waiting = self._waiting, None
            self._reading = arrival
        arrival.attend(stop, self._limits.read_ms / 1000)
        return arrival

    def offer(self, arrival: Arrival) -> None:
        """Let a reader have this one; an older one that nobody took is given up."""
        with self._changed:
            if self._waiting is not None:
                self._waiting.close()
            self._waiting = arrival
            self._changed.notify_all()

    def shut(self) -> None:
        """Nobody comes any more; what has come can still be read."""
        with self._changed:
            self._shut = True
            self._changed.notify_all()

    def state(self, now_ms: int) -> DoorState:
        """The door as it is now. Only the thread of the server may ask."""
        publication = self.publication
        stream = None if publication is None else _stream_state(publication, now_ms)
        key = self.key
        return DoorState(key.name, key.language, key.not_after_ms, stream, self.streams, dict(self.refused))


def _stream_state(publication: Publication, now_ms: int) -> StreamState:
    told = publication.description
    picture, sound = publication.tracks
    return StreamState(
        since_ms=publication.began_ms,
        heard_ms=publication.heard_ms,
        bytes=publication.rate.total,
        bits_per_second=publication.rate.bits_per_second(now_ms),
        key_interval_ms=publication.keys.longest_ms,
        frame_rate=told.frame_rate if told else 0.0,
        width=told.width if told else 0,
        height=told.height if told else 0,
        picture="H.264" if picture else "",
        sound="AAC" if sound else "",
        dropped=publication.dropped,
    )
