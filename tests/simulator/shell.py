"""A shell around the session in virtual time: it fetches from simulated mirrors, verifies for real, and obeys."""

from __future__ import annotations

import heapq
import json
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

from huma.errors import HumaError
from huma.protocol.names import sha256_hex
from huma.protocol.offered import OfferedPlaylist
from huma.protocol.playlist import LivePlaylist, looks_like_ours, verify_live
from huma.protocol.session import events
from huma.protocol.session.commands import (
    Cancel,
    Deliver,
    Fetch,
    Forget,
    Note,
    RefreshTrust,
    Save,
    View,
    WakeAt,
)
from huma.protocol.session.config import SessionConfig
from huma.protocol.session.events import Failed, Failure
from huma.protocol.session.session import WatchSession
from tests.simulator.mirrors import Attack, MirrorSimulator

if TYPE_CHECKING:
    from collections.abc import Callable

    from huma.protocol.session.commands import Command
    from huma.protocol.session.events import Event
    from tests.simulator.broadcaster import Broadcaster

MONO_0 = 5_000


def url_of(name: str) -> str:
    return f"https://{name}.example/"


def name_of(mirror: str) -> str:
    """The simulator behind a mirror's id; a hint's id is its URL."""
    return mirror.removeprefix("https://").removesuffix(".example/")


@dataclass(frozen=True)
class Step:
    """One call of `handle`, for a script."""

    wall: int
    mono: int
    event: Event
    commands: list[Command]


def trust_of(
    broadcaster: Broadcaster,
    mirrors: list[MirrorSimulator],
    *,
    hints: tuple[str, ...] = (),
    tiers: dict[str, str] | None = None,
    operators: dict[str, str] | None = None,
    weights: dict[str, int] | None = None,
    withdrawn: tuple[str, ...] = (),
) -> events.Trust:
    """The trust documents of a simulated event; mirrors whose names are in `hints` stand in no roster."""
    event = broadcaster.event
    return events.Trust(
        event_id=broadcaster.event_id,
        copy=event.copy,
        tick=event.tick,
        epoch_ms=event.epoch_ms,
        renditions=tuple(
            events.RenditionPlan(each.name, each.kind, each.ticks_per_segment, each.max_bytes, each.bandwidth)
            for each in event.renditions
        ),
        mirrors=tuple(
            events.MirrorListing(
                mirror.name,
                url_of(mirror.name),
                (operators or {}).get(mirror.name, f"operator of {mirror.name}"),
                "server",
                (tiers or {}).get(mirror.name, "trusted"),
            )
            for mirror in mirrors
            if mirror.name not in hints
        ),
        hints=tuple(url_of(name) for name in hints),
        weights=weights or {},
        withdrawn=withdrawn,
        live_keys=tuple(events.LiveKeyPlan(key.keyid, key.rank) for key in event.live_keys),
    )


