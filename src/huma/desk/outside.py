"""Whether the event is on the air, looked at as a viewer would: from its mirrors and stores, and verified.

Each place is read by a thread of its own, so that one that hangs keeps nobody from seeing the others. Nothing that a
place says is believed but what is signed; and now and then a segment is fetched and weighed, because a place may show
good playlists and have nothing behind them.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Protocol

from huma.config import LIVE_MAX_BYTES
from huma.errors import HumaError, VerificationError
from huma.protocol import names
from huma.protocol.playlist import verify_live

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from huma.protocol.event import Event, Rendition
    from huma.protocol.playlist import LivePlaylist

LOOK_EVERY_S: Final = 5.0
WEIGH_EVERY: Final = 6
"""Every so many looks a segment is fetched."""
FRESH_MS: Final = 15_000
"""A playlist signed longer ago than this is late: the slow ladder's come every 4.3 s, and travel."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one place showed last. `code` is empty when all is well.

    Attributes:
        name: The mirror's id, or the store's name.
        kind: mirror or store.
        tick: The newest tick of its playlist.
        issued_ms: When that was signed.
        rank: By the live key of which rank.
        ended: Whether it says that the event is over.
        weighed: Whether its newest segment is what was signed; None before one was fetched.
        at_ms: When it was looked at.
    """

    name: str
    kind: str
    tick: int | None = None
    issued_ms: int | None = None
    rank: int | None = None
    ended: bool = False
    weighed: bool | None = None
    at_ms: int | None = None
    code: str = ""
    message: str = ""

    def state(self, now: int) -> str:
        """On | late | ended | wrong | away | unseen, at that moment."""
        if self.code:
            return "wrong" if self.code in ("forged", "forged-segment") else "away"
        if self.issued_ms is None:
            return "unseen"
        if self.ended:
            return "ended"
        return "on" if now - self.issued_ms <= FRESH_MS else "late"


class Readable(Protocol):
    """What can be looked at."""

    def get(self, path: str, max_bytes: int) -> bytes | None:
        """A file, None where it is not there; HumaError when it cannot be read, or is larger."""


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere to look."""

    name: str
    kind: str
    store: Readable


class Outside:
    """Looks at every place from time to time. `places` may change: they are asked for anew each time."""

    def __init__(
        self,
        event: Callable[[], Event],
        event_id: str,
        places: Callable[[], Mapping[str, Place]],
        *,
        wall: Callable[[], int],
        every_s: float = LOOK_EVERY_S,
    ) -> None:
        self._event = event
        self._event_id = event_id
        self._places = places
        self._wall = wall
        self._every_s = every_s
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._seen: dict[str, Seen] = {}
        self._looking: dict[str, threading.Thread] = {}
        self._turn = 0
        self._thread = threading.Thread(target=self._run, name="outside", daemon=True)

    @property
    def seen(self) -> list[Seen]:
        """What each place showed last, in the order of the places."""
        with self._lock:
            return [self._seen.get(key, Seen(each.name, each.kind)) for key, each in self._known().items()]

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; a thread that waits for a place ends by its own time limit."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(self._every_s)

    def look(self, key: str, place: Place, *, weigh: bool) -> Seen:
        """Look once at a place, now."""
        event = self._event()
        rendition = _smallest(event)
        before = self._seen.get(key, Seen(place.name, place.kind))
        try:
            playlist = self._read(place, event, rendition)
            weighed = before.weighed
            if weigh or weighed is None:
                weighed = _weigh(place, playlist, rendition)
        except VerificationError as error:
            seen = replace(before, code="forged", message=error.message)
        except HumaError as error:
            seen = replace(before, code=error.code, message=error.message)
        else:
            seen = Seen(
                place.name,
                place.kind,
                tick=playlist.tick,
                issued_ms=playlist.issued_ms,
                rank=playlist.rank,
                ended=playlist.ended,
                weighed=weighed,
                code="forged-segment" if weighed is False else "",
                message="what it gives for a segment is not what was signed" if weighed is False else "",
            )
        seen = replace(seen, at_ms=self._wall())
        with self._lock:
            self._seen[key] = seen
        return seen

    def _known(self) -> Mapping[str, Place]:
        try:
            return self._places()
        except HumaError:
            return {}  # the event's folder is being written just now

    def _read(self, place: Place, event: Event, rendition: Rendition) -> LivePlaylist:
        data = place.store.get(names.live_path(rendition.name), LIVE_MAX_BYTES)
        if data is None:
            raise HumaError("it has no live playlist", code="nothing-live")
        return verify_live(data, event=event, event_id=self._event_id, rendition=rendition.name)

    def _run(self) -> None:
        while not self._stop.is_set():
            for key, place in self._known().items():
                thread = self._looking.get(key)
                if thread is None or not thread.is_alive():
                    weigh = self._turn % WEIGH_EVERY == 0
                    self._looking[key] = threading.Thread(
                        target=self._quietly, args=(key, place, weigh), name="outside-look", daemon=True
                    )
                    self._looking[key].start()
            self._turn += 1
            self._stop.wait(self._every_s)

    def _quietly(self, key: str, place: Place, weigh: bool) -> None:
        try:
            self.look(key, place, weigh=weigh)
        except HumaError as error:
            with self._lock:
                self._seen[key] = Seen(place.name, place.kind, code=error.code, message=error.message)
        except Exception as error:  # noqa: BLE001 - a mistake of ours at one place must not blind us to the others
            with self._lock:
                self._seen[key] = Seen(place.name, place.kind, code="bug", message=type(error).__name__)


def verdict(seen: list[Seen], now: int) -> str:
    """On | late | ended | off, by what any place shows: one good mirror is enough for a viewer."""
    states = {each.state(now) for each in seen}
    return next((each for each in ("on", "ended", "late") if each in states), "off")


def _smallest(event: Event) -> Rendition:
    """The rendition of the fast ladder that costs least to look at."""
    fastest = min(each.ticks_per_segment for each in event.renditions)
    fast = [each for each in event.renditions if each.ticks_per_segment == fastest]
    return min(fast, key=lambda each: each.bandwidth)


def _weigh(place: Place, playlist: LivePlaylist, rendition: Rendition) -> bool | None:
    """Whether the newest segment is what was signed; None where it names none."""
    if not playlist.entries:
        return None
    ref = playlist.entries[-1].ref
    data = place.store.get(ref.path, rendition.max_bytes)
    if data is None:
        return False
    try:
        names.verify_digest(data, ref.digest)
    except HumaError:
        return False
    return True
