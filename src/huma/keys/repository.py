"""Signing the trust documents of an event's folder: versions go up only, and a versioned file never changes.

The documents are made by python-tuf, the reference implementation; what it made is then read back by our own verifier
before a timestamp points to it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar

from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, MetaFile, Signed, Snapshot, TargetFile, Targets, Timestamp

from huma.config import (
    SLOW_ROLE_LIFE_DAYS,
    SNAPSHOT_LIFE_S,
    STEERING_LIFE_S,
    TIMESTAMP_LIFE_S,
)
from huma.errors import BugError, HumaError, KeyStoreError, UsageError
from huma.keys.durable import write_absent, write_whole
from huma.keys.eventdir import BOOT, INDEXES, REVOKED, TIMESTAMP, EventDir
from huma.protocol import names
from huma.protocol.boot import is_boot_path, render_boot
from huma.protocol.event import FAST_TICKS, SLOW_TICKS, Event, parse_event, render_event
from huma.protocol.multivariant import render_index
from huma.protocol.revocation import (
    Revocation,
    merge_revoked,
    parse_revoked,
    render_revoked,
    verify_revocation,
)
from huma.protocol.trust.metadata import DELEGATED, RoleName, parse_targets, parse_timestamp, verify_signed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

S = TypeVar("S", bound=Signed)

FIRST_PAIR: Final = 1
COLD_PAIR: Final = 2
SPARE_PAIR: Final = 3

_LISTED: Final[tuple[RoleName, ...]] = ("targets", *DELEGATED)


def pair_key(role: str, pair: int) -> str:
    """The name of the timestamp or snapshot key of a pair: the first pair's has no number."""
    return role if pair == FIRST_PAIR else f"{role}-{pair}"


def is_version_of(version: int, pair: int) -> bool:
    """Whether a pair may use this version: odd ones are the cold pair's, so that two desks never meet in one."""
    return version % 2 == (1 if pair == COLD_PAIR else 0)


def sign_timestamp(eventdir: EventDir, now: int, *, pair: int = FIRST_PAIR) -> int:
    """Sign the next timestamp over the newest snapshot, and make boot.json anew. Gives the version."""
    with eventdir.locked():
        return _sign_timestamp(eventdir, now, pair)


def sign_snapshot(eventdir: EventDir, now: int, *, pair: int = FIRST_PAIR) -> int:
    """Sign the next snapshot over the newest documents, and a timestamp over it. Gives its version."""
    with eventdir.locked():
        version = _sign_snapshot(eventdir, now, pair)
        _sign_timestamp(eventdir, now, pair)
        return version


def sign_delegated(
    eventdir: EventDir, role: RoleName, now: int, data: bytes | None = None, *, pair: int = FIRST_PAIR
) -> None:
    """Sign roster or steering again, with new content or as it is, and publish it in snapshot and timestamp."""
    with eventdir.locked():
        _sign_delegated(eventdir, role, now, data)
        _sign_snapshot(eventdir, now, pair)
        _sign_timestamp(eventdir, now, pair)


def set_targets(
    eventdir: EventDir,
    files: Mapping[str, bytes],
    now: int,
    *,
    remove: Collection[str] = (),
    pair: int = FIRST_PAIR,
) -> None:
    """Sign new target files, each by the role that may, and publish them in snapshot and timestamp.

    The names in `remove` are no longer listed; a mirror may keep such a file, but no client asks for it.
    """
    unknown = sorted(set(files) - set(names.TARGET_NAMES))
    if unknown:
        raise UsageError(f"no role may name the file {unknown[0]!r}")
    delegated = {role: files[f"{role}.json"] for role in DELEGATED if f"{role}.json" in files}
    own = {name: data for name, data in files.items() if name not in {f"{role}.json" for role in DELEGATED}}
    with eventdir.locked():
        if own or remove:
            _sign_targets(eventdir, own, remove)
        for role, data in delegated.items():
            _sign_delegated(eventdir, role, now, data)
        _sign_snapshot(eventdir, now, pair)
        _sign_timestamp(eventdir, now, pair)
        for name in INDEXES:
            if name in own:
                write_whole(eventdir.public / name, own[name])
            elif name in remove:
                (eventdir.public / name).unlink(missing_ok=True)


def set_target(eventdir: EventDir, name: str, data: bytes, now: int) -> None:
    """Sign one new target file, and publish it in snapshot and timestamp."""
    set_targets(eventdir, {name: data}, now)


def resign_event(
    eventdir: EventDir,
    event: Event,
    now: int,
    *,
    player: bytes | None = None,
    pair: int = FIRST_PAIR,
) -> None:
    """Sign event.json anew, and the indexes that follow from it; with a player, that too."""
    files = event_targets(event)
    gone = set(INDEXES) - set(files)
    if player is not None:
        files["player.html"] = player
    set_targets(eventdir, files, now, remove=gone, pair=pair)


