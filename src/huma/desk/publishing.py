"""One store as the desk sees it: read first, then given what it lacks, never set back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from huma.config import BOOT_MAX_BYTES, PLAYER_MAX_BYTES, REVOKED_MAX_BYTES, TIMESTAMP_MAX_BYTES
from huma.errors import HumaError
from huma.keys.absorb import Found, absorb, genuine_version, holds_unknown_revocation, read_revoked
from huma.keys.eventdir import BOOT, INDEXES, REVOKED, TIMESTAMP
from huma.protocol import names
from huma.protocol.boot import parse_boot
from huma.protocol.revocation import render_revoked
from huma.store.kinds import kind_of

if TYPE_CHECKING:
    from huma.keys.eventdir import EventDir

LOOK_AGAIN_EVERY: Final = 360
"""Turns, about an hour: files that vanished or were damaged behind our back are then found and mended."""

_REPLACED: Final = frozenset({TIMESTAMP, BOOT, REVOKED, *INDEXES})


class Store(Protocol):
    """The part of a store that the desk needs."""

    @property
    def name(self) -> str:
        """What people call it."""

    def put(self, path: str, data: bytes, *, content_type: str, cache_control: str) -> None:
        """Write one file."""

    def get(self, path: str, max_bytes: int) -> bytes | None:
        """Read one file."""

    def delete(self, path: str) -> None:
        """Remove one file."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a store showed before anything was written to it."""

    found: Found
    revocations: int


class StoreShelf:
    """One store, and what we know to stand in it."""

    def __init__(self, store: Store, eventdir: EventDir) -> None:
        self._store = store
        self._eventdir = eventdir
        self._standing: dict[str, names.Digest] = {}
        self._reads = 0

    @property
    def name(self) -> str:
        """What people call the store."""
        return self._store.name

    def read(self) -> Reading:
        """Look at what the store holds, and take in what is newer than ours."""
        found = absorb(self._eventdir, self._look)
        self._reads += 1
        if found.version == 0 or self._reads % LOOK_AGAIN_EVERY == 0:
            self._standing.clear()  # wiped or foreign, or long ago: what we put there before may be gone
        return Reading(found, len(read_revoked(self._eventdir, self._look)))

    def publish(self) -> int:
        """Bring the store up to what the folder holds, what is pointed to before what points. Gives the files written."""
        read = self._eventdir.read
        written = sum(self._put_versioned(path) for path in self._current())
        written += sum(self._put_index(path, read(path)) for path in INDEXES)
        written += self._put_revoked(read(REVOKED) or render_revoked(()))
        for path in (TIMESTAMP, BOOT):
            data = read(path)
            if data is not None and self._is_ahead(path, data):
                self._put(path, data)
                written += 1
        return written

    def _current(self) -> list[str]:
        """Roots, targets, and the documents in force, in the order in which a reader may look for them."""
        trusted = self._eventdir.trusted
        paths = [f"trust/{version}.root.json" for version in range(1, trusted.root.head.version + 1)]
        documents = [trusted.targets, *trusted.delegated.values()]
        paths += [
            f"targets/{info.digest}.{name}" for each in documents if each for name, info in each.files.items()
        ]
        if trusted.snapshot and trusted.timestamp:
            paths += [f"trust/{info.version}.{name}.json" for name, info in trusted.snapshot.meta.items()]
            paths.append(f"trust/{trusted.timestamp.snapshot.version}.snapshot.json")
        return paths

    def _put_versioned(self, path: str) -> int:
        """Write a file that never changes, where it is absent. One that is damaged there is mended."""
        if path in self._standing:
            return 0
        data = self._eventdir.read(path)
        if data is None:
            return 0
        digest = names.sha256_hex(data)
        standing = self._look(path, PLAYER_MAX_BYTES)
        if standing == data:
            self._standing[path] = digest
            return 0
        if (
            standing is not None
            and path.startswith("trust/")
            and genuine_version(self._eventdir, path, standing)
        ):
            raise HumaError(
                f"{self.name} holds another {path}, genuinely signed",
                code="conflict",
                hint="Two desks sign with the same keys. Stop one of them.",
            )
        self._put(path, data)
        return 1

    def _put_index(self, path: str, data: bytes | None) -> int:
        """An index that the event no longer has would lead stock players into nothing."""
        digest = names.sha256_hex(data) if data is not None else ""
        if self._standing.get(path) == digest:
            return 0
        if data is None:
            self._store.delete(path)
        elif self._look(path, len(data)) != data:
            self._put(path, data)
        self._standing[path] = digest
        return 1

    def _put_revoked(self, data: bytes) -> int:
        """The union. What the store has and we have not was taken in when it was read; if more came since, wait."""
        standing = self._look(REVOKED, REVOKED_MAX_BYTES)
        if standing == data:
            return 0
        try:
            if standing is not None and holds_unknown_revocation(self._eventdir, standing):
                return 0
        except HumaError:
            pass  # not even JSON: worth nothing
        self._put(REVOKED, data)
        return 1

    def _is_ahead(self, path: str, data: bytes) -> bool:
        """Whether ours is newer than what stands there now, by genuine versions only."""
        standing = self._look(path, BOOT_MAX_BYTES if path == BOOT else TIMESTAMP_MAX_BYTES)
        return standing != data and self._version_in(path, data) > self._version_in(path, standing or b"")

    def _version_in(self, path: str, data: bytes) -> int:
        """The version of the timestamp in the file, 0 if it is not genuine."""
        if path == BOOT:
            try:
                data = parse_boot(data).get(TIMESTAMP, b"")
            except HumaError:
                return 0
        return genuine_version(self._eventdir, TIMESTAMP, data)

    def _look(self, path: str, max_bytes: int) -> bytes | None:
        """What stands there; something too large is not ours, and is as good as absent."""
        try:
            return self._store.get(path, max_bytes)
        except HumaError as error:
            if error.code == "store-too-large":
                return b""
            raise

    def _put(self, path: str, data: bytes) -> None:
        kind = kind_of(path)
        self._store.put(path, data, content_type=kind.content_type, cache_control=kind.cache_control)
        if path not in _REPLACED or path in INDEXES:
            self._standing[path] = names.sha256_hex(data)
