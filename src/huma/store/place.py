"""A store as people write it: a folder, or a URL."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from huma.errors import UsageError
from huma.store.folder import FolderStore
from huma.store.http import HttpStore
from huma.store.objects import ObjectStore

if TYPE_CHECKING:
    from huma.store.port import Store

_WHAT: Final = "A store is a folder, or an http(s) URL that takes PUT: docs/how-to/stores.md."
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")


def open_store(text: str) -> Store:
    """The store named by `text`: a URL (https, s3, gs, az), or the path of a folder (made where absent)."""
    scheme = _SCHEME.match(text)
    if scheme is None:
        if not text.strip():
            raise UsageError("an empty name is no store", hint=_WHAT)
        if re.match(r"https?:", text, re.IGNORECASE):
            raise UsageError(f"{text} is no URL: two slashes follow the colon", hint=_WHAT)
        folder = Path(text).expanduser()
        _refuse_file(folder)
        return FolderStore(folder)
    if scheme[1].lower() in ("http", "https"):
        return HttpStore(text)
    if scheme[1] in ("s3", "gs", "az"):
        return ObjectStore(text)
    raise UsageError(
        f"no store of the kind {scheme[1].lower()}:// yet",
        hint=_WHAT,
    )


def _refuse_file(folder: Path) -> None:
    """A disk that is not mounted yet is waited for; what has another thing in its way is a slip of the pen."""
    there = next((each for each in (folder, *folder.parents) if os.path.lexists(each)), folder)
    if there.exists() and not there.is_dir():
        raise UsageError(f"{there} is a file, and a store is a folder", hint=_WHAT)


def has_password(text: str) -> bool:
    """Whether a store's URL carries a password, which process lists and shell histories then show."""
    return re.match(r"https?://[^/@]*:[^/@]*@", text, re.IGNORECASE) is not None
