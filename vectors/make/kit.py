"""What the vectors of the documents are made of: keys from fixed seeds, one event, and a way to write files."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeAlias

from huma.protocol import names
from huma.protocol.event import Event, Language, Rendition, ScheduleItem, render_event
from huma.protocol.segments import SegmentEntry
from huma.protocol.signature import (
    Ed25519Signer,
    LiveKey,
    Purpose,
    render_signature,
    sign,
)

FOLDER = Path(__file__).parent.parent

Vector: TypeAlias = dict[str, Any]

EPOCH_MS = 1_795_456_740_000  # 2026-11-23T17:59:00.000Z
DAY_MS = 86_400_000
NOT_BEFORE_MS = EPOCH_MS
NOT_AFTER_MS = EPOCH_MS + 31 * DAY_MS
EVENT_ID = names.event_id(b"the first root of the event of the vectors\n")
OTHER_EVENT_ID = names.event_id(b"the first root of another event\n")


def signer(name: str) -> Ed25519Signer:
    """The key that belongs to `name`, always the same."""
    return Ed25519Signer.from_seed(hashlib.sha256(f"huma vectors: {name}".encode()).digest())


A, B, C, STRANGER = (signer(name) for name in ("live-a", "live-b", "live-c", "stranger"))
ROOTS = tuple(signer(f"root-{n}") for n in (1, 2, 3))


def live_key(key: Ed25519Signer, rank: int) -> LiveKey:
    """How the event lists `key`."""
    return LiveKey(key.public.keyid, key.public, rank, NOT_BEFORE_MS, NOT_AFTER_MS)


EVENT = Event(
    title={"en": "A meeting", "fa": "یک گردهمایی"},
    schedule=(ScheduleItem(EPOCH_MS + 60_000, {"en": "Welcome", "fa": "خوش آمدید"}),),
    start_ms=EPOCH_MS + 60_000,
    end_ms=EPOCH_MS + DAY_MS,
    tick=(16, 15),
    epoch_ms=EPOCH_MS,
    copy=False,
    languages=(Language("en", "English"), Language("fa", "فارسی")),
    renditions=(
        Rendition(
            "v360", "video", 1, 500_000, "avc1.64001f", 700_000, width=640, height=360, frame_rate=(30, 1)
        ),
        Rendition(
            "a-fa", "audio", 1, 65_536, "mp4a.40.2", 100_000, language="fa", channels=2, sample_rate=48_000
        ),
        Rendition(
            "n-fa", "audio", 4, 65_536, "mp4a.40.2", 25_000, language="fa", channels=1, sample_rate=48_000
        ),
    ),
    live_keys=(live_key(A, 1), live_key(B, 2)),
)
COPY_EVENT = replace(
    EVENT,
    copy=True,
    tick=(4, 1),
    renditions=(
        Rendition(
            "v",
            "video",
            1,
            5_000_000,
            "avc1.64001f,mp4a.40.2",
            3_000_000,
            width=1280,
            height=720,
            frame_rate=(25, 1),
        ),
    ),
)
EVENT_TEXT = render_event(EVENT).decode()
COPY_EVENT_TEXT = render_event(COPY_EVENT).decode()

TICK = Fraction(16, 15)


def media(name: str, ext: names.MediaExt = "m4s") -> names.MediaRef:
    """A media file that nobody ever made."""
    return names.MediaRef(hashlib.sha256(name.encode()).hexdigest(), ext)


INIT = media("init", "mp4")


def entries(first: int, count: int, duration: Fraction = TICK) -> tuple[SegmentEntry, ...]:
    """`count` segments from number `first` on, one after the other."""
    start = EPOCH_MS + int(first * duration * 1000)
    return tuple(
        SegmentEntry(
            media(f"segment {n}"), 100_000 + n, duration, False, INIT, 744, start if n == first else None
        )
        for n in range(first, first + count)
    )


def raw_signed(body: bytes, key: Ed25519Signer, purpose: Purpose, keyid: str | None = None) -> bytes:
    """`body` signed whatever it is: a signer that keeps no rule."""
    signature = render_signature(sign(purpose, body, key))
    return body + f'#EXT-X-HUMA-SIG:KEYID="{keyid or key.public.keyid}",ED25519="{signature}"\n'.encode()


def body_of(data: bytes) -> str:
    """Everything before the signature line."""
    return data[: data.rindex(b"\n", 0, len(data) - 1) + 1].decode()


@dataclass(frozen=True)
class Changed:
    """One change of a text: the first `old` becomes `new`. That `old` is there is part of making the vector."""

    old: str
    new: str

    def apply(self, text: str) -> str:
        """The changed text."""
        if self.old not in text:
            raise ValueError(f"{self.old!r} is not there to be changed")
        return text.replace(self.old, self.new, 1)


def content(data: bytes) -> Vector:
    """Bytes as a member of a vector: text where it can be, base64 where not."""
    try:
        return {"text": data.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}


def render(vector: Vector) -> bytes:
    """The file of one vector."""
    return (json.dumps(vector, ensure_ascii=False, indent=1) + "\n").encode()


def named(*vectors: tuple[str, Vector]) -> dict[str, Vector]:
    """The vectors by file name; a name that stands twice is a mistake."""
    found = dict(vectors)
    if len(found) != len(vectors):
        raise ValueError("two vectors have one name")
    return found
