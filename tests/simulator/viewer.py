"""A viewer: the shell, and a player with a buffer that stalls when it runs dry."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from tests.simulator.mirrors import Attack, MirrorSimulator
from tests.simulator.shell import Shell

if TYPE_CHECKING:
    from huma.protocol.playlist import LivePlaylist
    from tests.simulator.broadcaster import Broadcaster


@dataclass
class Track:
    """What hls.js does, in numbers: reload a playlist each segment, fetch in order, play from two segments back."""

    rendition: str
    segment_ms: int
    next_n: int | None = None
    named: dict[int, tuple[str, str, int]] = field(default_factory=dict)
    buffered_n: int | None = None
    first_n: int | None = None
    asked_at: int = 0
    fetching: int | None = None

    def reach_ms(self) -> int:
        return ((self.buffered_n or 0) + 1) * self.segment_ms


class Viewer(Shell):
    """Plays `playing` renditions together. A stall is (when it began, how long) without picture or sound."""

    def __init__(
        self,
        mirrors: list[MirrorSimulator],
        broadcaster: Broadcaster,
        *,
        playing: tuple[str, ...] = ("v360", "a-en"),
        **rest: Any,
    ) -> None:
        super().__init__(mirrors, broadcaster, **rest)
        self.tracks = {name: Track(name, self._segment_ms(name)) for name in playing}
        self.stalls: list[tuple[int, int]] = []
        self.decoded: list[tuple[str, int]] = []
        self.first_picture_ms: int | None = None
        self._playhead: float | None = None
        self._playhead_at = self.now
        self._is_stalled = False

    def _segment_ms(self, name: str) -> int:
        rendition = self.broadcaster.event.rendition(name)
        assert rendition is not None
        return rendition.ticks_per_segment * 16_000 // 15

    def start(self) -> Viewer:
        self.send(self.trust)
        for track in self.tracks.values():
            self._reload(track)
        return self

    def run_until(self, end: int) -> None:
        super().run_until(end)
        self._play()

    def sleep(self, ms: int, *, told: bool = True) -> None:
        super().sleep(ms, told=told)
        self._playhead_at = self.now
        waiting = {self.playlist_wants[want] for want in self.playlist_wants if want not in self.answered}
        for track in self.tracks.values():
            if track.rendition not in waiting:
                self._reload(track)

    def longest_stall(self, since: int = 0) -> int:
        return max((missing for at, missing in self.stalls if at >= since), default=0)

    def lost_ms(self, since: int = 0) -> int:
        return sum(missing for at, missing in self.stalls if at >= since)

    def _reload(self, track: Track) -> None:
        track.asked_at = self.now
        self.want_playlist(track.rendition)

    def on_playlist(self, rendition: str, playlist: LivePlaylist) -> None:
        track = self.tracks.get(rendition)
        if track is None:
            return
        for n, entry in enumerate(playlist.entries, playlist.media_sequence):
            track.named[n] = (entry.ref.path, entry.ref.digest, entry.size)
        if track.next_n is None:
            track.next_n = max(playlist.media_sequence, playlist.last_n - 2)
        if not playlist.ended:
            self.at(max(self.now, track.asked_at + track.segment_ms), partial(self._reload, track))
        self.at(self.now, partial(self._fetch_next, track))

    def _fetch_next(self, track: Track) -> None:
        if track.fetching is not None or track.next_n is None:
            return
        if track.next_n not in track.named:
            later = [n for n in track.named if n > track.next_n]
            if not later:
                return
            track.next_n = min(later)
        path, digest, size = track.named[track.next_n]
        track.fetching = self.want_file(path, digest, size, track.rendition, track.next_n)

    def on_file(self, rendition: str, n: int) -> None:
        self.decoded.append((rendition, n))
        track = self.tracks.get(rendition)
        if track is None or n < 0:
            return
        self._play()
        track.fetching, track.buffered_n, track.next_n = None, n, n + 1
        track.first_n = n if track.first_n is None else track.first_n
        self._begin_if_ready()
        self.at(self.now, partial(self._fetch_next, track))

    def _begin_if_ready(self) -> None:
        """Two segments of each are enough to begin."""
        tracks = list(self.tracks.values())
        if self._playhead is not None or any(
            (each.buffered_n or 0) < (each.first_n or 10**9) + 1 for each in tracks
        ):
            return
        self._playhead = float(max((each.first_n or 0) * each.segment_ms for each in tracks))
        self._playhead_at = self.now
        self.first_picture_ms = self.now - self.began

    def _play(self) -> None:
        """Advance the playhead to now, as far as there is something to play."""
        if self._playhead is None:
            return
        before, wanted = self._playhead, self._playhead + (self.now - self._playhead_at)
        reach = max(float(min(each.reach_ms() for each in self.tracks.values())), before)
        self._playhead, self._playhead_at = min(wanted, reach), self.now
        missing = round(wanted - self._playhead)
        if missing <= 0:
            self._is_stalled = self._is_stalled and self._playhead == before
            return
        if self._is_stalled and self._playhead == before:
            at, so_far = self.stalls.pop()
            self.stalls.append((at, so_far + missing))
        else:
            self.stalls.append((self.now - missing, missing))
        self._is_stalled = True


def three(broadcaster: Broadcaster) -> list[MirrorSimulator]:
    """Three honest mirrors."""
    return [MirrorSimulator(name, broadcaster) for name in ("m1", "m2", "m3")]


def attacked(
    broadcaster: Broadcaster, attack: Attack, names: tuple[str, ...], now: int
) -> list[MirrorSimulator]:
    """Three mirrors, some of them with an attack from the first moment."""
    mirrors = three(broadcaster)
    for mirror in mirrors:
        if mirror.name in names:
            mirror.turn(attack, now)
    return mirrors
