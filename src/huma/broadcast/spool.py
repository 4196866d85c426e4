"""Media on this machine's own disk until every store has them; what a playlist names is here before it is signed.

Only the log is forced to the disk before a playlist leaves: five segments a tick would cost five times as long. Media
follow a moment later, when nobody waits. What a power cut took in between is found out by its digest at the next start.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from huma.config import SEGMENT_MAX_BYTES
from huma.errors import StoreError
from huma.protocol.names import is_valid_path, sha256_hex
from huma.store.folder import FolderStore

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

GIB: Final = 1024**3
DEFAULT_SPOOL_BYTES: Final = 4 * GIB
_FOLDER: Final = "media/"


class Spool:
    """A folder of media files, oldest first, bounded."""

    def __init__(self, folder: Path, *, max_bytes: int = DEFAULT_SPOOL_BYTES) -> None:
        self._store = FolderStore(folder)
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._sizes: OrderedDict[str, int] = OrderedDict(_standing(self._store, folder))
        self._bytes = sum(self._sizes.values())
        self._unsynced: list[str] = []

    def put(self, path: str, data: bytes) -> None:
        """Write a file; when this returns it survives our own end."""
        try:
            self._store.put(path, data)
        except StoreError as error:
            if error.code != "store-full":
                raise
            raise StoreError(
                "the disk of the spool is full: no new segment can be kept",
                code="disk-full",
                hint="Free space there; the broadcast goes on by itself.",
            ) from None
        with self._lock:
            self._bytes += len(data) - self._sizes.pop(path, 0)
            self._sizes[path] = len(data)
            self._unsynced.append(path)

    def sync(self) -> None:
        """Force what was written to the disk: from now on it survives a power cut too."""
        with self._lock:
            paths, self._unsynced = self._unsynced, []
        for path in paths:
            try:
                handle = os.open(self._store.path_of(path), os.O_RDONLY | os.O_CLOEXEC)
            except FileNotFoundError:
                continue  # nobody needed it any more
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    def get(self, path: str) -> bytes | None:
        """Read a file; None when it had to leave."""
        return self._store.get(path, SEGMENT_MAX_BYTES)

    def place(self, path: str) -> Path:
        """Where the file stands."""
        return self._store.path_of(path)

    def size(self, path: str) -> int | None:
        """The size of a file that is here."""
        with self._lock:
            return self._sizes.get(path)

    def paths(self) -> list[str]:
        """All files, oldest first."""
        with self._lock:
            return list(self._sizes)

    def forget(self, path: str) -> None:
        """Remove a file."""
        with self._lock:
            self._bytes -= self._sizes.pop(path, 0)
        self._store.delete(path)

    def make_room(self, keep: Collection[str]) -> list[str]:
        """Remove the oldest files beyond the limit, but none of `keep`; gives what left."""
        gone: list[str] = []
        with self._lock:
            over = self._bytes - self._max_bytes
            for path, size in self._sizes.items():
                if over <= 0:
                    break
                if path not in keep:
                    gone.append(path)
                    over -= size
        for path in gone:
            self.forget(path)
        return gone


def _standing(store: FolderStore, folder: Path) -> list[tuple[str, int]]:
    """What an earlier run left, oldest first. What a power cut has spoilt is removed."""
    found = []
    for place in (folder / _FOLDER).glob("*"):
        path = _FOLDER + place.name
        if not is_valid_path(path):
            continue
        data = store.get(path, SEGMENT_MAX_BYTES) or b""
        if sha256_hex(data) == place.stem:
            found.append((place.stat().st_mtime_ns, path, len(data)))
        else:
            store.delete(path)
    return [(path, size) for _, path, size in sorted(found)]
