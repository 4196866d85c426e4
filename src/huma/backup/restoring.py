"""The way back: an event's folder out of a back-up, whole or not at all, and its live keys kept from contradicting themselves."""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

from huma.backup.contents import FILE_MAX_BYTES, LOG, Contents, is_public, parse_contents, parse_length, unfit
from huma.backup.livelog import LOG_NAME, refuse_standing, signers_in
from huma.backup.making import BLOCK_BYTES
from huma.backup.sealing import SealedReader, damaged, stretch
from huma.errors import HumaError, KeyStoreError, UsageError
from huma.keys.durable import (
    PRIVATE_FILE,
    PRIVATE_FOLDER,
    PUBLIC_FILE,
    PUBLIC_FOLDER,
    make_folder,
    sync_folder,
    write_new,
)
from huma.keys.eventdir import KEYS, PUBLIC, SEALED, EventDir, live_key_name
from huma.keys.marks import SPENT, USED, is_marked, leave_mark
from huma.keys.wholefolder import appears_whole, refuse_place
from huma.protocol.names import sha256_hex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_FOLDERS: Final = (
    (KEYS, PRIVATE_FOLDER),
    (SEALED, PRIVATE_FOLDER),
    (PUBLIC, PUBLIC_FOLDER),
    (f"{PUBLIC}/trust", PUBLIC_FOLDER),
    (f"{PUBLIC}/targets", PUBLIC_FOLDER),
    (f"{PUBLIC}/live", PUBLIC_FOLDER),
)


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back: the folder, the list, the ranks that sign no more, and where the log lies now."""

    eventdir: EventDir
    contents: Contents
    spent: tuple[int, ...]
    log: Path | None


def restore_backup(
    file: Path,
    folder: Path,
    passphrase: Callable[[], str],
    *,
    state_of: Callable[[str], Path] | None = None,
    unused: bool = False,
) -> Restored:
    """Bring an event's folder back. With `state_of`, which gives the state folder of an event's id, its live log too.

    Every live key that had signed when the back-up was made is marked as spent, and so is the one that would have signed
    next: it may have, since. With `unused` somebody vouches that it has not.

    Raises:
        UsageError: `not-empty`, `no-log`; the file is not there.
        KeyStoreError: `backup-…`, `log-exists`, `keys-io`.
    """
    refuse_place(folder)
    with _opened(file) as source:
        size = os.fstat(source.fileno()).st_size
        reader = SealedReader(source, lambda salt: stretch(passphrase(), salt))
        contents = parse_contents(reader.read(parse_length(reader.read(4))))
        if contents.size > size:
            raise damaged("it holds less than it says")
        state = None if state_of is None else state_of(contents.event_id)
        if state is not None:
            _refuse_log(contents, state)
        with _log_beside(state) as part:
            with appears_whole(folder) as draft:
                _unpack(reader, contents, draft, part)
                spent = _settle(draft, contents, part, unused=unused)
            log = None if state is None or part is None else _lay_down(part, state)
    return Restored(EventDir(folder), contents, spent, log)


def _unpack(reader: SealedReader, contents: Contents, draft: Path, log: Path | None) -> None:
    """Write every file that the list names, each with the mode that its name asks for."""
    for name, mode in _FOLDERS:
        make_folder(draft / name, mode)
    if stat.S_IMODE((draft / KEYS).stat().st_mode) & 0o077:
        raise KeyStoreError(
            f"the disk of {draft.parent} cannot keep keys from others",
            code="keys-open",
            hint="Restore to a disk of this machine; a stick with FAT knows no owners.",
        )
    for entry in contents.entries:
        if entry.path == LOG:
            digest = _stream(reader, entry.size, log)
        else:
            data = reader.read(entry.size)
            digest = sha256_hex(data)
            write_new(draft / entry.path, data, PUBLIC_FILE if is_public(entry.path) else PRIVATE_FILE)
        if digest != entry.digest:
            raise unfit(f"{entry.path} is not what the list says")
    reader.finish()
    for name, _ in _FOLDERS:
        sync_folder(draft / name)
    sync_folder(draft)


def _stream(reader: SealedReader, size: int, place: Path | None) -> str:
    """Bring the log into the file made for it; where nobody wants it, only verify it. Gives its SHA-256."""
    digest = hashlib.sha256()
    with open(os.devnull if place is None else place, "wb", buffering=0) as out:  # noqa: PTH123 - one of two
        while size:
            block = reader.read(min(size, BLOCK_BYTES))
            digest.update(block)
            rest = memoryview(block)
            while rest:
                rest = rest[out.write(rest) :]
            size -= len(block)
        if place is not None:
            os.fsync(out.fileno())
    return digest.hexdigest()


def _settle(draft: Path, contents: Contents, log: Path | None, *, unused: bool) -> tuple[int, ...]:
    """See that it is the event that the list names, and mark its live keys. Gives the ranks that sign no more."""
    try:
        eventdir = EventDir(draft)
        event, event_id = eventdir.event, eventdir.event_id
    except HumaError as error:
        raise unfit(error.message) from None
    if event_id != contents.event_id:
        raise unfit("its documents are those of another event")
    signed = frozenset[str]() if log is None else signers_in(log, event_id)
    ranks = {key.rank: key.keyid for key in sorted(event.live_keys, key=lambda each: each.rank)}
    used = {rank for rank, keyid in ranks.items() if keyid in signed or is_marked(eventdir.keys, USED, keyid)}
    before = {rank for rank, keyid in ranks.items() if is_marked(eventdir.keys, SPENT, keyid)}
    spent = used | before
    if not unused and used <= before:  # the next one that lies here would have signed, and perhaps it has
        later = [r for r in ranks if r > max(before, default=0) and eventdir.has_key(live_key_name(r))]
        spent |= set(later[:1])
    for rank in spent - before:
        leave_mark(eventdir.keys, SPENT, ranks[rank])
    return tuple(sorted(spent))


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    try:
        source = file.open("rb")
    except OSError as error:
        raise UsageError(
            f"{file} cannot be read: {error.strerror}", hint="Give the file that huma backup has made."
        ) from None
    with source:
        found = os.fstat(source.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise UsageError(f"{file} is no plain file", hint="Give the file that huma backup has made.")
        if found.st_size > FILE_MAX_BYTES:
            raise unfit(f"the file has more than {FILE_MAX_BYTES} bytes")
        try:
            yield source
        except OSError as error:
            raise KeyStoreError(
                f"it could not be restored: {error.strerror or 'a disk fails'}",
                code="keys-io",
                hint="Look at both disks: the one of the back-up, and the one of the new folder.",
            ) from None


def _refuse_log(contents: Contents, state: Path) -> None:
    if not contents.has_log:
        raise UsageError("no live log is in this back-up", code="no-log", hint="Leave out --with-log.")
    refuse_standing(state)


@contextmanager
def _log_beside(state: Path | None) -> Iterator[Path | None]:
    """A file for the log under another name, gone at the end; and so is a folder that was made for it and stayed empty."""
    if state is None:
        yield None
        return
    missing = [each for each in (state, *state.parents) if not each.exists()]
    part = state / f".{LOG_NAME}.{secrets.token_hex(6)}.part"
    try:
        state.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_FILE))
        yield part
    finally:
        part.unlink(missing_ok=True)
        for each in missing:
            if each.is_dir() and not any(each.iterdir()):
                each.rmdir()


def _lay_down(part: Path, state: Path) -> Path:
    refuse_standing(state)
    place = state / LOG_NAME
    os.link(part, place)  # fails where the name is taken, unlike a rename
    sync_folder(state)
    return place
