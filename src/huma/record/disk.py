"""The disk of a recorder: files that are made new, written at their end, and forced down now and then."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Final

from huma.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path

_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_REFUSED: Final = (errno.EACCES, errno.EPERM, errno.EROFS)


class Disk:
    """A folder. Everything here may take its time; only the recorder's own thread ever waits for it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()

    @property
    def folder(self) -> Path:
        """The folder."""
        return self._folder

    def prepare(self) -> None:
        """Make the folder, and see that a file can be made in it."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            if not os.access(self._folder, os.W_OK | os.X_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        except OSError as error:
            raise told(error) from None

    def create(self, stem: str, suffix: str) -> tuple[Path, int]:
        """A new file of that name, or of the next one that is free: nothing is ever written over."""
        number = 1
        while True:
            name = f"{stem}{suffix}" if number == 1 else f"{stem}-{number}{suffix}"
            place = self._folder / name
            try:
                handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
            except FileExistsError:
                number += 1
                continue
            self._sync_folder()
            return place, handle

    def write(self, handle: int, data: bytes, at: int) -> None:
        """Write all of `data` at byte `at`; when this returns it survives our own end."""
        rest = memoryview(data)
        while rest:
            done = os.pwrite(handle, rest, at)
            rest, at = rest[done:], at + done

    def cut(self, handle: int, at: int) -> None:
        """Forget what stands behind byte `at`."""
        os.ftruncate(handle, at)

    def sync(self, handle: int) -> None:
        """Force it down: from now on it survives a power cut too."""
        os.fdatasync(handle)

    def close(self, handle: int) -> None:
        """Let go of a file."""
        os.close(handle)

    def free_bytes(self) -> int:
        """What we may still write."""
        found = os.statvfs(self._folder)
        return found.f_bavail * found.f_frsize

    def _sync_folder(self) -> None:
        handle = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def told(error: OSError) -> StoreError:
    """What a disk refuses, as one of our errors."""
    if error.errno in _FULL:
        return StoreError(
            "the disk of the recording is full",
            code="record-full",
            hint="Free space there: the recording goes on by itself. What is on the air is not touched by it.",
        )
    if error.errno in _REFUSED:
        return StoreError(
            "the folder of the recording cannot be written",
            code="record-refused",
            hint="Give this user the right to write in it.",
        )
    return StoreError(
        f"the recording cannot be written: {error.strerror or 'the disk does not answer'}",
        code="record-disk",
        hint="Look at that disk: the recording goes on by itself when it is back.",
    )
