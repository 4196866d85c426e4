from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st
from securesystemslib.exceptions import FormatError
from tuf.api.serialization import DeserializationError
from tuf.ngclient._internal.trusted_metadata_set import TrustedMetadataSet
from tuf.ngclient.config import EnvelopeType
from vectors.make import trust as maker
from vectors.make.trustrepo import NOW_MS, Repo

from huma.errors import BugError, HumaError, MalformedError, SignatureError
from huma.protocol.boot import parse_boot
from huma.protocol.event import Event
from huma.protocol.names import event_id
from huma.protocol.roster import parse_roster
from huma.protocol.signature import PublicKey
from huma.protocol.trust import TrustedDocuments, TrustState, parse_state, render_state
from huma.protocol.trust.metadata import Head, Role, verify_signed

if TYPE_CHECKING:
    from collections.abc import Callable

VECTORS = sorted((Path(__file__).parents[2] / "vectors" / "trust").glob("*.json"))
ROLES = ("timestamp", "snapshot", "targets", "roster", "steering")


@dataclass
class Run:
    """What a vector leads to. Each step replaces `documents`, or raises and leaves it."""

    now: int
    documents: TrustedDocuments
    revoked: frozenset[str] | None = None
    mirrors: list[str] | None = None
    weights: dict[str, int] | None = None
    event: Event | None = None

    def step(self, path: str, data: bytes) -> None:
        if path == "trust/boot.json":
            self.documents = self.documents.take(parse_boot(data))
        elif path == "live/revoked.json":
            self.revoked = self.documents.revoked(data)
        elif path.startswith("targets/"):
            self.target(path, data)
        else:
            self.documents = self.documents.update(path, data)

    def target(self, path: str, data: bytes) -> None:
        name = path.split(".", 1)[1]
        if name == "event.json":
            self.event = self.documents.event(data)
        elif name == "steering.json":
            self.weights = dict(self.documents.steering(data, self.now).weights)
        else:
            good = self.documents.target(name, data)
            self.mirrors = [mirror.id for mirror in parse_roster(good).mirrors]
        if self.documents.target_path(name) != path:
            raise AssertionError(path)

    def results(self) -> dict[str, object]:
        return {
            "root": self.documents.root.head.version,
            "wanted": list(self.documents.wanted),
            "expired": list(self.documents.expired(self.now)),
            "versions": dict(self.documents.state.versions),
            "revoked": None if self.revoked is None else sorted(self.revoked),
            "mirrors": self.mirrors,
            "weights": self.weights,
        }


def load(path: Path) -> dict[str, Any]:
    vector: dict[str, Any] = json.loads(path.read_text())
    return vector


def start(vector: dict[str, Any]) -> Run:
    state = parse_state(vector["state"]) if "state" in vector else None
    return Run(vector["now"], TrustedDocuments.start(vector["event"], vector["root"].encode(), state))


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_vector(path: Path) -> None:
    vector = load(path)
    steps = vector["steps"]
    if vector["expect"] != "ok" and not steps:
        with pytest.raises(HumaError) as caught:
            start(vector)
        assert caught.value.code == vector["expect"]
        return
    run = start(vector)
    for step in steps[:-1]:
        run.step(step["path"], step["text"].encode())
    before = run.documents
    if vector["expect"] == "ok":
        run.step(steps[-1]["path"], steps[-1]["text"].encode())
        results = run.results()
        assert {name: results[name] for name in vector["result"]} == vector["result"]
    else:
        with pytest.raises(HumaError) as caught:
            run.step(steps[-1]["path"], steps[-1]["text"].encode())
        assert caught.value.code == vector["expect"], caught.value.message
        assert run.documents is before


def test_there_are_enough_vectors_and_each_says_why() -> None:
    vectors = [load(path) for path in VECTORS]
    assert sum(vector["expect"] != "ok" for vector in vectors) >= 60
    assert all(len(vector["why"]) > 5 for vector in vectors)


def test_vectors_are_up_to_date() -> None:
    assert {path.name: path.read_bytes() for path in VECTORS} == maker.make()


# -- the oracle: whatever we believe, python-tuf believes --------------------------------------------------


def oracle(root1: bytes) -> TrustedMetadataSet:
    """python-tuf's own workflow, long before anything expires."""
    trusted = TrustedMetadataSet(root1, EnvelopeType.METADATA)
    trusted.reference_time = datetime.fromtimestamp(0, UTC)
    return trusted


