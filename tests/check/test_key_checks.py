"""Rows about keys: where they lie, who can read them, and what is sealed for a bad day."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from huma.config import REVOKED_MAX_BYTES
from huma.keys.creation import create
from huma.keys.eventtoml import EventConfig
from huma.keys.marks import SPENT, leave_mark
from huma.keys.sealed import release_revocation
from tests.check.stage import FAIL, HOUR_MS, WARN, Provocation, Stage, bring, later, long_event, provoked
from tests.keys.eventmaking import DAY_MS, LANGUAGES, NOW


def open_key(stage: Stage) -> None:
    (stage.event.keys / "timestamp.pem").chmod(0o644)


def linked_key(stage: Stage) -> None:
    place = stage.event.keys / "timestamp.pem"
    place.rename(stage.event.path / "elsewhere.pem")
    place.symlink_to(stage.event.path / "elsewhere.pem")


def open_folder(stage: Stage) -> None:
    stage.event.sealed.chmod(0o755)


def no_keys(stage: Stage) -> None:
    for file in stage.event.keys.glob("*.pem"):
        file.unlink()


def no_steering_key(stage: Stage) -> None:
    (stage.event.keys / "steering.pem").unlink()


def only_live_key(stage: Stage) -> None:
    no_keys(stage)
    bring(stage, "live-a")


def swapped_key(stage: Stage) -> None:
    shutil.copy2(stage.event.keys / "timestamp.pem", stage.event.keys / "snapshot.pem")


def garbage_key(stage: Stage) -> None:
    (stage.event.keys / "snapshot.pem").write_bytes(b"-----BEGIN PRIVATE KEY-----\n")


def root_beside_live(stage: Stage) -> None:
    bring(stage, "root-1", "live-a")


def root_here(stage: Stage) -> None:
    bring(stage, "targets-2")


def live_beside_desk(stage: Stage) -> None:
    bring(stage, "live-b")


def safe_here(stage: Stage) -> None:
    bring(stage, "snapshot-2")


def bare_root(stage: Stage) -> None:
    shutil.copy2(stage.event.keys / "roster.pem", stage.event.keys / "root-1.pem")


def solo(stage: Stage) -> None:
    config = EventConfig({"en": "Try"}, NOW, NOW + DAY_MS, LANGUAGES)
    stage.event = create(stage.event.path.parent / "solo", config, now=NOW)
    stage.stores.clear()


def nothing_sealed(stage: Stage) -> None:
    for file in stage.event.sealed.iterdir():
        file.unlink()


def foreign_seal(stage: Stage) -> None:
    for file in stage.event.sealed.glob("revoke-*"):
        file.write_bytes(file.read_bytes().replace(stage.event.event_id.encode(), b"a" * 52))


def huge_seal(stage: Stage) -> None:
    for file in stage.event.sealed.glob("revoke-*"):
        file.write_bytes(b"x" * (REVOKED_MAX_BYTES + 1))


def one_revoked(stage: Stage) -> None:
    release_revocation(stage.event, stage.event.event.live_keys[0].keyid)


def all_revoked(stage: Stage) -> None:
    for key in stage.event.event.live_keys:
        release_revocation(stage.event, key.keyid)


def one_spent(stage: Stage) -> None:
    leave_mark(stage.event.keys, SPENT, stage.event.event.live_keys[0].keyid)


def none_left(stage: Stage) -> None:
    one_spent(stage)
    for key in stage.event.event.live_keys[1:]:
        release_revocation(stage.event, key.keyid)


PROVOCATIONS: list[Provocation] = [
    ("key-modes", FAIL, "others on this machine can use timestamp.pem (mode 644)", open_key),
    ("key-modes", FAIL, "is a link", linked_key),
    ("key-modes", FAIL, "others on this machine can use sealed", open_folder),
    ("keys-present", FAIL, "can sign nothing", no_keys),
    ("keys-present", WARN, "key for steering is not here", no_steering_key),
    ("keys-present", WARN, "no desk key is here", only_live_key),
    ("keys-match", FAIL, "snapshot.pem is not the key", swapped_key),
    ("keys-match", FAIL, "does not hold a private key", garbage_key),
    ("keys-apart", WARN, "root-1 lie on a machine with live keys", root_beside_live),
    ("keys-apart", WARN, "targets-2 lie on this machine", root_here),
    ("keys-apart", WARN, "whoever seizes it has both", live_beside_desk),
    ("keys-apart", WARN, "belong into the safe", safe_here),
    ("keys-locked", WARN, "root-1 can be used by whoever finds", bare_root),
    ("solo", WARN, "is the event", solo),
    ("live-keys", WARN, "revoked, for ever", one_revoked),
    ("live-keys", FAIL, "every live key is revoked", all_revoked),
    ("live-keys", WARN, "rank 1, ", one_spent),
    ("live-keys", WARN, "came back from a back-up", one_spent),
    ("live-keys", FAIL, "revoked or spent", none_left),
    ("live-keys", FAIL, "not now", later(-HOUR_MS)),
    ("live-keys", FAIL, "not now", later(32 * DAY_MS)),
    ("live-keys", FAIL, "ends before the event does", long_event),
    ("sealed-revocations", WARN, "is it in the safe", nothing_sealed),
    ("sealed-revocations", FAIL, "not valid", foreign_seal),
    ("sealed-revocations", FAIL, "not valid", huge_seal),
    ("sealed-root", WARN, "no root is sealed", nothing_sealed),
]  # fmt: skip


test_what_is_wrong_is_said_with_its_mend = provoked(PROVOCATIONS)


@pytest.mark.parametrize(("k", "n", "text"), [(1, 2, "one stolen key"), (2, 2, "one lost key")])
def test_thresholds_that_are_too_low_or_too_high(tmp_path: Path, k: int, n: int, text: str) -> None:
    from huma.keys.creation import Holders
    from tests.keys.eventmaking import passphrase

    config = EventConfig({"en": "Try"}, NOW, NOW + DAY_MS, LANGUAGES)
    made = create(tmp_path / "e", config, now=NOW, holders=Holders(k, n, solo=False), passphrases=passphrase)
    rows = [row for row in Stage(made, tmp_path / "state").rows() if row.id == "threshold"]
    assert [row.level for row in rows] == [WARN, WARN]
    assert text in rows[0].text
