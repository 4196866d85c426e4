"""Marks beside a live key: it has signed, or it must never sign again. They go wherever the key goes."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

from huma.errors import KeyStoreError
from huma.keys.durable import PRIVATE_FILE, sync_folder

if TYPE_CHECKING:
    from pathlib import Path

USED: Final = "used"
"""It has signed: without its log it may not sign on."""
SPENT: Final = "spent"
"""It came back from a back-up: what it signed afterwards is not known here, so it signs no more, log or not."""

_MARK: Final = re.compile(rf"({USED}|{SPENT})-([0-9a-f]{{16}})")


def mark_name(kind: str, keyid: str) -> str:
    """The file name of a mark."""
    return f"{kind}-{keyid}"


def is_marked(folder: Path, kind: str, keyid: str) -> bool:
    """Whether the mark stands in `folder`, which holds the keys."""
    return os.path.lexists(folder / mark_name(kind, keyid))


def marked_key(name: str, kind: str) -> str | None:
    """The key id that a file of this name is a mark of; None where it is no such mark."""
    found = _MARK.fullmatch(name)
    return found[2] if found is not None and found[1] == kind else None


def leave_mark(folder: Path, kind: str, keyid: str) -> None:
    """Leave a mark that survives a power cut; one that stands there is as good.

    Raises:
        KeyStoreError: `keys-unwritable`.
    """
    try:
        handle = os.open(
            folder / mark_name(kind, keyid), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE
        )
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        sync_folder(folder)  # the name, too
    except OSError as error:
        raise KeyStoreError(
            f"{folder} cannot be written: {error.strerror}",
            code="keys-unwritable",
            hint="The keys' folder must belong to whoever broadcasts.",
        ) from None
