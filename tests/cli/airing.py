"""`huma live` in a process of its own, and what it has left in a store, judged as a stranger would."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from huma.config import CHAPTER_MAX_BYTES, LIVE_MAX_BYTES, SEGMENT_MAX_BYTES
from huma.protocol import names
from huma.protocol.chapter import verify_chapter
from huma.protocol.event import Event
from huma.protocol.playlist import LivePlaylist, verify_live
from huma.store.folder import FolderStore
from tests.cli.running import HUMA, environment


@dataclass
class Airing:
    """A running `huma live --json`, its lines read as they come."""

    args: list[str]
    home: Path
    more: dict[str, str] = field(default_factory=dict)
    said: list[dict[str, Any]] = field(default_factory=list)

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            [*HUMA, "live", *self.args, "--json", "--ntp", "none"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            env=environment(self.home, **self.more),
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)
        self._reader.join(5)
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(json.loads(line))

    def until(self, what: Callable[[dict[str, Any]], bool], within: float = 45.0) -> dict[str, Any]:
        """The first line for which `what` holds."""
        end, seen = time.monotonic() + within, 0
        while True:
            while seen < len(self.said):
                if what(self.said[seen]):
                    return self.said[seen]
                seen += 1
            assert time.monotonic() < end, f"it never said so: {self.said[-3:]}"
            if self.process.poll() is not None:
                self._reader.join(5)
                assert seen < len(self.said), f"it ended before: {self.said[-3:]} {self.errors()}"
            time.sleep(0.02)

    def until_ticks(self, count: int) -> dict[str, Any]:
        """The line of the `count`th tick of this run."""
        ticks = 0

        def counts(line: dict[str, Any]) -> bool:
            nonlocal ticks
            ticks += line["event"] == "tick"
            return bool(ticks >= count)

        return self.until(counts)

    def end(self, number: signal.Signals | None = None, within: float = 60.0) -> int:
        """Wait for the end, after a signal or by itself; gives the exit code."""
        if number is not None:
            self.process.send_signal(number)
        code = self.process.wait(within)
        self._reader.join(5)
        return code

    def errors(self) -> str:
        return self.process.stderr.read() if self.process.stderr is not None else ""

    def codes(self) -> list[str]:
        return [line["code"] for line in self.said if line.get("code")]


def shown(folder: Path, event: Event, event_id: str) -> dict[str, LivePlaylist]:
    """Every live playlist, verified, with all its media there and named by their digests."""
    store, found = FolderStore(folder), {}
    for each in event.renditions:
        data = store.get(names.live_path(each.name), LIVE_MAX_BYTES)
        if data is None:
            continue
        playlist = verify_live(data, event=event, event_id=event_id, rendition=each.name)
        for entry in playlist.entries:
            for ref, size in ((entry.ref, entry.size), (entry.init, entry.init_size)):
                media = store.get(ref.path, SEGMENT_MAX_BYTES)
                assert media is not None
                assert len(media) == size
                names.verify_digest(media, ref.digest)
        found[each.name] = playlist
    return found


def archived(folder: Path, event: Event, event_id: str, rendition: str) -> dict[int, str]:
    """The path of every segment number in all chapters of a rendition, all of them verified."""
    store = FolderStore(folder)
    uris: dict[int, str] = {}
    for place in sorted((folder / "archive" / rendition).glob("*.m3u8")):
        data = store.get(f"archive/{rendition}/{place.name}", CHAPTER_MAX_BYTES)
        assert data is not None
        chapter = verify_chapter(data, event=event, event_id=event_id, rendition=rendition)
        for n, entry in zip(chapter.numbers, chapter.entries, strict=True):
            assert uris.setdefault(n, entry.ref.path) == entry.ref.path
            assert store.has(entry.ref.path, entry.size)
    return uris
