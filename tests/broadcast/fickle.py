"""A store that keeps files for real, and fails on purpose."""

from __future__ import annotations

import threading
import time

from huma.errors import StoreError
from huma.store.memory import MemoryStore
from huma.store.port import Store


class FickleStore(MemoryStore):
    """`mood` is ok, dead, full, hung or wiped; `delay` seconds pass before each write."""

    def __init__(self, name: str = "fickle", mood: str = "ok", delay: float = 0.0) -> None:
        super().__init__(name)
        self.mood = mood
        self.delay = delay
        self.freed = threading.Event()
        self.written: list[str] = []

    def put(self, path: str, data: bytes, *, content_type: str, cache_control: str) -> None:
        self._suffer()
        super().put(path, data, content_type=content_type, cache_control=cache_control)
        self.written.append(path)

    def get(self, path: str, max_bytes: int) -> bytes | None:
        if self.mood == "dead":
            raise StoreError(f"{self.name} cannot be reached", code="store-unreachable")
        return super().get(path, max_bytes)

    def wipe(self) -> None:
        for path in self.paths():
            self.delete(path)

    def _suffer(self) -> None:
        if self.delay:
            time.sleep(self.delay)
        if self.mood == "hung":
            self.freed.wait(30)
        elif self.mood != "ok":
            code = "store-full" if self.mood == "full" else "store-unreachable"
            raise StoreError(f"{self.name} is {self.mood}", code=code)


def names_only_what_it_has(store: Store, rendition: str) -> bool:
    """Whether every file that the live playlist names stands in the store."""
    data = store.get(f"live/{rendition}.m3u8", 100_000)
    if data is None:
        return True
    lines = data.decode().split("\n")
    named = [
        line.split('"')[1] if line.startswith("#EXT-X-MAP") else line for line in lines if "../media/" in line
    ]
    return all(store.get(name.removeprefix("../"), 10_000_000) is not None for name in named)
