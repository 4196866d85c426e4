"""A small signed event in memory, and a mirror of it, for the demo's tests."""

from __future__ import annotations

import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from fractions import Fraction

from huma.demo.copies import Copy, changing_paths
from huma.demo.forger import Forger, Template
from huma.demo.mirror import DemoMirror
from huma.net.localserver import LocalServer
from huma.protocol.event import Event, Language, Rendition
from huma.protocol.names import MediaRef, live_path, sha256_hex
from huma.protocol.playlist import LivePlaylist, SegmentEntry, render_live
from huma.protocol.signature import Ed25519Signer, LiveKey
from huma.store.kinds import kind_of
from huma.store.memory import MemoryStore

EVENT_ID = "a" * 51 + "q"
TICK = (16, 15)
EPOCH_MS = 1_800_000_000_000


def box(kind: bytes, *content: bytes) -> bytes:
    data = b"".join(content)
    return struct.pack(">I4s", 8 + len(data), kind) + data


def segment(time: int, picture: bytes) -> bytes:
    """A fragment with a decode time and some media, in the layout of CMAF."""
    tfdt = box(b"tfdt", struct.pack(">IQ", 1 << 24, time))
    return box(b"moof", box(b"mfhd", bytes(8)), box(b"traf", box(b"tfhd", bytes(8)), tfdt)) + box(
        b"mdat", picture
    )


def an_event(signer: Ed25519Signer) -> Event:
    def video(name: str, height: int) -> Rendition:
        return Rendition(
            name, "video", 1, 2_000_000, "avc1.64001e", 600_000, width=640, height=height, frame_rate=(30, 1)
        )

    sound = Rendition(
        "a-en", "audio", 1, 65536, "mp4a.40.2", 100_000, language="en", channels=2, sample_rate=48000
    )
    key = LiveKey(signer.public.keyid, signer.public, 1, EPOCH_MS, EPOCH_MS + 10**9)
    return Event(
        title={"en": "Demo"},
        schedule=(),
        start_ms=EPOCH_MS,
        end_ms=EPOCH_MS + 86_400_000,
        tick=TICK,
        epoch_ms=EPOCH_MS,
        copy=False,
        languages=(Language("en", "English"),),
        renditions=(video("v360", 360), video("v144", 144), sound),
        live_keys=(key,),
    )


@dataclass
class Origin:
    """Signs for real, into memory."""

    signer: Ed25519Signer = field(default_factory=lambda: Ed25519Signer.from_seed(bytes(range(32))))
    store: MemoryStore = field(default_factory=MemoryStore)
    tick: int = 0
    _entries: dict[str, list[SegmentEntry]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.event = an_event(self.signer)
        self.put("trust/timestamp.json", b'{"signed":1}')
        self.put("live/revoked.json", b'{"revoked":[]}')

    def put(self, path: str, data: bytes) -> None:
        kind = kind_of(path)
        self.store.put(path, data, content_type=kind.content_type, cache_control=kind.cache_control)

    def media(self, data: bytes, ext: str) -> MediaRef:
        ref = MediaRef(sha256_hex(data), "mp4" if ext == "mp4" else "m4s")
        self.put(ref.path, data)
        return ref

    def advance(self, ticks: int = 1) -> None:
        for _ in range(ticks):
            for rendition in self.event.renditions:
                self._publish(rendition.name)
            self.tick += 1

    def _publish(self, name: str) -> None:
        init = box(b"ftyp", name.encode())
        data = segment(480_000 + self.tick * 51_200, f"{name} {self.tick} ".encode() * 300)
        entries = self._entries.setdefault(name, [])
        start = self.event.grid.start_ms(self.tick)
        ref, head = self.media(data, "m4s"), self.media(init, "mp4")
        entries.append(SegmentEntry(ref, len(data), Fraction(*TICK), False, head, len(init), start))
        del entries[:-6]
        playlist = LivePlaylist(
            event=EVENT_ID,
            rendition=name,
            keyid=self.signer.public.keyid,
            tick=self.tick,
            issued_ms=start,
            target_duration=2,
            media_sequence=self.tick - len(entries) + 1,
            discontinuity_sequence=0,
            entries=tuple(entries),
        )
        self.put(live_path(name), render_live(playlist, self.signer))


def a_forger() -> Forger:
    template = Template(box(b"ftyp", b"forged"), segment(0, b"FORGED " * 200))
    return Forger(Ed25519Signer.from_seed(bytes(32)), {"v360": template, "v144": template})


@asynccontextmanager
async def a_mirror(origin: Origin) -> AsyncIterator[DemoMirror]:
    server = LocalServer()
    await server.start()
    copy = Copy(origin.store, changing_paths(origin.event))
    mirror = DemoMirror("m1", "North", origin.event, copy, a_forger(), server)
    try:
        mirror.copy.pull_new([rendition.name for rendition in origin.event.renditions])
        yield mirror
    finally:
        await server.stop()
