"""A broadcaster that signs for real, as a function of time: what stands on an honest store at any moment."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, field, replace
from functools import cache

from huma.protocol.event import Event, Language, Rendition
from huma.protocol.names import MediaRef, event_id, sha256_hex
from huma.protocol.playlist import LivePlaylist, render_live, signed_digest
from huma.protocol.segments import SegmentEntry
from huma.protocol.signature import Ed25519Signer, LiveKey

EPOCH_MS = 1_795_000_000_000
WINDOW = 6
TICK = (16, 15)


def signer(name: str) -> Ed25519Signer:
    return Ed25519Signer.from_seed(hashlib.sha256(name.encode()).digest())


def video(name: str, ticks: int = 1, bandwidth: int = 240_000) -> Rendition:
    return Rendition(
        name, "video", ticks, 1_500_000, "avc1.64001f", bandwidth, width=640, height=360, frame_rate=(30, 1)
    )


def audio(name: str, ticks: int = 1) -> Rendition:
    return Rendition(
        name, "audio", ticks, 65_536, "mp4a.40.2", 48_000, language="en", channels=2, sample_rate=48_000
    )


def make_event(*renditions: Rendition) -> Event:
    keys = tuple(
        LiveKey(signer(name).public.keyid, signer(name).public, rank, EPOCH_MS, EPOCH_MS + 10**10)
        for rank, name in enumerate(("key-a", "key-b", "key-c"), 1)
    )
    return Event(
        title={"en": "An event under test"},
        schedule=(),
        start_ms=EPOCH_MS,
        end_ms=EPOCH_MS + 10**9,
        tick=TICK,
        epoch_ms=EPOCH_MS,
        copy=False,
        languages=(Language("en", "English"),),
        renditions=renditions or (video("v360"), audio("a-en")),
        live_keys=keys,
    )


@cache
def media(seed: str, size: int) -> bytes:
    return random.Random(seed).randbytes(size)


@dataclass
class Broadcaster:
    """Publishes segment n of each rendition `delay_ms` after it ended. `branch` makes other bytes under the same key."""

    event: Event = field(default_factory=make_event)
    root: bytes = b"the first root of this event"
    key: str = "key-a"
    branch: str = "true"
    delay_ms: int = 60
    first_tick: int = 0
    ends_at: int | None = None
    takes_over_from: Broadcaster | None = None
    jump_ticks: int = 0
    _made: dict[tuple[str, int], bytes] = field(default_factory=dict)
    _files: dict[str, tuple[int, bytes]] = field(default_factory=dict)

    @property
    def event_id(self) -> str:
        return event_id(self.root)

    @property
    def rank(self) -> int:
        return next(key.rank for key in self.event.live_keys if key.keyid == signer(self.key).public.keyid)

    def segment(self, rendition: Rendition, n: int) -> bytes:
        seconds = rendition.ticks_per_segment * TICK[0] / TICK[1]
        size = int(rendition.bandwidth * seconds / 8)
        return media(f"{self.branch}/{rendition.name}/{n}", size)

    def init(self, rendition: Rendition) -> bytes:
        return media(f"init/{rendition.name}", 700)

    def published_at(self, rendition: Rendition, n: int) -> int:
        """When segment `n` and the playlist that ends with it stand in the store."""
        return (
            self.event.grid.start_ms((n + 1) * rendition.ticks_per_segment - self.jump_ticks) + self.delay_ms
        )

    def last_n(self, rendition: Rendition, now: int) -> int | None:
        if self.ends_at is not None:
            now = min(now, self.ends_at)
        tick = self.event.grid.tick_at(now) + self.jump_ticks
        n = tick // rendition.ticks_per_segment
        while n >= 0 and self.published_at(rendition, n) > now:
            n -= 1
        return n if n * rendition.ticks_per_segment >= self.first_tick else None

    def playlist(self, name: str, now: int) -> bytes | None:
        """The live playlist as it stands at `now`; None before the first."""
        rendition = self.event.rendition(name)
        n = None if rendition is None else self.last_n(rendition, now)
        return None if rendition is None or n is None else self._playlist(rendition, n)

    def _playlist(self, rendition: Rendition, n: int) -> bytes:
        key = (rendition.name, n)
        if key not in self._made:
            self._made[key] = self._render(rendition, n)
        return self._made[key]

    def _render(self, rendition: Rendition, n: int) -> bytes:
        began = 0 if self.takes_over_from is not None else -(-self.first_tick // rendition.ticks_per_segment)
        first = max(began, n - WINDOW + 1)
        prev = self._made.get((rendition.name, n - 1))
        entries = tuple(
            self._entry(rendition, number, first=number == first) for number in range(first, n + 1)
        )
        ended = self.ends_at is not None and self.published_at(rendition, n + 1) > self.ends_at
        playlist = LivePlaylist(
            event=self.event_id,
            rendition=rendition.name,
            keyid=signer(self.key).public.keyid,
            tick=(n + 1) * rendition.ticks_per_segment - 1,
            issued_ms=self.published_at(rendition, n) - 20,
            target_duration=2 if rendition.ticks_per_segment == 1 else 5,
            media_sequence=first,
            discontinuity_sequence=0,
            entries=entries,
            prev=None if prev is None else signed_digest(prev),
            prev_tick=None if prev is None else n * rendition.ticks_per_segment - 1,
            ended=ended,
        )
        return render_live(playlist, signer(self.key))

    def _entry(self, rendition: Rendition, n: int, *, first: bool) -> SegmentEntry:
        data, init = self._body(rendition, n), self.init(rendition)
        ref, init_ref = MediaRef(sha256_hex(data), "m4s"), MediaRef(sha256_hex(init), "mp4")
        ticks = rendition.ticks_per_segment
        self._files[ref.path] = (self.published_at(rendition, n) - 10, data)
        self._files[init_ref.path] = (0, init)
        return SegmentEntry(
            ref=ref,
            size=len(data),
            duration=self.event.grid.duration * ticks,
            discontinuity=False,
            init=init_ref,
            init_size=len(init),
            pdt_ms=self.event.grid.start_ms(n * ticks) if first else None,
        )

    def _body(self, rendition: Rendition, n: int) -> bytes:
        """A standby carries on: what was published before its first tick is the other's."""
        before = self.takes_over_from
        if before is not None and n * rendition.ticks_per_segment < self.first_tick:
            return before.segment(rendition, n)
        return self.segment(rendition, n)

    def file(self, path: str, now: int) -> bytes | None:
        """Any file, as it stands at `now`."""
        if path.startswith("live/") and path.endswith(".m3u8"):
            return self.playlist(path[5:-5], now)
        if path == "live/revoked.json":
            return b'{"revoked":[]}\n'
        if path.startswith("trust/"):
            return self.root if path == "trust/1.root.json" else b"{}"
        since, data = self._files.get(path, (now + 1, b""))
        if since <= now:
            return data
        return None if self.takes_over_from is None else self.takes_over_from.file(path, now)

    def fork(self, branch: str) -> Broadcaster:
        """Somebody else with the same key."""
        return replace(self, branch=branch, _made={}, _files={})


def another_event(broadcaster: Broadcaster) -> Broadcaster:
    """The same keys, another event."""
    return replace(broadcaster, root=b"the first root of another event", _made={}, _files={})