def event_targets(event: Event) -> dict[str, bytes]:
    """event.json, and the playlists for stock players that follow from it."""
    files = {"event.json": render_event(event)}
    if event.ladder(FAST_TICKS):
        files["index.m3u8"] = render_index(event, "fast")
    if event.ladder(SLOW_TICKS):
        files["index-slow.m3u8"] = render_index(event, "slow")
    return files


def boot_json(eventdir: EventDir) -> bytes:
    """All that a client needs at the start in one file, from what the folder holds."""
    trusted = eventdir.trusted
    if trusted.timestamp is None or trusted.snapshot is None:
        raise BugError("boot.json before the first timestamp")
    paths = [f"trust/{version}.root.json" for version in range(1, trusted.root.head.version + 1)]
    paths += [TIMESTAMP, f"trust/{trusted.timestamp.snapshot.version}.snapshot.json"]
    paths += [f"trust/{info.version}.{name}.json" for name, info in trusted.snapshot.meta.items()]
    paths += [trusted.target_path(name) for name in _boot_targets(trusted.delegated)]
    files = {path: eventdir.read(path) for path in paths if is_boot_path(path)}
    return render_boot({path: data for path, data in files.items() if data is not None})


def add_revoked(eventdir: EventDir, entries: Iterable[Revocation]) -> tuple[Revocation, ...]:
    """Bring valid entries into `live/revoked.json`, which only grows. Gives the whole union."""
    with eventdir.locked():
        held = parse_revoked(eventdir.read(REVOKED) or b'{"revoked":[]}')
        roles = eventdir.root_roles
        sound = []
        for entry in (*held, *entries):
            try:
                sound.append(verify_revocation(entry, roles, event_id=eventdir.event_id))
            except HumaError:
                continue
        merged = merge_revoked(sound)
        data = render_revoked(merged)
        if data != eventdir.read(REVOKED):
            write_whole(eventdir.public / REVOKED, data)
        return merged


def sign(signed: S, keys: Sequence[Ed25519PrivateKey]) -> bytes:
    """The bytes of a signed document."""
    metadata: Metadata[Any] = Metadata(signed)
    for key in keys:
        metadata.sign(CryptoSigner(key), append=True)
    return bytes(metadata.to_bytes())


