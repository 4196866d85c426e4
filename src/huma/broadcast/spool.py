"""Media on this machine's own disk until every store has them; what a playlist names is here before it is signed."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from huma.config import SEGMENT_MAX_BYTES
from huma.errors import StoreError
from huma.protocol.names import is_valid_path
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
        self._store = FolderStore(folder, durable=True)
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._sizes: OrderedDict[str, int] = OrderedDict(_standing(folder))
        self._bytes = sum(self._sizes.values())

    def put(self, path: str, data: bytes) -> None:
        """Put a file on disk; when this returns it survives a crash of the machine."""
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


def _standing(folder: Path) -> list[tuple[str, int]]:
    """What an earlier run left, oldest first."""
    found = []
    for place in (folder / _FOLDER).glob("*"):
        path = _FOLDER + place.name
        if is_valid_path(path):
            status = place.stat()
            found.append((status.st_mtime_ns, path, status.st_size))
    return [(path, size) for _, path, size in sorted(found)]
