"""Vectors of recordings (spec/client.md, B10): a live playlist, what stands in the archive, and what is reached of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from huma.protocol.chapter import Chapter, ChapterRef, render_chapter
from huma.protocol.checkpoint import Checkpoint, render_checkpoint
from huma.protocol.event import render_event
from huma.protocol.names import chapter_path, checkpoint_path, sha256_hex
from huma.protocol.playlist import LivePlaylist, render_live
from vectors.make import kit

if TYPE_CHECKING:
    from huma.protocol.segments import SegmentEntry
    from huma.protocol.signature import Ed25519Signer
    from vectors.make.kit import Vector

EVENT: Final = replace(kit.EVENT, live_keys=(*kit.EVENT.live_keys, kit.live_key(kit.C, 3)))
KEYS: Final = {1: kit.A, 2: kit.B, 3: kit.C}
NAME: Final = "v360"
ISSUED_MS: Final = kit.EPOCH_MS + 2_000_000


@dataclass
class Case:
    """One recording in the making: what stands in the archive, by path, and what is expected of it."""

    why: str
    files: dict[str, str] = field(default_factory=dict)
    reached: list[tuple[int, int]] = field(default_factory=list)
    segments: list[tuple[int, str]] = field(default_factory=list)
    live: str = ""

    def chapter(self, rank: int, n: int, numbers: range, prev: ChapterRef | None = None) -> ChapterRef:
        """The key of `rank` signs chapter `n` with these segments of its own."""
        data = render_chapter(
            Chapter(
                event=kit.EVENT_ID,
                rendition=NAME,
                keyid=KEYS[rank].public.keyid,
                n=n,
                issued_ms=ISSUED_MS,
                target_duration=2,
                media_sequence=numbers[0],
                discontinuity_sequence=0,
                entries=_entries(rank, numbers),
                prev=prev,
                rank=rank,
            ),
            KEYS[rank],
        )
        self.files[chapter_path(NAME, rank, n)] = data.decode()
        return ChapterRef(rank, n, sha256_hex(data))

    def checkpoint(self, rank: int, **chapters: ChapterRef) -> Case:
        """The key of `rank` takes over and signs what it found."""
        named = tuple(sorted((name.replace("_", "-"), ref) for name, ref in chapters.items()))
        key = KEYS[rank]
        data = render_checkpoint(Checkpoint(kit.EVENT_ID, key.public.keyid, rank, ISSUED_MS, named), key)
        self.files[checkpoint_path(rank)] = data.decode()
        return self

    def on_air(self, rank: int, numbers: range, last: ChapterRef | None = None) -> Case:
        """The key of `rank` is on the air with this window."""
        key: Ed25519Signer = KEYS[rank]
        playlist = LivePlaylist(
            event=kit.EVENT_ID,
            rendition=NAME,
            keyid=key.public.keyid,
            tick=numbers[-1],
            issued_ms=ISSUED_MS,
            target_duration=2,
            media_sequence=numbers[0],
            discontinuity_sequence=0,
            entries=_entries(rank, numbers),
            chapter=last.n if last else None,
            chapter_sha=last.digest if last else None,
            rank=rank,
        )
        self.live = render_live(playlist, key).decode()
        return self

    def reaches(self, *parts: tuple[ChapterRef, range]) -> Case:
        """Expected: these chapters, the oldest first, and so much of each."""
        self.reached = [(ref.rank, ref.n) for ref, _ in parts]
        self.segments = [(n, _media(ref.rank, n)) for ref, numbers in parts for n in numbers]
        return self

    def vector(self) -> Vector:
        """As the file has it."""
        return {
            "why": self.why,
            "expect": "ok",
            "event_id": kit.EVENT_ID,
            "rendition": NAME,
            "event": render_event(EVENT).decode(),
            "live": self.live,
            "files": self.files,
            "chapters": [list(each) for each in self.reached],
            "segments": [list(each) for each in self.segments],
        }


def recording_vectors() -> dict[str, Vector]:
    """Recordings, by file name."""
    made = {
        "of-one-key": _of_one_key,
        "not-yet": _not_yet,
        "taken-over": _taken_over,
        "taken-over-and-a-chapter": _taken_over_and_a_chapter,
        "taken-over-without-a-checkpoint": _without_a_checkpoint,
        "checkpoint-without-the-rendition": _without_the_rendition,
        "checkpoint-of-a-key-that-has-chapters": _own_chapter_first,
        "taken-over-twice": _taken_over_twice,
        "two-keys-overlap": _overlap,
        "a-whole-chapter-overlapped": _overlapped,
    }
    return kit.named(*((name, make().vector()) for name, make in made.items()))


def _of_one_key() -> Case:
    case = Case("from chapter to chapter by hash, to the first")
    first = case.chapter(1, 3, range(1117, 1120))
    second = case.chapter(1, 4, range(1120, 1123), first)
    return case.on_air(1, range(1400, 1403), second).reaches((first, range(1117, 1120)), (second, range(1120, 1123)))  # fmt: skip


def _not_yet() -> Case:
    return Case("no chapter has been signed yet").on_air(1, range(6))


def _taken_over() -> Case:
    case = Case(
        "before the new key's first chapter its checkpoint says what it goes on from; what it did not see is contested"
    )
    first = case.chapter(1, 3, range(1117, 1120))
    second = case.chapter(1, 4, range(1120, 1123), first)
    case.chapter(1, 5, range(1400, 1403), second)
    case.checkpoint(2, v360=second).on_air(2, range(1403, 1406))
    return case.reaches((first, range(1117, 1120)), (second, range(1120, 1123)))


def _taken_over_and_a_chapter() -> Case:
    case = Case("the chain crosses the take-over")
    first = case.chapter(1, 4, range(1120, 1123))
    second = case.chapter(2, 5, range(1403, 1406), first)
    case.checkpoint(2, v360=first).on_air(2, range(1680, 1683), second)
    return case.reaches((first, range(1120, 1123)), (second, range(1403, 1406)))


def _without_a_checkpoint() -> Case:
    case = Case("nothing that the new key signed names a chapter: none counts")
    case.chapter(1, 4, range(1120, 1123))
    return case.on_air(2, range(1403, 1406))


def _without_the_rendition() -> Case:
    case = Case("the new key verified a chapter of the sound, and none of the picture")
    return case.checkpoint(2, a_fa=case.chapter(1, 4, range(1120, 1123))).on_air(2, range(1403, 1406))


def _own_chapter_first() -> Case:
    case = Case("a key that has a chapter of its own is asked for no checkpoint")
    old = case.chapter(1, 4, range(1120, 1123))
    own = case.chapter(2, 5, range(1403, 1406))
    return case.checkpoint(2, v360=old).on_air(2, range(1680, 1683), own).reaches((own, range(1403, 1406)))


def _taken_over_twice() -> Case:
    case = Case("the second key signed no chapter: the third names the first key's, which it verified itself")
    first = case.chapter(1, 4, range(1120, 1123))
    case.checkpoint(2, v360=first).checkpoint(3, v360=first).on_air(3, range(1410, 1413))
    return case.reaches((first, range(1120, 1123)))


def _overlap() -> Case:
    case = Case(
        "two keys list the same numbers: what the newer document says stands from its first segment on"
    )
    first = case.chapter(1, 4, range(1120, 1126))
    second = case.chapter(2, 4, range(1123, 1125), first)
    case.checkpoint(2, v360=first).on_air(2, range(1400, 1403), second)
    return case.reaches((first, range(1120, 1123)), (second, range(1123, 1125)))


def _overlapped() -> Case:
    case = Case(
        "nothing is left of a chapter that the newer one covers whole; what is before it still counts"
    )
    first = case.chapter(1, 3, range(1117, 1120))
    second = case.chapter(1, 4, range(1121, 1123), first)
    third = case.chapter(2, 4, range(1120, 1125), second)
    case.checkpoint(2, v360=second).on_air(2, range(1400, 1403), third)
    return case.reaches((first, range(1117, 1120)), (second, range(0)), (third, range(1120, 1125)))


def _media(rank: int, n: int) -> str:
    return kit.media(f"rank {rank} segment {n}").path


def _entries(rank: int, numbers: range) -> tuple[SegmentEntry, ...]:
    listed = kit.entries(numbers[0], len(numbers))
    return tuple(
        replace(entry, ref=kit.media(f"rank {rank} segment {n}"))
        for n, entry in zip(numbers, listed, strict=True)
    )
