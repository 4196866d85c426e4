"""What a back-up holds: a list of files, then their bytes. Only files that an event has, each once, within limits.

Modes, owners, links and folders are not in it: a file's name says what it is, and that says who may read it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from huma.config import (
    BOOT_MAX_BYTES,
    KIB,
    METADATA_MAX_BYTES,
    MIB,
    PLAYER_MAX_BYTES,
    REVOKED_MAX_BYTES,
    ROOT_MAX_BYTES,
    TARGET_MAX_BYTES,
)
from huma.errors import HumaError, KeyStoreError
from huma.keys.eventtoml import EVENT_TOML, EVENT_TOML_MAX_BYTES
from huma.keys.keyfile import KEY_MAX_BYTES
from huma.protocol.clocktext import format_ms
from huma.protocol.names import is_digest, is_event_id, is_valid_path
from huma.protocol.strictjson import parse_members, parse_version, render_json

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_FILES: Final = 4096
LIST_MAX_BYTES: Final = 2 * MIB
FILES_MAX_BYTES: Final = 64 * MIB
"""Of all files together, the log apart: they are held in memory while they are written."""
LOG: Final = "log/live.sqlite"
LOG_MAX_BYTES: Final = 2048 * MIB
FILE_MAX_BYTES: Final = LOG_MAX_BYTES + 2 * FILES_MAX_BYTES

_SIZES: Final = tuple(
    (re.compile(pattern), size)
    for pattern, size in (
        (re.escape(EVENT_TOML), EVENT_TOML_MAX_BYTES),
        (r"keys/[a-z][a-z0-9-]{0,31}\.pem", KEY_MAX_BYTES),
        (r"keys/(?:used|spent)-[0-9a-f]{16}", 0),
        (r"keys/doors\.json", 256 * KIB),
        (r"sealed/revoke-[0-9a-f]{16}\.json", REVOKED_MAX_BYTES),
        (r"sealed/[1-9][0-9]{0,9}\.root\.json", ROOT_MAX_BYTES),
        (r"public/trust/boot\.json", BOOT_MAX_BYTES),
        (r"public/trust/[0-9]+\.root\.json", ROOT_MAX_BYTES),
        (r"public/trust/[0-9a-z.]+\.json", METADATA_MAX_BYTES),
        (r"public/targets/[0-9a-f]{64}\.player\.html", PLAYER_MAX_BYTES),
        (r"public/targets/[0-9a-f]{64}\.[a-z0-9.-]+", TARGET_MAX_BYTES),
        (r"public/live/revoked\.json", REVOKED_MAX_BYTES),
        (r"public/index(?:-slow)?\.m3u8", TARGET_MAX_BYTES),
        (re.escape(LOG), LOG_MAX_BYTES),
    )
)
_PUBLIC: Final = "public/"


@dataclass(frozen=True, slots=True)
class Entry:
    """One file: its path below the event's folder (or `LOG`), its size in bytes, its SHA-256."""

    path: str
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class Contents:
    """The list at the beginning of a back-up."""

    event_id: str
    made_ms: int
    entries: tuple[Entry, ...]

    @property
    def has_log(self) -> bool:
        """Whether the live log is among the files."""
        return any(entry.path == LOG for entry in self.entries)

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(entry.size for entry in self.entries)


def size_limit(path: str) -> int | None:
    """How many bytes a file of this path may have; None where no event has such a file."""
    if path.startswith(_PUBLIC) and not is_valid_path(path.removeprefix(_PUBLIC)):
        return None
    return next((size for pattern, size in _SIZES if pattern.fullmatch(path)), None)


def is_public(path: str) -> bool:
    """Whether a file is for everybody; all others are for their owner alone."""
    return path.startswith(_PUBLIC) or path == EVENT_TOML


def checked(contents: Contents) -> Contents:
    """`contents` unchanged, or KeyStoreError `backup-unfit`: an entry that no event has, one that stands twice, too much."""
    if len(contents.entries) > MAX_FILES:
        raise unfit(f"{len(contents.entries)} files, and {MAX_FILES} are the most")
    seen: set[str] = set()
    for entry in contents.entries:
        limit = size_limit(entry.path)
        if limit is None:
            raise unfit(f"{entry.path[:80]!r} is no file of an event")
        if entry.size > limit:
            raise unfit(f"{entry.path} has {entry.size} bytes, and {limit} are the most")
        if entry.path in seen:
            raise unfit(f"{entry.path} stands in it twice")
        seen.add(entry.path)
    if sum(entry.size for entry in contents.entries if entry.path != LOG) > FILES_MAX_BYTES:
        raise unfit(f"its files have more than {FILES_MAX_BYTES} bytes")
    return contents


def render_contents(contents: Contents) -> bytes:
    """The list as it is sealed: its length in four bytes, highest first, then JSON."""
    files = [{"path": e.path, "size": e.size, "sha256": e.digest} for e in contents.entries]
    text = render_json(
        {"v": 1, "event": contents.event_id, "made": format_ms(contents.made_ms), "files": files}
    )
    if len(text) > LIST_MAX_BYTES:
        raise unfit("the list of its files is too long")
    return len(text).to_bytes(4, "big") + text


def parse_length(data: bytes) -> int:
    """How long the list is, from its four bytes."""
    length = int.from_bytes(data, "big")
    if not 0 < length <= LIST_MAX_BYTES:
        raise unfit("the list of its files is too long")
    return length


def parse_contents(text: bytes) -> Contents:
    """The list behind its length, checked."""
    try:
        members = parse_members(text, LIST_MAX_BYTES, "the back-up's list")
        parse_version(members)
        event_id, made_ms = members.text("event", 52), members.moment("made")
        entries = tuple(
            Entry(each.text("path", 200), each.integer("size", 0, LOG_MAX_BYTES), each.text("sha256", 64))
            for each in members.objects("files", MAX_FILES)
        )
    except HumaError as error:
        raise unfit(error.message) from None
    if not is_event_id(event_id) or not all(is_digest(entry.digest) for entry in entries):
        raise unfit("a name in it is no name of ours")
    return checked(Contents(event_id, made_ms, entries))


def unfit(what: str) -> KeyStoreError:
    """The error for a back-up whose content no event could have."""
    return KeyStoreError(
        f"the back-up holds what no event has: {what}",
        code="backup-unfit",
        hint="Whoever made this file made it by hand. Do not trust it; take another copy.",
    )


def ordered(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """In the order of their paths; the log, which may be large, last."""
    return tuple(sorted(entries, key=lambda entry: (entry.path == LOG, entry.path)))
