"""A store that was away when the command began, and is opened as soon as it can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huma.store.place import open_store

if TYPE_CHECKING:
    from huma.store.port import Store


class LateStore:
    """The store named by a text. Each use tries to open it, until that succeeds once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._store: Store | None = None

    @property
    def name(self) -> str:
        """What people call it: a folder's path, since a URL is never late."""
        return self._text if self._store is None else self._store.name

    def put(self, path: str, data: bytes, *, content_type: str, cache_control: str) -> None:
        """Write one file."""
        self._opened().put(path, data, content_type=content_type, cache_control=cache_control)

    def get(self, path: str, max_bytes: int) -> bytes | None:
        """Read one file."""
        return self._opened().get(path, max_bytes)

    def has(self, path: str, size: int) -> bool:
        """Whether a file of this size stands there."""
        return self._opened().has(path, size)

    def delete(self, path: str) -> None:
        """Remove one file."""
        self._opened().delete(path)

    def _opened(self) -> Store:
        if self._store is None:
            self._store = open_store(self._text)
        return self._store
