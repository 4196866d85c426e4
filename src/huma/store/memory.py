"""Files in memory, bounded: what the embedded server shows, and what tests look at."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final, Protocol

from huma.config import MIB
from huma.errors import StoreError
from huma.store.port import checked_path, too_large

DEFAULT_MEDIA_BYTES: Final = 256 * MIB


class Shelf(Protocol):
    """Where a memory store shows its files: the embedded server."""

    def put(self, path: str, data: bytes, *, content_type: str, cache_control: str) -> None:
        """Show a file."""

    def delete(self, path: str) -> None:
        """Show it no more."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file with its headers."""

    data: bytes
    content_type: str
    cache_control: str


class MemoryStore:
    """Files in memory. Beyond `media_bytes` the media files that were touched longest ago go first."""

    def __init__(
        self, name: str = "memory", *, shelf: Shelf | None = None, media_bytes: int = DEFAULT_MEDIA_BYTES
    ) -> None:
        self._name = name
        self._shelf = shelf
        self._limit = media_bytes
        self._media_bytes = 0
        self._files: OrderedDict[str, StoredFile] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """What it is called."""
        return self._name

    def paths(self) -> list[str]:
        """All paths, oldest first."""
        with self._lock:
            return list(self._files)

    def put(self, path: str, data: bytes, *, content_type: str, cache_control: str) -> None:
        """Keep a file, and show it."""
        checked_path(path)
        if _is_media(path) and len(data) > self._limit:
            raise StoreError(f"{self.name}: {path} is larger than all the memory given", code="store-full")
        with self._lock:
            self._forget(path)
            self._files[path] = StoredFile(data, content_type, cache_control)
            if _is_media(path):
                self._media_bytes += len(data)
            if self._shelf is not None:
                self._shelf.put(path, data, content_type=content_type, cache_control=cache_control)
            self._make_room()

    def get(self, path: str, max_bytes: int) -> bytes | None:
        """Read a file."""
        with self._lock:
            found = self._files.get(path)
        if found is not None and len(found.data) > max_bytes:
            raise too_large(self.name, path, max_bytes)
        return None if found is None else found.data

    def has(self, path: str, size: int) -> bool:
        """Whether a file of this size is kept."""
        with self._lock:
            found = self._files.get(path)
            if found is not None:
                self._files.move_to_end(path)
        return found is not None and len(found.data) == size

    def delete(self, path: str) -> None:
        """Forget a file."""
        with self._lock:
            if self._forget(path) and self._shelf is not None:
                self._shelf.delete(path)

    def _forget(self, path: str) -> bool:
        found = self._files.pop(path, None)
        if found is not None and _is_media(path):
            self._media_bytes -= len(found.data)
        return found is not None

    def _make_room(self) -> None:
        while self._media_bytes > self._limit:
            # init segments are few, small, and needed by every newer segment
            oldest = next((path for path in self._files if path.endswith(".m4s")), None)
            if oldest is None:
                return
            self._forget(oldest)
            if self._shelf is not None:
                self._shelf.delete(oldest)


def _is_media(path: str) -> bool:
    return path.startswith("media/")
