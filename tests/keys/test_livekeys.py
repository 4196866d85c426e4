from __future__ import annotations

import pytest

from huma.errors import KeyStoreError
from huma.keys import livekeys
from huma.keys.eventdir import EventDir
from huma.keys.livekeys import add_live_key
from huma.keys.sealed import sealed_revocation
from tests.keys.eventmaking import NOW


def test_a_new_live_key_is_above_all_and_can_be_revoked(solo: EventDir, held: EventDir) -> None:
    for event in (solo, held):
        made = add_live_key(event, NOW + 5000)
        assert made.rank == 4
        assert event.event.live_key(made.keyid) == made
        assert event.live_signer(4).public == made.public
        assert made.covers(NOW + 5000)
        assert not made.covers(NOW)
        assert sealed_revocation(event, made.keyid).keyid == made.keyid
        assert (event.keys / "live-d.pem").stat().st_mode & 0o777 == 0o600
        assert add_live_key(event, NOW + 6000).rank == 5


def test_without_enough_holders_nothing_is_made(held: EventDir) -> None:
    for role in ("root", "targets"):
        for number in (2, 3):
            (held.keys / f"{role}-{number}.pem").rename(held.path / f"{role}-{number}.pem")
        with pytest.raises(KeyStoreError) as refused:
            add_live_key(held, NOW)
        assert refused.value.code == "threshold"
        assert not (held.keys / "live-d.pem").exists()
        for number in (2, 3):
            (held.path / f"{role}-{number}.pem").rename(held.keys / f"{role}-{number}.pem")


def test_an_interrupted_attempt_is_taken_up_again(solo: EventDir, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*args: object, **options: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(livekeys, "resign_event", interrupted)
        with pytest.raises(KeyboardInterrupt):
            add_live_key(solo, NOW)
    left = (solo.keys / "live-d.pem").read_bytes()
    made = add_live_key(solo, NOW)
    assert (solo.keys / "live-d.pem").read_bytes() == left
    assert solo.live_signer(4).public == made.public


def test_an_event_takes_only_so_many(solo: EventDir) -> None:
    for _ in range(13):
        add_live_key(solo, NOW)
    with pytest.raises(KeyStoreError) as refused:
        add_live_key(solo, NOW)
    assert refused.value.code == "no-rank"
    assert len(solo.event.live_keys) == 16


def test_the_folder_of_what_is_sealed_is_made_anew_when_it_lies_in_the_safe(solo: EventDir) -> None:
    solo.sealed.rename(solo.path / "safe")
    made = add_live_key(solo, NOW)
    assert solo.sealed.stat().st_mode & 0o777 == 0o700
    assert [file.name for file in solo.sealed.iterdir()] == [f"revoke-{made.keyid}.json"]