def offer(trusted: TrustedMetadataSet, path: str, data: bytes) -> None:
    role = path.removesuffix(".json").split("/")[1].split(".")[-1]
    if role in {"roster", "steering"}:
        trusted.update_delegated_targets(data, role, "targets")
    else:
        getattr(trusted, f"update_{role}")(data)


def published() -> Repo:
    repo = Repo()
    repo.publish()
    return repo


def rotated() -> Repo:
    repo = Repo()
    repo.add_root()
    for version in range(2, 13):
        repo.rotate("root", *(f"root-{version}-{n}" for n in range(3)))
    repo.rotate("timestamp", "timestamp-2")
    repo.publish()
    return repo


@pytest.mark.parametrize("make", [published, rotated])
def test_python_tuf_believes_the_repositories_of_our_vectors(make: Callable[[], Repo]) -> None:
    repo = make()
    trusted = oracle(repo.roots[0])
    for version, root in enumerate(repo.roots[1:], start=2):
        offer(trusted, f"trust/{version}.root.json", root)
    for role in ROLES:
        offer(trusted, repo.path(role), repo.get(role))
    documents = TrustedDocuments.start(event_id(repo.roots[0]), repo.roots[0]).take(repo.files)
    assert documents.wanted == ()
    assert documents.root.head.version == trusted.root.version


scalars = (
    st.none() | st.booleans() | st.integers(-1, 2**60) | st.text(max_size=8) | st.floats() | st.just("1.0.31")
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
)


