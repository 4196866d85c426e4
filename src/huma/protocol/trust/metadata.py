"""The five kinds of TUF metadata as values: parsed strictly, and verified against a role (spec/trust.md, T2 to T5).

python-tuf makes our repositories and is the oracle of our tests. The client's side stands by itself, because it must give
the same answer as its twin in the browser on every hostile byte, and reads neither a clock nor a key of a type that
browsers do not know.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from securesystemslib.formats import encode_canonical

from huma.config import (
    MAX_INTEGER,
    MAX_LISTED_FILES,
    MAX_ROLE_KEYS,
    MAX_SIGNATURES,
    METADATA_MAX_BYTES,
    ROOT_MAX_BYTES,
    TIMESTAMP_MAX_BYTES,
)
from huma.errors import DigestError, MalformedError, SignatureError, VerificationError
from huma.protocol import clocktext
from huma.protocol.curve import is_sound_signature
from huma.protocol.names import Digest, is_digest, sha256_hex
from huma.protocol.signature import PublicKey
from huma.protocol.strictjson import Json, Members, as_members, parse_members

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

RoleName: TypeAlias = Literal["root", "timestamp", "snapshot", "targets", "roster", "steering"]

TOP_LEVEL: Final[tuple[RoleName, ...]] = ("root", "timestamp", "snapshot", "targets")
DELEGATED: Final[tuple[RoleName, ...]] = ("roster", "steering")
MAX_BYTES: Final[dict[RoleName, int]] = {
    "root": ROOT_MAX_BYTES,
    "timestamp": TIMESTAMP_MAX_BYTES,
    "snapshot": METADATA_MAX_BYTES,
    "targets": METADATA_MAX_BYTES,
    "roster": METADATA_MAX_BYTES,
    "steering": METADATA_MAX_BYTES,
}

_EXPIRES = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_SPEC_VERSION = re.compile(r"1\.[0-9]{1,9}(?:\.[0-9]{1,9})?")
_SIGNATURE = re.compile(r"[0-9a-f]{128}")
_NAME_MAX_BYTES = 128


@dataclass(frozen=True, slots=True)
class Role:
    """Who may sign, by TUF key id, and how many of them must."""

    threshold: int
    keys: Mapping[str, PublicKey]

    @property
    def public(self) -> frozenset[bytes]:
        """The keys themselves: ids are only names, and one key may have several."""
        return frozenset(key.raw for key in self.keys.values())


@dataclass(frozen=True, slots=True)
class Head:
    """What all metadata has. `payload` is the canonical form that is signed, `digest` names the exact bytes."""

    role: RoleName
    version: int
    expires_ms: int
    digest: Digest
    payload: bytes
    signatures: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class FileInfo:
    """What one document says about another. Length and digest may be missing for metadata, never for a target."""

    version: int
    length: int | None = None
    digest: Digest | None = None


@dataclass(frozen=True, slots=True)
class Root:
    """Which keys the four top-level roles have."""

    head: Head
    roles: Mapping[str, Role]


@dataclass(frozen=True, slots=True)
class Timestamp:
    """Which snapshot is the newest."""

    head: Head
    snapshot: FileInfo


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Which version each targets document has; names are without `.json`."""

    head: Head
    meta: Mapping[str, FileInfo]


@dataclass(frozen=True, slots=True)
class Targets:
    """The files that a role vouches for, and (the targets role only) the two roles that it delegates to."""

    head: Head
    files: Mapping[str, FileInfo]
    delegations: Mapping[str, Role]


def parse_root(data: bytes) -> Root:
    """A root document; one public key in two roles is refused."""
    head, signed = _open(data, "root")
    if signed.get("consistent_snapshot") is not True:
        signed.refuse("consistent_snapshot", "true")
    keys = _keys(signed.inner("keys"))
    roles = signed.inner("roles")
    if set(roles.members) != set(TOP_LEVEL):
        signed.refuse("roles", "the four top-level roles")
    found: dict[str, Role] = {name: _role(roles.inner(name), keys) for name in TOP_LEVEL}
    refuse_shared_keys(found)
    return Root(head, found)


