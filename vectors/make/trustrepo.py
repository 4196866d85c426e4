"""A TUF repository with attack knobs: python-tuf makes it, fixed seeds sign it, and any document may be bent first."""

from __future__ import annotations

import hashlib
import json
from base64 import b32encode
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.formats import encode_canonical
from securesystemslib.signer import CryptoSigner, Key, SSlibKey
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Metadata,
    MetaFile,
    Role,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NOW = datetime(2026, 11, 23, 18, 0, 0, tzinfo=UTC)
NOW_MS = int(NOW.timestamp() * 1000)
DAY = timedelta(days=1)
LIFE = {"timestamp": DAY, "snapshot": 7 * DAY, "steering": DAY}

Doc = dict[str, Any]
"""A metadata file as JSON."""


def private(name: str) -> Ed25519PrivateKey:
    """The key of that name: always the same, and good for nothing but tests."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"huma test key {name}".encode()).digest())


def public_hex(name: str) -> str:
    """The public half, as 64 hexadecimal digits."""
    return private(name).public_key().public_bytes_raw().hex()


def signer(name: str) -> CryptoSigner:
    """The key of that name, for python-tuf."""
    return CryptoSigner(private(name), SSlibKey.from_crypto(private(name).public_key()))


def keyid(name: str) -> str:
    """The TUF key id of the key of that name."""
    return signer(name).public_key.keyid


def event_id(root1: bytes) -> str:
    """The event id, by its definition."""
    return b32encode(hashlib.sha256(root1).digest()).decode().rstrip("=").lower()


def sha256(data: bytes) -> str:
    """The digest of `data`, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def compact(value: object) -> bytes:
    """JSON in the spelling of huma's own documents."""
    return (json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True) + "\n").encode()


def resign(document: Doc, signers: tuple[str, ...], ids: Mapping[str, str] | None = None) -> Doc:
    """The document with fresh signatures over its signed part; `ids` gives a key another id."""
    payload = str(encode_canonical(document["signed"])).encode()
    signatures = [
        {"keyid": (ids or {}).get(name, keyid(name)), "sig": private(name).sign(payload).hex()}
        for name in signers
    ]
    return {**document, "signatures": signatures}


def to_bytes(document: Doc) -> bytes:
    """The file, as python-tuf writes it."""
    return json.dumps(document, separators=(",", ":"), sort_keys=True).encode()


