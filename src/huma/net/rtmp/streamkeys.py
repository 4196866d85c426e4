"""Stream keys: one for each person and door, kept as hashes, with a day on which they end."""

from __future__ import annotations

import hmac
import re
import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from huma.errors import UsageError
from huma.net.rtmp.limits import KEY_MAX_LENGTH, KEY_MIN_LENGTH, MAX_KEYS
from huma.net.rtmp.refusals import EXPIRED_KEY, WRONG_KEY, Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_KEY = re.compile(rf"[A-Za-z0-9_-]{{{KEY_MIN_LENGTH},{KEY_MAX_LENGTH}}}")
_PURPOSE: Final = b"huma stream key\0"
_RANDOM_BYTES: Final = 18


def make_key() -> str:
    """A new key: 144 random bits, which no guessing finds, so that a fast hash of it is enough."""
    return secrets.token_urlsafe(_RANDOM_BYTES)


def hash_key(key: str) -> bytes:
    """What is kept of a key."""
    return sha256(_PURPOSE + key.encode()).digest()


@dataclass(frozen=True, slots=True)
class StreamKey:
    """A door's name, the hash of the key that opens it, when that ends (Unix ms), and the language it brings."""

    name: str
    digest: bytes
    not_after_ms: int
    language: str = ""

    def __post_init__(self) -> None:
        if _NAME.fullmatch(self.name) is None:
            raise UsageError(
                f"{self.name!r} is no name for a door", code="door-name", hint="Use a-z, 0-9 and -."
            )

    @classmethod
    def of(cls, name: str, key: str, not_after_ms: int, language: str = "") -> StreamKey:
        """From the key itself; one that could be guessed, or that an address cannot hold, is refused."""
        if _KEY.fullmatch(key) is None:
            raise UsageError(
                f"the stream key of {name} is no good key",
                code="stream-key",
                hint=f"Use {KEY_MIN_LENGTH} to {KEY_MAX_LENGTH} letters, digits, - and _; better let one be made.",
            )
        return cls(name, hash_key(key), not_after_ms, language)


class StreamKeys:
    """An immutable set of keys with different names."""

    def __init__(self, keys: Iterable[StreamKey]) -> None:
        self.keys = tuple(keys)
        if len({key.name for key in self.keys}) < len(self.keys):
            raise UsageError(
                "two stream keys have the same name", code="door-name", hint="Name each door once."
            )
        if len({key.digest for key in self.keys}) < len(self.keys):
            raise UsageError("two doors have the same stream key", code="stream-key", hint="Make a new one.")
        if len(self.keys) > MAX_KEYS:
            raise UsageError(
                f"more than {MAX_KEYS} stream keys", code="stream-key", hint="Remove the expired ones."
            )

    def find(self, key: str, now_ms: int) -> StreamKey | Refusal:
        """The key that was shown, or why it is not good. Every hash is compared, in constant time."""
        shown = hash_key(key[: KEY_MAX_LENGTH + 1])
        found: StreamKey | None = None
        for each in self.keys:
            if hmac.compare_digest(each.digest, shown):
                found = each
        if found is None:
            return WRONG_KEY
        return found if now_ms < found.not_after_ms else EXPIRED_KEY
