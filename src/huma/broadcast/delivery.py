"""To every store: media first, playlists when their media are there, each store at its own pace."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from huma.broadcast.retention import Retention
from huma.broadcast.storeworker import StoreState, StoreWorker
from huma.protocol import names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from huma.broadcast.chain import Chain
    from huma.broadcast.log import Logged
    from huma.broadcast.signer import SignedStep
    from huma.broadcast.spool import Spool
    from huma.store.port import Store


@dataclass(frozen=True, slots=True)
class Settled:
    """What the log need not remember any more: documents that every store has, and media that have left."""

    documents: list[str]
    media: list[str]


class Delivery:
    """All stores of a broadcast, and what each of them shall have."""

    def __init__(
        self, stores: Sequence[Store], spool: Spool, *, wall: Callable[[], int], keep_ms: int | None = None
    ) -> None:
        self._spool = spool
        self._wall = wall
        self._retention = Retention(keep_ms)
        self._unlogged: list[str] = []
        self._lock = threading.Lock()
        self._latest: dict[str, tuple[Chain, bytes]] = {}
        self._documents: dict[str, int] = {}
        self._workers = [StoreWorker(store, spool, wall=wall, on_put=self._arrived) for store in stores]

    @property
    def workers(self) -> Sequence[StoreWorker]:
        """One for each store."""
        return self._workers

    @property
    def states(self) -> list[StoreState]:
        """How each store is doing."""
        return [worker.state for worker in self._workers]

    def resume(
        self,
        logged: Mapping[str, Logged],
        documents: Mapping[str, bytes],
        named: Mapping[str, int] | None = None,
    ) -> None:
        """Begin, with exactly the bytes that the log holds and with whatever some store may still lack."""
        for path, at_ms in (named or {}).items():
            self._retention.name(path, at_ms)
        for name, each in logged.items():
            self._latest[name] = (each.chain, each.playlist)
        for worker in self._workers:
            self.refill(worker)
            for path, data in documents.items():
                worker.want_document(path, data)
        with self._lock:
            self._documents.update(dict.fromkeys(documents, 0))
        for worker in self._workers:
            worker.start()

    def media(self, path: str, size: int) -> None:
        """Every store shall have this file of the spool."""
        self._retention.name(path, self._wall())
        self._unlogged.append(path)
        for worker in self._workers:
            worker.want_file(path, size)

    def document(self, path: str, data: bytes) -> None:
        """Every store shall have this document, which no later one replaces."""
        with self._lock:
            self._documents[path] = 0
        for worker in self._workers:
            worker.want_document(path, data)

    def named(self, steps: Sequence[SignedStep], now_ms: int) -> dict[str, int]:
        """Which files are out, and named last when: what the log must know to remove them one day."""
        fresh, self._unlogged = self._unlogged, []
        if self._retention.keeps_all:
            return {}
        return dict.fromkeys([*fresh, *(path for step in steps for path in media_of(step.chain))], now_ms)

    def publish(self, step: SignedStep) -> None:
        """Every store shall have these chapters, and this playlist as soon as it has its media."""
        chain, now_ms = step.chain, self._wall()
        needs = media_of(chain)
        for path in needs:
            self._retention.name(path, now_ms)
        for chapter in step.chapters:
            self.document(chapter.path, chapter.data)
        with self._lock:
            self._latest[chain.rendition] = (chain, step.playlist)
        path = names.live_path(chain.rendition)
        for worker in self._workers:
            worker.want_document(path, step.playlist, needs, live=True, tick=chain.tick)

    def refill(self, worker: StoreWorker) -> None:
        """A store may have lost what it had, or never got it: offer all that is still here."""
        standing = {path: self._spool.size(path) for path in self._spool.paths()}
        for path, size in standing.items():
            worker.want_file(path, size or 0)
        with self._lock:
            latest = list(self._latest.values())
        for chain, playlist in latest:
            needs = media_of(chain)
            # after a power cut the spool can be poorer than the log: such a playlist would name what nobody has
            if all(path in standing for path in needs):
                path = names.live_path(chain.rendition)
                worker.want_document(path, playlist, needs, live=True, tick=chain.tick)

    def tidy(self) -> Settled:
        """Let go what is old."""
        now_ms = self._wall()
        with self._lock:
            needed = {path for chain, _ in self._latest.values() for path in media_of(chain)}
            done = [path for path, stores in self._documents.items() if stores >= len(self._workers)]
            for path in done:
                del self._documents[path]
        for path in needed:
            self._retention.name(path, now_ms)
        expired = self._retention.expired(now_ms)
        for path in expired:
            for worker in self._workers:
                worker.want_gone(path)
        for path in self._spool.paths():
            if path not in needed and not any(worker.holds(path) for worker in self._workers):
                self._spool.forget(path)
        self._spool.make_room(needed)
        return Settled(done, expired)

    def flush(self, timeout: float) -> bool:
        """Wait until every store has everything; False when some still lack something after `timeout` seconds."""
        until = time.monotonic() + timeout
        return all(worker.flush(until) for worker in self._workers)

    def stop(self) -> None:
        """End all threads."""
        for worker in self._workers:
            worker.stop()

    def _arrived(self, path: str) -> None:
        with self._lock:
            if path in self._documents:
                self._documents[path] += 1


def media_of(chain: Chain) -> list[str]:
    """The files that the live playlist of `chain` names."""
    paths = [entry.ref.path for entry in chain.window]
    paths += dict.fromkeys(entry.init.path for entry in chain.window)
    return paths
