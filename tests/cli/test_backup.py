from __future__ import annotations

import json
from pathlib import Path

import pytest

from huma.backup.making import make_backup
from huma.keys.eventdir import EventDir
from tests.backup.packing import files_of
from tests.cli.airing import Airing, shown
from tests.cli.running import at_a_terminal, huma, lines

WORDS = "five words nobody said before"
SECRET = {"HUMA_PASSPHRASE_BACKUP": WORDS}


def backed_up(event: EventDir, home: Path, *more: str) -> Path:
    file = event.path.parent / "event.huma"
    done = huma("backup", "--event", str(event.path), str(file), *more, home=home, **SECRET)
    assert done.returncode == 0, done.stderr
    return file


def restored(file: Path, name: str, home: Path, *more: str) -> EventDir:
    done = huma("restore", str(file), str(file.parent / name), *more, home=home, **SECRET)
    assert done.returncode == 0, done.stderr
    return EventDir(file.parent / name)


def test_there_and_back(event: EventDir, home: Path) -> None:
    file = backed_up(event, home)
    back = restored(file, "back", home, "--unused")
    assert files_of(back.path) == files_of(event.path)
    checked = huma("check", str(back.path), "--only", "keys-match", "--only", "documents", home=home)
    assert checked.returncode == 0, checked.stdout


def test_what_a_person_reads(event: EventDir, home: Path, tmp_path: Path) -> None:
    (event.path / "notes.txt").touch()
    done = huma("backup", "--event", str(event.path), str(tmp_path / "b"), home=home, **SECRET)
    assert done.returncode == 0
    assert "read them back" in done.stdout
    assert "live-a, live-b, live-c, root-1" in done.stdout
    assert "who has lost it has lost the back-up" in done.stdout
    assert "notes.txt" in done.stderr
    back = huma("restore", str(tmp_path / "b"), str(tmp_path / "my event"), home=home, **SECRET)
    assert event.event_id in back.stdout
    assert f"huma check '{tmp_path}/my event'" in back.stdout
    assert "rank 1 may have signed" in back.stderr
    assert WORDS not in done.stdout + done.stderr + back.stdout + back.stderr


def test_json_has_all_of_it(event: EventDir, home: Path, tmp_path: Path) -> None:
    args = ["--event", str(event.path), str(tmp_path / "b"), "--json"]
    (made,) = lines(huma("backup", *args, home=home, **SECRET))
    assert (made["event"], made["state"], made["id"]) == ("state", "backed-up", event.event_id)
    assert made["bytes"] == (tmp_path / "b").stat().st_size
    assert (made["log"], made["left_out"]) == (False, [])
    assert "live-a" in made["keys"]
    back, warned = lines(
        huma("restore", str(tmp_path / "b"), str(tmp_path / "back"), "--json", home=home, **SECRET)
    )
    assert (back["state"], back["spent"], back["log"], back["files"]) == (
        "restored",
        [1],
        None,
        made["files"],
    )
    assert warned["code"] == "key-spent"


def test_at_a_terminal_the_passphrase_is_typed_twice_and_never_shown(
    event: EventDir, home: Path, tmp_path: Path
) -> None:
    answers = [
        ("New passphrase for the back-up: ", "short\n"),
        ("At least 8 characters.*\n.*New passphrase for the back-up: ", f"{WORDS}\n"),
        ("The same again: ", f"{WORDS} not\n"),
        ("These two differ.*\n.*New passphrase for the back-up: ", f"{WORDS}\n"),
        ("The same again: ", f"{WORDS}\n"),
    ]
    args = ["backup", "--event", str(event.path), str(tmp_path / "b")]
    code, said = at_a_terminal(args, answers, home=home)
    assert code == 0, said
    assert WORDS not in said
    code, said = at_a_terminal(
        ["restore", str(tmp_path / "b"), str(tmp_path / "back"), "--unused"],
        [("Passphrase of the back-up: ", f"{WORDS}\n")],
        home=home,
    )
    assert code == 0, said
    assert WORDS not in said
    assert EventDir(tmp_path / "back").event_id == event.event_id


