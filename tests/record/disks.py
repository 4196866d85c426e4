"""A real folder with knobs: slow, stuck, full, or refusing now and then."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

from huma.record.disk import Disk


class FickleDisk(Disk):
    """`stuck` holds every write until it is set free; `room` is how many bytes still fit."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.free = threading.Event()
        self.free.set()
        self.waiting = threading.Event()
        self.room: int | None = None
        self.left_bytes: int | None = None
        self.syncs = 0

    def write(self, handle: int, data: bytes, at: int) -> None:
        self.waiting.set()
        self.free.wait(60)
        if self.room is not None:
            fits = min(self.room, len(data))
            super().write(handle, data[:fits], at)
            self.room -= fits
            if fits < len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        else:
            super().write(handle, data, at)

    def sync(self, handle: int) -> None:
        self.syncs += 1
        super().sync(handle)

    def free_bytes(self) -> int:
        return super().free_bytes() if self.left_bytes is None else self.left_bytes
