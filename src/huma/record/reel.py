"""One kind of recording, the programme or a language's sound, as files that follow one another."""

from __future__ import annotations

import time
from contextlib import suppress
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from huma.media.movie import Movie, decode_time, read_track

_OVERLAP_S: Final = Fraction(1, 5)

if TYPE_CHECKING:
    from pathlib import Path

    from huma.media.pairing import Pair
    from huma.media.segment import Segment
    from huma.record.disk import Disk


class Reel:
    """Writes pairs into a file, and begins another where codec parameters change or time goes back. For one thread."""

    def __init__(self, stem: str, leader: str, disk: Disk) -> None:
        self._stem = stem
        self._leader = leader
        self._disk = disk
        self._inits: dict[str, bytes] = {}
        self._file: _File | None = None
        self.files: list[Path] = []
        self.bytes = 0
        self.seconds = Fraction(0)

    def write(self, pair: Pair) -> None:
        """Append a pair.

        Raises:
            OSError: The disk did not take it: none of it stands in the file.
            MediaError: It is no MP4 as we make it.
        """
        changed = {each.rendition: each.init for each in pair.segments}
        file = self._file
        differs = any(self._inits.get(name) != init for name, init in changed.items())
        if file is None or differs or file.is_past(pair):
            file = self._begin({**self._inits, **changed}, pair)
        before = file.size
        try:
            file.append(pair)
        except OSError:
            if file.lost:
                self.leave()
            raise
        self.bytes += file.size - before
        self.seconds += sum(
            (each.duration for each in pair.segments if each.rendition == self._leader), Fraction(0)
        )

    def sync(self) -> None:
        """Force what was written to the disk."""
        if self._file is not None:
            self._file.sync()

    def finish(self) -> None:
        """Give the file its length and its index."""
        file, self._file = self._file, None
        if file is not None:
            before = file.size
            try:
                file.finish()
            finally:
                self.bytes += file.size - before

    def leave(self) -> None:
        """Let go of a file as it is; it can be played. The next pair begins another."""
        file, self._file = self._file, None
        if file is not None:
            file.leave()

    def _begin(self, inits: dict[str, bytes], pair: Pair) -> _File:
        self.finish()
        # a picture comes before its sound, in the file as in the pair
        names = sorted(inits, key=lambda name: read_track(inits[name]).kind != "video")
        file = _File(self._disk, self._stem, names, inits, pair)
        self._inits, self._file = inits, file
        self.files.append(file.path)
        self.bytes += file.size
        return file


class _File:
    """A movie on the disk."""

    def __init__(self, disk: Disk, stem: str, names: list[str], inits: dict[str, bytes], pair: Pair) -> None:
        self._disk = disk
        self._names = names
        self._tracks = {name: read_track(inits[name]) for name in names}
        base = min(self._start(each) for each in pair.segments)
        start_ms = min(each.start_ms for each in pair.segments)
        self._movie = Movie(list(self._tracks.values()), base=base, created_ms=start_ms)
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(start_ms // 1000))
        self.path, self._handle = disk.create(f"{stem}-{stamp}", ".mp4")
        self.size, self.lost, self._unsynced = 0, False, False
        self._ends: dict[str, Fraction] = {}
        try:
            self._write(self._movie.head)
        except OSError:
            self.leave()
            with suppress(OSError):
                self.path.unlink()  # nothing was recorded in it
            raise

    def append(self, pair: Pair) -> None:
        parts = [(self._names.index(each.rendition), each.data) for each in pair.segments]
        before = self.size
        try:
            self._write(self._movie.place(parts, before))
        except Exception:
            self._movie.forget(before)
            raise
        for each in pair.segments:
            self._ends[each.rendition] = self._start(each) + each.duration
            self._movie.lasts(self._ends[each.rendition])

    def is_past(self, pair: Pair) -> bool:
        """Whether a pair stands where there is something already."""
        return any(
            self._start(each) < self._ends.get(each.rendition, Fraction(0)) - _OVERLAP_S
            for each in pair.segments
        )

    def sync(self) -> None:
        if self._unsynced:
            self._disk.sync(self._handle)
            self._unsynced = False

    def finish(self) -> None:
        try:
            self._write(self._movie.tail())
            self._disk.write(self._handle, self._movie.finished_head, 0)
            self.sync()
        finally:
            self.leave()

    def leave(self) -> None:
        with suppress(OSError):
            self._disk.close(self._handle)

    def _write(self, data: bytes) -> None:
        try:
            self._disk.write(self._handle, data, self.size)
        except OSError:
            try:
                self._disk.cut(self._handle, self.size)
            except OSError:
                self.lost = True
            raise
        self.size += len(data)
        self._unsynced = True

    def _start(self, segment: Segment) -> Fraction:
        return decode_time(self._tracks[segment.rendition], segment.data)
