"""Vectors of the root chain and of keys: T1 to T3."""

# ruff: noqa: D103 -- the name and the first argument say why

from __future__ import annotations

import json

from vectors.make.trustcase import ROLES, Case, bent, case, published
from vectors.make.trustrepo import DAY, Doc, Repo, keyid, public_hex, resign, to_bytes


@case
def whole_repository() -> Case:
    made = Case("every document as huma new makes it", "ok", published()).document(*ROLES)
    made.target("event.json").target("roster.json").target("steering.json")
    return made.result(
        root=1, wanted=[], expired=[], weights={"a": 70, "b": 30}, versions=dict.fromkeys(ROLES, 1)
    )


@case
def root_of_another_event() -> Case:
    made = Case(
        "1.root.json is sound, and its digest is not the pinned event id", "digest-mismatch", published()
    )
    other = Repo()
    other.expires["root"] += DAY
    made.root1 = other.add_root()
    return made


@case
def root_unsigned() -> Case:
    repo = Repo()
    repo.add_root("root-1")
    return Case(
        "the pinned 1.root.json is signed by one of the two keys that it asks for", "bad-signature", repo
    )


@case
def root_first_has_version_2() -> Case:
    repo = Repo()
    repo.bends["root"] = lambda signed: signed.update(version=2)
    repo.add_root()
    return Case("the pinned root says that it is number 2", "wrong-version", repo)


@case
def root_rotation_of_12() -> Case:
    repo = Repo()
    repo.add_root()
    for version in range(2, 13):
        repo.rotate("root", *(f"root-{version}-{n}" for n in (1, 2, 3)))
    repo.publish()
    made = Case("twelve roots, each signed by the old keys and the new, walked one by one", "ok", repo)
    return made.roots().document(*ROLES).result(root=12, wanted=[])


@case
def root_signed_by_new_key_only() -> Case:
    repo = published()
    repo.holders["root"] = repo.signers["root"] = ("thief-1", "thief-2")
    repo.add_root()
    return Case("a thief's root vouches for itself, and the old keys do not", "bad-signature", repo).roots()


@case
def root_signed_by_old_key_only() -> Case:
    repo = published()
    repo.holders["root"] = ("root-4", "root-5", "root-6")
    repo.add_root("root-1", "root-2")
    return Case("the old keys vouch for a root whose own keys did not sign", "bad-signature", repo).roots()


@case
def root_below_old_threshold() -> Case:
    repo = published()
    repo.holders["root"] = ("root-1", "root-4", "root-5")
    repo.add_root("root-1", "root-4", "root-5")
    return Case("one stolen root key of two, with two of the thief's own", "bad-signature", repo).roots()


@case
def root_version_skipped() -> Case:
    repo = published()
    repo.add_root()
    repo.add_root()
    return Case(
        "root 3 after root 1, properly signed: a step of the chain is missing", "wrong-version", repo
    ).roots(3)


@case
def root_rollback() -> Case:
    repo = published()
    repo.add_root()
    repo.add_root()
    return Case("root 2 again after root 3", "behind", repo).roots().roots(2, 2)


@case
def root_same_again() -> Case:
    repo = published()
    repo.add_root()
    return Case("the root in force once more changes nothing", "ok", repo).roots().roots().result(root=2)


@case
def root_without_consistent_snapshots() -> Case:
    return bent(
        "the root does not promise consistent snapshots",
        "malformed",
        "root",
        lambda s: s.update(consistent_snapshot=False),
    )


@case
def root_lacks_a_role() -> Case:
    return bent(
        "the root knows no timestamp role", "malformed", "root", lambda s: s["roles"].pop("timestamp")
    )


@case
def root_is_a_targets_document() -> Case:
    return bent(
        "the pinned file is signed, and of another type",
        "malformed",
        "root",
        lambda s: s.update(_type="targets"),
    )


@case
def key_in_two_roles() -> Case:
    repo = Repo()
    repo.holders["timestamp"] = repo.signers["timestamp"] = ("snapshot",)
    repo.add_root()
    return Case("timestamp and snapshot are one key: a thief needs to find only that", "key-reused", repo)


@case
def key_of_small_order() -> Case:
    small = "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"
    return bent(
        "a key for which anyone can sign",
        "bad-key",
        "root",
        lambda s: s["keys"][keyid("timestamp")]["keyval"].update(public=small),
    )


@case
def key_not_canonical() -> Case:
    above_p = (2**255 - 19 + 3).to_bytes(32, "little").hex()
    return bent(
        "a key with y above p, which libraries judge differently",
        "bad-key",
        "root",
        lambda s: s["keys"][keyid("timestamp")]["keyval"].update(public=above_p),
    )


@case
def key_in_capitals() -> Case:
    return bent(
        "a key in another spelling would hide that it is in two roles",
        "bad-key",
        "root",
        lambda s: s["keys"][keyid("timestamp")]["keyval"].update(public=public_hex("snapshot").upper()),
    )


@case
def key_of_an_unknown_type() -> Case:
    future = {"keytype": "sphincs", "scheme": "sphincs-shake-256", "keyval": {"public": "ab"}}
    repo = Repo()

    def add(signed: Doc) -> None:
        signed["keys"]["f" * 64] = future
        signed["roles"]["timestamp"]["keyids"].append("f" * 64)

    repo.bends["root"] = add
    repo.publish()
    return (
        Case("a key of a type that is yet to come counts for nothing and does no harm", "ok", repo)
        .document(*ROLES)
        .result(wanted=[])
    )


@case
def threshold_counts_one_key_twice() -> Case:
    repo = Repo()
    alias = "e" * 64

    def add(signed: Doc) -> None:
        signed["keys"][alias] = signed["keys"][keyid("timestamp")]
        signed["roles"]["timestamp"].update(threshold=2, keyids=[keyid("timestamp"), alias])

    repo.bends["root"] = add
    repo.publish()
    document = {"signed": timestamp_signed(repo), "signatures": []}
    once = resign(document, ("timestamp",))
    twice = resign(document, ("timestamp",), {"timestamp": alias})
    once["signatures"] += twice["signatures"]
    return Case("one key under two ids signs twice where two keys must", "bad-signature", repo).offer(
        "trust/timestamp.json", to_bytes(once)
    )


def timestamp_signed(repo: Repo) -> Doc:
    """The signed part of the present timestamp."""
    signed: Doc = json.loads(repo.get("timestamp"))["signed"]
    return signed


@case
def root_has_another_role() -> Case:
    role = {"keyids": [], "threshold": 1}
    return bent(
        "a fifth role in the root", "malformed", "root", lambda s: s["roles"].update({"mirrors": role})
    )


@case
def root_lists_too_many_keys() -> Case:
    def add(signed: Doc) -> None:
        key = signed["keys"][keyid("timestamp")]
        signed["keys"].update({f"{n:064x}": key for n in range(129)})

    return bent("129 keys", "malformed", "root", add)


@case
def key_id_is_not_a_digest() -> Case:
    def add(signed: Doc) -> None:
        signed["keys"]["timestamp key"] = signed["keys"][keyid("timestamp")]

    return bent("a key id in another form", "malformed", "root", add)


@case
def role_names_a_key_twice() -> Case:
    return bent(
        "one key id twice in a role",
        "malformed",
        "root",
        lambda s: s["roles"]["timestamp"]["keyids"].append(keyid("timestamp")),
    )
