"""Vectors of timestamp, snapshot, what is remembered, and expiry: T4, T5, T8, T9."""

# ruff: noqa: D103 -- the name and the first argument say why

from __future__ import annotations

import json
from datetime import timedelta

from vectors.make.trustcase import ROLES, Case, bent, case, published
from vectors.make.trustrepo import DAY, NOW, Doc, Repo, event_id


def rotated(*roles: str) -> Repo:
    """Two roots; the second has a new key for each of these roles."""
    repo = Repo()
    repo.add_root()
    for role in roles:
        repo.holders[role] = repo.signers[role] = (f"{role}-new",)
    repo.add_root()
    repo.publish()
    return repo


@case
def timestamp_signed_by_snapshot() -> Case:
    repo = Repo()
    repo.signers["timestamp"] = ("snapshot",)
    repo.publish()
    return Case("the snapshot key signs a timestamp", "bad-signature", repo).document("timestamp")


@case
def timestamp_is_a_snapshot() -> Case:
    repo = published()
    return Case("a signed snapshot where the timestamp should be", "malformed", repo).offer(
        "trust/timestamp.json", repo.get("snapshot")
    )


@case
def timestamp_rollback() -> Case:
    repo = Repo()
    repo.publish()
    made = Case("yesterday's timestamp, properly signed then", "behind", repo)
    old = repo.get("timestamp")
    repo.raise_versions("timestamp")
    repo.publish()
    return made.document("timestamp").offer("trust/timestamp.json", old)


@case
def timestamp_lists_older_snapshot() -> Case:
    repo = Repo()
    repo.raise_versions("snapshot")
    repo.publish()
    made = Case("a newer timestamp that goes back to an older snapshot", "behind", repo).document("timestamp")
    repo.versions["snapshot"] = 1
    repo.raise_versions("timestamp")
    repo.publish()
    return made.document("timestamp")


@case
def timestamp_same_version_other_bytes() -> Case:
    repo = published()
    made = Case("two different timestamps have one version", "conflict", repo).document("timestamp")
    repo.expires["timestamp"] += DAY
    repo.publish_timestamp()
    return made.document("timestamp")


@case
def timestamp_same_again() -> Case:
    repo = published()
    made = Case("the timestamp in force once more drops nothing", "ok", repo)
    return made.document(*ROLES).document("timestamp").result(wanted=[])


@case
def timestamp_newer_drops_what_hangs_below() -> Case:
    repo = published()
    made = Case("after a newer timestamp its snapshot must be shown", "ok", repo).document(*ROLES)
    repo.raise_versions("timestamp", "snapshot")
    repo.publish_snapshot()
    return made.document("timestamp").result(wanted=["trust/2.snapshot.json"])


@case
def root_newer_drops_what_hangs_below() -> Case:
    repo = published()
    repo.add_root()
    made = Case("under a new root every document must be shown again", "ok", repo).document(*ROLES)
    return made.roots().result(wanted=["trust/timestamp.json"], root=2)


@case
def timestamp_of_a_removed_key() -> Case:
    repo = rotated("timestamp")
    made = Case("a timestamp of the key that root 2 took away", "bad-signature", repo).roots()
    repo.signers["timestamp"] = ("timestamp",)
    repo.publish_timestamp()
    return made.document("timestamp")


@case
def snapshot_signed_by_timestamp() -> Case:
    repo = Repo()
    repo.signers["snapshot"] = ("timestamp",)
    repo.publish()
    return Case("the timestamp key signs a snapshot", "bad-signature", repo).document("timestamp", "snapshot")


@case
def snapshot_wrong_length() -> Case:
    repo = published()

    def bend(signed: Doc) -> None:
        info = signed["meta"]["snapshot.json"]
        info["length"] += 1
        del info["hashes"]

    repo.bends["timestamp"] = bend
    repo.publish_timestamp()
    made = Case("the listed length is one more, and no digest is listed", "digest-mismatch", repo)
    return made.document("timestamp", "snapshot")


@case
def snapshot_without_a_delegated_role() -> Case:
    repo = Repo()
    repo.bends["snapshot"] = lambda signed: signed["meta"].pop("roster.json")
    repo.publish()
    made = Case("targets delegate to a roster that no snapshot lists: nothing to fetch", "ok", repo)
    return made.document("timestamp", "snapshot", "targets").result(wanted=["trust/1.steering.json"])


