"""Files that are there whole or not at all, and secrets that nobody else could read for a moment."""

from __future__ import annotations

import fcntl
import os
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from huma.errors import KeyStoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PRIVATE_FILE: Final = 0o600
PRIVATE_FOLDER: Final = 0o700
PUBLIC_FILE: Final = 0o644
PUBLIC_FOLDER: Final = 0o755

_LOCK = ".lock"


def write_new(path: Path, data: bytes, mode: int) -> None:
    """Write a file that must not be there yet. It has its mode from the first byte on."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    except FileExistsError:
        raise KeyStoreError(
            f"{path.name} is there already, and is never overwritten", code="exists"
        ) from None
    except OSError as error:
        raise _told(path, error) from None
    try:
        with open(handle, "wb", buffering=0) as file:  # noqa: PTH123 - the handle was made exclusively
            os.fchmod(handle, mode)  # the umask may have taken bits that a public file needs
            rest = memoryview(data)
            while rest:
                rest = rest[file.write(rest) :]
            os.fsync(handle)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise _told(path, error) from None


def write_whole(path: Path, data: bytes, mode: int = PUBLIC_FILE) -> None:
    """Write or replace a file: a reader, or a crash, finds the old one or the new one."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(6)}.part")
    write_new(part, data, mode)
    try:
        part.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise _told(path, error) from None


def write_absent(path: Path, data: bytes) -> None:
    """Write a versioned public file, which never changes: one that stands there must be the same."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(6)}.part")
    write_new(part, data, PUBLIC_FILE)
    try:
        os.link(part, path)  # fails where the name is taken, unlike a rename
        sync_folder(path.parent)
    except FileExistsError:
        if path.read_bytes() != data:
            raise KeyStoreError(
                f"{path.name} is there already and says something else",
                code="exists",
                hint="Two writers sign for this event. Stop one of them, then run huma check.",
            ) from None
    except OSError as error:
        raise _told(path, error) from None
    finally:
        part.unlink(missing_ok=True)


def make_folder(path: Path, mode: int) -> None:
    """Make a folder that must not be there yet, with its mode from the beginning."""
    try:
        path.mkdir(mode=mode)
        path.chmod(mode)
    except OSError as error:
        raise _told(path, error) from None


def sync_folder(path: Path) -> None:
    """Make the names in a folder survive a loss of power."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_file(path: Path, max_bytes: int) -> bytes | None:
    """Read a file of our own of at most `max_bytes`; None where there is none."""
    try:
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _told(path, error) from None
    if len(data) > max_bytes:
        raise KeyStoreError(f"{path.name} is larger than {max_bytes} bytes", code="too-large")
    return data


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep every other writer of this folder out, in this process and in others."""
    try:
        handle = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, PRIVATE_FILE)
    except OSError as error:
        raise _told(folder, error) from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _told(path: Path, error: OSError) -> KeyStoreError:
    return KeyStoreError(
        f"{path}: {error.strerror or 'cannot be used'}",
        code="keys-io",
        hint="Look at the disk and at who may write there.",
    )
