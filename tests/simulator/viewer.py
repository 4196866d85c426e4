"""A shell around the session in virtual time: it fetches, verifies for real, and plays into a buffer."""

from __future__ import annotations

import heapq
import json
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

from huma.errors import HumaError
from huma.protocol.names import sha256_hex
from huma.protocol.offered import OfferedPlaylist
from huma.protocol.playlist import LivePlaylist, looks_like_ours, verify_live
from huma.protocol.session.commands import (
    Cancel,
    Deliver,
    Fetch,
    Forget,
    GiveUp,
    Note,
    RefreshTrust,
    Save,
    WakeAt,
)
from huma.protocol.session.config import SessionConfig
from huma.protocol.session.events import (
    Failed,
    Failure,
    FileVerified,
    FirstByte,
    LiveKeyPlan,
    MirrorListing,
    PlaylistVerified,
    Progress,
    RenditionPlan,
    RevokedVerified,
    Suspended,
    TimestampSeen,
    Trust,
    Unwant,
    Wake,
    WantFile,
    WantPlaylist,
)
from huma.protocol.session.session import WatchSession
from tests.simulator.mirrors import Attack, MirrorSimulator

if TYPE_CHECKING:
    from collections.abc import Callable

    from huma.protocol.session.commands import Command
    from huma.protocol.session.events import Event
    from tests.simulator.broadcaster import Broadcaster

MONO_0 = 5_000


@dataclass
class Player:
    """What hls.js does, in numbers: reload a playlist each segment, fetch in order, play from two segments back."""

    rendition: str
    segment_ms: int
    next_n: int | None = None
    named: dict[int, tuple[str, str, int]] = field(default_factory=dict)
    buffered_n: int | None = None
    asked_at: int = 0
    fetching: int | None = None
    ticks: list[tuple[int, int]] = field(default_factory=list)
    ended: bool = False


@dataclass
class Step:
    """One call of `handle`, for a script."""

    wall: int
    mono: int
    event: Event
    commands: list[Command]


