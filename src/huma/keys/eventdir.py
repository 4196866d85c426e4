"""An event's folder on its organiser's machine: what people wrote, the keys that lie here, and what goes out."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from huma.config import (
    BOOT_MAX_BYTES,
    MAX_LIVE_KEYS,
    MAX_ROOT_ROTATIONS,
    PLAYER_MAX_BYTES,
    REVOKED_MAX_BYTES,
    TARGET_MAX_BYTES,
)
from huma.errors import KeyStoreError, SignatureError, UsageError, VerificationError
from huma.keys import durable
from huma.keys.eventtoml import EVENT_TOML, EventConfig, read_config
from huma.keys.keyfile import KEY_MAX_BYTES, Passphrases, is_locked, key_path, no_passphrases, read_key
from huma.protocol import names
from huma.protocol.revocation import RootRole
from huma.protocol.roster import Roster, parse_roster
from huma.protocol.signature import Ed25519Signer
from huma.protocol.trust import TrustedDocuments
from huma.protocol.trust.metadata import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from huma.protocol.event import Event

KEYS: Final = "keys"
SEALED: Final = "sealed"
PUBLIC: Final = "public"
TIMESTAMP: Final = "trust/timestamp.json"
BOOT: Final = "trust/boot.json"
REVOKED: Final = "live/revoked.json"
INDEXES: Final = ("index.m3u8", "index-slow.m3u8")
FIRST_RANKS: Final = (1, 2, 3)
"""On air, hot standby, in the safe."""

_PUBLIC_FOLDERS: Final = ("trust", "targets", "live")


def live_key_name(rank: int) -> str:
    """The key file of a rank: live-a, live-b and so on."""
    return f"live-{chr(ord('a') + rank - 1)}" if 1 <= rank <= MAX_LIVE_KEYS else f"live-{rank}"


class EventDir:
    """The folder of one event. It reads anew each time: a person, or another process, may have changed it."""

    def __init__(self, path: Path | str, passphrases: Passphrases = no_passphrases) -> None:
        self.path = Path(path)
        self.passphrases = passphrases
        if not (self.path / EVENT_TOML).is_file() or not (self.public / "trust").is_dir():
            raise UsageError(
                f"{self.path} is not the folder of an event",
                code="no-event",
                hint="Make one with: huma new DIR --solo",
            )

    def __repr__(self) -> str:
        return f"EventDir({str(self.path)!r})"

    @property
    def keys(self) -> Path:
        """Where the private keys of this machine stand."""
        return self.path / KEYS

    @property
    def sealed(self) -> Path:
        """What was signed beforehand, for a bad day."""
        return self.path / SEALED

    @property
    def public(self) -> Path:
        """What goes to the stores, under the same paths."""
        return self.path / PUBLIC

    @property
    def config(self) -> EventConfig:
        """event.toml."""
        return read_config(self.path / EVENT_TOML)

    @cached_property
    def event_id(self) -> str:
        """The event id. It cannot change: it is the digest of the first root."""
        return names.event_id(self._required("trust/1.root.json"))

    @property
    def trusted(self) -> TrustedDocuments:
        """The trust documents of this folder, verified from the event id on."""
        documents = TrustedDocuments.start(self.event_id, self._required("trust/1.root.json"))
        for _ in range(MAX_ROOT_ROTATIONS):
            root = self.read(documents.next_root_path)
            if root is None:
                break
            documents = documents.update_root(root)
        timestamp = self.read(TIMESTAMP)
        if timestamp is not None:
            try:
                documents = documents.update_timestamp(timestamp)
            except SignatureError:
                if documents.root.head.version == 1:
                    raise
                return (
                    documents  # a new root has just shut the old desk out, and the new one has not signed yet
                )
            while documents.wanted:
                documents = documents.update(documents.wanted[0], self._required(documents.wanted[0]))
        return documents

    @property
    def event(self) -> Event:
        """The event as it is signed, which is not always what event.toml says by now."""
        documents = self.trusted
        return documents.event(self._required(documents.target_path("event.json")))

    @property
    def roster(self) -> Roster:
        """The mirrors as they are signed."""
        documents = self.trusted
        if "roster" not in documents.delegated:
            return Roster()
        return parse_roster(
            documents.target("roster.json", self._required(documents.target_path("roster.json")))
        )

    @property
    def root_roles(self) -> tuple[RootRole, ...]:
        """The root role of each root version: any of them may revoke a live key."""
        roles = (root.roles["root"] for root in self.trusted.roots)
        return tuple(RootRole(role.threshold, role.keys) for role in roles)

    @property
    def is_solo(self) -> bool:
        """Whether one person, with nothing but this folder, can sign everything."""
        data = durable.read_file(key_path(self.keys, "root-1"), KEY_MAX_BYTES)
        return self.trusted.root.roles["root"].threshold == 1 and data is not None and not is_locked(data)

    def has_key(self, name: str) -> bool:
        """Whether the key `name` lies on this machine."""
        return key_path(self.keys, name).is_file()

    def private_key(self, name: str) -> Ed25519PrivateKey:
        """The key `name`; a locked one is opened by asking for its passphrase."""
        return read_key(key_path(self.keys, name), self.passphrases)

    def live_signer(self, rank: int) -> Ed25519Signer:
        """The live key of that rank, which the event must list."""
        event = self.event
        listed = next((key for key in event.live_keys if key.rank == rank), None)
        if listed is None:
            ranks = ", ".join(str(key.rank) for key in event.live_keys)
            raise KeyStoreError(
                f"the event lists no live key of rank {rank}, only {ranks}",
                code="no-rank",
                hint="Are all ranks spent? A new one: huma desk --event DIR --add-live-key --once",
            )
        if self.has_key(live_key_name(rank)):
            signer = Ed25519Signer(self.private_key(live_key_name(rank)))
            if signer.public != listed.public:
                raise KeyStoreError(
                    f"{live_key_name(rank)} is not the key that the event lists", code="keys-differ"
                )
            return signer
        raise KeyStoreError(f"the live key of rank {rank} is not on this machine", code="keys-missing")

    def read(self, path: str) -> bytes | None:
        """A public file, by its path on every mirror."""
        return durable.read_file(self.public / path, _limit(path))

    def public_files(self) -> dict[str, bytes]:
        """All public files by path: what a store or an embedded server needs."""
        paths = [path for path in INDEXES if (self.public / path).is_file()]
        for folder in _PUBLIC_FOLDERS:
            place = self.public / folder
            found = sorted(place.iterdir()) if place.is_dir() else []
            paths += [f"{folder}/{file.name}" for file in found]
        return {path: self._required(path) for path in paths if names.is_valid_path(path)}

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other writers of this folder out."""
        with durable.locked(self.keys):
            yield

    def _required(self, path: str) -> bytes:
        data = self.read(path)
        if data is None:
            raise KeyStoreError(
                f"{PUBLIC}/{path} is missing",
                code="missing",
                hint="Take it from a backup or from any mirror; whatever comes is verified.",
            )
        return data


def _limit(path: str) -> int:
    """The byte limit of a public file."""
    if path.endswith(".player.html"):
        return PLAYER_MAX_BYTES
    if path in (BOOT, REVOKED):
        return BOOT_MAX_BYTES if path == BOOT else REVOKED_MAX_BYTES
    if path.startswith("trust/"):
        role = path.rsplit(".", 2)[-2].removeprefix("trust/")
        limit = next((limit for name, limit in MAX_BYTES.items() if name == role), None)
        if limit is None:
            raise VerificationError(f"not a trust document: {path}")
        return limit
    return TARGET_MAX_BYTES
