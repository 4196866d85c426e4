from __future__ import annotations

import json
import signal
import subprocess
import threading
from pathlib import Path

import pytest

from huma.cli.new import installed_player
from huma.cli.output import now_ms
from huma.keys import repository
from huma.keys.creation import Holders, create
from huma.keys.eventdir import EventDir
from huma.keys.eventtoml import EventConfig
from huma.protocol.trust import TrustedDocuments
from tests.cli.running import HUMA, environment, huma, lines
from tests.keys.eventmaking import DAY_MS, LANGUAGES, passphrase


def believed(event: EventDir, store: Path) -> TrustedDocuments:
    files = {str(file.relative_to(store)): file.read_bytes() for file in store.rglob("*") if file.is_file()}
    return TrustedDocuments.start(event.event_id, files["trust/1.root.json"]).take(files)


def desk(event: EventDir, *args: str, home: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return huma("desk", "--event", str(event.path), *args, home=home, **more)


def test_one_turn_fills_every_store(event: EventDir, tmp_path: Path, home: Path) -> None:
    stores = [tmp_path / "one", tmp_path / "two"]
    done = desk(event, "--once", "--to", str(stores[0]), "--to", str(stores[1]), home=home)
    assert (done.returncode, done.stderr) == (0, "")
    assert "2/2 stores" in done.stdout
    for store in stores:
        assert believed(event, store) == event.trusted


def test_stores_of_event_toml_are_used_too(event: EventDir, tmp_path: Path, home: Path) -> None:
    toml = event.path / "event.toml"
    toml.write_text(toml.read_text().replace("stores = []", f'stores = ["{tmp_path}/written"]'))
    (turn,) = lines(desk(event, "--once", "--json", home=home))
    assert [store["store"] for store in turn["stores"]] == [f"{tmp_path}/written"]
    assert turn["state"] == "fresh"


def test_one_store_that_is_away_degrades_and_all_of_them_fail(
    event: EventDir, tmp_path: Path, home: Path
) -> None:
    away = "/proc/nowhere"
    done = desk(event, "--once", "--to", away, "--to", str(tmp_path / "one"), "--json", home=home)
    assert done.returncode == 3
    warning, turn = lines(done)
    assert warning["code"] == "store"
    assert [store["ok"] for store in turn["stores"]] == [False, True]
    assert desk(event, "--once", "--to", away, home=home).returncode == 1


def test_a_kind_of_store_that_is_not_known_is_a_wrong_argument(event: EventDir, home: Path) -> None:
    assert desk(event, "--once", "--to", "ftp://x", home=home).returncode == 2


def test_a_password_in_a_url_is_warned_about_and_not_shown(event: EventDir, home: Path) -> None:
    done = desk(event, "--once", "--to", "http://me:hush-hush@127.0.0.1:1/", home=home)
    assert done.returncode == 1
    assert "carries a password" in done.stderr
    assert "hush-hush" not in done.stdout + done.stderr


def test_revoking_a_live_key_by_its_letter(event: EventDir, tmp_path: Path, home: Path) -> None:
    done = desk(event, "--once", "--revoke", "A", "--to", str(tmp_path / "one"), home=home)
    assert done.returncode == 0
    keyid = event.event.live_keys[0].keyid
    assert keyid in done.stdout
    assert event.trusted.revoked((tmp_path / "one/live/revoked.json").read_bytes()) == {keyid}
    other = desk(event, "--once", "--revoke", event.event.live_keys[1].keyid, "--json", home=home)
    assert lines(other)[1]["state"] == "revoked"
    assert desk(event, "--once", "--revoke", "D", home=home).returncode == 2


def test_adding_a_live_key_and_revoking_it(event: EventDir, home: Path) -> None:
    added = lines(desk(event, "--once", "--add-live-key", "--json", home=home))[1]
    assert (added["state"], added["rank"]) == ("live-key", 4)
    assert event.live_signer(4).public.keyid == added["keyid"]
    assert added["keyid"] in desk(event, "--once", "--revoke", "d", home=home).stdout


def test_releasing_the_sealed_root(event: EventDir, tmp_path: Path, home: Path) -> None:
    store = tmp_path / "one"
    assert desk(event, "--once", "--to", str(store), home=home).returncode == 0
    assert desk(event, "--once", "--release-root", "--to", str(store), home=home).returncode == 0
    assert believed(event, store).root.head.version == 2
    assert desk(event, "--once", "--to", str(store), "--pair", "3", home=home).returncode == 0
    again = desk(event, "--once", "--release-root", home=home)
    assert again.returncode == 1
    assert "sealed" in again.stderr


def test_signing_what_event_toml_says(event: EventDir, home: Path) -> None:
    toml = event.path / "event.toml"
    toml.write_text(toml.read_text().replace('"Try"', '"Another title"'))
    assert desk(event, "--once", "--sign-event", home=home).returncode == 0
    assert event.event.title["en"] == "Another title"
    player = installed_player()
    if player is not None:
        assert event.trusted.target("player.html", player) == player


def test_signing_needs_the_passphrases_of_as_many_as_must(tmp_path: Path, home: Path) -> None:
    now = now_ms()
    config = EventConfig({"en": "Try"}, now, now + DAY_MS, LANGUAGES)
    held = create(
        tmp_path / "held", config, now=now, holders=Holders(2, 3, solo=False), passphrases=passphrase
    )
    one = {"HUMA_PASSPHRASE_1": "correct horse 1"}
    refused = desk(held, "--once", "--sign-event", home=home, **one)
    assert refused.returncode == 1
    assert "HUMA_PASSPHRASE_2" in refused.stderr
    two = {**one, "HUMA_PASSPHRASE_2": "correct horse 2"}
    assert desk(held, "--once", "--sign-event", home=home, **two).returncode == 0
    wrong = {"HUMA_PASSPHRASE": "not that one"}
    refused = desk(held, "--once", "--sign-event", home=home, **wrong)
    assert refused.returncode == 1
    assert "does not open" in refused.stderr
    assert "not that one" not in refused.stderr


def test_the_cold_pair_wants_two_stores(event: EventDir, tmp_path: Path, home: Path) -> None:
    stores = ["--to", str(tmp_path / "one"), "--to", str(tmp_path / "two")]
    desk(event, "--once", *stores, home=home)
    assert desk(event, "--once", "--pair", "2", *stores[:2], home=home).returncode == 1
    (turn,) = lines(desk(event, "--once", "--pair", "2", *stores, "--json", home=home))
    assert turn["timestamp"] == 3
    (resting,) = lines(desk(event, "--once", *stores, "--json", home=home))
    assert (resting["state"], resting["timestamp"]) == ("resting", 3)
    (told,) = lines(desk(event, "--once", "--resume", *stores, "--json", home=home))
    assert (told["state"], told["timestamp"]) == ("fresh", 4)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_runs_until_it_is_told_to_stop(
    event: EventDir, tmp_path: Path, home: Path, number: signal.Signals
) -> None:
    repository.sign_timestamp(event, now_ms() - 10 * 60_000)
    running = subprocess.Popen(
        [*HUMA, "desk", "--event", str(event.path), "--to", str(tmp_path / "one"), "--json"],
        env=environment(home),
        stdout=subprocess.PIPE,
        text=True,
    )
    watch = threading.Timer(30, running.kill)
    watch.start()
    try:
        assert running.stdout is not None
        console, turn = (json.loads(running.stdout.readline()) for _ in range(2))
        assert console["state"] == "console"
        assert turn["signed"] == ["timestamp"]
        running.send_signal(number)
        assert running.wait(15) == 0
        running.stdout.close()
    finally:
        watch.cancel()
        if running.poll() is None:
            running.kill()
            running.wait()
    assert believed(event, tmp_path / "one").timestamp == event.trusted.timestamp
