"""A mirror's copy of the event: pulled from the origin's store, whole files only, and able to stand still."""

from __future__ import annotations

import re
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from huma.config import MIB, PLAYER_MAX_BYTES, SEGMENT_MAX_BYTES
from huma.protocol import names
from huma.store.kinds import IMMUTABLE, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from huma.protocol.event import Event
    from huma.store.port import Store

KEPT_BYTES: Final = 24 * MIB
TRAIL_SEGMENTS: Final = 64

_URI = re.compile(rb"^\.\./(media/[0-9a-f]{64}\.m4s)$", re.MULTILINE)
_FRESH: Final = (
    "trust/timestamp.json",
    "trust/boot.json",
    "live/revoked.json",
    "index.m3u8",
    "index-slow.m3u8",
)


def changing_paths(event: Event) -> tuple[str, ...]:
    """The files that are replaced while an event runs; all others keep their bytes for ever."""
    return tuple(names.live_path(rendition.name) for rendition in event.renditions) + _FRESH


@dataclass(slots=True)
class Trail:
    """The media files of each rendition in the order in which its playlist named them, the newest last."""

    by_rendition: dict[str, deque[str]] = field(default_factory=dict)
    _place: dict[str, str] = field(default_factory=dict)

    def follow(self, rendition: str, playlist: bytes) -> None:
        """Note what a playlist names and was not named before."""
        trail = self.by_rendition.setdefault(rendition, deque(maxlen=TRAIL_SEGMENTS))
        for found in _URI.finditer(playlist):
            path = found[1].decode("ascii")
            if path not in self._place:
                if len(trail) == TRAIL_SEGMENTS:
                    self._place.pop(trail[0], None)
                trail.append(path)
                self._place[path] = rendition

    def rendition_of(self, path: str) -> str | None:
        """Which rendition a media file belongs to."""
        return self._place.get(path)

    def before(self, path: str, distance: int) -> str | None:
        """The file that came `distance` places before `path`, or the oldest known; None if there is none before."""
        rendition = self._place.get(path)
        if rendition is None:
            return None
        trail = self.by_rendition[rendition]
        at = trail.index(path)
        return trail[max(0, at - distance)] if at > 0 else None


@dataclass(slots=True)
class Copy:
    """What one mirror holds. Files that never change are kept once pulled; the others are pulled each time."""

    store: Store
    changing: tuple[str, ...]
    trail: Trail = field(default_factory=Trail)
    _kept: OrderedDict[str, bytes] = field(default_factory=OrderedDict)
    _kept_bytes: int = 0
    _still: dict[str, bytes] | None = None

    @property
    def frozen(self) -> bool:
        """Whether it stands still."""
        return self._still is not None

    def freeze(self) -> None:
        """From now on, show every file that changes as it is at this moment."""
        found = ((path, self._pull(path)) for path in self.changing)
        self._still = {path: data for path, data in found if data is not None}

    def thaw(self) -> None:
        """Follow the origin again."""
        self._still = None

    def get(self, path: str) -> bytes | None:
        """The file at `path` as this mirror has it."""
        if not names.is_valid_path(path):
            return None
        if kind_of(path).cache_control != IMMUTABLE:
            return self._pull(path) if self._still is None else self._still.get(path)
        kept = self._kept.get(path)
        if kept is None:
            kept = self._pull(path)
            if kept is not None:
                self._keep(path, kept)
        return kept

    def pull_new(self, renditions: Iterable[str]) -> None:
        """Copy what the playlists name by now, as a mirror does that does not wait to be asked."""
        for rendition in renditions:
            playlist = self.get(names.live_path(rendition))
            if playlist is None:
                continue
            self.trail.follow(rendition, playlist)
            for path in list(self.trail.by_rendition[rendition])[-8:]:
                self.get(path)

    def _pull(self, path: str) -> bytes | None:
        limit = SEGMENT_MAX_BYTES if path.startswith("media/") else PLAYER_MAX_BYTES
        return self.store.get(path, limit)

    def _keep(self, path: str, data: bytes) -> None:
        self._kept[path] = data
        self._kept_bytes += len(data)
        while self._kept_bytes > KEPT_BYTES:
            _, dropped = self._kept.popitem(last=False)
            self._kept_bytes -= len(dropped)
