"""An event on the air for browser tests: real keys, real pictures and sound, three mirrors that misbehave when told.

The programme is encoded once and goes round; every playlist is signed as it is due. It stands in for `huma live`, whose
encoders would take the whole machine from the browser that is under test.
"""

from __future__ import annotations

import asyncio
import gzip
import threading
import time
from collections import defaultdict
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from huma.config import CHAPTER_TICKS, LIVE_WINDOW_SEGMENTS
from huma.demo.copies import Copy, changing_paths
from huma.demo.faults import Fault
from huma.demo.forger import Forger, Template
from huma.demo.forgery import encode_forgery
from huma.demo.fragments import decode_times, moved_to
from huma.demo.mirror import DemoMirror
from huma.demo.prepared import prepare
from huma.keys.creation import create
from huma.keys.eventdir import EventDir
from huma.keys.eventtoml import EventConfig
from huma.keys.ladder import AudioRung, VideoRung
from huma.keys.repository import boot_json
from huma.media.segment import Segment
from huma.media.timeline import open_timeline
from huma.net.localserver import LocalServer, Request, Response
from huma.net.pages import PagePin, pinned
from huma.protocol.chapter import Chapter, ChapterRef, chapter_of, render_chapter
from huma.protocol.event import Event, Language, Rendition, ScheduleItem
from huma.protocol.names import MediaRef, chapter_path, live_path, sha256_hex
from huma.protocol.playlist import LivePlaylist, SegmentEntry, render_live, signed_digest
from huma.protocol.roster import Mirror
from huma.protocol.signature import Ed25519Signer, Signer
from huma.store.kinds import kind_of
from huma.store.memory import MemoryStore

T = TypeVar("T")

LANGUAGES = (Language("en", "English"), Language("fa", "فارسی"))
VIDEO = (
    VideoRung("v360", 640, 360, 400_000),
    VideoRung("v144", 256, 144, 120_000),
    VideoRung("v144s", 256, 144, 120_000, "slow"),
)
AUDIO = (AudioRung("a", 64_000, 2), AudioRung("n", 24_000, 1, "slow"))
MIRRORS = ("m1", "m2", "m3")
PREPARED_TICKS = 24
TYPES = {"html": "text/html; charset=utf-8", "js": "text/javascript", "woff2": "font/woff2"}
MINUTE_MS = 60_000


def now_ms() -> int:
    return int(time.time() * 1000)


@dataclass(frozen=True)
class Film:
    """The programme and a forger's, encoded once for all tests."""

    event: Event
    segments: Mapping[str, Sequence[Segment]]
    forged: Mapping[str, Template]


def make_event(folder: Path, *, epoch_ms: int, mirrors: Sequence[Mirror] = (), **change: Any) -> EventDir:
    config = EventConfig(
        title={"en": "A rally of thirty thousand places", "fa": "گردهمایی سی هزار نقطه"},
        start_ms=epoch_ms + MINUTE_MS,
        end_ms=epoch_ms + 86_400_000,
        languages=LANGUAGES,
        video=VIDEO,
        audio=AUDIO,
        schedule=(
            ScheduleItem(epoch_ms + MINUTE_MS, {"en": "Opening", "fa": "گشایش"}),
            ScheduleItem(epoch_ms + 90 * MINUTE_MS, {"en": "Songs", "fa": "سرودها"}),
        ),
        mirrors=tuple(mirrors),
    )
    return create(folder, replace(config, **change), now=epoch_ms)


def shoot(folder: Path) -> Film:
    event = make_event(folder, epoch_ms=now_ms()).event
    return Film(event, prepare("test", event, PREPARED_TICKS), encode_forgery(event))