def places(value: object, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value."""
    inner = (
        list(value.items())
        if isinstance(value, dict)
        else list(enumerate(value))
        if isinstance(value, list)
        else []
    )
    return [(*here, name) for name, _ in inner] + [
        place for name, item in inner for place in places(item, (*here, name))
    ]


@settings(max_examples=300, deadline=None)
@given(role=st.sampled_from(ROLES), seed=st.integers(0, 10**6), value=values, remove=st.booleans())
def test_python_tuf_believes_whatever_bent_but_signed_document_we_believe(
    role: str, seed: int, value: object, remove: bool
) -> None:
    def bend(signed: dict[str, Any]) -> None:
        *way, last = places(signed)[seed % len(places(signed))]
        holder: Any = signed
        for name in way:
            holder = holder[name]
        if remove:
            del holder[last]
        else:
            holder[last] = value

    repo = Repo()
    repo.bends[role] = bend
    try:
        repo.publish()
    except (FormatError, UnicodeEncodeError, ValueError):
        return  # cannot even be signed
    documents = TrustedDocuments.start(event_id(repo.roots[0]), repo.roots[0])
    trusted = oracle(repo.roots[0])
    for name in ROLES[: ROLES.index(role) + 1]:
        try:
            documents = documents.update(repo.path(name), repo.get(name))
        except HumaError:
            return
        try:
            offer(trusted, repo.path(name), repo.get(name))
        except DeserializationError as error:
            # a key of an unknown type: python-tuf refuses the document, for us the key counts for nothing (T3)
            if "Unsupported public key" not in str(error.__cause__):
                raise
            return


# -- laws --------------------------------------------------------------------------------------------------

REPO = rotated()
PATHS = [path for path in REPO.files if path != "trust/1.root.json"]


def believed_before(path: str) -> TrustedDocuments:
    """Everything believed that comes before `path`."""
    number = {f"trust/{version}.root.json": version for version in range(1, 14)}
    last = number.get(path, 14)
    before = {name: data for name, data in REPO.files.items() if name != path and number.get(name, 0) < last}
    if path in number:
        before = {name: data for name, data in before.items() if name in number}
    return TrustedDocuments.start(event_id(REPO.roots[0]), REPO.roots[0]).take(before)


BEFORE = {path: believed_before(path) for path in PATHS}


@settings(max_examples=400, deadline=None)
@given(path=st.sampled_from(PATHS), where=st.integers(0), bit=st.integers(0, 7))
def test_no_flipped_bit_is_believed(path: str, where: int, bit: int) -> None:
    forged = bytearray(REPO.files[path])
    forged[where % len(forged)] ^= 1 << bit
    with pytest.raises(HumaError):
        BEFORE[path].update(path, bytes(forged))


@settings(deadline=None)
@given(path=st.sampled_from(PATHS), data=st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_any_bytes_end_in_one_of_our_errors(path: str, data: bytes) -> None:
    with pytest.raises(HumaError):
        BEFORE[path].update(path, data)


@settings(deadline=None)
@given(order=st.permutations(PATHS * 2))
def test_no_order_of_genuine_files_does_harm(order: list[str]) -> None:
    documents = TrustedDocuments.start(event_id(REPO.roots[0]), REPO.roots[0])
    versions: dict[str, int] = {}
    for path in order:
        try:
            documents = documents.update(path, REPO.files[path])
        except HumaError:
            continue
        assert all(documents.state.versions[name] >= version for name, version in versions.items())
        versions = dict(documents.state.versions)
    assert documents.take(REPO.files).wanted == ()


# -- what vectors do not say -------------------------------------------------------------------------------


def test_out_of_order_is_our_own_mistake() -> None:
    documents = TrustedDocuments.start(event_id(REPO.roots[0]), REPO.roots[0])
    for role in ROLES[1:]:
        with pytest.raises(BugError):
            documents.update(REPO.path(role), REPO.get(role))


@pytest.mark.parametrize(
    "path",
    [
        "trust/0.root.json",
        "trust/01.root.json",
        "trust/boot.json",
        "trust/2.timestamp.json",
        "live/x.m3u8",
        "",
    ],
)
def test_only_trust_documents_are_taken(path: str) -> None:
    with pytest.raises(MalformedError):
        TrustedDocuments.start(event_id(REPO.roots[0]), REPO.roots[0]).update(path, b"{}")


def test_steering_that_is_missing_weighs_all_alike() -> None:
    documents = TrustedDocuments.start(event_id(REPO.roots[0]), REPO.roots[0]).take(REPO.files)
    assert documents.steering(None, NOW_MS).weights == {}
    assert documents.steering(REPO.contents["steering.json"], NOW_MS).weights == {"a": 70, "b": 30}
    assert documents.steering(REPO.contents["steering.json"], NOW_MS + 86_400_000).weights == {}


def test_state_survives_a_restart() -> None:
    documents = TrustedDocuments.start(event_id(REPO.roots[0]), REPO.roots[0]).take(REPO.files)
    stored = json.loads(json.dumps(render_state(documents.state)))
    assert (
        parse_state(stored) == documents.state == TrustState(documents.event_id, 13, dict.fromkeys(ROLES, 1))
    )
    again = TrustedDocuments.start(documents.event_id, REPO.roots[0], parse_state(stored))
    assert again.state == documents.state
    assert again.take(REPO.files).wanted == ()


@pytest.mark.parametrize(
    "stored",
    [None, [], {}, {"event": "x", "root": 1, "versions": {}}, {"event": event_id(b""), "root": 0, "versions": {}},
     {"event": event_id(b""), "root": 1, "versions": {"timestamp": "1"}},
     {"event": event_id(b""), "root": 1, "versions": {str(n): 1 for n in range(100)}}],
)  # fmt: skip
def test_spoilt_state_is_refused(stored: Any) -> None:
    with pytest.raises(MalformedError):
        parse_state(stored)


def test_a_chain_has_an_end() -> None:
    repo = Repo()
    for _ in range(257):
        repo.add_root()
    documents = TrustedDocuments.start(event_id(repo.roots[0]), repo.roots[0])
    for root in repo.roots[1:256]:
        documents = documents.update_root(root)
    with pytest.raises(HumaError) as caught:
        documents.update_root(repo.roots[256])
    assert caught.value.code == "wrong-version"


def test_a_signature_with_a_small_r_counts_for_nothing() -> None:
    """Case 2 of ed25519-speccheck: the library believes it, WebCrypto in some browsers does not."""
    key = bytes.fromhex("f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43")
    message = bytes.fromhex("aebf3f2601a0c8c5d39cc7d8911642f740b78168218da8471772b35f9d35b9ab")
    signature = bytes.fromhex(
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"
        "8c4bd45aecaca5b24fb97bc10ac27ac8751a7dfe1baff8b953ec9f5833ca260e"
    )
    Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    head = Head("timestamp", 1, NOW_MS, "0" * 64, message, {"a" * 64: signature})
    with pytest.raises(SignatureError):
        verify_signed(head, Role(1, {"a" * 64: PublicKey(key)}))