class Shell:
    """Runs a session until a moment. `now` is the true wall clock; the viewer's may be off by `clock_off`."""

    def __init__(
        self,
        mirrors: list[MirrorSimulator],
        broadcaster: Broadcaster,
        *,
        now: int,
        trust: events.Trust | None = None,
        seed: int = 1,
        config: SessionConfig | None = None,
        clock_off: int = 0,
        line: int | None = None,
        introduces: bool = True,
    ) -> None:
        self.mirrors = {mirror.name: mirror for mirror in mirrors}
        self.broadcaster = broadcaster
        self.now, self.began, self.clock_off, self.line = now, now, clock_off, line
        self._introduced: set[str] | None = set() if introduces else None
        self.trust = trust or trust_of(broadcaster, mirrors)
        self.config = config or SessionConfig()
        self.session = WatchSession(self.config, seed)
        self.steps: list[Step] = []
        self.notes: list[tuple[int, Note]] = []
        self.saved: list[Save] = []
        self.fetches: list[tuple[int, Fetch]] = []
        self.revoked: dict[str, tuple[str, ...]] = {}
        self.wanted: dict[int, int] = {}
        self.answered: dict[int, int] = {}
        self.newer_timestamp = False
        self.refreshed = 0
        self.ticks: dict[str, list[tuple[int, int]]] = {}
        self.digests: dict[tuple[str, int, int], str] = {}
        self._queue: list[tuple[int, int, Callable[[], object]]] = []
        self._order = count()
        self._live: dict[int, Fetch] = {}
        self._bodies: dict[int, bytes] = {}
        self._wake: int | None = None
        self._wants = count(1)
        self.playlist_wants: dict[int, str] = {}
        self.file_wants: dict[int, tuple[str, int, str]] = {}

    # -- time ------------------------------------------------------------------------------------------

    def at(self, when: int, what: Callable[[], object]) -> None:
        heapq.heappush(self._queue, (when, next(self._order), what))

    def run_until(self, end: int) -> None:
        while self._queue and self._queue[0][0] <= end:
            when, _, what = heapq.heappop(self._queue)
            self.now = max(self.now, when)
            what()
        self.now = end

    def run_for(self, ms: int) -> None:
        self.run_until(self.now + ms)

    @property
    def mono(self) -> int:
        return self.now - self.began + MONO_0

    @property
    def wall(self) -> int:
        return self.now + self.clock_off

    def view(self) -> View:
        return self.session.view(self.wall, self.mono)

    def told(self, what: str) -> list[Note]:
        return [note for _, note in self.notes if note.what == what]

    def turn(self, names: tuple[str, ...], attack: Attack) -> None:
        for name in names:
            self.mirrors[name].turn(attack, self.now)

    def turn_at(self, when: int, name: str, attack: Attack) -> None:
        self.at(when, partial(self.turn, (name,), attack))

    # -- wants -----------------------------------------------------------------------------------------

    def want_playlist(self, rendition: str, have: int | None = None) -> int:
        want = next(self._wants)
        self.playlist_wants[want], self.wanted[want] = rendition, self.now
        self.send(events.WantPlaylist(want, rendition, have))
        return want

    def want_file(self, path: str, digest: str, size: int | None, rendition: str, n: int = -1) -> int:
        want = next(self._wants)
        self.file_wants[want], self.wanted[want] = (rendition, n, digest), self.now
        self.send(events.WantFile(want, path, digest, size, rendition))
        return want

    def unwant(self, want: int) -> None:
        self.send(events.Unwant(want))

    def sleep(self, ms: int, *, told: bool = True) -> None:
        """The page sleeps: nothing happens in it, and what was under way is lost."""
        self._queue.clear()
        self._live.clear()
        self.now += ms
        self.send(events.Suspended() if told else events.Wake())

    # -- commands --------------------------------------------------------------------------------------

    def send(self, event: Event) -> list[Command]:
        commands = self.session.handle(event, self.wall, self.mono)
        self.steps.append(Step(self.wall, self.mono, event, commands))
        for command in commands:
            self._do(command)
        return commands

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
                self.at(self.began + mono - MONO_0, partial(self._wake_up, mono))
            case Note():
                self.notes.append((self.now, command))
            case Save():
                self.saved.append(command)
            case RefreshTrust():
                self.refreshed += 1
                self.newer_timestamp = False

    def _wake_up(self, mono: int) -> None:
        if self._wake == mono:
            self._wake = None
            self.send(events.Wake())

    def _fetch(self, fetch: Fetch) -> None:
        self.fetches.append((self.now, fetch))
        self._live[fetch.req] = fetch
        assert fetch.url == url_of(name_of(fetch.mirror)) + fetch.path
        self._introduce(fetch.mirror)
        reply = self.mirrors[name_of(fetch.mirror)].reply(fetch.path, self.now, self.line)
        if reply.status is None:
            self.at(reply.ends_at or 0, partial(self._end, fetch, Failed(fetch.req, Failure.NETWORK)))
            return
        if reply.status != 200:
            failed = Failed(fetch.req, Failure.STATUS, reply.status)
            self.at(reply.chunks[0][0], partial(self._end, fetch, failed))
            return
        for index, (when, size) in enumerate(reply.chunks):
            self.at(when, partial(self._chunk, fetch, size, first=index == 0))
        if reply.ends_at is not None:
            self.at(reply.ends_at, partial(self._whole, fetch, reply.body))

    def _introduce(self, mirror: str) -> None:
        """At the first contact, as any shell does: has this mirror this event's first root?"""
        if self._introduced is None or mirror in self._introduced:
            return
        self._introduced.add(mirror)
        reply = self.mirrors[name_of(mirror)].reply("trust/1.root.json", self.now, self.line)
        if reply.body == self.broadcaster.root and reply.ends_at is not None:
            self.at(reply.ends_at, partial(self.send, events.RootSeen(mirror)))

    def _chunk(self, fetch: Fetch, size: int, *, first: bool) -> None:
        if fetch.req not in self._live:
            return
        if size > fetch.max_bytes:
            self._end(fetch, Failed(fetch.req, Failure.LONG, bytes=size))
            return
        if first:
            self.send(events.FirstByte(fetch.req))
        if fetch.req in self._live:
            self.send(events.Progress(fetch.req, size))

    def _end(self, fetch: Fetch, event: Event) -> None:
        if self._live.pop(fetch.req, None) is not None:
            self.send(event)

    def _whole(self, fetch: Fetch, body: bytes) -> None:
        if fetch.req in self._live:
            judges = {
                "playlist": self._judge_playlist,
                "file": self._judge_file,
                "revoked": self._judge_revoked,
            }
            judge = judges.get(fetch.kind)
            timestamp = events.TimestampSeen(fetch.req, self.newer_timestamp)
            self._end(fetch, timestamp if judge is None else judge(fetch, body))

    def _judge_playlist(self, fetch: Fetch, body: bytes) -> Event:
        event, event_id = self.broadcaster.event, self.broadcaster.event_id
        try:
            playlist = verify_live(body, event=event, event_id=event_id, rendition=fetch.rendition or "")
        except HumaError as error:
            ours = error.code == "bad-signature" and looks_like_ours(body, event_id)
            return Failed(fetch.req, Failure.BAD_SIGNATURE if ours else Failure.MALFORMED, bytes=len(body))
        self._bodies[fetch.req] = body
        return events.PlaylistVerified(fetch.req, OfferedPlaylist.of(playlist))

    def _judge_file(self, fetch: Fetch, body: bytes) -> Event:
        if fetch.size is not None and len(body) != fetch.size:
            how = Failure.SHORT if len(body) < fetch.size else Failure.LONG
            return Failed(fetch.req, how, bytes=len(body))
        if sha256_hex(body) != fetch.digest:
            return Failed(fetch.req, Failure.MISMATCH, bytes=len(body))
        self._bodies[fetch.req] = body
        return events.FileVerified(fetch.req)

    def _judge_revoked(self, fetch: Fetch, body: bytes) -> Event:
        try:
            json.loads(body)
        except ValueError:
            return Failed(fetch.req, Failure.MALFORMED, bytes=len(body))
        return events.RevokedVerified(fetch.req, self.revoked.get(name_of(fetch.mirror), ()))

    def _deliver(self, want: int, body: bytes) -> None:
        assert want not in self.answered, "delivered twice"
        self.answered[want] = self.now
        if want not in self.playlist_wants:
            rendition, n, digest = self.file_wants[want]
            assert sha256_hex(body) == digest
            self.on_file(rendition, n)
            return
        rendition, event = self.playlist_wants[want], self.broadcaster.event
        playlist = verify_live(body, event=event, event_id=self.broadcaster.event_id, rendition=rendition)
        self.ticks.setdefault(rendition, []).append((playlist.rank, playlist.tick))
        self.digests[rendition, playlist.rank, playlist.tick] = playlist.signed_digest
        self.on_playlist(rendition, playlist)

    # -- for those who play ----------------------------------------------------------------------------

    def on_playlist(self, rendition: str, playlist: LivePlaylist) -> None:
        """A believed playlist was delivered."""

    def on_file(self, rendition: str, n: int) -> None:
        """A verified file was delivered."""
