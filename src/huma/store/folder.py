"""A folder as a store: each file appears whole, under its name, in one rename."""

from __future__ import annotations

import errno
import os
import secrets
import stat
import time
from typing import TYPE_CHECKING, Final

from huma.errors import StoreError
from huma.store.port import checked_path, too_large

if TYPE_CHECKING:
    from pathlib import Path

_PART_PREFIX: Final = ".huma-"
_PART_SUFFIX: Final = ".part"
_STALE_PART_S: Final = 60.0

_CODES: Final = {
    errno.ENOSPC: ("store-full", "Free space on that disk; what is missing is filled in by itself."),
    errno.EDQUOT: ("store-full", "Free space on that disk; what is missing is filled in by itself."),
    errno.EFBIG: ("store-full", "That file system takes no file of this size."),
    errno.EACCES: ("store-refused", "Give this user the right to write in the folder."),
    errno.EPERM: ("store-refused", "Give this user the right to write in the folder."),
    errno.EROFS: ("store-refused", "The folder's disk is mounted read-only."),
}


class FolderStore:
    """Files below one folder.

    A reader sees the old file or the new one. A name that would leave the folder does not exist here, and
    neither does a symbolic link: none is ever followed to a file.
    """

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()
        self._folders: set[str] = set()
        self._make_folder("")

    @property
    def name(self) -> str:
        """The folder's path."""
        return str(self._root)

    @property
    def root(self) -> Path:
        """The folder."""
        return self._root

    def path_of(self, path: str) -> Path:
        """Where the file `path` stands on this machine."""
        return self._root / checked_path(path)

    def put(self, path: str, data: bytes, *, content_type: str = "", cache_control: str = "") -> None:  # noqa: ARG002 - a folder keeps no headers
        """Write beside the place, then rename into it."""
        target = self.path_of(path)
        folder = path.rpartition("/")[0]
        self._make_folder(folder)
        part = target.with_name(f"{_PART_PREFIX}{secrets.token_hex(8)}{_PART_SUFFIX}")
        try:
            self._write(part, data)
            part.replace(target)
        except OSError as error:
            part.unlink(missing_ok=True)
            self._folders.discard(folder)  # it may have been taken away under us
            raise self._told(error) from None

    def link(self, path: str, source: Path) -> bool:
        """Give `source`, which is complete, a second name here instead of copying it; False where that cannot be."""
        target = self.path_of(path)
        self._make_folder(path.rpartition("/")[0])
        try:
            try:
                os.link(source, target, follow_symlinks=False)
            except FileExistsError:
                self._link_over(target, source)
        except OSError:
            return False
        return True

    def _link_over(self, target: Path, source: Path) -> None:
        part = target.with_name(f"{_PART_PREFIX}{secrets.token_hex(8)}{_PART_SUFFIX}")
        os.link(source, part, follow_symlinks=False)
        try:
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)  # rename leaves both names when they are one file already

    def get(self, path: str, max_bytes: int) -> bytes | None:
        """Read a regular file of at most `max_bytes`."""
        target = self.path_of(path)
        try:
            handle = os.open(target, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            if error.errno == errno.ELOOP:
                return None
            raise self._told(error) from None
        with open(handle, "rb") as file:  # noqa: PTH123 - the handle is what was checked
            found = os.fstat(handle)
            if not stat.S_ISREG(found.st_mode):
                return None
            if found.st_size > max_bytes:
                raise too_large(self.name, path, max_bytes)
            try:
                data = file.read(max_bytes + 1)
            except OSError as error:
                raise self._told(error) from None
        if len(data) > max_bytes:
            raise too_large(self.name, path, max_bytes)
        return data

    def has(self, path: str, size: int) -> bool:
        """Whether a regular file of this size stands there."""
        try:
            found = self.path_of(path).lstat()
        except OSError:
            return False
        return stat.S_ISREG(found.st_mode) and found.st_size == size

    def delete(self, path: str) -> None:
        """Remove a file."""
        try:
            self.path_of(path).unlink(missing_ok=True)
        except OSError as error:
            raise self._told(error) from None

    def _write(self, part: Path, data: bytes) -> None:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        with open(handle, "wb", buffering=0) as file:  # noqa: PTH123 - the handle was made exclusively
            rest = memoryview(data)
            while rest:
                rest = rest[file.write(rest) :]

    def _make_folder(self, folder: str) -> None:
        if folder in self._folders:
            return
        place = self._root / folder
        try:
            place.mkdir(parents=True, exist_ok=True)
            _sweep(place)
        except OSError as error:
            raise self._told(error) from None
        self._folders.add(folder)

    def _told(self, error: OSError) -> StoreError:
        code, hint = _CODES.get(error.errno or 0, ("store", None))
        return StoreError(
            f"{self.name}: {error.strerror or 'the folder cannot be used'}", code=code, hint=hint
        )


def _sweep(folder: Path) -> None:
    """Remove what a killed writer left half-written. Fresh ones may be another writer's."""
    old = time.time() - _STALE_PART_S
    for part in folder.glob(f"{_PART_PREFIX}*{_PART_SUFFIX}"):
        try:
            if part.lstat().st_mtime < old:
                part.unlink(missing_ok=True)
        except FileNotFoundError:  # two sweepers met
            continue