@case
def snapshot_does_not_list_the_roster() -> Case:
    repo = Repo()
    repo.bends["snapshot"] = lambda signed: signed["meta"].pop("roster.json")
    repo.publish()
    return Case("a signed roster that no snapshot lists", "not-listed", repo).document(*ROLES[:4])


@case
def snapshot_wrong_hash() -> Case:
    repo = published()
    made = Case(
        "a signed snapshot of the right version, and not the one that the timestamp lists",
        "digest-mismatch",
        repo,
    )
    made.document("timestamp")
    repo.expires["snapshot"] += DAY
    repo.publish_snapshot()
    return made.document("snapshot")


@case
def snapshot_wrong_version() -> Case:
    repo = Repo()
    repo.list_digests = False
    repo.publish()
    made = Case("without a listed digest, the version is what binds", "wrong-version", repo).document(
        "timestamp"
    )
    repo.raise_versions("snapshot")
    repo.publish_snapshot()
    return made.document("snapshot")


@case
def snapshot_lowers_version() -> Case:
    repo = Repo()
    repo.raise_versions("targets")
    repo.publish()
    made = Case("a newer snapshot lists older targets", "behind", repo).document("timestamp", "snapshot")
    repo.versions["targets"] = 1
    repo.raise_versions("timestamp", "snapshot")
    repo.publish()
    return made.document("timestamp", "snapshot")


@case
def snapshot_forgets_a_document() -> Case:
    repo = published()
    made = Case("a newer snapshot lists the roster no more", "not-listed", repo).document(
        "timestamp", "snapshot"
    )
    repo.raise_versions("timestamp", "snapshot")
    repo.bends["snapshot"] = lambda signed: signed["meta"].pop("roster.json")
    repo.publish_snapshot()
    return made.document("timestamp", "snapshot")


@case
def snapshot_lists_other_bytes_for_a_version() -> Case:
    repo = published()
    made = Case("a newer snapshot lists another document under a version that is taken", "conflict", repo)
    made.document("timestamp", "snapshot")
    repo.expires["roster"] += DAY
    repo.raise_versions("timestamp", "snapshot")
    repo.publish()
    return made.document("timestamp", "snapshot")


@case
def snapshot_lacks_targets() -> Case:
    return bent(
        "the snapshot lists no targets", "malformed", "snapshot", lambda s: s["meta"].pop("targets.json")
    )


def fast_forwarded() -> Repo:
    """A thief of timestamp and snapshot keys ran the versions up."""
    repo = Repo()
    for name in ("timestamp", "snapshot", "targets", "roster"):
        repo.versions[name] = 2**52
    repo.publish()
    return repo


def recover(repo: Repo, *roles: str) -> None:
    """The organiser's answer: low versions, and new keys for these roles in a new root."""
    for name in ("timestamp", "snapshot", "targets", "roster"):
        repo.versions[name] = 3
    for role in roles:
        repo.holders[role] = repo.signers[role] = (f"{role}-new",)
    repo.add_root()
    repo.publish()


@case
def fast_forward_recovery() -> Case:
    repo = fast_forwarded()
    made = Case(
        "new timestamp and snapshot keys forget the versions that a thief ran up", "ok", repo
    ).document(*ROLES)
    recover(repo, "timestamp", "snapshot")
    versions = {"timestamp": 3, "snapshot": 3, "targets": 3, "roster": 3, "steering": 1}
    return made.roots().document(*ROLES).result(root=2, wanted=[], versions=versions)


@case
def fast_forward_recovery_by_an_added_key() -> Case:
    repo = fast_forwarded()
    made = Case("a key beside the old one is a change of keys too", "ok", repo).document(*ROLES)
    repo.holders["timestamp"] = ("timestamp", "timestamp-new")
    recover(repo)
    return made.roots().document(*ROLES).result(root=2, wanted=[])


