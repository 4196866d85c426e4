"""The signed archive of an event, read from a place that nobody trusts.

    1.root.json ─▶ trust documents ─▶ event.json ─▶ the live playlist ─▶ by hash, chapter after chapter, back in time

A chapter counts only where it is reached by hash from a live playlist of a key that is not revoked, or, before the
first chapter of a key that took over, from its checkpoint (spec/client.md, B10).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from huma.config import (
    CHAPTER_MAX_BYTES,
    CHECKPOINT_MAX_BYTES,
    LIVE_MAX_BYTES,
    MAX_ROOT_ROTATIONS,
    REVOKED_MAX_BYTES,
    TARGET_MAX_BYTES,
)
from huma.errors import StoreError, VerificationError
from huma.protocol import names
from huma.protocol.chapter import Chapter, ChapterRef, verify_chapter
from huma.protocol.checkpoint import verify_checkpoint
from huma.protocol.playlist import LivePlaylist, verify_live
from huma.protocol.recording import needs_checkpoint, newest_chapter, preceded
from huma.protocol.trust import TrustedDocuments
from huma.protocol.trust.metadata import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from huma.protocol.event import Event
    from huma.protocol.segments import SegmentEntry
    from huma.store.port import Store

_ROOT1: Final = "trust/1.root.json"
_WRONG_PLACE: Final = "Give the folder or the address that huma live publishes to, or that a mirror serves."


@dataclass(frozen=True, slots=True)
class Source:
    """A signed document that lists segments. The text is kept where its place is written again every tick."""

    path: str
    sha256: str
    keyid: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A segment as a signed document lists it."""

    n: int
    start_ms: int
    entry: SegmentEntry
    source: Source

    @property
    def end_ms(self) -> int:
        """When it ends, in Unix milliseconds."""
        return self.start_ms + round(self.entry.duration * 1000)


@dataclass(frozen=True, slots=True)
class Archive:
    """An event that has been verified, and the store to read the rest from."""

    store: Store
    event_id: str
    event: Event
    revoked: frozenset[str]

    def live(self, rendition: str) -> tuple[LivePlaylist, Source]:
        """The live playlist, which names the last complete chapter by its hash."""
        path = names.live_path(rendition)
        data = self.store.get(path, LIVE_MAX_BYTES)
        if data is None:
            raise StoreError(
                f"{self.store.name} has no {path}",
                code="clip-not-begun",
                hint=f"Has the event been on the air? {_WRONG_PLACE}",
            )
        playlist = verify_live(data, event=self.event, event_id=self.event_id, rendition=rendition)
        if playlist.keyid in self.revoked:
            raise VerificationError(
                f"the key that signed {path} is revoked", code="revoked", hint="Ask another mirror."
            )
        return playlist, Source(path, names.sha256_hex(data), playlist.keyid, data.decode())

    def chapters(self, playlist: LivePlaylist) -> Iterator[tuple[Chapter, Source]]:
        """The chapters, the newest first."""
        ref = self._newest_chapter(playlist)
        while ref is not None:
            path = names.chapter_path(playlist.rendition, ref.rank, ref.n)
            data = self.store.get(path, CHAPTER_MAX_BYTES)
            if data is None:
                raise StoreError(
                    f"{self.store.name} has no {path}",
                    code="clip-missing",
                    hint="Another mirror may have it.",
                )
            chapter = verify_chapter(
                data,
                event=self.event,
                event_id=self.event_id,
                rendition=playlist.rendition,
                n=ref.n,
                digest=ref.digest,
            )
            yield chapter, Source(path, ref.digest, chapter.keyid)
            ref = chapter.prev

    def listed(self, rendition: str, since_ms: int | None) -> list[Listed]:
        """Every segment that is listed from `since_ms` on (all of them with None), in order."""
        playlist, source = self.live(rendition)
        found = _numbered(
            range(playlist.media_sequence, playlist.last_n + 1),
            playlist.start_times,
            playlist.entries,
            source,
        )
        for chapter, where in self.chapters(playlist):
            found = preceded(found, _numbered(chapter.numbers, chapter.start_times, chapter.entries, where))
            if since_ms is not None and chapter.start_times[0] <= since_ms:
                break
        return [found[n] for n in sorted(found)]

    def _newest_chapter(self, playlist: LivePlaylist) -> ChapterRef | None:
        if not needs_checkpoint(playlist):
            return newest_chapter(playlist, None)
        data = self.store.get(names.checkpoint_path(playlist.rank), CHECKPOINT_MAX_BYTES)
        if data is None:
            return None
        checkpoint = verify_checkpoint(data, event=self.event, event_id=self.event_id, rank=playlist.rank)
        return newest_chapter(playlist, checkpoint)


def open_archive(store: Store, event_id: str | None = None) -> Archive:
    """The archive at `store`, verified from the event id on; without one, from what the place itself says it is.

    Raises:
        StoreError: The place cannot be read, or is no place of an event.
        VerificationError: What it shows is not what the event's people signed.
    """
    root = store.get(_ROOT1, MAX_BYTES["root"])
    if root is None:
        raise StoreError(f"{store.name} holds no event", code="clip-no-event", hint=_WRONG_PLACE)
    documents = TrustedDocuments.start(event_id or names.event_id(root), root)
    for _ in range(MAX_ROOT_ROTATIONS):
        data = store.get(documents.next_root_path, MAX_BYTES["root"])
        if data is None:
            break
        documents = documents.update_root(data)
    while documents.wanted:
        path = documents.wanted[0]
        documents = documents.update(path, _required(store, path, MAX_BYTES["targets"]))
    event = documents.event(_required(store, documents.target_path("event.json"), TARGET_MAX_BYTES))
    revoked = store.get("live/revoked.json", REVOKED_MAX_BYTES)
    return Archive(
        store, documents.event_id, event, frozenset() if revoked is None else documents.revoked(revoked)
    )


def _numbered(
    numbers: Sequence[int], starts: Sequence[int], entries: Sequence[SegmentEntry], source: Source
) -> dict[int, Listed]:
    return {
        n: Listed(n, start_ms, replace(entry, pdt_ms=None), source)
        for n, start_ms, entry in zip(numbers, starts, entries, strict=True)
    }


def _required(store: Store, path: str, max_bytes: int) -> bytes:
    data = store.get(path, max_bytes)
    if data is None:
        raise StoreError(
            f"{store.name} has no {path}", code="clip-missing", hint="Another mirror may have it."
        )
    return data
