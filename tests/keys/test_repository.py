from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from tuf.api.metadata import Metadata, Root

from huma.errors import HumaError, KeyStoreError, UsageError, VerificationError
from huma.keys import repository, sealed
from huma.keys.eventdir import EventDir
from huma.keys.sealed import release_revocation, release_root
from huma.protocol.boot import parse_boot
from huma.protocol.roster import Mirror, Roster, render_roster
from huma.protocol.trust import TrustedDocuments
from tests.keys.eventmaking import DAY_MS, NOW

HOUR = 3_600_000
ROSTER = Roster((Mirror("m1", "https://a.example/", "A", "server", "trusted"),))


def interrupted(*args: object, **options: object) -> int:
    raise KeyboardInterrupt


def another_passphrase(owner: str, *, new: bool) -> str:
    return "another one"


def versions(event: EventDir) -> dict[str, int]:
    return {name: seen.version for name, seen in event.trusted.seen.items()}


def test_the_first_pair_begins_even_and_the_rest_at_one(solo: EventDir) -> None:
    assert versions(solo) == {"timestamp": 2, "snapshot": 2, "targets": 1, "roster": 1, "steering": 1}


def test_thresholds_are_those_asked_for(solo: EventDir, held: EventDir) -> None:
    for event, k, n in ((solo, 1, 1), (held, 2, 3)):
        roles = event.trusted.root.roles
        assert [(roles[name].threshold, len(roles[name].keys)) for name in ("root", "targets")] == [
            (k, n)
        ] * 2
        assert [(roles[name].threshold, len(roles[name].keys)) for name in ("timestamp", "snapshot")] == [
            (1, 2)
        ] * 2


def test_root_is_signed_by_as_many_as_must(held: EventDir) -> None:
    root: Metadata[Root] = Metadata.from_bytes(held.read("trust/1.root.json") or b"")
    assert len(root.signatures) == 2
    assert root.signed.consistent_snapshot


def test_documents_live_as_long_as_the_protocol_says(solo: EventDir) -> None:
    trusted = solo.trusted
    assert trusted.timestamp is not None
    assert trusted.snapshot is not None
    assert trusted.targets is not None
    year = NOW + DAY_MS + 365 * DAY_MS
    assert trusted.timestamp.head.expires_ms == NOW + DAY_MS
    assert trusted.snapshot.head.expires_ms == NOW + 7 * DAY_MS
    assert trusted.delegated["steering"].head.expires_ms == NOW + DAY_MS
    for head in (trusted.root.head, trusted.targets.head, trusted.delegated["roster"].head):
        assert head.expires_ms == year
    assert trusted.expired(NOW + DAY_MS - 1) == ()
    assert trusted.expired(NOW + DAY_MS) == ("timestamp", "steering")
    assert set(trusted.expired(year)) == {"root", "timestamp", "snapshot", "targets", "roster", "steering"}


def test_versions_only_go_up_and_a_pair_keeps_to_its_own(solo: EventDir) -> None:
    assert repository.sign_timestamp(solo, NOW) == 4
    assert repository.sign_timestamp(solo, NOW, pair=2) == 5
    assert repository.sign_timestamp(solo, NOW, pair=2) == 7
    assert repository.sign_timestamp(solo, NOW) == 8
    assert repository.sign_snapshot(solo, NOW, pair=2) == 3
    assert repository.sign_snapshot(solo, NOW) == 4


def test_a_new_roster_reaches_the_timestamp(solo: EventDir) -> None:
    repository.set_target(solo, "roster.json", render_roster(ROSTER), NOW)
    assert solo.roster == ROSTER
    assert versions(solo) == {"timestamp": 4, "snapshot": 4, "targets": 1, "roster": 2, "steering": 1}