class Viewer:
    """Runs a session against mirrors until a moment. Times are true wall-clock milliseconds."""

    def __init__(
        self,
        mirrors: list[MirrorSimulator],
        broadcaster: Broadcaster,
        *,
        now: int,
        seed: int = 1,
        config: SessionConfig | None = None,
        clock_off: int = 0,
        line: int | None = None,
        playing: tuple[str, ...] = ("v360", "a-en"),
        tiers: dict[str, str] | None = None,
        operators: dict[str, str] | None = None,
        hints: tuple[str, ...] = (),
        weights: dict[str, int] | None = None,
        withdrawn: tuple[str, ...] = (),
        hook: Callable[[Step], None] | None = None,
    ) -> None:
        self.mirrors = {mirror.name: mirror for mirror in mirrors}
        self.broadcaster = broadcaster
        self.now, self.began, self.clock_off, self.line = now, now, clock_off, line
        self.session = WatchSession(config or SessionConfig(), seed)
        self.steps: list[Step] = []
        self.notes: list[tuple[int, Note]] = []
        self.saved: list[Save] = []
        self.fetches: list[tuple[int, Fetch]] = []
        self.revoked: dict[str, tuple[str, ...]] = {}
        self.decoded: list[tuple[str, int]] = []
        self.stalls: list[tuple[int, int]] = []
        self.answered: dict[int, int] = {}
        self.wanted: dict[int, int] = {}
        self.newer_timestamp = False
        self.refreshed = 0
        self.hook = hook
        self._queue: list[tuple[int, int, Callable[[], None]]] = []
        self._order = count()
        self._live: dict[int, Fetch] = {}
        self._bodies: dict[int, bytes] = {}
        self._wake: int | None = None
        self._wants = count(1)
        self._playlist_wants: dict[int, str] = {}
        self._file_wants: dict[int, tuple[str, int, str]] = {}
        self.players = {name: Player(name, self._segment_ms(name)) for name in playing}
        self._playhead: float | None = None
        self._playhead_at = now
        self._stalled_since: int | None = None
        self.trust = Trust(
            event_id=broadcaster.event_id,
            copy=False,
            tick=broadcaster.event.tick,
            epoch_ms=broadcaster.event.epoch_ms,
            renditions=tuple(
                RenditionPlan(each.name, each.kind, each.ticks_per_segment, each.max_bytes, each.bandwidth)
                for each in broadcaster.event.renditions
            ),
            mirrors=tuple(
                MirrorListing(
                    mirror.name,
                    f"https://{mirror.name}.example/",
                    (operators or {}).get(mirror.name, f"operator of {mirror.name}"),
                    "server",
                    (tiers or {}).get(mirror.name, "trusted"),
                )
                for mirror in mirrors
                if f"https://{mirror.name}.example/" not in hints
            ),
            hints=hints,
            weights=weights or {},
            withdrawn=withdrawn,
            live_keys=tuple(LiveKeyPlan(key.keyid, key.rank) for key in broadcaster.event.live_keys),
        )

    def _segment_ms(self, name: str) -> int:
        rendition = self.broadcaster.event.rendition(name)
        assert rendition is not None
        return rendition.ticks_per_segment * 16_000 // 15

    # -- time ------------------------------------------------------------------------------------------

    def at(self, when: int, what: Callable[[], None]) -> None:
        heapq.heappush(self._queue, (when, next(self._order), what))

    def start(self) -> Viewer:
        self.send(self.trust)
        for player in self.players.values():
            self._reload(player)
        return self

    def run_for(self, ms: int) -> Viewer:
        return self.run_until(self.now + ms)

    def run_until(self, end: int) -> Viewer:
        while self._queue and self._queue[0][0] <= end:
            when, _, what = heapq.heappop(self._queue)
            self.now = max(self.now, when)
            what()
        self.now = end
        self._play()
        return self

    @property
    def mono(self) -> int:
        return self.now - self.began + MONO_0

    @property
    def wall(self) -> int:
        return self.now + self.clock_off

    def view(self) -> object:
        return self.session.view(self.wall, self.mono)

    def send(self, event: Event) -> list[Command]:
        commands = self.session.handle(event, self.wall, self.mono)
        step = Step(self.wall, self.mono, event, commands)
        self.steps.append(step)
        if self.hook is not None:
            self.hook(step)
        for command in commands:
            self._do(command)
        return commands

    # -- commands --------------------------------------------------------------------------------------

    def _do(self, command: Command) -> None:
        match command:
            case Fetch():
                self._fetch(command)
            case Cancel(req):
                self._live.pop(req, None)
            case Deliver(want, req):
                self._deliver(want, self._bodies[req])
            case Forget(req):
                self._bodies.pop(req, None)
            case WakeAt(mono):
                assert mono > self.mono
                self._wake = mono
                self.at(self.began + mono - MONO_0, lambda: self._wake_up(mono))
            case Note():
                self.notes.append((self.now, command))
            case Save():
                self.saved.append(command)
            case RefreshTrust():
                self.refreshed += 1
                self.newer_timestamp = False
            case GiveUp():
                pass

    def _wake_up(self, mono: int) -> None:
        if self._wake == mono:
            self._wake = None
            self.send(Wake())

    def _fetch(self, fetch: Fetch) -> None:
        self.fetches.append((self.now, fetch))
        self._live[fetch.req] = fetch
        name = fetch.mirror.removeprefix("https://").removesuffix(".example/")
        mirror = self.mirrors[name]
        assert fetch.url == f"https://{name}.example/{fetch.path}"
        reply = mirror.reply(fetch.path, self.now, self.line)
        if reply.status is None:
            self.at(reply.ends_at or 0, lambda: self._end(fetch, Failed(fetch.req, Failure.NETWORK)))
            return
        if reply.status != 200:
            self.at(
                reply.chunks[0][0], lambda: self._end(fetch, Failed(fetch.req, Failure.STATUS, reply.status))
            )
            return
        for index, (when, size) in enumerate(reply.chunks):
            self.at(when, partial(self._chunk, fetch, size, first=index == 0))
        if reply.ends_at is not None:
            self.at(reply.ends_at, lambda: self._whole(fetch, reply.body))

    def _chunk(self, fetch: Fetch, size: int, *, first: bool) -> None:
        if fetch.req not in self._live:
            return
        if size > fetch.max_bytes:
            self._end(fetch, Failed(fetch.req, Failure.LONG, bytes=size))
            return
        if first:
            self.send(FirstByte(fetch.req))
        if fetch.req in self._live:
            self.send(Progress(fetch.req, size))

    def _end(self, fetch: Fetch, event: Event) -> None:
        if self._live.pop(fetch.req, None) is not None:
            self.send(event)

    def _whole(self, fetch: Fetch, body: bytes) -> None:
        if fetch.req not in self._live:
            return
        if fetch.kind == "playlist":
            self._end(fetch, self._judge_playlist(fetch, body))
        elif fetch.kind == "file":
            self._end(fetch, self._judge_file(fetch, body))
        elif fetch.kind == "revoked":
            self._end(fetch, self._judge_revoked(fetch, body))
        else:
            self._end(fetch, TimestampSeen(fetch.req, self.newer_timestamp))

    def _judge_playlist(self, fetch: Fetch, body: bytes) -> Event:
        event, event_id = self.broadcaster.event, self.broadcaster.event_id
        try:
            playlist = verify_live(body, event=event, event_id=event_id, rendition=fetch.rendition or "")
        except HumaError as error:
            ours = error.code == "bad-signature" and looks_like_ours(body, event_id)
            return Failed(fetch.req, Failure.BAD_SIGNATURE if ours else Failure.MALFORMED, bytes=len(body))
        self._bodies[fetch.req] = body
        return PlaylistVerified(fetch.req, OfferedPlaylist.of(playlist))

    def _judge_file(self, fetch: Fetch, body: bytes) -> Event:
        if fetch.size is not None and len(body) != fetch.size:
            how = Failure.SHORT if len(body) < fetch.size else Failure.LONG
            return Failed(fetch.req, how, bytes=len(body))
        if sha256_hex(body) != fetch.digest:
            return Failed(fetch.req, Failure.MISMATCH, bytes=len(body))
        self._bodies[fetch.req] = body
        return FileVerified(fetch.req)

    def _judge_revoked(self, fetch: Fetch, body: bytes) -> Event:
        name = fetch.mirror.removeprefix("https://").removesuffix(".example/")
        try:
            json.loads(body)
        except ValueError:
            return Failed(fetch.req, Failure.MALFORMED, bytes=len(body))
        return RevokedVerified(fetch.req, self.revoked.get(name, ()))

    # -- playing ---------------------------------------------------------------------------------------

    def want_playlist(self, rendition: str) -> int:
        want = next(self._wants)
        self._playlist_wants[want], self.wanted[want] = rendition, self.now
        self.send(WantPlaylist(want, rendition))
        return want

    def want_file(self, path: str, digest: str, size: int | None, rendition: str, n: int = -1) -> int:
        want = next(self._wants)
        self._file_wants[want], self.wanted[want] = (rendition, n, digest), self.now
        self.send(WantFile(want, path, digest, size, rendition))
        return want

    def unwant(self, want: int) -> None:
        self.send(Unwant(want))

    def sleep(self, ms: int, *, told: bool = True) -> None:
        """The page sleeps: nothing happens in it, and what was under way is lost."""
        self._queue.clear()
        self._live.clear()
        self.now += ms
        if told:
            self.send(Suspended())
        else:
            self.send(Wake())
        for player in self.players.values():
            if player.rendition not in {self._playlist_wants[want] for want in self._open_playlist_wants()}:
                self._reload(player)

    def _open_playlist_wants(self) -> list[int]:
        return [want for want in self._playlist_wants if want not in self.answered]

    def _reload(self, player: Player) -> None:
        player.asked_at = self.now
        self.want_playlist(player.rendition)

    def _deliver(self, want: int, body: bytes) -> None:
        assert want not in self.answered, "delivered twice"
        self.answered[want] = self.now
        if want in self._playlist_wants:
            rendition = self._playlist_wants[want]
            playlist = verify_live(
                body, event=self.broadcaster.event, event_id=self.broadcaster.event_id, rendition=rendition
            )
            if rendition in self.players:
                self._on_playlist(self.players[rendition], playlist)
            return
        rendition, n, digest = self._file_wants[want]
        assert sha256_hex(body) == digest
        self.decoded.append((rendition, n))
        if rendition in self.players and n >= 0:
            self._on_segment(self.players[rendition], n)

    def _on_playlist(self, player: Player, playlist: LivePlaylist) -> None:
        player.ticks.append((playlist.rank, playlist.tick))
        for n, entry in enumerate(playlist.entries, playlist.media_sequence):
            player.named[n] = (entry.ref.path, entry.ref.digest, entry.size)
        if player.next_n is None:
            player.next_n = max(playlist.media_sequence, playlist.last_n - 1)
        player.ended = playlist.ended
        if not playlist.ended:
            self.at(max(self.now, player.asked_at + player.segment_ms), lambda: self._reload(player))
        self.at(self.now, lambda: self._fetch_next(player))

    def _fetch_next(self, player: Player) -> None:
        if player.fetching is not None or player.next_n is None:
            return
        if player.next_n not in player.named:
            later = [n for n in player.named if n > player.next_n]
            if not later or min(later) - player.next_n < 2:
                return
            player.next_n, player.buffered_n = min(later), None
        path, digest, size = player.named[player.next_n]
        player.fetching = self.want_file(path, digest, size, player.rendition, player.next_n)

    def _on_segment(self, player: Player, n: int) -> None:
        self._play()
        player.fetching = None
        player.buffered_n = n
        player.next_n = n + 1
        if self._playhead is None and all(each.buffered_n is not None for each in self.players.values()):
            first = max((each.buffered_n or 0) * each.segment_ms for each in self.players.values())
            self._playhead, self._playhead_at = float(first), self.now
        self.at(self.now, lambda: self._fetch_next(player))

    def _play(self) -> None:
        """Advance the playhead to now; a time without picture or sound is a stall."""
        if self._playhead is None:
            return
        ends = [((each.buffered_n or 0) + 1) * each.segment_ms for each in self.players.values()]
        wanted = self._playhead + (self.now - self._playhead_at)
        reach = float(min(ends))
        self._playhead_at = self.now
        if wanted > reach:
            missing = round(wanted - max(reach, self._playhead))
            self.stalls.append((self.now, missing))
            self._playhead = max(reach, self._playhead)
        else:
            self._playhead = wanted

    @property
    def first_picture_ms(self) -> int | None:
        return min(
            (at - self.began for want, at in self.answered.items() if want in self._file_wants), default=None
        )

    def longest_stall(self, since: int) -> int:
        return max((missing for at, missing in self.stalls if at > since), default=0)

    def told(self, what: str) -> list[Note]:
        return [note for _, note in self.notes if note.what == what]


def three(broadcaster: Broadcaster, attack: Attack = Attack.NONE, now: int = 0) -> list[MirrorSimulator]:
    """Three mirrors; the first is the liar."""
    mirrors = [MirrorSimulator(name, broadcaster) for name in ("m1", "m2", "m3")]
    mirrors[0].turn(attack, now)
    return mirrors
