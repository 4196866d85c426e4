"""A folder that is there whole or not at all: filled under another name beside its place, and moved there at the end."""

from __future__ import annotations

import fcntl
import glob
import os
import secrets
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from huma.errors import KeyStoreError, UsageError
from huma.keys.durable import PRIVATE_FILE, PRIVATE_FOLDER, PUBLIC_FOLDER, locked, make_folder, sync_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME_MAX_BYTES: Final = 200
"""Of the folder's name: file systems take 255, and the draft beside it has a longer one."""

_NEW_NAME: Final = "Give the name of a folder that does not exist yet."


@contextmanager
def appears_whole(path: Path) -> Iterator[Path]:
    """Give a draft to fill, for nobody else's eyes. It becomes `path` by one rename; whatever fails leaves nothing."""
    _make_parents(path)
    _sweep(path)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}.new")
    make_folder(draft, PRIVATE_FOLDER)
    try:
        with locked(draft):
            yield draft
            (draft / ".lock").unlink()
            draft.chmod(PUBLIC_FOLDER)
            _move(draft, path)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def refuse_place(path: Path) -> None:
    """Say what is wrong with the place before anybody types a passphrase."""
    if path.name in ("", ".."):
        raise UsageError(f"{str(path)!r} names no folder that could be made", hint=_NEW_NAME)
    size = len(os.fsencode(path.name))
    if size > NAME_MAX_BYTES:
        raise UsageError(
            f"the folder's name has {size} bytes, and {NAME_MAX_BYTES} are the most: {path.name[:24]}…",
            hint="Give a shorter one. What people read is the title, in event.toml.",
        )
    try:
        _refuse_full(path)
        above = next(each for each in path.absolute().parents if each.exists())
    except OSError as error:
        raise _cannot_be(path, error) from None
    if not above.is_dir():
        raise UsageError(f"{above} is a file, so no folder can be made in it", hint=_NEW_NAME)
    if not os.access(above, os.W_OK | os.X_OK):
        raise UsageError(
            f"you may not write in {above}", hint="Give a folder elsewhere, or ask whoever owns that one."
        )


def _refuse_full(path: Path) -> None:
    if path.is_symlink() or (path.exists() and not path.is_dir()):
        raise UsageError(f"{path} is not a folder", hint=_NEW_NAME)
    if path.is_dir() and any(path.iterdir()):
        raise UsageError(
            f"{path} is not empty",
            code="not-empty",
            hint="Give another folder. An event is never overwritten: its keys could not be made again.",
        )


def _make_parents(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _cannot_be(path, error) from None


def _cannot_be(path: Path, error: OSError) -> UsageError:
    return UsageError(f"{path} cannot be made: {error.strerror}", hint="Give the name of a folder elsewhere.")


def _move(draft: Path, path: Path) -> None:
    try:
        draft.rename(path)  # onto an empty folder or none; one that filled up meanwhile refuses
    except OSError as error:
        raise KeyStoreError(f"{path}: {error.strerror}", code="keys-io") from None
    sync_folder(path.parent)


def _sweep(path: Path) -> None:
    """Remove drafts of this event that a killed process left; one that is being filled right now is locked."""
    for draft in path.parent.glob(f".{glob.escape(path.name)}.*.new"):
        if not draft.is_dir() or draft.is_symlink():
            continue
        try:
            handle = os.open(draft / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE)
        except OSError:
            continue
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(draft, ignore_errors=True)
        except OSError:
            continue
        finally:
            os.close(handle)