@dataclass
class Reel:
    """Signs one rendition, segment after segment."""

    event: Event
    event_id: str
    rendition: Rendition
    segments: Sequence[Segment]
    signer: Signer
    store: MemoryStore
    rank: int = 1
    window: list[SegmentEntry] = field(default_factory=list)
    chapter: list[SegmentEntry] = field(default_factory=list)
    chapter_n: int = 0
    last_chapter: ChapterRef | None = None
    prev: tuple[str, int] | None = None
    n: int = 0
    """The number of the next segment."""

    def put(self, path: str, data: bytes) -> None:
        kind = kind_of(path)
        self.store.put(path, data, content_type=kind.content_type, cache_control=kind.cache_control)

    def advance(self, *, publish: bool = True, ended: bool = False) -> None:
        entry = self._entry()
        self.window = [*self.window, entry][-LIVE_WINDOW_SEGMENTS:]
        number = chapter_of(self.n, self.rendition.ticks_per_segment)
        if self.chapter and number != self.chapter_n:
            self.close_chapter()
        self.chapter_n = number
        self.chapter.append(entry)
        self.n += 1
        if publish:
            self.publish(ended=ended)

    def publish(self, *, ended: bool = False, issued_ms: int | None = None) -> None:
        tick = self.n * self.rendition.ticks_per_segment - 1
        playlist = LivePlaylist(
            event=self.event_id,
            rendition=self.rendition.name,
            keyid=self.signer.public.keyid,
            tick=tick,
            issued_ms=issued_ms or now_ms(),
            target_duration=2 if self.rendition.ticks_per_segment == 1 else 5,
            media_sequence=self.n - len(self.window),
            discontinuity_sequence=0,
            entries=tuple(self.window),
            prev=self.prev[0] if self.prev else None,
            prev_tick=self.prev[1] if self.prev else None,
            chapter=self.last_chapter.n if self.last_chapter else None,
            chapter_sha=self.last_chapter.digest if self.last_chapter else None,
            ended=ended,
        )
        data = render_live(playlist, self.signer)
        self.prev = (signed_digest(data), tick)
        self.put(live_path(self.rendition.name), data)

    def close_chapter(self, *, ended: bool = False) -> None:
        chapter = Chapter(
            event=self.event_id,
            rendition=self.rendition.name,
            keyid=self.signer.public.keyid,
            n=self.chapter_n,
            issued_ms=now_ms(),
            target_duration=2 if self.rendition.ticks_per_segment == 1 else 5,
            media_sequence=self.n - len(self.chapter),
            discontinuity_sequence=0,
            entries=tuple(self.chapter),
            prev=self.last_chapter,
            ended=ended,
        )
        data = render_chapter(chapter, self.signer)
        self.put(chapter_path(self.rendition.name, self.rank, self.chapter_n), data)
        self.last_chapter = ChapterRef(self.rank, self.chapter_n, sha256_hex(data))
        self.chapter = []

    def _entry(self) -> SegmentEntry:
        ticks = self.rendition.ticks_per_segment
        made = self.segments[self.n % len(self.segments)]
        data = moved_to(made.data, self._times(made))
        ref = MediaRef(sha256_hex(data), "m4s")
        init = MediaRef(sha256_hex(made.init), "mp4")
        self.put(ref.path, data)
        self.put(init.path, made.init)
        start = self.event.grid.start_ms(self.n * ticks)
        return SegmentEntry(ref, len(data), made.duration, False, init, len(made.init), start)

    def _times(self, made: Segment) -> list[int]:
        timeline = open_timeline(self.event, 0)
        ticks = self.rendition.ticks_per_segment
        video = self.rendition.kind == "video"
        scale = timeline.video_timescale if video else self.rendition.sample_rate or 48_000
        shift = timeline.base_time(self.n * ticks, scale) - timeline.base_time(made.n * ticks, scale)
        return [at + shift for at in decode_times(made.data)]


