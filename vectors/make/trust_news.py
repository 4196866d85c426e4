"""Vectors of boot.json and of live/revoked.json: T11, T12."""

# ruff: noqa: D103 -- the name and the first argument say why

from __future__ import annotations

from vectors.make.trustcase import ROLES, Case, case, published
from vectors.make.trustrepo import Doc, Repo, compact, event_id, public_hex, sha256

# -- boot.json ---------------------------------------------------------------------------------------------


def chained() -> Repo:
    """A repository with three roots."""
    repo = Repo()
    repo.add_root()
    repo.rotate("root", "root-2", "root-3", "root-4")
    repo.add_root()
    repo.publish()
    return repo


@case
def boot_whole() -> Case:
    repo = chained()
    return (
        Case("one fetch instead of ten", "ok", repo)
        .boot(repo.boot())
        .result(root=3, wanted=[], versions=dict.fromkeys(ROLES, 1))
    )


@case
def boot_incomplete() -> Case:
    repo = chained()
    made = Case("what is missing is fetched by itself", "ok", repo)
    return made.boot(repo.boot("trust/1.targets.json")).result(root=3, wanted=["trust/1.targets.json"])


@case
def boot_with_files_of_a_later_version() -> Case:
    repo = chained()
    boot = repo.boot()
    boot["files"]["trust/captions.json"] = "{}"
    boot["more"] = 1
    return Case("what a later version adds is left aside", "ok", repo).boot(boot).result(root=3, wanted=[])


@case
def boot_of_an_older_day() -> Case:
    repo = chained()
    old = repo.boot()
    made = Case("a boot.json kept back since an older timestamp", "behind", repo)
    repo.raise_versions("timestamp")
    repo.publish_timestamp()
    return made.boot(repo.boot()).boot(old)


@case
def boot_forged_timestamp() -> Case:
    repo = chained()
    boot = repo.boot()
    boot["files"]["trust/timestamp.json"] = boot["files"]["trust/timestamp.json"].replace(
        '"version":1', '"version":2'
    )
    return Case("every file in boot.json is verified by itself", "bad-signature", repo).boot(boot)


@case
def boot_swapped_targets() -> Case:
    repo = chained()
    boot = repo.boot()
    boot["files"]["trust/1.targets.json"] = boot["files"]["trust/1.roster.json"]
    return Case("a genuine document in the place of another", "digest-mismatch", repo).boot(boot)


@case
def boot_not_json() -> Case:
    return Case("a block page", "malformed", chained()).boot(b"<html>Access denied</html>")


@case
def boot_of_another_version() -> Case:
    repo = chained()
    return Case("a version of boot.json that is yet to come", "unknown-version", repo).boot(
        {**repo.boot(), "v": 2}
    )


@case
def boot_file_is_not_text() -> Case:
    boot = chained().boot()
    boot["files"]["trust/timestamp.json"] = {"signed": {}}
    return Case("a file as a value instead of its exact text", "malformed", chained()).boot(boot)


@case
def boot_half_a_surrogate() -> Case:
    text = b'{"v":1,"files":{"trust/timestamp.json":"\\ud800"}}'
    return Case("text that has no bytes", "malformed", chained()).boot(text)


@case
def boot_name_twice() -> Case:
    text = b'{"v":1,"files":{"trust/timestamp.json":"a","trust/timestamp.json":"b"}}'
    return Case("two files of one name", "malformed", chained()).boot(text)


@case
def boot_nested_without_end() -> Case:
    return Case("brackets to break a parser's stack", "malformed", chained()).boot(b"[" * 5000)


@case
def boot_without_files() -> Case:
    return Case("no files at all", "malformed", chained()).boot({"v": 1})


# -- revocations -------------------------------------------------------------------------------------------


def revoked(made: Case, *entries: Doc) -> Case:
    """Offer a revoked.json with these entries."""
    return made.offer("live/revoked.json", compact({"revoked": list(entries)}))


def live_keyid(name: str) -> str:
    """The id of a live key."""
    return sha256(bytes.fromhex(public_hex(name)))[:16]


@case
def revocation() -> Case:
    repo = published()
    made = Case("two root keys revoke live key A", "ok", repo)
    return revoked(made, repo.revocation("live-a", "root-1", "root-3")).result(revoked=[live_keyid("live-a")])


@case
def revocation_of_old_root_counts() -> Case:
    repo = Repo()
    repo.add_root()
    repo.rotate("root", "root-7", "root-8", "root-9")
    repo.publish()
    made = Case("sealed before the event with the keys of root 1, released under root 2", "ok", repo).roots()
    return revoked(made, repo.revocation("live-a", "root-1", "root-2")).result(
        revoked=[live_keyid("live-a")], root=2
    )


@case
def revocation_below_threshold() -> Case:
    repo = published()
    made = Case("one root key of two revokes nothing", "ok", repo)
    return revoked(made, repo.revocation("live-a", "root-1")).result(revoked=[])


@case
def revocation_counts_one_key_once() -> Case:
    repo = published()
    entry = repo.revocation("live-a", "root-1")
    entry["signatures"] *= 2
    return revoked(Case("one signature written twice is one", "ok", repo), entry).result(revoked=[])


@case
def revocation_mixes_two_roots() -> Case:
    repo = Repo()
    repo.add_root()
    repo.rotate("root", "root-7", "root-8", "root-9")
    repo.publish()
    made = Case("one key of root 1 and one of root 2 are the threshold of neither", "ok", repo).roots()
    return revoked(made, repo.revocation("live-a", "root-1", "root-7")).result(revoked=[])


@case
def revocation_by_targets() -> Case:
    repo = published()
    made = Case("targets keys revoke nothing", "ok", repo)
    return revoked(made, repo.revocation("live-a", "targets-1", "targets-2")).result(revoked=[])


@case
def revocation_of_another_event() -> Case:
    repo = published()
    other = event_id(b"another event")
    made = Case("signed for another event by the same people", "ok", repo)
    return revoked(made, repo.revocation("live-a", "root-1", "root-2", event=other)).result(revoked=[])


@case
def revocation_beside_a_bad_one() -> Case:
    repo = published()
    made = Case("a bad entry is skipped, a good one beside it counts", "ok", repo)
    bad, odd = repo.revocation("live-a", "root-1"), {"event": 1}
    return revoked(made, bad, odd, repo.revocation("live-b", "root-2", "root-3")).result(
        revoked=[live_keyid("live-b")]
    )


@case
def revocation_list_is_not_json() -> Case:
    return Case("a block page instead of revoked.json", "malformed", published()).offer(
        "live/revoked.json", b"<html>"
    )
