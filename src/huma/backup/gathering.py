"""The files of an event's folder as they stand, while no other writer is let in."""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from huma.backup.contents import FILES_MAX_BYTES, size_limit
from huma.errors import KeyStoreError
from huma.keys.eventdir import KEYS, PUBLIC, SEALED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from huma.keys.eventdir import EventDir

_FOLDERS: Final = (KEYS, SEALED, PUBLIC, f"{PUBLIC}/trust", f"{PUBLIC}/targets", f"{PUBLIC}/live")
_OF_THE_MOMENT: Final = (".lock", "live.lock")
_MAX_NAMES: Final = 100_000


@dataclass(frozen=True, slots=True)
class Gathered:
    """The files by path, and the names of those that are left out because no event has them."""

    files: Mapping[str, bytes]
    left_out: tuple[str, ...]


def gather(eventdir: EventDir) -> Gathered:
    """Read the event's folder.

    Raises:
        KeyStoreError: `backup-link`, `too-large`, `keys-io`.
    """
    files: dict[str, bytes] = {}
    left_out: list[str] = []
    with eventdir.locked():
        for path in _names(eventdir.path):
            limit = size_limit(path)
            if limit is None:
                left_out.append(path)
                continue
            files[path] = _read(eventdir.path / path, limit)
            if sum(map(len, files.values())) > FILES_MAX_BYTES:
                raise KeyStoreError(
                    f"the event's files have more than {FILES_MAX_BYTES} bytes together",
                    code="too-large",
                    hint="Old versions of targets may go: public/targets holds what no document names any more.",
                )
    return Gathered(files, tuple(left_out))


def _names(folder: Path) -> Iterator[str]:
    """Every file that stands where files of an event may stand, by its path; others in the folder itself, too."""
    seen = 0
    for place in ("", *_FOLDERS):
        try:
            found = sorted(os.scandir(folder / place), key=lambda each: each.name)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise _told(folder / place, error) from None
        for each in found:
            path = f"{place}/{each.name}" if place else each.name
            if path in _FOLDERS or each.name in _OF_THE_MOMENT or each.name.endswith(".part"):
                continue
            seen += 1
            if seen > _MAX_NAMES:
                raise KeyStoreError(f"{folder} holds more files than any event has", code="too-large")
            yield path


def _read(path: Path, limit: int) -> bytes:
    """A plain file of ours; a link could lead anywhere."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(handle, "rb") as file:  # noqa: PTH123 - the handle is what is checked
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise _not_plain(path)
            data = file.read(limit + 1)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise _not_plain(path) from None
        raise _told(path, error) from None
    if len(data) > limit:
        raise KeyStoreError(f"{path.name} is larger than {limit} bytes", code="too-large")
    return data


def _not_plain(path: Path) -> KeyStoreError:
    return KeyStoreError(
        f"{path} is a link or no plain file",
        code="backup-link",
        hint="Put the file itself in its place.",
    )


def _told(path: Path, error: OSError) -> KeyStoreError:
    return KeyStoreError(
        f"{path}: {error.strerror or 'cannot be read'}",
        code="keys-io",
        hint="Look at the disk, and at who may read there.",
    )
