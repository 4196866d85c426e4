"""What one store still lacks: a bounded set of wishes, and the order in which they are granted.

Nothing here knows a network or a clock's own time. The rules:

1. A document (a playlist, a chapter) goes out only when every file that it names is in the store.
2. Of a path only the newest document is kept: what was overtaken while the store was away is never sent.
3. Files that a live playlist waits for go first, the smallest first, so that a thin line carries sound when it
   cannot carry pictures; older files follow when there is time.
4. What cannot be had any more is given up, never waited for.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_FILES: Final = 200_000
FIRST_PAUSE_MS: Final = 250
LONGEST_PAUSE_MS: Final = 5_000


@dataclass(frozen=True, slots=True)
class Job:
    """One thing to do at a store: put a media file, put a document, or delete."""

    kind: Literal["file", "document", "delete"]
    path: str
    data: bytes = field(default=b"", repr=False)
    live: bool = False
    size: int = 0
    tries: int = 0


@dataclass(slots=True)
class _Document:
    job: Job
    missing: set[str]


class Backlog:
    """The wishes for one store. Not safe for threads by itself."""

    def __init__(self, *, max_files: int = MAX_FILES) -> None:
        self._max_files = max_files
        self._files: OrderedDict[str, Job] = OrderedDict()
        self._documents: OrderedDict[str, _Document] = OrderedDict()
        self._deletes: OrderedDict[str, None] = OrderedDict()
        self._busy: dict[str, Job] = {}
        self._waiting: dict[str, set[str]] = {}
        self._pause_ms = 0
        self._not_before = 0.0
        self.dropped = 0
        """Files given up because there were too many, or because they had left the spool."""

    @property
    def behind(self) -> int:
        """How many files and documents are still to be put."""
        return (
            len(self._files) + len(self._documents) + sum(job.kind != "delete" for job in self._busy.values())
        )

    @property
    def idle(self) -> bool:
        """Whether there is nothing left to do."""
        return not (self._files or self._documents or self._deletes or self._busy)

    def holds(self, path: str) -> bool:
        """Whether the file is still to be put here."""
        return path in self._files or path in self._busy

    def want_file(self, path: str, size: int) -> None:
        """The store shall have a media file."""
        self._deletes.pop(path, None)
        if path in self._files or path in self._busy:
            return
        self._files[path] = Job("file", path, size=size)
        while len(self._files) > self._max_files:
            self.give_up(next(iter(self._files)))

    def want_document(self, path: str, data: bytes, needs: Iterable[str], *, live: bool) -> None:
        """The store shall have a document as soon as it has all files that the document names."""
        missing = {need for need in needs if need in self._files or need in self._busy}
        before = self._documents.pop(path, None)
        if before is not None:
            self._forget_waiting(path, before.missing)
        self._documents[path] = _Document(Job("document", path, data, live), missing)
        for need in missing:
            self._waiting.setdefault(need, set()).add(path)

    def want_gone(self, path: str) -> None:
        """The store shall not have a file any more."""
        if path in self._files:
            self.give_up(path)
            self.dropped -= 1  # nobody misses it
        self._deletes[path] = None

    def give_up(self, path: str) -> None:
        """A file cannot be had any more: documents do not wait for it."""
        self._files.pop(path, None)
        self._arrived(path)
        self.dropped += 1

    def next_job(self, now_ms: float) -> Job | None:
        """What to do now, if anything may be done now."""
        if now_ms < self._not_before:
            return None
        job = self._ready_document() or self._next_file() or self._next_delete()
        if job is not None:
            self._busy[job.path] = job
        return job

    def pause_left_ms(self, now_ms: float) -> float:
        """How long nothing may be tried."""
        return max(0.0, self._not_before - now_ms)

    def done(self, job: Job) -> None:
        """It was done."""
        del self._busy[job.path]
        self._pause_ms = 0
        if job.kind == "file":
            self._arrived(job.path)

    def failed(self, job: Job, now_ms: float) -> None:
        """It was not done: try again after a pause that grows, unless something newer is wanted meanwhile."""
        del self._busy[job.path]
        self._pause_ms = min(max(FIRST_PAUSE_MS, self._pause_ms * 2), LONGEST_PAUSE_MS)
        self._not_before = now_ms + self._pause_ms
        again = replace(job, tries=job.tries + 1)
        if job.kind == "file":
            self._files[job.path] = again
        elif job.kind == "delete":
            self._deletes[job.path] = None
        elif job.path not in self._documents:
            self._documents[job.path] = _Document(again, set())

    def _arrived(self, path: str) -> None:
        for document in self._waiting.pop(path, ()):
            if document in self._documents:
                self._documents[document].missing.discard(path)

    def _forget_waiting(self, document: str, missing: set[str]) -> None:
        for need in missing:
            waiting = self._waiting.get(need)
            if waiting is not None:
                waiting.discard(document)
                if not waiting:
                    del self._waiting[need]

    def _ready_document(self) -> Job | None:
        for path, document in self._documents.items():
            if not document.missing and path not in self._busy:
                del self._documents[path]
                return document.job
        return None

    def _next_file(self) -> Job | None:
        if not self._files:
            return None
        urgent = [
            self._files[need]
            for document in self._documents.values()
            if document.job.live
            for need in document.missing
            if need in self._files
        ]
        # one that was refused before does not keep the others waiting
        job = min(urgent or [next(iter(self._files.values()))], key=lambda each: (each.tries, each.size))
        return self._files.pop(job.path)

    def _next_delete(self) -> Job | None:
        for path in self._deletes:
            if path not in self._busy:
                del self._deletes[path]
                return Job("delete", path)
        return None
