"""Making a back-up: sealed into a new file, forced to the disk, read back, and only then given its name."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

from huma.backup.contents import (
    LOG,
    Contents,
    Entry,
    checked,
    ordered,
    parse_contents,
    parse_length,
    render_contents,
)
from huma.backup.gathering import gather
from huma.backup.livelog import copy_log
from huma.backup.sealing import SALT_BYTES, SealedReader, SealedWriter, stretch
from huma.errors import KeyStoreError, UsageError
from huma.keys.durable import PRIVATE_FILE, sync_folder
from huma.protocol.names import sha256_hex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from io import BufferedReader
    from pathlib import Path

    from huma.keys.eventdir import EventDir

BLOCK_BYTES: Final = 1024 * 1024
_NO_LINKS: Final = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)
"""What file systems without hard links (a stick with FAT) answer."""


@dataclass(frozen=True, slots=True)
class Made:
    """What a back-up holds, what was left out of it, its size, and whether its disk keeps it from others."""

    contents: Contents
    left_out: tuple[str, ...]
    size: int
    private: bool


@dataclass(frozen=True, slots=True)
class _Load:
    """What goes into a back-up."""

    contents: Contents
    files: Mapping[str, bytes]
    log: BufferedReader | None

    def plain(self) -> Iterator[bytes]:
        """All of it, in the order of the list."""
        yield render_contents(self.contents)
        for entry in self.contents.entries:
            if entry.path != LOG:
                yield self.files[entry.path]
        if self.log is not None:
            self.log.seek(0)
            while block := self.log.read(BLOCK_BYTES):
                yield block


def make_backup(
    eventdir: EventDir,
    file: Path,
    passphrase: Callable[[], str],
    *,
    now_ms: int,
    state: Path | None = None,
) -> Made:
    """Back up an event's folder, and with `state`, where its live log stands, that too.

    The event must be what it says (its documents are verified first): a back-up of a broken one would be found out when
    it is needed.

    Raises:
        UsageError: `exists`, `no-log`; the place makes no sense.
        KeyStoreError: what `gather`, `copy_log` and the disk say.
    """
    _refuse_place(file, eventdir.path)
    _ = eventdir.event
    log = None if state is None else copy_log(state)
    if state is not None and log is None:
        raise UsageError(
            "this event has no live log on this machine", code="no-log", hint="Leave out --with-log."
        )
    try:
        gathered = gather(eventdir)
        contents = _contents(eventdir.event_id, now_ms, gathered.files, log)
        salt = secrets.token_bytes(SALT_BYTES)
        key = stretch(passphrase(), salt)
        size, private = _write_new(file, _Load(contents, gathered.files, log), salt, key)
    finally:
        if log is not None:
            log.close()
    return Made(contents, gathered.left_out, size, private)


def _contents(event_id: str, now_ms: int, files: Mapping[str, bytes], log: BufferedReader | None) -> Contents:
    entries = [Entry(path, len(data), sha256_hex(data)) for path, data in files.items()]
    if log is not None:
        entries.append(
            Entry(LOG, os.fstat(log.fileno()).st_size, hashlib.file_digest(log, "sha256").hexdigest())
        )
    return checked(Contents(event_id, now_ms, ordered(entries)))


def _write_new(file: Path, load: _Load, salt: bytes, key: bytes) -> tuple[int, bool]:
    """Write beside the place, read back, give it its name; whatever fails leaves nothing."""
    part = file.with_name(f".{file.name[:100]}.{secrets.token_hex(6)}.part")
    try:
        handle = os.open(
            part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, PRIVATE_FILE
        )
        try:
            with open(handle, "w+b") as out:  # noqa: PTH123 - the handle was made exclusively
                writer = SealedWriter(out, salt, key)
                for data in load.plain():
                    writer.write(data)
                writer.close()
                out.flush()
                os.fsync(handle)
                _forget_cached(handle)
                out.seek(0)
                _read_back(out, load.contents, key)
                found = os.fstat(handle)
            _name(part, file)
        finally:
            part.unlink(missing_ok=True)
        sync_folder(file.parent)
    except OSError as error:
        raise _told(file, error) from None
    return found.st_size, not stat.S_IMODE(found.st_mode) & 0o077


def _forget_cached(handle: int) -> None:
    """Ask the system to read from the disk what is read back; where it does not, its copy is what is read."""
    os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)


def _read_back(file: BinaryIO, contents: Contents, key: bytes) -> None:
    reader = SealedReader(file, lambda _: key)
    if parse_contents(reader.read(parse_length(reader.read(4)))) != contents:
        raise _not_read_back()
    for entry in contents.entries:
        if digest_of_next(reader, entry.size) != entry.digest:
            raise _not_read_back()
    reader.finish()


def digest_of_next(reader: SealedReader, size: int) -> str:
    """The SHA-256 of the next `size` bytes."""
    digest = hashlib.sha256()
    while size:
        block = reader.read(min(size, BLOCK_BYTES))
        digest.update(block)
        size -= len(block)
    return digest.hexdigest()


def _name(part: Path, file: Path) -> None:
    """Give the finished file its name, unless somebody took it meanwhile."""
    try:
        os.link(part, file, follow_symlinks=False)
    except FileExistsError:
        raise _exists(file) from None
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if os.path.lexists(file):
            raise _exists(file) from None
        part.rename(file)


def _refuse_place(file: Path, event: Path) -> None:
    if os.path.lexists(file):
        raise _exists(file)
    if not file.name or not file.parent.is_dir():
        raise UsageError(
            f"there is no folder {file.parent}", hint="Give the name of a file in a folder that is there."
        )
    if file.parent.resolve().is_relative_to(event.resolve()):
        raise UsageError(
            f"{file} would lie in the very folder that is backed up",
            hint="Give a place elsewhere: best a stick that leaves this machine.",
        )


def _exists(file: Path) -> UsageError:
    return UsageError(
        f"{file} is there already, and is never overwritten", code="exists", hint="Give another name."
    )


def _not_read_back() -> KeyStoreError:
    return KeyStoreError(
        "what was written does not read back as it should",
        code="backup-disk",
        hint="That disk or stick is not to be trusted: take another one.",
    )


def _told(file: Path, error: OSError) -> KeyStoreError:
    return KeyStoreError(
        f"{file} cannot be written: {error.strerror or 'the disk fails'}",
        code="keys-io",
        hint="Look at the room on that disk, and at who may write there.",
    )
