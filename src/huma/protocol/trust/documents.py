"""The client's workflow over the trust documents: bytes from strangers in, believed documents out (spec/trust.md, T).

A value: every update returns another `TrustedDocuments`, and one that is refused changes nothing. It reads no clock:
expiry is a fact that the caller asks for, with its own idea of now.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from huma.config import MAX_ROOT_ROTATIONS
from huma.errors import BugError, DigestError, HumaError, MalformedError, StaleError, VerificationError
from huma.protocol import names
from huma.protocol.event import Event, parse_event
from huma.protocol.revocation import RootRole, parse_revoked, verify_revocation
from huma.protocol.steering import Steering, parse_steering
from huma.protocol.trust.metadata import (
    DELEGATED,
    FileInfo,
    Head,
    Role,
    RoleName,
    Root,
    Snapshot,
    Targets,
    Timestamp,
    parse_root,
    parse_snapshot,
    parse_targets,
    parse_timestamp,
    refuse_shared_keys,
    verify_file,
    verify_signed,
)
from huma.protocol.trust.state import TrustState

if TYPE_CHECKING:
    from collections.abc import Mapping

_ROOT_PATH = re.compile(r"trust/([1-9][0-9]{0,15})\.root\.json")
_PATH = re.compile(r"trust/(?:[1-9][0-9]{0,15}\.(snapshot|targets|roster|steering)|(timestamp))\.json")
_ROLE_OF: Final[dict[str, RoleName]] = {
    "timestamp": "timestamp",
    "snapshot": "snapshot",
    "targets": "targets",
    "roster": "roster",
    "steering": "steering",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """The highest version of a document that was believed or listed, and its bytes' digest where that is known."""

    version: int
    digest: names.Digest | None = None