@pytest.mark.parametrize(
    ("args", "more", "ends"),
    [
        (["backup", "--event", "EVENT", "HERE/b"], {}, (1, "keys-locked")),
        (["backup", "--event", "EVENT", "HERE/b"], {"HUMA_PASSPHRASE_BACKUP": "short"}, (1, "passphrase-short")),
        (["backup", "--event", "EVENT", "HERE/taken"], SECRET, (2, "exists")),
        (["backup", "--event", "EVENT", "HERE/b", "--with-log"], SECRET, (2, "no-log")),
        (["backup", "--event", "HERE", "HERE/b"], SECRET, (2, "no-event")),
        (["restore", "HERE/taken", "HERE/new"], SECRET, (1, "backup-unknown")),
        (["restore", "HERE/nowhere", "HERE/new"], SECRET, (2, "usage")),
        (["restore", "HERE/good", "HERE/new"], {"HUMA_PASSPHRASE": "another one"}, (1, "backup-passphrase")),
        (["restore", "HERE/good", "EVENT"], SECRET, (2, "not-empty")),
        (["restore", "HERE/good", "HERE/new", "--with-log"], SECRET, (2, "no-log")),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_and_leaves_nothing(
    event: EventDir, home: Path, args: list[str], more: dict[str, str], ends: tuple[int, str]
) -> None:
    tmp_path = home.parent
    if "HERE/good" in args:
        make_backup(event, tmp_path / "good", lambda: WORDS, now_ms=0)
    (tmp_path / "taken").write_text("mine")
    before = {file.name for file in tmp_path.iterdir()}
    args = [each.replace("EVENT", str(event.path)).replace("HERE", str(tmp_path)) for each in args]
    done = huma(*args, "--json", home=home, **more)
    told = json.loads(done.stdout)
    assert (done.returncode, told["code"], told["event"]) == (*ends, "error")
    assert told["hint"]
    assert done.stderr == ""
    assert {file.name for file in tmp_path.iterdir()} == before
    assert (tmp_path / "taken").read_text() == "mine"


# -- what is restored goes on the air with the next rank, with and without its log -------------------------


def live(event: EventDir, out: Path, *more: str) -> list[str]:
    return ["test", "--event", str(event.path), "--to", str(out), "--console", "off", "--for", "2s", *more]


@pytest.mark.usefixtures("no_left_over")
@pytest.mark.parametrize("with_log", [True, False])
def test_a_restored_event_never_signs_on_with_the_rank_that_was_in_use(
    event: EventDir, out: Path, home: Path, tmp_path: Path, with_log: bool
) -> None:
    with Airing(live(event, out), home) as air:
        assert air.end() == 0, air.errors()
    option = ["--with-log"] if with_log else []
    file = backed_up(event, home, *option)
    with Airing(live(event, out), home) as air:  # it goes on after the back-up was made
        assert air.end() == 0, air.errors()
    new_home = tmp_path / "new home"
    new_home.mkdir()
    back = restored(file, "back", new_home, *option)
    nothing = tmp_path / "another store"  # no store that was there before answers: only the mark can tell
    with Airing(live(back, nothing), new_home) as air:
        assert air.end() == 0, air.errors()
        assert air.until(lambda line: line.get("state") == "opening")["rank"] == 2
        assert "next-rank" in air.codes()
    with Airing(live(back, out), new_home) as air:
        assert air.end() == 0, air.errors()
    assert {each.rank for each in shown(out, back.event, back.event_id).values()} == {2}


@pytest.mark.usefixtures("no_left_over")
def test_others_are_refused_and_told_the_mend(event: EventDir, out: Path, home: Path, tmp_path: Path) -> None:
    (event.keys / "root-1.pem").unlink()  # it lies with its holder, as it should
    back = restored(backed_up(event, home), "back", home)
    refused = huma("live", *live(back, out), "--json", "--ntp", "none", home=home)
    assert refused.returncode == 1
    told = json.loads(refused.stdout.splitlines()[-1])
    assert told["code"] == "key-spent"
    assert "--rank" in told["hint"]
    checked = huma("check", str(back.path), "--only", "live-keys", home=home)
    assert "rank 1" in checked.stdout
    assert "signs no more" in checked.stdout