def parse_timestamp(data: bytes) -> Timestamp:
    """A timestamp document."""
    head, signed = _open(data, "timestamp")
    return Timestamp(head, _meta_file(signed.inner("meta").inner("snapshot.json")))


def parse_snapshot(data: bytes) -> Snapshot:
    """A snapshot document."""
    head, signed = _open(data, "snapshot")
    meta = signed.inner("meta")
    if "targets.json" not in meta.members or not _are_listable(meta, ".json"):
        signed.refuse("meta", "a short list of documents with targets.json among them")
    return Snapshot(head, {name[: -len(".json")]: _meta_file(meta.inner(name)) for name in meta.members})


def parse_targets(data: bytes, role: RoleName) -> Targets:
    """A targets document: that of the targets role, or of a role that it delegates to."""
    head, signed = _open(data, role)
    files = signed.inner("targets")
    if not _are_listable(files, ""):
        signed.refuse("targets", "a short list of files")
    listed = {path: _target_file(files.inner(path)) for path in files.members}
    delegations = (
        signed.inner("delegations") if role == "targets" and "delegations" in signed.members else None
    )
    return Targets(head, listed, {} if delegations is None else _delegations(delegations))


def verify_signed(head: Head, role: Role) -> None:
    """Raise unless the threshold of different keys of `role` signed."""
    signers = {
        key.raw
        for keyid, key in role.keys.items()
        if keyid in head.signatures and _is_signed(head.payload, head.signatures[keyid], key)
    }
    if len(signers) < role.threshold:
        raise SignatureError(f"{head.role} is signed by {len(signers)} of {role.threshold} keys")


def verify_file(data: bytes, info: FileInfo, what: str) -> bytes:
    """Return `data` unchanged, or raise if it is not the file that `info` lists."""
    if info.length is not None and len(data) != info.length:
        raise DigestError(f"{what} has {len(data)} bytes, listed are {info.length}")
    if info.digest is not None and sha256_hex(data) != info.digest:
        raise DigestError(f"{what} is another file than the one listed")
    return data


def refuse_shared_keys(roles: Mapping[str, Role]) -> None:
    """Refuse one public key in two roles: whoever steals it would hold both."""
    holder: dict[bytes, str] = {}
    for name, role in roles.items():
        for key in role.public:
            if holder.setdefault(key, name) != name:
                raise VerificationError(f"{holder[key]} and {name} share a key", code="key-reused")


def canonical(value: Json) -> bytes:
    """The canonical JSON of TUF. Names are ASCII, so that every language sorts them alike."""
    if not all(name.isascii() for name in _names(value)):
        raise MalformedError("a name in signed metadata is not ASCII")
    try:
        return str(encode_canonical(value)).encode("utf-8")
    except UnicodeEncodeError:
        raise MalformedError("half a surrogate pair in signed metadata") from None


def _names(value: Json) -> Iterable[str]:
    if isinstance(value, dict):
        yield from value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _names(item)


def _open(data: bytes, role: RoleName) -> tuple[Head, Members]:
    """The parts that all metadata has, and the signed part for the rest."""
    document = parse_members(data, MAX_BYTES[role], f"{role}.json")
    signed = as_members(document.get("signed"), f"{role}.json")
    if signed.text("_type", 16) != (role if role in TOP_LEVEL else "targets"):
        signed.refuse("_type", role)
    if not _SPEC_VERSION.fullmatch(signed.text("spec_version", 32)):
        signed.refuse("spec_version", "1.x")
    head = Head(
        role=role,
        version=signed.integer("version", 1, MAX_INTEGER),
        expires_ms=_expires(signed),
        digest=sha256_hex(data),
        payload=canonical(signed.members),
        signatures=_signatures(document),
    )
    return head, signed


def _expires(signed: Members) -> int:
    text = signed.text("expires", 20)
    if not _EXPIRES.fullmatch(text):
        signed.refuse("expires", "a moment in whole seconds")
    return clocktext.parse_ms(f"{text[:-1]}.000Z")


