"""One store, its threads and its backlog: whatever happens to it, the others do not notice."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from huma.broadcast.backlog import Backlog, Job
from huma.errors import HumaError, StoreError
from huma.store.folder import FolderStore
from huma.store.http import HttpStore
from huma.store.kinds import kind_of
from huma.store.objects import ObjectStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from huma.broadcast.spool import Spool
    from huma.store.port import Store

HTTP_THREADS: Final = 6
"""A far store needs several requests at once: one round trip each would take longer than a tick."""
_IDLE_LOOK_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class StoreState:
    """How a store is doing. `code` is empty when all is well; `newest_ms` is when it last got a live playlist."""

    name: str
    code: str
    message: str
    behind: int
    dropped: int
    newest_ms: int | None
    newest_tick: int | None

    @property
    def ok(self) -> bool:
        """Whether the last thing that was tried succeeded."""
        return not self.code


class StoreWorker:
    """Brings media and documents to one store, in an order that never shows a playlist without its media."""

    def __init__(
        self,
        store: Store,
        spool: Spool,
        *,
        wall: Callable[[], int],
        on_put: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._store = store
        self._spool = spool
        self._wall = wall
        self._on_put = on_put
        self._backlog = Backlog()
        self._changed = threading.Condition()
        self._stopping = False
        self._code, self._message = "", ""
        self._newest_ms: int | None = None
        self._newest_tick: int | None = None
        self._ticks: dict[str, int] = {}
        count = HTTP_THREADS if isinstance(store, HttpStore | ObjectStore) else 1
        self._threads = [
            threading.Thread(target=self._run, name=f"store-{n}", daemon=True) for n in range(count)
        ]

    @property
    def store(self) -> Store:
        """The store."""
        return self._store

    @property
    def state(self) -> StoreState:
        """How it is doing."""
        with self._changed:
            return StoreState(
                self._store.name,
                self._code,
                self._message,
                self._backlog.behind,
                self._backlog.dropped,
                self._newest_ms,
                self._newest_tick,
            )

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def want_file(self, path: str, size: int) -> None:
        """Bring a media file from the spool."""
        with self._changed:
            self._backlog.want_file(path, size)
            self._changed.notify()

    def want_document(
        self,
        path: str,
        data: bytes,
        needs: Iterable[str] = (),
        *,
        live: bool = False,
        tick: int | None = None,
    ) -> None:
        """Bring a document after the files that it names."""
        with self._changed:
            if tick is not None:
                self._ticks[path] = tick
            self._backlog.want_document(path, data, needs, live=live)
            self._changed.notify()

    def want_gone(self, path: str) -> None:
        """Remove a file."""
        with self._changed:
            self._backlog.want_gone(path)
            self._changed.notify()

    def holds(self, path: str) -> bool:
        """Whether a file is still to be brought."""
        with self._changed:
            return self._backlog.holds(path)

    def flush(self, until: float) -> bool:
        """Wait until all is there, or until the monotonic moment `until`; True = all is there."""
        with self._changed:
            while self._backlog.behind and time.monotonic() < until:
                self._changed.wait(min(0.2, max(0.01, until - time.monotonic())))
            return not self._backlog.behind

    def stop(self) -> None:
        """End the threads after what they are doing; one that hangs ends by its own time limit."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(2.0)

    def _run(self) -> None:
        while True:
            with self._changed:
                if self._stopping:
                    return
                now = time.monotonic() * 1000
                job = self._backlog.next_job(now)
                if job is None:
                    pause = self._backlog.pause_left_ms(now) / 1000
                    self._changed.wait(pause or _IDLE_LOOK_S)
                    continue
            self._try(job)

    def _try(self, job: Job) -> None:
        try:
            lost = not self._do(job)
        except HumaError as error:
            self._settle(job, error)
        except Exception as error:  # noqa: BLE001 - a bug at one store must not silence it, or the others
            self._settle(job, StoreError(f"{self._store.name}: {type(error).__name__}", code="bug"))
        else:
            self._settle(job, None, lost=lost)

    def _do(self, job: Job) -> bool:
        """Do one thing; False when the file has left the spool."""
        kind = kind_of(job.path)
        match job.kind:
            case "delete":
                self._store.delete(job.path)
            case "document":
                self._store.put(
                    job.path, job.data, content_type=kind.content_type, cache_control=kind.cache_control
                )
            case "file":
                if isinstance(self._store, FolderStore) and self._store.link(
                    job.path, self._spool.place(job.path)
                ):
                    return True
                data = self._spool.get(job.path)
                if data is None:
                    return False
                self._store.put(
                    job.path, data, content_type=kind.content_type, cache_control=kind.cache_control
                )
        return True

    def _settle(self, job: Job, error: HumaError | None, *, lost: bool = False) -> None:
        with self._changed:
            if error is not None:
                self._code, self._message = error.code, error.message
                self._backlog.failed(job, time.monotonic() * 1000)
            else:
                self._backlog.done(job)
                self._backlog.dropped += lost
                self._code, self._message = "", ""
                if job.live:
                    self._newest_ms = self._wall()
                    self._newest_tick = max(self._newest_tick or 0, self._ticks.get(job.path, 0))
            self._changed.notify_all()
        if error is None and job.kind == "document":
            self._on_put(job.path)
