"""What a store is: a place where signed files are put under fixed paths, and nothing that we trust."""

from __future__ import annotations

import re
from typing import Final, Protocol

from huma.errors import StoreError

PATH_MAX_CHARS: Final = 512
_PART = r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}"
_PATH = re.compile(rf"{_PART}(?:/{_PART}){{0,7}}")


class Store(Protocol):
    """A place for files. Safe to use from several threads; every failure is a StoreError."""

    @property
    def name(self) -> str:
        """What people and logs call it: never with a password or a token."""

    def put(self, path: str, data: bytes, *, content_type: str, cache_control: str) -> None:
        """Write one file so that a reader sees the old one or the new one, never half of one."""

    def get(self, path: str, max_bytes: int) -> bytes | None:
        """Read one file; None where there is none. More than `max_bytes` is a StoreError."""

    def has(self, path: str, size: int) -> bool:
        """Whether a file of exactly this size stands there. A hint, worth no trust."""

    def delete(self, path: str) -> None:
        """Remove one file. One that is not there is no error."""


def checked_path(path: str) -> str:
    """Return `path` unchanged, or raise: no dots in front, no backslash, no escape, no empty part."""
    if len(path) > PATH_MAX_CHARS or _PATH.fullmatch(path) is None:
        raise StoreError(f"not a path inside a store: {path[:96]!r}", code="store-path")
    return path


def too_large(name: str, path: str, max_bytes: int) -> StoreError:
    """The error for a file that is larger than what it claims to be may be."""
    return StoreError(f"{name}: {path} is larger than {max_bytes} bytes", code="store-too-large")
