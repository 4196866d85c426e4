"""Taking in what another holder has signed since, from a place that nobody trusts: every writer reads first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from huma.config import MAX_ROOT_ROTATIONS, PLAYER_MAX_BYTES, REVOKED_MAX_BYTES, TIMESTAMP_MAX_BYTES
from huma.errors import HumaError, VerificationError
from huma.keys.durable import write_absent, write_whole
from huma.keys.eventdir import BOOT, INDEXES, REVOKED, TIMESTAMP, EventDir
from huma.keys.repository import add_revoked, boot_json
from huma.protocol.names import verify_digest
from huma.protocol.revocation import merge_revoked, parse_revoked, verify_revocation
from huma.protocol.trust.metadata import (
    MAX_BYTES,
    RoleName,
    parse_snapshot,
    parse_targets,
    parse_timestamp,
    verify_signed,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from huma.protocol.revocation import Revocation
    from huma.protocol.trust import TrustedDocuments

    Get: TypeAlias = Callable[[str, int], bytes | None]
    """Reads a file by path, of at most so many bytes; None where there is none."""


@dataclass(frozen=True, slots=True)
class Found:
    """What stands in one place: the version of its timestamp (0 for none that is genuine), and whether we took it in."""

    version: int
    taken: bool = False
    conflict: bool = False


def absorb(eventdir: EventDir, get: Get) -> Found:
    """Take in newer documents of this event. What does not verify is as if it were not there."""
    offered = get(TIMESTAMP, TIMESTAMP_MAX_BYTES)
    if offered is None:
        return Found(0)
    if offered == eventdir.read(TIMESTAMP):
        held = eventdir.trusted.timestamp
        return Found(held.head.version if held else 0)
    with eventdir.locked():
        return _absorb(eventdir, offered, get)


def read_revoked(eventdir: EventDir, get: Get) -> tuple[Revocation, ...]:
    """The valid revocations in one place. Those that are new are taken in; all that are now held come back."""
    offered = get(REVOKED, REVOKED_MAX_BYTES)
    if offered is None or offered == eventdir.read(REVOKED):
        return merge_revoked(parse_revoked(eventdir.read(REVOKED) or b'{"revoked":[]}'))
    try:
        entries = parse_revoked(offered)
    except HumaError:
        entries = ()
    return add_revoked(eventdir, entries)


def holds_unknown_revocation(eventdir: EventDir, offered: bytes) -> bool:
    """Whether `offered` revokes, validly, a key that our own list does not."""
    roles, event_id = eventdir.root_roles, eventdir.event_id
    held = {entry.keyid for entry in parse_revoked(eventdir.read(REVOKED) or b'{"revoked":[]}')}
    for entry in parse_revoked(offered):
        try:
            verify_revocation(entry, roles, event_id=event_id)
        except HumaError:
            continue
        if entry.keyid not in held:
            return True
    return False


def genuine_version(eventdir: EventDir, path: str, data: bytes) -> int:
    """The version of a trust document that is signed as it must be; 0 for anything else."""
    trusted = eventdir.trusted
    role = path.rsplit(".", 2)[-2].removeprefix("trust/")
    try:
        if role == "timestamp":
            head = parse_timestamp(data).head
        elif role == "snapshot":
            head = parse_snapshot(data).head
        elif role in ("targets", "roster", "steering"):
            name: RoleName = "targets" if role == "targets" else "roster" if role == "roster" else "steering"
            head = parse_targets(data, name).head
        else:
            return 0
        delegations = trusted.targets.delegations if trusted.targets else {}
        verify_signed(head, trusted.root.roles.get(role) or delegations[role])
    except (HumaError, KeyError):
        return 0
    return head.version


def _absorb(eventdir: EventDir, offered: bytes, get: Get) -> Found:
    """All of it or nothing: a new root without a timestamp under it would leave this folder with neither."""
    trusted, files = _newer_roots(eventdir.trusted, get)
    try:
        head = parse_timestamp(offered).head
        verify_signed(head, trusted.root.roles["timestamp"])
    except HumaError:
        return Found(0)
    try:
        files |= _below(eventdir, trusted.update_timestamp(offered), get)
    except VerificationError as error:
        return Found(head.version, conflict=error.code == "conflict")
    _write(eventdir, files)
    write_whole(eventdir.public / TIMESTAMP, offered)
    write_whole(eventdir.public / BOOT, boot_json(eventdir))
    _renew_indexes(eventdir)
    return Found(head.version, taken=True)


def _newer_roots(trusted: TrustedDocuments, get: Get) -> tuple[TrustedDocuments, dict[str, bytes]]:
    """The root chain as far as this place leads it."""
    files: dict[str, bytes] = {}
    for _ in range(MAX_ROOT_ROTATIONS):
        path = trusted.next_root_path
        data = get(path, MAX_BYTES["root"])
        if data is None:
            break
        try:
            trusted = trusted.update_root(data)
        except HumaError:
            break
        files[path] = data
    return trusted, files


def _below(eventdir: EventDir, believed: TrustedDocuments, get: Get) -> dict[str, bytes]:
    """All that hangs below a timestamp: here already, or from this place; every file is verified."""
    files: dict[str, bytes] = {}
    while believed.wanted:
        path = believed.wanted[0]
        held = eventdir.read(path)
        try:
            believed = believed.update(path, held if held is not None else b"")
        except VerificationError:
            data = get(path, MAX_BYTES["targets"]) or b""
            believed = believed.update(path, data)
            files[path] = data
    documents = [believed.targets, *believed.delegated.values()]
    for name, info in ((name, info) for each in documents if each for name, info in each.files.items()):
        path = f"targets/{info.digest}.{name}"
        if eventdir.read(path) is None:
            files[path] = verify_digest(get(path, PLAYER_MAX_BYTES) or b"", info.digest or "")
    return files


def _write(eventdir: EventDir, files: dict[str, bytes]) -> None:
    for path, data in files.items():
        place = eventdir.public / path
        if place.exists() and place.read_bytes() != data:
            write_whole(place, data)  # what stood there did not verify, or we would not have fetched it
        else:
            write_absent(place, data)


def _renew_indexes(eventdir: EventDir) -> None:
    trusted = eventdir.trusted
    for name in INDEXES:
        if trusted.targets and name in trusted.targets.files:
            data = eventdir.read(trusted.target_path(name))
            if data is not None and data != eventdir.read(name):
                write_whole(eventdir.public / name, data)
