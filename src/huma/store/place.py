"""A store as people write it: a folder, or a URL."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from huma.errors import UsageError
from huma.store.folder import FolderStore
from huma.store.http import HttpStore

if TYPE_CHECKING:
    from huma.store.port import Store

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")


def open_store(text: str) -> Store:
    """The store named by `text`: `https://host/folder/`, or the path of a folder (made where absent)."""
    scheme = _SCHEME.match(text)
    if scheme is None:
        if not text:
            raise UsageError("an empty name is no store")
        return FolderStore(Path(text).expanduser())
    if scheme[1].lower() in ("http", "https"):
        return HttpStore(text)
    raise UsageError(
        f"no store of the kind {scheme[1].lower()}:// yet",
        hint="A store is a folder, or an http(s) URL that takes PUT.",
    )


def has_password(text: str) -> bool:
    """Whether a store's URL carries a password, which process lists and shell histories then show."""
    return re.match(r"https?://[^/@]*:[^/@]*@", text, re.IGNORECASE) is not None
