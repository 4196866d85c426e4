"""Making an event: its keys, its trust documents, and what is sealed for a bad day, all at once or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import SSlibKey
from tuf.api.metadata import DelegatedRole, Delegations, Root, Targets

from huma.errors import UsageError
from huma.keys.durable import (
    PRIVATE_FILE,
    PRIVATE_FOLDER,
    PUBLIC_FILE,
    PUBLIC_FOLDER,
    make_folder,
    sync_folder,
    write_new,
    write_whole,
)
from huma.keys.eventdir import FIRST_RANKS, INDEXES, KEYS, PUBLIC, REVOKED, SEALED, EventDir, live_key_name
from huma.keys.eventtoml import EVENT_TOML, EventConfig
from huma.keys.keyfile import Passphrases, key_path, no_passphrases, owner_of, write_key
from huma.keys.livekeys import live_key
from huma.keys.repository import (
    COLD_PAIR,
    FIRST_PAIR,
    SPARE_PAIR,
    delegated_expiry,
    event_targets,
    pair_key,
    sign,
    sign_snapshot,
    slow_expiry,
    target_file,
)
from huma.keys.template import render_config
from huma.keys.wholefolder import appears_whole, refuse_place
from huma.protocol import names
from huma.protocol.revocation import render_revocation, render_revoked, sign_revocation
from huma.protocol.roster import render_roster
from huma.protocol.signature import Ed25519Signer, LiveKey, PublicKey
from huma.protocol.steering import Steering, render_steering
from huma.protocol.trust.metadata import DELEGATED, RoleName

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from huma.protocol.event import Event

MAX_HOLDERS: Final = 16

_PAIRS: Final = (FIRST_PAIR, COLD_PAIR, SPARE_PAIR)
_PAIR_ROLES: Final = ("timestamp", "snapshot")
_IN_THE_SAFE: Final = frozenset(
    {"live-c", *(f"{role}-{pair}" for role in _PAIR_ROLES for pair in (COLD_PAIR, SPARE_PAIR))}
)


@dataclass(frozen=True, slots=True)
class Holders:
    """How many people hold root and targets keys, and how many of them must sign. One of one is `--solo`."""

    k: int = 1
    n: int = 1
    solo: bool = True

    def __post_init__(self) -> None:
        if self.solo and (self.k, self.n) != (1, 1):
            raise UsageError("--solo is one person alone", hint="Leave out --solo, or --k and --n.")
        if not 1 <= self.k <= self.n <= MAX_HOLDERS:
            raise UsageError(
                f"{self.k} of {self.n} holders cannot be",
                hint=f"Give --k and --n with 1 <= k <= n <= {MAX_HOLDERS}.",
            )


def create(
    path: Path,
    config: EventConfig,
    *,
    now: int,
    holders: Holders | None = None,
    passphrases: Passphrases = no_passphrases,
    extra_targets: Mapping[str, bytes] | None = None,
) -> EventDir:
    """Make the event's folder at `path`. It appears whole, by one rename; an interrupted making leaves nothing."""
    holders = holders or Holders()
    refuse_place(path)
    config.checked()
    locks = _ask_all(holders, passphrases)
    with appears_whole(path) as draft:
        _sign_all(_fill(draft, config, now, holders, locks), extra_targets or {})
    return EventDir(path, passphrases)


@dataclass(frozen=True, slots=True)
class _Making:
    """An event on its way: where its draft stands, and what goes into it."""

    draft: Path
    config: EventConfig
    now: int
    holders: Holders
    keys: Mapping[str, Ed25519PrivateKey]
    event: Event

    @property
    def roots(self) -> list[Ed25519PrivateKey]:
        """As many root keys as must sign."""
        return [self.keys[f"root-{number}"] for number in range(1, self.holders.k + 1)]

    @property
    def targets(self) -> list[Ed25519PrivateKey]:
        """As many targets keys as must sign."""
        return [self.keys[f"targets-{number}"] for number in range(1, self.holders.k + 1)]

    def put(self, path: str, data: bytes) -> None:
        """Write a public file."""
        write_whole(self.draft / PUBLIC / path, data)

    def seal(self, name: str, data: bytes) -> None:
        """Write a file that waits for a bad day. Whoever has it can use it, so nobody else reads it."""
        write_new(self.draft / SEALED / name, data, PRIVATE_FILE)


def _fill(draft: Path, config: EventConfig, now: int, holders: Holders, locks: Mapping[str, str]) -> _Making:
    """Folders, keys and event.toml."""
    for folder, mode in ((KEYS, PRIVATE_FOLDER), (SEALED, PRIVATE_FOLDER), (PUBLIC, PUBLIC_FOLDER)):
        make_folder(draft / folder, mode)
    for folder in ("trust", "targets", "live"):
        make_folder(draft / PUBLIC / folder, PUBLIC_FOLDER)
    keys = {name: Ed25519PrivateKey.generate() for name in _key_names(holders)}
    for name, key in keys.items():
        write_key(key_path(draft / KEYS, name), key, locks.get(_lock_of(name)))
    write_new(draft / EVENT_TOML, render_config(config), PUBLIC_FILE)
    event = config.event(epoch_ms=now, live_keys=_live_keys(keys, config, now))
    return _Making(draft, config, now, holders, keys, event)