def test_steering_is_signed_anew_as_it_is(solo: EventDir) -> None:
    before = solo.trusted.target_path("steering.json")
    repository.sign_delegated(solo, "steering", NOW + 12 * HOUR)
    trusted = solo.trusted
    assert trusted.target_path("steering.json") == before
    assert trusted.delegated["steering"].head.expires_ms == NOW + 36 * HOUR


def test_resigning_the_event_keeps_what_else_is_listed(solo: EventDir) -> None:
    repository.set_target(solo, "player.html", b"<p>", NOW)
    event = solo.event
    repository.resign_event(solo, replace(event, title={"en": "Other"}), NOW)
    assert solo.event == replace(event, title={"en": "Other"})
    assert solo.trusted.target("player.html", b"<p>") == b"<p>"
    assert (solo.public / "index.m3u8").read_bytes() == solo.read(solo.trusted.target_path("index.m3u8"))


def test_a_copy_without_a_slow_ladder_forgets_its_index(solo: EventDir) -> None:
    event = solo.event
    fast = tuple(each for each in event.renditions if each.ticks_per_segment == 1)
    repository.resign_event(solo, replace(event, renditions=fast, copy=True), NOW)
    assert not (solo.public / "index-slow.m3u8").exists()
    with pytest.raises(VerificationError):
        solo.trusted.target_path("index-slow.m3u8")


def test_no_role_may_name_another_file(solo: EventDir) -> None:
    with pytest.raises(UsageError):
        repository.set_target(solo, "evil.html", b"", NOW)


def test_targets_need_as_many_keys_as_the_threshold(held: EventDir) -> None:
    event = held.event
    (held.keys / "targets-1.pem").unlink()
    repository.resign_event(held, event, NOW)
    signed: Metadata[Root] = Metadata.from_bytes(held.read("trust/2.targets.json") or b"")
    assert len(signed.signatures) == 2
    (held.keys / "targets-3.pem").unlink()
    before = held.public_files()
    with pytest.raises(KeyStoreError) as refused:
        repository.resign_event(held, event, NOW)
    assert refused.value.code == "threshold"
    assert held.public_files() == before


def test_another_passphrase_opens_nothing(held: EventDir) -> None:
    held.passphrases = another_passphrase
    with pytest.raises(KeyStoreError) as refused:
        repository.resign_event(held, held.event, NOW)
    assert refused.value.code == "keys-passphrase"


def test_boot_json_leads_a_client_all_the_way(solo: EventDir) -> None:
    repository.set_target(solo, "roster.json", render_roster(ROSTER), NOW)
    files = parse_boot((solo.public / "trust/boot.json").read_bytes())
    trusted = TrustedDocuments.start(solo.event_id, files["trust/1.root.json"]).take(files)
    assert trusted == solo.trusted
    for name in ("event.json", "roster.json", "steering.json"):
        assert trusted.target(name, files[trusted.target_path(name)])
    assert len(files) == 9


def test_a_versioned_file_that_stands_there_is_never_changed(solo: EventDir) -> None:
    """Left by a crash, or by another writer: the next version is taken."""
    (solo.public / "trust/4.snapshot.json").write_bytes(b"torn")
    (solo.public / "trust/2.roster.json").write_bytes(b"torn")
    repository.set_target(solo, "roster.json", render_roster(ROSTER), NOW)
    assert (solo.public / "trust/4.snapshot.json").read_bytes() == b"torn"
    assert versions(solo)["snapshot"] == 6
    assert versions(solo)["roster"] == 3