def expiry(now: int, *, seconds: int = 0, days: int = 0) -> datetime:
    """A moment after `now`, in whole seconds as TUF writes them."""
    moment = datetime.fromtimestamp(now // 1000, UTC) + timedelta(seconds=seconds, days=days)
    return moment.replace(microsecond=0)


def slow_expiry(event: Event) -> datetime:
    """Root, targets and roster live until a year after the planned end."""
    return expiry(event.end_ms, days=SLOW_ROLE_LIFE_DAYS)


def threshold_keys(eventdir: EventDir, role: str) -> list[Ed25519PrivateKey]:
    """As many keys of root or targets as their threshold asks for, from those that lie here."""
    wanted = eventdir.trusted.root.roles[role]
    public = {key.raw for key in wanted.keys.values()}
    found: list[Ed25519PrivateKey] = []
    for number in range(1, len(wanted.keys) + 1):
        if len(found) < wanted.threshold and eventdir.has_key(f"{role}-{number}"):
            key = eventdir.private_key(f"{role}-{number}")
            if key.public_key().public_bytes_raw() in public:
                found.append(key)
    if len(found) < wanted.threshold:
        raise KeyStoreError(
            f"{wanted.threshold} {role} keys must sign, and {len(found)} are on this machine",
            code="threshold",
            hint=f"Bring the {role}-N.pem of {wanted.threshold} holders into keys/ for this one step.",
        )
    return found


def _sign_targets(eventdir: EventDir, files: Mapping[str, bytes], remove: Collection[str]) -> None:
    """Sign the targets role's document with new files; what it lists besides stays, but for those to remove."""
    keys = threshold_keys(eventdir, "targets")
    targets = _newest(eventdir, "targets")
    version = _next_version(eventdir, "targets")
    if targets is None:
        raise BugError("targets before the event was made")
    for name, data in files.items():
        targets.targets[name] = target_file(name, data)
        write_absent(eventdir.public / "targets" / f"{names.sha256_hex(data)}.{name}", data)
    for name in remove:
        targets.targets.pop(name, None)
    event = parse_event(files["event.json"]) if "event.json" in files else eventdir.event
    targets.version, targets.expires = version, slow_expiry(event)
    _publish(eventdir, "targets", version, sign(targets, keys))


def _sign_delegated(eventdir: EventDir, role: RoleName, now: int, data: bytes | None) -> None:
    key = eventdir.private_key(role)
    document = _newest(eventdir, role) or Targets()
    version = _next_version(eventdir, role)
    if data is not None:
        write_absent(eventdir.public / "targets" / f"{names.sha256_hex(data)}.{role}.json", data)
        document.targets = {f"{role}.json": target_file(f"{role}.json", data)}
    document.version = version
    document.expires = delegated_expiry(role, eventdir.event, now)
    _publish(eventdir, role, version, sign(document, [key]))


def delegated_expiry(role: str, event: Event, now: int) -> datetime:
    """Steering is of today; the roster lives as long as root."""
    return expiry(now, seconds=STEERING_LIFE_S) if role == "steering" else slow_expiry(event)


def target_file(name: str, data: bytes) -> TargetFile:
    """How a targets document lists a file."""
    return TargetFile(len(data), {"sha256": names.sha256_hex(data)}, name)


def _sign_snapshot(eventdir: EventDir, now: int, pair: int) -> int:
    key = eventdir.private_key(pair_key("snapshot", pair))
    trusted = eventdir.trusted
    meta = {}
    for role in _LISTED:
        listed = (
            trusted.snapshot.meta[role].version if trusted.snapshot and role in trusted.snapshot.meta else 0
        )
        version = _newest_version(eventdir, role)
        if version < listed:
            raise KeyStoreError(f"{role} {listed} is listed, and only {version} is here", code="missing")
        if version:
            data = eventdir.read(f"trust/{version}.{role}.json") or b""
            meta[f"{role}.json"] = MetaFile(version, len(data), {"sha256": names.sha256_hex(data)})
    version = _next_version(eventdir, "snapshot", pair)
    snapshot = Snapshot(version=version, expires=expiry(now, seconds=SNAPSHOT_LIFE_S), meta=meta)
    _publish(eventdir, "snapshot", version, sign(snapshot, [key]))
    return version


def _sign_timestamp(eventdir: EventDir, now: int, pair: int) -> int:
    key = eventdir.private_key(pair_key("timestamp", pair))
    newest = max(_versions(eventdir, "snapshot"))
    data = eventdir.read(f"trust/{newest}.snapshot.json") or b""
    trusted = eventdir.trusted
    version = _above(_timestamp_version(eventdir), pair)
    timestamp = Timestamp(
        version=version,
        expires=expiry(now, seconds=TIMESTAMP_LIFE_S),
        snapshot_meta=MetaFile(newest, len(data), {"sha256": names.sha256_hex(data)}),
    )
    signed = sign(timestamp, [key])
    believed = trusted.update_timestamp(signed)
    while believed.wanted:  # what we would not believe ourselves never leaves
        believed = believed.update(believed.wanted[0], eventdir.read(believed.wanted[0]) or b"")
    write_whole(eventdir.public / TIMESTAMP, signed)
    write_whole(eventdir.public / BOOT, boot_json(eventdir))
    return version


def _timestamp_version(eventdir: EventDir) -> int:
    """The version of our timestamp, be it signed by a pair that a new root has shut out; 0 where there is none."""
    data = eventdir.read(TIMESTAMP)
    return 0 if data is None else parse_timestamp(data).head.version


def _publish(eventdir: EventDir, role: str, version: int, data: bytes) -> None:
    write_absent(eventdir.public / "trust" / f"{version}.{role}.json", data)


def _newest(eventdir: EventDir, role: RoleName) -> Targets | None:
    """The newest document of a targets role, ready to be changed."""
    version = _newest_version(eventdir, role)
    if not version:
        return None
    data = eventdir.read(f"trust/{version}.{role}.json") or b""
    metadata: Metadata[Targets] = Metadata.from_bytes(data)
    return metadata.signed


def _newest_version(eventdir: EventDir, role: RoleName) -> int:
    """The highest version here that is signed as it must be; 0 where there is none."""
    trusted = eventdir.trusted
    wanted = trusted.root.roles["targets"]
    if role != "targets":
        document = _newest_version(eventdir, "targets")
        data = eventdir.read(f"trust/{document}.targets.json") or b""
        wanted = parse_targets(data, "targets").delegations[role]
    for version in sorted(_versions(eventdir, role), reverse=True):
        data = eventdir.read(f"trust/{version}.{role}.json") or b""
        try:
            head = parse_targets(data, role).head
            verify_signed(head, wanted)
        except HumaError:
            continue
        if head.version == version:
            return version
    return 0


def _next_version(eventdir: EventDir, role: str, pair: int | None = None) -> int:
    """A version above every one that is here, was seen, or is spent."""
    seen = eventdir.trusted.seen.get(role)
    top = max(seen.version if seen else 0, *_versions(eventdir, role), 0)
    return top + 1 if pair is None else _above(top, pair)


def _above(version: int, pair: int) -> int:
    return version + 1 if is_version_of(version + 1, pair) else version + 2


def _versions(eventdir: EventDir, role: str) -> list[int]:
    """The versions of a role's document that stand in the folder."""
    found = []
    for file in (eventdir.public / "trust").glob(f"*.{role}.json"):
        number = file.name.split(".", 1)[0]
        if number.isdecimal() and names.is_valid_path(f"trust/{file.name}"):
            found.append(int(number))
    return found or [0]


def _boot_targets(delegated: Mapping[RoleName, object]) -> list[str]:
    return ["event.json", *(f"{role}.json" for role in DELEGATED if role in delegated)]