class Repo:
    """One event's repository. Change what stands in it, then `publish`."""

    def __init__(self) -> None:
        self.signers = {
            "root": ("root-1", "root-2"),
            "targets": ("targets-1", "targets-2"),
            "snapshot": ("snapshot",),
            "timestamp": ("timestamp",),
            "roster": ("roster",),
            "steering": ("steering",),
        }
        self.holders = {
            **self.signers,
            "root": ("root-1", "root-2", "root-3"),
            "targets": ("targets-1", "targets-2", "targets-3"),
        }
        self.thresholds = {"root": 2, "targets": 2, "snapshot": 1, "timestamp": 1, "roster": 1, "steering": 1}
        self.versions = dict.fromkeys(self.signers, 1)
        self.expires = {name: NOW + LIFE.get(name, 366 * DAY) for name in self.signers}
        self.bends: dict[str, Callable[[Doc], object]] = {}
        self.list_digests = True
        self.roots: list[bytes] = []
        self.files: dict[str, bytes] = {}
        self.contents: dict[str, bytes] = {
            "event.json": compact(event_document()),
            "index.m3u8": b"#EXTM3U\n",
            "roster.json": compact(roster_document("a", "b")),
            "steering.json": compact({"v": 1, "weights": {"a": 70, "b": 30}, "withdrawn": [], "hints": []}),
        }

    # -- what stands in it ---------------------------------------------------------------------------------

    def root_document(self) -> Doc:
        """The root of the present version and keys."""
        roles = {
            name: Role([], self.thresholds[name]) for name in ("root", "targets", "snapshot", "timestamp")
        }
        root = Root(
            self.versions["root"], expires=self.expires["root"], roles=roles, consistent_snapshot=True
        )
        for name in roles:
            for holder in self.holders[name]:
                root.add_key(signer(holder).public_key, name)
        return self._document("root", root)

    def add_root(self, *signers: str) -> bytes:
        """The next root, by default signed as it should be; the first one begins the event."""
        self.versions["root"] = len(self.roots) + 1
        data = to_bytes(resign(self.root_document(), signers or self.signers["root"]))
        self.roots.append(data)
        self.files[f"trust/{len(self.roots)}.root.json"] = data
        return data

    def rotate(self, role: str, *holders: str) -> bytes:
        """A next root with other keys for `role`, signed by the old root keys and, if they are new, by those too."""
        old = self.signers["root"]
        self.holders[role] = holders
        self.signers[role] = holders[: self.thresholds[role]]
        return self.add_root(*dict.fromkeys((*old, *self.signers["root"])))

    def publish(self) -> None:
        """Make every document below root anew, in the present versions."""
        if not self.roots:
            self.add_root()
        for name in ("roster", "steering"):
            content = {f"{name}.json": self.contents[f"{name}.json"]}
            self._put(
                name, Targets(self.versions[name], expires=self.expires[name], targets=self._listed(content))
            )
        own = {
            name: data for name, data in self.contents.items() if name not in {"roster.json", "steering.json"}
        }
        targets = Targets(
            self.versions["targets"], expires=self.expires["targets"], targets=self._listed(own)
        )
        targets.delegations = self._delegations()
        self._put("targets", targets)
        self.publish_snapshot()

    def publish_snapshot(self) -> None:
        """Make the snapshot over what stands there, and the timestamp."""
        meta = {f"{name}.json": self._meta(name) for name in ("targets", "roster", "steering")}
        self._put(
            "snapshot", Snapshot(self.versions["snapshot"], expires=self.expires["snapshot"], meta=meta)
        )
        self.publish_timestamp()

    def publish_timestamp(self) -> None:
        """Make the timestamp over the present snapshot."""
        meta = self._meta("snapshot")
        self._put(
            "timestamp",
            Timestamp(self.versions["timestamp"], expires=self.expires["timestamp"], snapshot_meta=meta),
        )

    def raise_versions(self, *names: str) -> None:
        """The next version of each."""
        for name in names:
            self.versions[name] += 1

    def path(self, name: str) -> str:
        """Where the present version of a document stands."""
        return "trust/timestamp.json" if name == "timestamp" else f"trust/{self.versions[name]}.{name}.json"

    def get(self, name: str) -> bytes:
        """The present version of a document."""
        return self.files[self.path(name)]

    def target_path(self, name: str) -> str:
        """Where a target stands."""
        return f"targets/{sha256(self.contents[name])}.{name}"

    def revocation(self, live: str, *signers: str, event: str | None = None) -> Doc:
        """An entry of revoked.json."""
        event = event or event_id(self.roots[0])
        live_id = sha256(bytes.fromhex(public_hex(live)))[:16]
        data = f"huma/1 revoke\0{event}\0{live_id}".encode()
        signatures = [{"keyid": keyid(name), "sig": private(name).sign(data).hex()} for name in signers]
        return {"event": event, "keyid": live_id, "signatures": signatures}

    def boot(self, *leave_out: str) -> Doc:
        """boot.json as a value, with everything that belongs into it."""
        paths = [path for path in self.files if path.endswith(".root.json")]
        paths += [self.path(name) for name in ("timestamp", "snapshot", "targets", "roster", "steering")]
        files = {path: self.files[path].decode() for path in paths}
        for name in ("event.json", "roster.json", "steering.json"):
            files[self.target_path(name)] = self.contents[name].decode()
        return {"v": 1, "files": {path: text for path, text in files.items() if path not in leave_out}}

    # -- how it is made ------------------------------------------------------------------------------------

    def _document(self, name: str, signed: Any) -> Doc:
        document: Doc = deepcopy(Metadata(signed).to_dict())
        bend = self.bends.get(name)
        if bend is not None:
            bend(document["signed"])
        return document

    def _put(self, name: str, signed: Any) -> None:
        self.files[self.path(name)] = to_bytes(resign(self._document(name, signed), self.signers[name]))

    def _meta(self, name: str) -> MetaFile:
        data = self.get(name)
        if not self.list_digests:
            return MetaFile(self.versions[name])
        return MetaFile(self.versions[name], len(data), {"sha256": sha256(data)})

    def _delegations(self) -> Delegations:
        keys: dict[str, Key] = {}
        roles = {}
        for name in ("roster", "steering"):
            own = {keyid(holder): signer(holder).public_key for holder in self.holders[name]}
            keys.update(own)
            roles[name] = DelegatedRole(name, list(own), self.thresholds[name], True, paths=[f"{name}.json"])
        return Delegations(keys, roles)

    @staticmethod
    def _listed(contents: Mapping[str, bytes]) -> dict[str, TargetFile]:
        return {
            name: TargetFile(len(data), {"sha256": sha256(data)}, name) for name, data in contents.items()
        }


def event_document(*live: str) -> Doc:
    """A small event.json with the live keys of those names, in order of rank."""
    keys = [
        {
            "keyid": sha256(bytes.fromhex(public_hex(name)))[:16],
            "public": public_hex(name),
            "rank": rank,
            "not_before": "2026-11-22T18:00:00.000Z",
            "not_after": "2026-12-24T18:00:00.000Z",
        }
        for rank, name in enumerate(live or ("live-a", "live-b"), start=1)
    ]
    video = {
        "kind": "video",
        "max_bytes": 500_000,
        "codecs": "avc1.64001e",
        "bandwidth": 700_000,
        "frame_rate": [30, 1],
    }
    audio = {
        "kind": "audio",
        "max_bytes": 65_536,
        "codecs": "mp4a.40.2",
        "bandwidth": 100_000,
        "sample_rate": 48_000,
    }
    return {
        "v": 1,
        "title": {"en": "A rally", "fa": "گردهمایی"},
        "schedule": [],
        "start": "2026-11-23T18:00:00.000Z",
        "end": "2026-11-24T18:00:00.000Z",
        "tick": [16, 15],
        "epoch": "2026-11-23T17:59:00.000Z",
        "copy": False,
        "languages": [{"code": "en", "name": "English"}],
        "renditions": [
            {**video, "name": "v360", "ticks_per_segment": 1, "width": 640, "height": 360},
            {**audio, "name": "a-en", "ticks_per_segment": 1, "language": "en", "channels": 2},
        ],
        "live_keys": keys,
    }


def roster_document(*ids: str) -> Doc:
    """A roster of mirrors with these ids."""
    mirror = {"class": "server", "tier": "volunteer", "addresses": [], "spki": []}
    return {
        "v": 1,
        "mirrors": [
            {**mirror, "id": name, "url": f"https://{name}.example/", "operator": f"Operator {name}"}
            for name in ids
        ],
    }
