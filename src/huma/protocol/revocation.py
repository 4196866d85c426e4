"""live/revoked.json: live keys that are worth nothing any more, each entry signed by root.

The rules: spec/documents.md, D52 to D54.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from huma.config import MAX_ROLE_KEYS, REVOKED_MAX_BYTES
from huma.errors import HumaError, MalformedError, SignatureError
from huma.protocol import names
from huma.protocol.curve import is_sound_signature
from huma.protocol.signature import PublicKey, Signer, sign, verify
from huma.protocol.strictjson import Json, as_members, parse_members, render_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_SIGNATURE = re.compile(r"[0-9a-f]{128}")


@dataclass(frozen=True, slots=True)
class RootSignature:
    """One root key's word; `keyid` is its TUF key id."""

    keyid: str
    sig: bytes


@dataclass(frozen=True, slots=True)
class Revocation:
    """The live key `keyid` of `event` is revoked. It has neither version nor expiry, and is sealed before the event."""

    event: str
    keyid: str
    signatures: tuple[RootSignature, ...]


@dataclass(frozen=True, slots=True)
class RootRole:
    """The root role of one root version: who may sign, and how many must."""

    threshold: int
    keys: Mapping[str, PublicKey]


def parse_revoked(data: bytes) -> tuple[Revocation, ...]:
    """The well-formed entries of revoked.json; malformed ones are skipped, since any mirror could add them."""
    members = parse_members(data, REVOKED_MAX_BYTES, "revoked.json")
    found = []
    for value in members.items("revoked", REVOKED_MAX_BYTES):
        try:
            found.append(_revocation(value))
        except HumaError:
            continue
    return tuple(dict.fromkeys(found))


def render_revoked(entries: Iterable[Revocation]) -> bytes:
    """revoked.json in its one spelling, sorted by event and key."""
    ordered = sorted(entries, key=lambda entry: (entry.event, entry.keyid))
    data = render_json({"revoked": [_members(entry) for entry in ordered]})
    if len(data) > REVOKED_MAX_BYTES:
        raise MalformedError(f"revoked.json would be over {REVOKED_MAX_BYTES} bytes", code="too-large")
    return data


def render_revocation(entry: Revocation) -> bytes:
    """One entry in a revoked.json of its own: what is sealed before the event."""
    return render_revoked((entry,))


def merge_revoked(*lists: Iterable[Revocation]) -> tuple[Revocation, ...]:
    """The union of entries that are all **verified**: the first for each event and key, sorted. It only grows."""
    merged: dict[tuple[str, str], Revocation] = {}
    for entry in (entry for entries in lists for entry in entries):
        merged.setdefault((entry.event, entry.keyid), entry)
    return tuple(merged[key] for key in sorted(merged))


def verify_revocation(entry: Revocation, root_roles: Sequence[RootRole], *, event_id: str) -> Revocation:
    """Return `entry` if it is of this event, and the threshold of any root version of its verified chain signed it."""
    if entry.event != event_id:
        raise MalformedError("a revocation of another event", code="wrong-event")
    if not any(_is_signed_by(entry, role) for role in root_roles):
        raise SignatureError("no root version of this event revoked that key")
    return entry


def sign_revocation(event_id: str, keyid: str, signers: Sequence[tuple[str, Signer]]) -> Revocation:
    """Revoke the live key `keyid`; each signer comes with the TUF id of its root key."""
    entry = Revocation(event_id, keyid, ())
    signatures = [RootSignature(root, sign("revoke", _payload(entry), signer)) for root, signer in signers]
    return Revocation(event_id, keyid, tuple(signatures))


def _payload(entry: Revocation) -> bytes:
    return f"{entry.event}\0{entry.keyid}".encode()


def _is_signed_by(entry: Revocation, role: RootRole) -> bool:
    signed: set[bytes] = set()
    for signature in entry.signatures:
        public = role.keys.get(signature.keyid)
        if public is None or public.raw in signed:
            continue
        try:
            verify("revoke", _payload(entry), signature.sig, public)
        except SignatureError:
            continue
        signed.add(public.raw)
    return role.threshold >= 1 and len(signed) >= role.threshold


def _revocation(value: Json) -> Revocation:
    members = as_members(value, "a revocation")
    event, keyid = members.text("event", 52), members.text("keyid", 16)
    signatures = tuple(
        _signature(item.text("keyid", 64), item.text("sig", 128))
        for item in members.objects("signatures", MAX_ROLE_KEYS)
    )
    if not names.is_event_id(event) or not names.is_keyid(keyid):
        raise MalformedError("a revocation names an event and a live key")
    return Revocation(event, keyid, signatures)


def _signature(keyid: str, sig: str) -> RootSignature:
    if (
        not names.is_digest(keyid)
        or not _SIGNATURE.fullmatch(sig)
        or not is_sound_signature(bytes.fromhex(sig))
    ):
        raise MalformedError("a root signature is a key id and 128 hexadecimal digits")
    return RootSignature(keyid, bytes.fromhex(sig))


def _members(entry: Revocation) -> dict[str, object]:
    signatures = [{"keyid": each.keyid, "sig": each.sig.hex()} for each in entry.signatures]
    return {"event": entry.event, "keyid": entry.keyid, "signatures": signatures}