@dataclass(frozen=True, slots=True)
class TrustedDocuments:
    """What is believed so far. Begin with `start`; then offer what `wanted` names, or anything else, to `update`."""

    event_id: str
    roots: tuple[Root, ...]
    seen: Mapping[str, Seen] = field(default_factory=dict)
    seen_root: int = 1
    timestamp: Timestamp | None = None
    snapshot: Snapshot | None = None
    targets: Targets | None = None
    delegated: Mapping[RoleName, Targets] = field(default_factory=dict)

    @classmethod
    def start(cls, event_id: str, root1: bytes, state: TrustState | None = None) -> TrustedDocuments:
        """Begin from the pinned event id (T1), and from what is remembered of it (T9)."""
        if names.event_id(root1) != event_id:
            raise DigestError("1.root.json is of another event")
        root = parse_root(root1)
        if root.head.version != 1:
            raise VerificationError("1.root.json has another version", code="wrong-version")
        verify_signed(root.head, root.roles["root"])
        if state is None or state.event_id != event_id:
            return cls(event_id, (root,))
        seen = {name: Seen(version) for name, version in state.versions.items()}
        return cls(event_id, (root,), seen, state.root)

    @property
    def root(self) -> Root:
        """The newest root of the chain."""
        return self.roots[-1]

    @property
    def state(self) -> TrustState:
        """What to keep over a restart."""
        versions = {name: seen.version for name, seen in self.seen.items()}
        return TrustState(self.event_id, max(self.seen_root, self.root.head.version), versions)

    @property
    def wanted(self) -> tuple[str, ...]:
        """The paths that are needed next, most needed first. The next root is asked for apart, until it is missing."""
        if self.timestamp is None:
            return ("trust/timestamp.json",)
        if self.snapshot is None:
            return (f"trust/{self.timestamp.snapshot.version}.snapshot.json",)
        if self.targets is None:
            return (f"trust/{self.snapshot.meta['targets'].version}.targets.json",)
        return tuple(
            f"trust/{self.snapshot.meta[name].version}.{name}.json"
            for name in DELEGATED
            if name in self.targets.delegations and name in self.snapshot.meta and name not in self.delegated
        )

    @property
    def next_root_path(self) -> str:
        """Where the next root stands, if there is one."""
        return f"trust/{self.root.head.version + 1}.root.json"

    def update(self, path: str, data: bytes) -> TrustedDocuments:
        """Offer what stands at `path`."""
        if _ROOT_PATH.fullmatch(path):
            return self.update_root(data)
        found = _PATH.fullmatch(path)
        if found is None:
            raise MalformedError(f"not a path of a trust document: {path[:80]!r}")
        role = _ROLE_OF[found[1] or found[2]]
        if role == "timestamp":
            return self.update_timestamp(data)
        if role == "snapshot":
            return self.update_snapshot(data)
        return self.update_targets(data) if role == "targets" else self.update_delegated(role, data)

    def take(self, files: Mapping[str, bytes]) -> TrustedDocuments:
        """Go as far as a bag of files by path leads (boot.json, or what is held already); what lies beside is left."""
        documents = self
        while documents.next_root_path in files:
            documents = documents.update_root(files[documents.next_root_path])
        if "trust/timestamp.json" in files:
            documents = documents.update_timestamp(files["trust/timestamp.json"])
        while path := next((path for path in documents.wanted if path in files), None):
            documents = documents.update(path, files[path])
        return documents

    def update_root(self, data: bytes) -> TrustedDocuments:
        """The next root, signed by the threshold of the old one and of itself (T2). What hangs below must be shown again.

        New keys for timestamp or snapshot forget the highest versions: they may have been run up by a thief (T8).
        """
        if names.sha256_hex(data) == self.root.head.digest:
            return self
        root = parse_root(data)
        verify_signed(root.head, self.root.roles["root"])
        verify_signed(root.head, root.roles["root"])
        if root.head.version <= self.root.head.version:
            raise StaleError(f"root {root.head.version}, {self.root.head.version} is believed")
        if root.head.version != self.root.head.version + 1 or len(self.roots) >= MAX_ROOT_ROTATIONS:
            raise VerificationError(f"root {root.head.version} is not the next one", code="wrong-version")
        is_news = root.head.version > self.seen_root
        forget = is_news and any(
            self.root.roles[name] != root.roles[name] for name in ("timestamp", "snapshot")
        )
        return TrustedDocuments(
            event_id=self.event_id,
            roots=(*self.roots, root),
            seen={} if forget else self.seen,
            seen_root=max(self.seen_root, root.head.version),
        )

    def update_timestamp(self, data: bytes) -> TrustedDocuments:
        """A timestamp that is no older, and lists no older snapshot (T4). A new one drops what hangs below."""
        timestamp = parse_timestamp(data)
        verify_signed(timestamp.head, self.root.roles["timestamp"])
        if self.root.head.version < self.seen_root:
            raise StaleError(f"root {self.root.head.version}, but {self.seen_root} was believed before")
        seen = self._see_head(self.seen, timestamp.head)
        seen = _see(seen, "snapshot", timestamp.snapshot)
        if self.timestamp is not None and self.timestamp.head.digest == timestamp.head.digest:
            return self
        return replace(self, seen=seen, timestamp=timestamp, snapshot=None, targets=None, delegated={})

    def update_snapshot(self, data: bytes) -> TrustedDocuments:
        """The snapshot that the timestamp lists (T5). It lists no document with a lower version, and forgets none."""
        if self.timestamp is None:
            raise BugError("a snapshot before its timestamp")
        verify_file(data, self.timestamp.snapshot, "snapshot")
        snapshot = parse_snapshot(data)
        verify_signed(snapshot.head, self.root.roles["snapshot"])
        _verify_version(snapshot.head, self.timestamp.snapshot)
        seen = self._see_head(self.seen, snapshot.head)
        for name in set(seen) - {"timestamp", "snapshot"} - set(snapshot.meta):
            raise VerificationError(f"the snapshot no longer lists {name}", code="not-listed")
        for name, info in snapshot.meta.items():
            seen = _see(seen, name, info)
        if self.snapshot is not None and self.snapshot.head.digest == snapshot.head.digest:
            return self
        return replace(self, seen=seen, snapshot=snapshot, targets=None, delegated={})

    def update_targets(self, data: bytes) -> TrustedDocuments:
        """The targets that the snapshot lists (T6). No key of theirs has a role in root."""
        targets = self._targets("targets", self.root.roles["targets"], data)
        refuse_shared_keys({**self.root.roles, **targets.delegations})
        if self.targets is not None and self.targets.head.digest == targets.head.digest:
            return self
        return replace(self, seen=self._see_head(self.seen, targets.head), targets=targets, delegated={})

    def update_delegated(self, name: RoleName, data: bytes) -> TrustedDocuments:
        """Roster or steering, as the snapshot lists them and the targets delegate to them (T7)."""
        if self.targets is None:
            raise BugError("a delegated role before the targets")
        role = self.targets.delegations.get(name)
        if role is None:
            raise VerificationError(f"targets do not delegate to {name}", code="not-listed")
        targets = self._targets(name, role, data)
        delegated = {**self.delegated, name: targets}
        return replace(self, seen=self._see_head(self.seen, targets.head), delegated=delegated)

    def target_path(self, name: str) -> str:
        """Where the target `name` stands: `targets/<sha256>.<name>`."""
        return f"targets/{self._target(name).digest}.{name}"

    def target(self, name: str, data: bytes) -> bytes:
        """Return `data` unchanged, or raise if it is not the target `name`."""
        return verify_file(data, self._target(name), name)

    def event(self, data: bytes) -> Event:
        """The event in the target event.json. A live key that has another role, or stands twice, is refused (T10)."""
        event = parse_event(self.target("event.json", data))
        roles = dict(self.root.roles) | dict(self.targets.delegations if self.targets else {})
        live = {f"live key {key.keyid}": Role(1, {key.keyid: key.public}) for key in event.live_keys}
        refuse_shared_keys({**roles, **live})
        return event

    def steering(self, data: bytes | None, now_ms: int) -> Steering:
        """The steering in force at `now_ms`. Missing or expired, it has no opinion: all weights are equal."""
        if data is None or "steering" in self.expired(now_ms):
            return Steering()
        return parse_steering(self.target("steering.json", data))

    def revoked(self, data: bytes) -> frozenset[str]:
        """The live keys that `live/revoked.json` revokes, each entry judged by itself under any root of the chain (T11)."""
        roles = tuple(
            RootRole(role.threshold, role.keys) for role in (root.roles["root"] for root in self.roots)
        )
        found = set()
        for entry in parse_revoked(data):
            try:
                found.add(verify_revocation(entry, roles, event_id=self.event_id).keyid)
            except HumaError:
                continue
        return frozenset(found)

    def expired(self, now_ms: int) -> tuple[RoleName, ...]:
        """The roles whose documents have expired at `now_ms`. It is a fact, not the end: the caller says what follows."""
        heads = [self.root.head]
        heads += [held.head for held in (self.timestamp, self.snapshot, self.targets) if held is not None]
        heads += [self.delegated[name].head for name in DELEGATED if name in self.delegated]
        return tuple(head.role for head in heads if head.expires_ms <= now_ms)

    def _targets(self, name: RoleName, role: Role, data: bytes) -> Targets:
        if self.snapshot is None:
            raise BugError(f"{name} before the snapshot")
        info = self.snapshot.meta.get(name)
        if info is None:
            raise VerificationError(f"the snapshot does not list {name}", code="not-listed")
        verify_file(data, info, name)
        targets = parse_targets(data, name)
        verify_signed(targets.head, role)
        _verify_version(targets.head, info)
        return targets

    def _target(self, name: str) -> FileInfo:
        """The targets role speaks first; a delegated role speaks for its own file alone."""
        holders = [self.targets]
        holders += [self.delegated.get(role) for role in DELEGATED if name == f"{role}.json"]
        for holder in holders:
            if holder is not None and name in holder.files:
                return holder.files[name]
        raise VerificationError(f"no believed document lists {name[:80]!r}", code="not-listed")

    @staticmethod
    def _see_head(seen: Mapping[str, Seen], head: Head) -> Mapping[str, Seen]:
        return _see(seen, head.role, FileInfo(head.version, None, head.digest))


def _see(seen: Mapping[str, Seen], name: str, info: FileInfo) -> Mapping[str, Seen]:
    """Never a lower version, and never other bytes under one version (T4)."""
    before = seen.get(name)
    if before is None or info.version > before.version:
        return {**seen, name: Seen(info.version, info.digest)}
    if info.version < before.version:
        raise StaleError(f"{name} {info.version}, but {before.version} was believed before")
    if before.digest is not None and info.digest is not None and before.digest != info.digest:
        raise VerificationError(f"two different documents are both {name} {info.version}", code="conflict")
    return {**seen, name: Seen(info.version, info.digest or before.digest)}


def _verify_version(head: Head, info: FileInfo) -> None:
    if head.version != info.version:
        raise VerificationError(f"{head.role} {head.version}, listed is {info.version}", code="wrong-version")