def test_a_crash_between_snapshot_and_timestamp_is_healed(
    solo: EventDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(repository, "_sign_timestamp", interrupted)
        with pytest.raises(KeyboardInterrupt):
            repository.set_target(solo, "roster.json", render_roster(ROSTER), NOW)
    assert versions(solo)["roster"] == 1
    repository.sign_timestamp(solo, NOW)
    assert solo.roster == ROSTER


def test_a_lost_document_is_never_replaced_by_an_older_one(solo: EventDir) -> None:
    repository.set_target(solo, "roster.json", render_roster(ROSTER), NOW)
    (solo.public / "trust/2.roster.json").unlink()
    before = solo.read("trust/timestamp.json")
    with pytest.raises(HumaError):
        repository.sign_snapshot(solo, NOW)
    assert solo.read("trust/timestamp.json") == before


def test_many_writers_at_once_never_meet_in_one_version(solo: EventDir) -> None:
    found: list[int] = []

    def work() -> None:
        event = EventDir(solo.path)
        found.extend(repository.sign_timestamp(event, NOW) for _ in range(5))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [2 * n for n in range(2, 22)]


def test_a_released_revocation_counts_and_stays(solo: EventDir, held: EventDir) -> None:
    for event in (solo, held):
        keyid = event.event.live_keys[0].keyid
        release_revocation(event, keyid)
        assert event.trusted.revoked(event.read("live/revoked.json") or b"") == {keyid}
        repository.add_revoked(event, [])
        assert event.trusted.revoked(event.read("live/revoked.json") or b"") == {keyid}


def test_a_revocation_of_another_event_is_not_taken(solo: EventDir, held: EventDir) -> None:
    keyid = held.event.live_keys[0].keyid
    (solo.sealed / f"revoke-{keyid}.json").write_bytes((held.sealed / f"revoke-{keyid}.json").read_bytes())
    with pytest.raises(VerificationError):
        release_revocation(solo, keyid)
    assert solo.read("live/revoked.json") == b'{"revoked":[]}\n'


def test_nothing_sealed_nothing_released(solo: EventDir) -> None:
    for file in solo.sealed.iterdir():
        file.unlink()
    for release in (lambda: release_revocation(solo, "ab" * 8), lambda: release_root(solo, NOW)):
        with pytest.raises(KeyStoreError) as refused:
            release()
        assert refused.value.code == "not-sealed"


def test_after_the_sealed_root_only_the_spare_pair_is_believed(solo: EventDir) -> None:
    assert release_root(solo, NOW) == 2
    trusted = solo.trusted
    assert trusted.root.head.version == 2
    assert trusted.timestamp is not None
    assert trusted.timestamp.head.version == 4
    assert solo.event.title["en"] == "Try"
    for pair in (repository.FIRST_PAIR, repository.COLD_PAIR):
        with pytest.raises(HumaError):
            repository.sign_timestamp(solo, NOW, pair=pair)
    assert solo.trusted == trusted
    files = parse_boot((solo.public / "trust/boot.json").read_bytes())
    assert "trust/2.root.json" in files


def test_a_release_that_was_cut_short_is_healed_by_signing(
    solo: EventDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealed, "sign_snapshot", interrupted)
    with pytest.raises(KeyboardInterrupt):
        release_root(solo, NOW)
    assert solo.trusted.timestamp is None
    repository.sign_snapshot(solo, NOW, pair=repository.SPARE_PAIR)
    assert solo.event.title["en"] == "Try"
    assert versions(solo)["timestamp"] == 4


def test_a_folder_that_is_no_event_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        EventDir(tmp_path)


def test_a_live_key_of_another_event_is_refused(solo: EventDir, held: EventDir) -> None:
    (solo.keys / "live-a.pem").unlink()
    (solo.keys / "live-a.pem").write_bytes((held.keys / "live-a.pem").read_bytes())
    (solo.keys / "live-a.pem").chmod(0o600)
    with pytest.raises(KeyStoreError) as refused:
        solo.live_signer(1)
    assert refused.value.code == "keys-differ"


def test_ranks_that_are_not_there(solo: EventDir) -> None:
    (solo.keys / "live-b.pem").unlink()
    for rank, code in ((2, "keys-missing"), (4, "no-rank")):
        with pytest.raises(KeyStoreError) as refused:
            solo.live_signer(rank)
        assert refused.value.code == code


def test_solo_is_told_from_held(solo: EventDir, held: EventDir) -> None:
    assert solo.is_solo
    assert not held.is_solo
