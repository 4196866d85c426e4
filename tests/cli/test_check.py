from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from huma.check.table import CHECKS
from huma.cli.places import state_folder
from huma.keys.eventdir import EventDir
from tests.cli.running import at_a_terminal, huma, lines


def test_every_row_has_a_level_and_wrong_ones_a_mend(event: EventDir, home: Path) -> None:
    done = huma("check", str(event.path), "--ntp", "none", "--json", home=home)
    (rows,) = lines(done)
    assert {row["id"] for row in rows} == {check.id for check in CHECKS}
    assert {row["level"] for row in rows} == {"ok", "warn"}
    assert all(bool(row["mend"]) == (row["level"] != "ok") for row in rows)
    assert done.returncode == 3


def test_a_failure_ends_with_one_and_is_shown_with_its_mend(event: EventDir, home: Path) -> None:
    (event.keys / "live-a.pem").chmod(0o644)
    done = huma("check", str(event.path), "--ntp", "none", home=home)
    assert done.returncode == 1
    (row,) = [line for line in done.stdout.splitlines() if line.startswith("FAIL")]
    assert "live-a.pem (mode 644)" in row
    assert f"      → chmod 600 {event.keys}/live-a.pem" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("1 FAIL · ")


def test_a_terminal_shows_a_table_with_colours(event: EventDir, home: Path) -> None:
    args = ["check", str(event.path), "--only", "solo", "--only", "steering"]
    code, shown = at_a_terminal(args, [], home=home, TERM="xterm-256color")
    assert code == 3
    assert "\x1b[33mWARN" in shown
    plain = at_a_terminal(args, [], home=home, TERM="xterm-256color", NO_COLOR="1")[1]
    assert "\x1b[33m" not in plain
    assert "WARN" in plain


def test_what_is_right_ends_with_nought(event: EventDir, home: Path) -> None:
    done = huma("check", str(event.path), "--only", "key-modes", "--only", "expiry", home=home)
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "0 FAIL · 0 WARN · 6 OK"


def test_quiet_leaves_out_what_is_right(event: EventDir, home: Path) -> None:
    done = huma("check", str(event.path), "--ntp", "none", "-q", home=home)
    assert not [line for line in done.stdout.splitlines() if line.startswith("OK")]
    assert "WARN" in done.stdout


def test_an_unknown_row_is_told_with_those_that_are(event: EventDir, home: Path) -> None:
    done = huma("check", str(event.path), "--only", "nonsense", home=home)
    assert done.returncode == 2
    assert "key-modes" in done.stderr


def test_a_store_is_looked_at_and_nothing_in_it_changes(event: EventDir, tmp_path: Path, home: Path) -> None:
    store = tmp_path / "store"
    huma("desk", "--event", str(event.path), "--once", "--to", str(store), home=home)
    before = {file: file.read_bytes() for file in store.rglob("*") if file.is_file()}
    done = huma(
        "check",
        str(event.path),
        "--to",
        str(store),
        "--only",
        "stores",
        "--only",
        "disk",
        "--json",
        home=home,
    )
    (rows,) = lines(done)
    assert [row["level"] for row in rows if row["id"] == "stores"] == ["ok", "warn"]
    assert str(store) in next(row["text"] for row in rows if row["id"] == "disk")
    assert {file: file.read_bytes() for file in store.rglob("*") if file.is_file()} == before


def test_a_store_that_cannot_be_used_fails(event: EventDir, home: Path) -> None:
    away = ["--to", "ftp://x", "--to", "http://me:hush-hush@127.0.0.1:1/"]
    done = huma("check", str(event.path), *away, "--only", "stores", "--json", home=home)
    (rows,) = lines(done)
    assert [row["level"] for row in rows] == ["fail", "warn", "fail", "warn"]
    assert done.returncode == 1
    assert "hush-hush" not in done.stdout + done.stderr


@pytest.mark.parametrize("host", ["", "a b", "ntp://x/"])
def test_what_is_no_time_server_is_refused(event: EventDir, home: Path, host: str) -> None:
    done = huma("check", str(event.path), "--ntp", host, home=home)
    assert done.returncode == 2
    assert "none asks nobody" in done.stderr


def test_a_broken_event_toml_is_one_failure_and_no_traceback(event: EventDir, home: Path) -> None:
    (event.path / "event.toml").write_text("stores = [")
    done = huma("check", str(event.path), "--ntp", "none", "--json", home=home)
    assert done.returncode == 1
    failed = [row["id"] for row in json.loads(done.stdout) if row["level"] == "fail"]
    assert failed == ["event-toml"]


def test_the_state_folder_obeys_xdg(monkeypatch: object, tmp_path: Path) -> None:
    before = os.environ.get("XDG_STATE_HOME")
    try:
        os.environ["XDG_STATE_HOME"] = str(tmp_path)
        assert state_folder("x") == tmp_path / "huma/x"
        os.environ["XDG_STATE_HOME"] = "relative"
        assert state_folder("x") == Path.home() / ".local/state/huma/x"
    finally:
        if before is None:
            os.environ.pop("XDG_STATE_HOME")
        else:
            os.environ["XDG_STATE_HOME"] = before


def test_a_folder_that_is_not_there_is_told_and_not_made(event: EventDir, home: Path, tmp_path: Path) -> None:
    typo = tmp_path / "publik"
    options = ["--to", str(typo), "--only", "stores", "--ntp", "none"]
    done = huma("check", str(event.path), *options, home=home)
    assert done.returncode == 3
    assert f"{typo}: there is no such folder" in done.stdout
    assert not typo.exists()
    typo.mkdir()
    assert "readable and writable" in huma("check", str(event.path), *options, home=home).stdout
