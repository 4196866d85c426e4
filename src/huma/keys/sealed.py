"""Releasing what was signed beforehand: the revocation of a live key, and the root with other desk keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huma.config import REVOKED_MAX_BYTES, ROOT_MAX_BYTES
from huma.errors import HumaError, KeyStoreError
from huma.keys.durable import read_file, write_absent
from huma.keys.repository import SPARE_PAIR, add_revoked, pair_key, sign_snapshot
from huma.protocol.revocation import Revocation, parse_revoked, verify_revocation

if TYPE_CHECKING:
    from huma.keys.eventdir import EventDir


def sealed_revocation(eventdir: EventDir, keyid: str) -> Revocation:
    """The sealed revocation of a live key, verified."""
    data = read_file(eventdir.sealed / f"revoke-{keyid}.json", REVOKED_MAX_BYTES)
    if data is None:
        raise KeyStoreError(
            f"no revocation of {keyid} is sealed here",
            code="not-sealed",
            hint="Bring sealed/ from the safe; else root's holders must meet and sign one.",
        )
    for entry in parse_revoked(data):
        if entry.keyid == keyid:
            return verify_revocation(entry, eventdir.root_roles, event_id=eventdir.event_id)
    raise KeyStoreError(f"sealed/revoke-{keyid}.json revokes another key", code="not-sealed")


def release_revocation(eventdir: EventDir, keyid: str) -> str:
    """Bring a sealed revocation into `live/revoked.json`. There is no way back."""
    add_revoked(eventdir, [sealed_revocation(eventdir, keyid)])
    return keyid


def sealed_root_version(eventdir: EventDir) -> int | None:
    """The version of the sealed root that would follow the current one; None where there is none that does."""
    found = _sealed_root(eventdir)
    return None if found is None else found[0]


def release_root(eventdir: EventDir, now: int) -> int:
    """Publish the sealed root: from here on only the spare pair may sign timestamp and snapshot, and does so at once."""
    found = _sealed_root(eventdir)
    if found is None:
        raise KeyStoreError(
            f"no root that follows version {eventdir.trusted.root.head.version} is sealed here",
            code="not-sealed",
            hint="Bring sealed/ from the safe; else root's holders must meet and sign one.",
        )
    eventdir.private_key(pair_key("timestamp", SPARE_PAIR))  # asks for the passphrase before anything is done
    version, data = found
    with eventdir.locked():
        write_absent(eventdir.public / "trust" / f"{version}.root.json", data)
    sign_snapshot(eventdir, now, pair=SPARE_PAIR)
    return version


def _sealed_root(eventdir: EventDir) -> tuple[int, bytes] | None:
    trusted = eventdir.trusted
    wanted = trusted.root.head.version + 1
    data = read_file(eventdir.sealed / f"{wanted}.root.json", ROOT_MAX_BYTES)
    if data is None:
        return None
    try:
        trusted.update_root(data)
    except HumaError:
        return None
    return wanted, data