@case
def fast_forward_recovery_by_a_threshold() -> Case:
    repo = fast_forwarded()
    repo.holders["timestamp"] = ("timestamp", "timestamp-new")
    repo.roots.clear()
    repo.publish()
    made = Case("a higher threshold is a change of the role too", "ok", repo).document(*ROLES)
    repo.thresholds["timestamp"] = 2
    repo.signers["timestamp"] = ("timestamp", "timestamp-new")
    recover(repo)
    return made.roots().document(*ROLES).result(root=2, wanted=[])


@case
def fast_forward_without_rotation() -> Case:
    repo = fast_forwarded()
    made = Case("a new root with the same keys forgets nothing", "behind", repo).document(
        "timestamp", "snapshot"
    )
    recover(repo)
    return made.roots().document("timestamp")


@case
def fast_forward_remembered_and_recovered() -> Case:
    repo = fast_forwarded()
    recover(repo, "snapshot")
    made = Case("the versions that a thief ran up are forgotten over a restart too", "ok", repo)
    made.state(1, timestamp=2**52, snapshot=2**52, targets=2**52, roster=2**52, steering=1)
    return made.roots().document(*ROLES).result(root=2, wanted=[])


@case
def remembered_rotation_forgets_only_once() -> Case:
    repo = rotated("timestamp")
    made = Case(
        "versions remembered under root 2 stay when the chain is walked again from root 1", "behind", repo
    )
    return made.state(2, timestamp=5, snapshot=1).roots().document("timestamp")


@case
def remembered_root_withheld() -> Case:
    repo = published()
    made = Case("root 3 was believed before; a mirror shows only root 1", "behind", repo).state(
        3, timestamp=1
    )
    return made.document("timestamp")


@case
def remembered_timestamp() -> Case:
    made = Case("timestamp 9 was believed before the restart", "behind", published()).state(
        1, timestamp=9, snapshot=1
    )
    return made.document("timestamp")


@case
def remembered_targets() -> Case:
    repo = published()
    made = Case("targets 4 were believed before the restart", "behind", repo)
    return made.state(1, timestamp=1, snapshot=1, targets=4).document("timestamp", "snapshot")


@case
def remembered_and_equal() -> Case:
    made = Case("what was believed before is believed again", "ok", published())
    return (
        made.state(1, **dict.fromkeys(ROLES, 1))
        .document(*ROLES)
        .result(wanted=[], versions=dict.fromkeys(ROLES, 1))
    )


def list_others(snapshot: Doc) -> None:
    """As many documents as one snapshot may list."""
    snapshot["meta"].update({f"other-{n}.json": {"version": 1} for n in range(64 - len(snapshot["meta"]))})


@case
def remembered_all_that_can_be_listed() -> Case:
    repo = published(snapshot=list_others)
    others = (name.removesuffix(".json") for name in json.loads(repo.get("snapshot"))["signed"]["meta"])
    versions = dict.fromkeys(("timestamp", "snapshot", *others), 1)
    made = Case("64 listed documents, beside timestamp and snapshot", "ok", repo).state(1, **versions)
    return made.document("timestamp", "snapshot").result(wanted=["trust/1.targets.json"], versions=versions)


@case
def remembered_more_than_can_be_listed() -> Case:
    made = Case("one version more than a client can have learned", "malformed", published())
    return made.state(1, **{f"other-{n}": 1 for n in range(67)})


@case
def remembered_of_another_event() -> Case:
    repo = published()
    made = Case("what is remembered of another event says nothing", "ok", repo).state(7, timestamp=9)
    other = Repo()
    other.expires["root"] += DAY
    made.members["state"]["event"] = event_id(other.add_root())
    return made.document(*ROLES).result(root=1, wanted=[])


@case
def expired_everything() -> Case:
    repo = Repo()
    repo.expires = dict.fromkeys(repo.expires, NOW)
    repo.publish()
    made = Case("expiry is a fact, not the end; expired steering weighs all alike", "ok", repo).document(
        *ROLES
    )
    made.target("steering.json")
    return made.result(expired=["root", *ROLES], wanted=[], weights={})


@case
def expired_a_second_later() -> Case:
    repo = Repo()
    repo.expires = dict.fromkeys(repo.expires, NOW + timedelta(seconds=1))
    repo.publish()
    return (
        Case("a second before it expires, a document has not", "ok", repo)
        .document(*ROLES)
        .result(expired=[], wanted=[])
    )
