"""Stores with attack knobs, and a clock that a test moves."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

from huma.desk.desk import Desk, DeskTurn
from huma.errors import StoreError
from huma.keys.eventdir import EventDir
from huma.protocol.trust import TrustedDocuments
from tests.keys.eventmaking import NOW


class TestClock:
    __test__ = False

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        return self.now

    def pass_s(self, seconds: float) -> None:
        self.now += int(seconds * 1000)


class Shelf:
    """A store in memory. It records the order of what is written, and fails, hangs or lies on command."""

    def __init__(self, name: str = "shelf") -> None:
        self.name = name
        self.files: dict[str, bytes] = {}
        self.written: list[str] = []
        self.broken = False
        self.hang: threading.Event | None = None
        self.full_after: int | None = None

    def put(self, path: str, data: bytes, *, content_type: str, cache_control: str) -> None:
        self._stumble()
        if self.full_after is not None and len(self.written) >= self.full_after:
            raise StoreError(f"{self.name} is full", code="store-full")
        assert content_type
        assert "max-age" in cache_control
        self.files[path] = data
        self.written.append(path)

    def get(self, path: str, max_bytes: int) -> bytes | None:
        self._stumble()
        data = self.files.get(path)
        if data is not None and len(data) > max_bytes:
            raise StoreError("too large", code="store-too-large")
        return data

    def delete(self, path: str) -> None:
        self._stumble()
        self.files.pop(path, None)

    def forget_writes(self) -> None:
        self.written.clear()

    def _stumble(self) -> None:
        if self.hang is not None:
            self.hang.wait(20)
        if self.broken:
            raise StoreError(f"{self.name} is gone")


def twin_of(event: EventDir, place: Path) -> EventDir:
    """The same event on another machine: another desk, or a backup."""
    shutil.copytree(event.path, place)
    return EventDir(place)


def one_turn(desk: Desk) -> DeskTurn:
    try:
        return desk.turn()
    finally:
        desk.close()


def believed(event: EventDir, shelf: Shelf) -> TrustedDocuments:
    """What a stranger believes who has nothing but the event id and this store."""
    return TrustedDocuments.start(event.event_id, shelf.files["trust/1.root.json"]).take(shelf.files)


def version(event: EventDir, shelf: Shelf) -> int:
    timestamp = believed(event, shelf).timestamp
    assert timestamp is not None
    return timestamp.head.version