def _signatures(document: Members) -> dict[str, bytes]:
    """Signatures by key id. One in another form may be of a kind that is yet to come: it counts for nothing."""
    found: dict[str, bytes] = {}
    keyids = set()
    for item in document.objects("signatures", MAX_SIGNATURES):
        keyid, signature = item.text("keyid", _NAME_MAX_BYTES), item.get("sig")
        if keyid in keyids or not isinstance(signature, str):
            document.refuse("signatures", "a list with each key once")
        keyids.add(keyid)
        if _SIGNATURE.fullmatch(signature):
            found[keyid] = bytes.fromhex(signature)
    return found


def _keys(keys: Members) -> dict[str, PublicKey]:
    """The Ed25519 keys. One of another type may be of a kind that is yet to come: it counts for nothing."""
    if len(keys.members) > MAX_LISTED_FILES * 2:
        raise MalformedError(f"{keys.what} lists too many keys")
    found = {}
    for keyid in keys.members:
        key = keys.inner(keyid)
        keytype, scheme = key.text("keytype", _NAME_MAX_BYTES), key.text("scheme", _NAME_MAX_BYTES)
        if not is_digest(keyid):
            keys.refuse(keyid, "named by 64 hexadecimal digits")
        if keytype == scheme == "ed25519":
            found[keyid] = PublicKey.from_hex(key.inner("keyval").text("public", 64))
    return found


def _role(role: Members, keys: Mapping[str, PublicKey]) -> Role:
    keyids = role.texts("keyids", MAX_ROLE_KEYS, _NAME_MAX_BYTES)
    if len(set(keyids)) != len(keyids):
        role.refuse("keyids", "a list with each key once")
    threshold = role.integer("threshold", 1, MAX_ROLE_KEYS)
    return Role(threshold, {keyid: keys[keyid] for keyid in keyids if keyid in keys})


def _delegations(delegations: Members) -> dict[str, Role]:
    """Roster and steering, each for exactly its own file; other delegations are not ours to follow."""
    keys = _keys(delegations.inner("keys"))
    found: dict[str, Role] = {}
    names: set[str] = set(TOP_LEVEL)
    for role in delegations.objects("roles", MAX_LISTED_FILES):
        name = role.text("name", _NAME_MAX_BYTES)
        if name in names:
            delegations.refuse("roles", "a list with each role once")
        names.add(name)
        if name in DELEGATED:
            if role.flag("terminating") is not True or role.get("paths") != [f"{name}.json"]:
                role.refuse("paths", f"{name}.json alone, terminating")
            found[name] = _role(role, keys)
    return found


def _meta_file(info: Members) -> FileInfo:
    length = info.integer("length", 0, METADATA_MAX_BYTES) if "length" in info.members else None
    digest = _sha256(info) if "hashes" in info.members else None
    return FileInfo(info.integer("version", 1, MAX_INTEGER), length, digest)


def _target_file(info: Members) -> FileInfo:
    return FileInfo(0, info.integer("length", 0, MAX_INTEGER), _sha256(info))


def _sha256(info: Members) -> Digest:
    """SHA-256 is the only hash: a second one would be a second thing to get wrong."""
    hashes = info.inner("hashes").members
    digest = hashes.get("sha256")
    if len(hashes) != 1 or not isinstance(digest, str) or not is_digest(digest):
        info.refuse("hashes", "one SHA-256")
    return digest


def _are_listable(files: Members, ending: str) -> bool:
    """Few and short names, all with the same ending."""
    return len(files.members) <= MAX_LISTED_FILES and all(
        len(ending) < len(name) <= _NAME_MAX_BYTES and name.endswith(ending) for name in files.members
    )


def _is_signed(payload: bytes, signature: bytes, key: PublicKey) -> bool:
    if not is_sound_signature(signature):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key.raw).verify(signature, payload)
    except InvalidSignature:
        return False
    return True