class Air:
    """The event, its mirrors and its page, in a loop of their own."""

    def __init__(
        self, film: Film, folder: Path, pages: Path, *, past_ms: int = 30_000, on_air: bool = True
    ) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.film = film
        self.servers = {name: LocalServer() for name in MIRRORS}
        self.page_server = LocalServer()
        for server in (*self.servers.values(), self.page_server):
            self.run(server.start())
        listed = [
            Mirror(
                name,
                f"{server.origin}/",
                f"Operator {name}",
                "lan",
                "trusted" if name == "m1" else "volunteer",
            )
            for name, server in self.servers.items()
        ]
        self.epoch_ms = now_ms() - past_ms
        self.folder = make_event(folder, epoch_ms=self.epoch_ms, mirrors=listed)
        self.event, self.event_id = self.folder.event, self.folder.event_id
        self.store = MemoryStore(media_bytes=1 << 30)
        self.pages = pages
        self.pin: PagePin | None = None
        self.asked: list[str] = []
        self._gzipped: dict[bytes, bytes] = {}
        self.page_server.answer = self._page
        for path, data in {**self.folder.public_files(), "trust/boot.json": boot_json(self.folder)}.items():
            self.put(path, data)
        signer = self.folder.live_signer(1)
        self.reels = [
            Reel(self.event, self.event_id, each, film.segments[each.name], signer, self.store)
            for each in self.event.renditions
        ]
        self.mirrors = self._make_mirrors()
        self._airing: Future[None] | None = None
        if on_air:
            self.go_on_air()

    # -- on the air ---------------------------------------------------------------------------------------

    def go_on_air(self) -> None:
        """Everything up to now at once, then each tick when it is due."""
        self.show_up_to(now_ms())
        self._airing = asyncio.run_coroutine_threadsafe(self._air(), self._loop)

    def show_up_to(self, moment_ms: int) -> None:
        """What was published by then, as it was then."""
        for reel in self.reels:
            while self._due(reel, reel.n + 1, moment_ms):
                reel.advance(publish=False)
            if reel.window:
                reel.publish(issued_ms=moment_ms)

    def go_off_air(self) -> None:
        """Cut, without a word."""
        if self._airing is not None:
            self._airing.cancel()
            self._airing = None

    def end(self) -> None:
        """The signed end: a last segment with ENDED, and a last chapter."""
        self.go_off_air()
        for reel in self.reels:
            reel.advance(publish=False)
            reel.close_chapter(ended=True)
            reel.publish(ended=True)

    def _due(self, reel: Reel, number: int, moment_ms: int) -> bool:
        """Whether everything before segment `number` has happened by then."""
        return self.event.grid.start_ms(number * reel.rendition.ticks_per_segment) <= moment_ms

    async def _air(self) -> None:
        while True:
            for reel in self.reels:
                if self._due(reel, reel.n + 1, now_ms()):
                    reel.advance()
            await asyncio.sleep(0.02)

    # -- mirrors ------------------------------------------------------------------------------------------

    def _make_mirrors(self) -> dict[str, DemoMirror]:
        forger = Forger(Ed25519Signer.from_seed(bytes(32)), self.film.forged)
        changing = changing_paths(self.event)
        mirrors = {
            name: DemoMirror(name, name, self.event, Copy(self.store, changing), forger, server)
            for name, server in self.servers.items()
        }
        for mirror in mirrors.values():
            asyncio.run_coroutine_threadsafe(mirror.follow(), self._loop)
        return mirrors

    def switch(self, name: str, fault: Fault) -> None:
        self.run(self.mirrors[name].switch(fault))

    def restore(self) -> None:
        for name in MIRRORS:
            self.switch(name, Fault.NONE)

    # -- the page -----------------------------------------------------------------------------------------

    @property
    def origin(self) -> str:
        return self.page_server.origin

    def url(
        self, page: str = "local.html", *, mirrors: Sequence[str] = MIRRORS, event: str | None = None
    ) -> str:
        hints = "&".join(f"m={self.servers[name].origin}/" for name in mirrors)
        return f"{self.origin}/{page}#1:{event or self.event_id}?{hints}"

    def single_file(self, folder: Path, *, event: str | None = None) -> Path:
        """The single file, pinned as `huma player` does it."""
        pin = PagePin(event or self.event_id, tuple(f"{each.origin}/" for each in self.servers.values()))
        path = folder / "player.html"
        path.write_bytes(pinned((self.pages / "player.html").read_bytes(), pin))
        return path

    async def _page(self, request: Request) -> Response | None:
        name = request.path.lstrip("/") or "index.html"
        self.asked.append(name)
        path = (self.pages / name).resolve()
        if not path.is_relative_to(self.pages.resolve()) or not path.is_file():
            return Response(404)
        data = path.read_bytes()
        if self.pin is not None and name.endswith(".html"):
            data = pinned(data, self.pin)
        content_type = TYPES.get(name.rpartition(".")[2], "application/octet-stream")
        headers = [("Content-Type", content_type), ("Cache-Control", "no-cache")]
        if "gzip" in request.headers.get("accept-encoding", "") and not name.endswith("woff2"):
            if data not in self._gzipped:
                self._gzipped[data] = gzip.compress(data, 9)
            data = self._gzipped[data]
            headers.append(("Content-Encoding", "gzip"))
        return Response(200, data, tuple(headers))

    # -- small things -------------------------------------------------------------------------------------

    def put(self, path: str, data: bytes) -> None:
        kind = kind_of(path)
        self.store.put(path, data, content_type=kind.content_type, cache_control=kind.cache_control)

    def publish_trust(self) -> None:
        for path, data in {**self.folder.public_files(), "trust/boot.json": boot_json(self.folder)}.items():
            self.put(path, data)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    def close(self) -> None:
        self.go_off_air()
        self.run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _close(self) -> None:
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for server in (*self.servers.values(), self.page_server):
            await server.stop()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@contextmanager
def an_air(film: Film, folder: Path, pages: Path, **settings: Any) -> Iterator[Air]:
    air = Air(film, folder, pages, **settings)
    try:
        yield air
    finally:
        air.close()


def chapter_ms(event: Event) -> int:
    return event.grid.start_ms(CHAPTER_TICKS) - event.grid.start_ms(0)


def by_kind(paths: Sequence[str]) -> dict[str, int]:
    counts: defaultdict[str, int] = defaultdict(int)
    for path in paths:
        counts[path.split("/")[0]] += 1
    return dict(counts)
