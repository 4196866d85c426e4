"""Vectors of targets, delegated roles, target files, boot.json and revocations: T6, T7, T10 to T12."""

# ruff: noqa: D103 -- the name and the first argument say why

from __future__ import annotations

from vectors.make.trustcase import ROLES, Case, bent, case, published
from vectors.make.trustrepo import (
    DAY,
    Doc,
    Repo,
    compact,
    event_document,
    roster_document,
    sha256,
)


@case
def targets_wrong_hash() -> Case:
    repo = published()
    made = Case(
        "signed targets of the right version, and not those that the snapshot lists", "digest-mismatch", repo
    )
    made.document("timestamp", "snapshot")
    repo.expires["targets"] += DAY
    repo.publish()
    return made.document("targets")


@case
def targets_wrong_length() -> Case:
    repo = published()
    made = Case("a space after the end, where length and digest are listed", "digest-mismatch", repo)
    made.document("timestamp", "snapshot")
    return made.offer(repo.path("targets"), repo.get("targets") + b" ")


@case
def targets_wrong_version() -> Case:
    repo = Repo()
    repo.list_digests = False
    repo.publish()
    made = Case("without a listed digest: targets of another version", "wrong-version", repo)
    made.document("timestamp", "snapshot")
    repo.raise_versions("targets")
    repo.publish()
    return made.document("targets")


@case
def targets_list_too_many_files() -> Case:
    def bend(signed: Doc) -> None:
        signed["targets"].update({f"file-{n}": signed["targets"]["event.json"] for n in range(64)})

    return bent("66 files", "malformed", "targets", bend)


@case
def delegation_twice() -> Case:
    return bent(
        "two delegations of one name",
        "malformed",
        "targets",
        lambda s: s["delegations"]["roles"].append(delegation(s, "roster")),
    )


@case
def targets_same_version_other_bytes() -> Case:
    repo = Repo()
    repo.list_digests = False
    repo.publish()
    made = Case("without listed digests: two different targets have one version", "conflict", repo)
    made.document("timestamp", "snapshot", "targets")
    repo.expires["targets"] += DAY
    repo.publish()
    return made.document("targets")


@case
def targets_below_threshold() -> Case:
    repo = Repo()
    repo.signers["targets"] = ("targets-1",)
    repo.publish()
    return Case("one targets key of two", "bad-signature", repo).document("timestamp", "snapshot", "targets")


@case
def targets_second_hash() -> Case:
    def bend(signed: Doc) -> None:
        signed["targets"]["event.json"]["hashes"]["md5"] = "0" * 32

    return bent("SHA-256 is the only hash", "malformed", "targets", bend)


@case
def delegated_key_not_listed() -> Case:
    repo = Repo()
    repo.signers["roster"] = ("thief",)
    repo.publish()
    return Case("a roster signed by a key that the targets do not name", "bad-signature", repo).document(
        *ROLES[:4]
    )


@case
def roster_signed_by_steering() -> Case:
    repo = Repo()
    repo.signers["roster"] = ("steering",)
    repo.publish()
    return Case("the guard's key signs a roster", "bad-signature", repo).document(*ROLES[:4])


@case
def steering_offered_as_roster() -> Case:
    repo = published()
    made = Case("the steering document where the roster should be", "digest-mismatch", repo).document(
        *ROLES[:3]
    )
    return made.offer(repo.path("roster"), repo.get("steering"))


@case
def steering_claims_roster_path() -> Case:
    repo = Repo()
    planted = compact(roster_document("thief"))
    entry = {"length": len(planted), "hashes": {"sha256": sha256(planted)}}
    repo.bends["roster"] = lambda signed: signed["targets"].pop("roster.json")
    repo.bends["steering"] = lambda signed: signed["targets"].update({"roster.json": entry})
    repo.publish()
    made = Case(
        "steering lists a roster of its own: it may speak for steering.json alone", "not-listed", repo
    )
    return made.document(*ROLES).offer(f"targets/{sha256(planted)}.roster.json", planted)


