"""What the stores show in public: read at the start, and again from time to time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from huma.broadcast.standing import Shown
from huma.config import CHAPTER_MAX_BYTES, CHECKPOINT_MAX_BYTES, LIVE_MAX_BYTES, REVOKED_MAX_BYTES
from huma.errors import HumaError
from huma.protocol import names
from huma.protocol.chapter import verify_chapter
from huma.protocol.checkpoint import verify_checkpoint
from huma.protocol.playlist import verify_live
from huma.protocol.recording import needs_checkpoint, newest_chapter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from huma.protocol.chapter import ChapterRef
    from huma.protocol.checkpoint import Checkpoint
    from huma.protocol.event import Event
    from huma.protocol.playlist import LivePlaylist
    from huma.store.port import Store

LOOK_WITHIN_S: Final = 20.0


@dataclass(frozen=True, slots=True)
class PublicLook:
    """All verified playlists of all stores, the stores that could not be read, and what revocations they show."""

    shown: tuple[Shown, ...]
    unreadable: tuple[tuple[str, HumaError], ...]
    revoked_files: tuple[bytes, ...]


class PublicReader:
    """Reads live playlists from stores and believes only those that verify."""

    def __init__(self, event: Event, event_id: str) -> None:
        self._event = event
        self._event_id = event_id

    def look(self, stores: Sequence[Store]) -> PublicLook:
        """Read every rendition of every store, all stores at once."""
        shown: list[Shown] = []
        failed: list[tuple[str, HumaError]] = []
        revoked: list[bytes] = []
        if not stores:
            return PublicLook((), (), ())
        pool = ThreadPoolExecutor(len(stores), thread_name_prefix="look")
        jobs = {pool.submit(self._look_at, store): store for store in stores}
        done, late = wait(jobs, timeout=LOOK_WITHIN_S)
        for job in done:
            try:
                found, listed = job.result()
            except HumaError as error:
                failed.append((jobs[job].name, error))
            else:
                shown += found
                revoked += listed
        failed += [
            (jobs[job].name, HumaError(f"{jobs[job].name} takes too long", code="store-slow")) for job in late
        ]
        pool.shutdown(wait=False, cancel_futures=True)
        return PublicLook(tuple(shown), tuple(failed), tuple(revoked))

    def read(self, store: Store, rendition: str) -> Shown | None:
        """The playlist of one rendition at one store; None where there is none that verifies."""
        data = store.get(names.live_path(rendition), LIVE_MAX_BYTES)
        if data is None:
            return None
        try:
            playlist = verify_live(data, event=self._event, event_id=self._event_id, rendition=rendition)
        except HumaError:
            return None
        return Shown(store.name, playlist)

    def last_chapter(self, stores: Sequence[Store], playlist: LivePlaylist) -> ChapterRef | None:
        """The last chapter that is reached from `playlist`, if a store has it and it verifies."""
        checkpoint = self._checkpoint(stores, playlist.rank) if needs_checkpoint(playlist) else None
        ref = newest_chapter(playlist, checkpoint)
        if ref is None:
            return None
        path = names.chapter_path(playlist.rendition, ref.rank, ref.n)
        for store in stores:
            try:
                data = store.get(path, CHAPTER_MAX_BYTES)
                if data is None:
                    continue
                verify_chapter(
                    data,
                    event=self._event,
                    event_id=self._event_id,
                    rendition=playlist.rendition,
                    n=ref.n,
                    digest=ref.digest,
                )
            except HumaError:
                continue
            return ref
        return None

    def _checkpoint(self, stores: Sequence[Store], rank: int) -> Checkpoint | None:
        """What the key of `rank` found when it took over, from the first store that has it and where it verifies."""
        for store in stores:
            try:
                data = store.get(names.checkpoint_path(rank), CHECKPOINT_MAX_BYTES)
                if data is not None:
                    return verify_checkpoint(data, event=self._event, event_id=self._event_id, rank=rank)
            except HumaError:
                continue
        return None

    def _look_at(self, store: Store) -> tuple[list[Shown], list[bytes]]:
        found = [self.read(store, rendition.name) for rendition in self._event.renditions]
        try:
            revoked = store.get("live/revoked.json", REVOKED_MAX_BYTES)
        except HumaError:
            revoked = None
        return [each for each in found if each is not None], [] if revoked is None else [revoked]