def _sign_all(making: _Making, extra_targets: Mapping[str, bytes]) -> None:
    """Everything that is signed at the beginning, or sealed."""
    root1 = sign(_root(1, making, (FIRST_PAIR, COLD_PAIR)), making.roots)
    making.put("trust/1.root.json", root1)
    making.seal("2.root.json", sign(_root(2, making, (SPARE_PAIR,)), making.roots))
    _sign_targets(making, event_targets(making.event) | dict(extra_targets))
    _sign_delegated(making, "roster", render_roster(making.config.roster))
    _sign_delegated(making, "steering", render_steering(Steering()))
    _seal_revocations(making, names.event_id(root1))
    making.put(REVOKED, render_revoked(()))
    sign_snapshot(EventDir(making.draft), making.now)
    for folder in (KEYS, SEALED, f"{PUBLIC}/trust", f"{PUBLIC}/targets", f"{PUBLIC}/live", PUBLIC, "."):
        sync_folder(making.draft / folder)


def _sign_targets(making: _Making, files: Mapping[str, bytes]) -> None:
    document = Targets(version=1, expires=slow_expiry(making.event), delegations=_delegations(making.keys))
    document.targets = {name: target_file(name, data) for name, data in files.items()}
    for name, data in files.items():
        making.put(f"targets/{names.sha256_hex(data)}.{name}", data)
        if name in INDEXES:
            making.put(name, data)
    making.put("trust/1.targets.json", sign(document, making.targets))


def _sign_delegated(making: _Making, role: RoleName, data: bytes) -> None:
    document = Targets(version=1, expires=delegated_expiry(role, making.event, making.now))
    document.targets = {f"{role}.json": target_file(f"{role}.json", data)}
    making.put(f"targets/{names.sha256_hex(data)}.{role}.json", data)
    making.put(f"trust/1.{role}.json", sign(document, [making.keys[role]]))


def _root(version: int, making: _Making, pairs: Iterable[int]) -> Root:
    """A root document; `pairs` are the desks whose timestamp and snapshot it takes."""
    root = Root(version=version, expires=slow_expiry(making.event), consistent_snapshot=True)
    for role in ("root", "targets"):
        for number in range(1, making.holders.n + 1):
            root.add_key(_public(making.keys[f"{role}-{number}"]), role)
        root.roles[role].threshold = making.holders.k
    for role in _PAIR_ROLES:
        for pair in pairs:
            root.add_key(_public(making.keys[pair_key(role, pair)]), role)
    return root


def _delegations(keys: Mapping[str, Ed25519PrivateKey]) -> Delegations:
    public = {role: _public(keys[role]) for role in DELEGATED}
    roles: dict[str, DelegatedRole] = {
        role: DelegatedRole(role, [key.keyid], 1, terminating=True, paths=[f"{role}.json"])
        for role, key in public.items()
    }
    return Delegations({key.keyid: key for key in public.values()}, roles)


def _seal_revocations(making: _Making, event_id: str) -> None:
    """A revocation of each live key, signed while the holders are together and nothing burns."""
    signers = [(_public(key).keyid, Ed25519Signer(key)) for key in making.roots]
    for key in making.event.live_keys:
        entry = sign_revocation(event_id, key.keyid, signers)
        making.seal(f"revoke-{key.keyid}.json", render_revocation(entry))


def _live_keys(keys: Mapping[str, Ed25519PrivateKey], config: EventConfig, now: int) -> tuple[LiveKey, ...]:
    found = []
    for rank in FIRST_RANKS:
        public = PublicKey(keys[live_key_name(rank)].public_key().public_bytes_raw())
        found.append(live_key(public, rank, now=now, end_ms=config.end_ms))
    return tuple(found)


def _key_names(holders: Holders) -> list[str]:
    numbers = range(1, holders.n + 1)
    held = [f"{role}-{number}" for role in ("root", "targets") for number in numbers]
    return [
        *held,
        *(pair_key(role, pair) for pair in _PAIRS for role in _PAIR_ROLES),
        *DELEGATED,
        *map(live_key_name, FIRST_RANKS),
    ]


def _lock_of(name: str) -> str:
    """The owner whose passphrase locks the key `name`; "" for a key that a machine must open by itself."""
    held = name.startswith(("root-", "targets-"))
    return owner_of(name) if held or name in _IN_THE_SAFE else ""


def _ask_all(holders: Holders, passphrases: Passphrases) -> dict[str, str]:
    """All passphrases by owner, before anything is made."""
    if holders.solo:
        return {}
    owners = [*(str(number) for number in range(1, holders.n + 1)), "safe"]
    return {owner: passphrases(owner, new=True) for owner in owners}


def _public(key: Ed25519PrivateKey) -> SSlibKey:
    return SSlibKey.from_crypto(key.public_key())