@case
def roster_overridden_by_targets() -> Case:
    repo = Repo()
    ours = compact(roster_document("rescue"))
    repo.bends["targets"] = lambda signed: signed["targets"].update(
        {"roster.json": {"length": len(ours), "hashes": {"sha256": sha256(ours)}}}
    )
    repo.publish()
    made = Case("the targets role speaks first: it can replace the roster of a stolen key", "ok", repo)
    return made.document(*ROLES).offer(f"targets/{sha256(ours)}.roster.json", ours).result(mirrors=["rescue"])


def delegation(signed: Doc, name: str) -> Doc:
    """The delegation of that name."""
    found: Doc = next(role for role in signed["delegations"]["roles"] if role["name"] == name)
    return found


@case
def delegation_too_wide() -> Case:
    return bent(
        "steering is delegated every path",
        "malformed",
        "targets",
        lambda s: delegation(s, "steering").update(paths=["*"]),
    )


@case
def delegation_not_terminating() -> Case:
    return bent(
        "the roster's delegation does not end the search",
        "malformed",
        "targets",
        lambda s: delegation(s, "roster").update(terminating=False),
    )


@case
def delegation_by_hash_prefix() -> Case:
    def bend(signed: Doc) -> None:
        role = delegation(signed, "roster")
        del role["paths"]
        role["path_hash_prefixes"] = [""]

    return bent("a delegation by hash prefixes covers more than its file", "malformed", "targets", bend)


@case
def delegation_unknown_is_ignored() -> Case:
    def bend(signed: Doc) -> None:
        role = dict(delegation(signed, "roster"), name="captions", paths=["captions-*.json"])
        signed["delegations"]["roles"].append(role)

    repo = published(targets=bend)
    return (
        Case("a delegation that is yet to come is not ours to follow", "ok", repo)
        .document(*ROLES)
        .result(wanted=[])
    )


@case
def delegated_key_has_a_role_in_root() -> Case:
    repo = Repo()
    repo.holders["steering"] = repo.signers["steering"] = ("snapshot",)
    repo.publish()
    return Case("the guard holds the snapshot key", "key-reused", repo).document(
        "timestamp", "snapshot", "targets"
    )


@case
def delegated_roles_share_a_key() -> Case:
    repo = Repo()
    repo.holders["steering"] = repo.signers["steering"] = ("roster",)
    repo.publish()
    return Case("roster and steering are one key", "key-reused", repo).document(
        "timestamp", "snapshot", "targets"
    )


@case
def delegated_roles_missing() -> Case:
    repo = Repo()
    repo.bends["targets"] = lambda signed: signed.pop("delegations")
    repo.publish()
    made = Case(
        "without delegations there is neither roster nor steering, and nothing more to fetch", "ok", repo
    )
    return made.document(*ROLES[:3]).result(wanted=[])


@case
def delegated_role_without_delegation() -> Case:
    repo = Repo()
    repo.bends["targets"] = lambda signed: signed.pop("delegations")
    repo.publish()
    return Case("a roster that nobody delegates to", "not-listed", repo).document(*ROLES[:4])


@case
def targets_without_thresholds() -> Case:
    return bent(
        "a threshold of nobody", "malformed", "targets", lambda s: delegation(s, "roster").update(threshold=0)
    )


@case
def event_wrong_bytes() -> Case:
    repo = published()
    made = Case("an event.json with another title", "digest-mismatch", repo).document(*ROLES[:3])
    return made.target("event.json", repo.contents["event.json"].replace(b"A rally", b"A lie  "))


@case
def event_before_targets() -> Case:
    return (
        Case("event.json before any document lists it", "not-listed", published())
        .document("timestamp", "snapshot")
        .target("event.json")
    )


@case
def event_with_a_trust_key_as_live_key() -> Case:
    repo = Repo()
    repo.contents["event.json"] = compact(event_document("live-a", "timestamp"))
    repo.publish()
    return (
        Case("a live key is the timestamp key", "key-reused", repo).document(*ROLES[:3]).target("event.json")
    )


@case
def event_with_a_delegated_key_as_live_key() -> Case:
    repo = Repo()
    repo.contents["event.json"] = compact(event_document("steering"))
    repo.publish()
    return Case("a live key is the guard's key", "key-reused", repo).document(*ROLES[:3]).target("event.json")
