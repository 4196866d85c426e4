from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from huma.keys.eventdir import EventDir
from huma.keys.keyfile import is_locked
from huma.protocol.link import parse_link
from huma.protocol.words import event_words
from tests.cli.running import HUMA, at_a_terminal, environment, huma, lines


def test_a_person_sees_the_words_the_link_and_what_comes_next(tmp_path: Path, home: Path) -> None:
    done = huma("new", str(tmp_path / "my event"), "--solo", home=home)
    assert (done.returncode, done.stderr) == (0, "")
    made = EventDir(tmp_path / "my event")
    words = event_words(made.event_id)
    assert " ".join(words[:6]) in done.stdout
    assert " ".join(words[6:]) in done.stdout
    assert f"huma:1:{made.event_id}" in done.stdout
    assert f"huma live test --event '{tmp_path}/my event' --serve 127.0.0.1:8400" in done.stdout
    assert [line[:4] for line in done.stdout.splitlines()[-3:]] == ["  1.", "  2.", "  3."]


def test_json_has_all_of_it(tmp_path: Path, home: Path) -> None:
    (made,) = lines(huma("new", str(tmp_path / "event"), "--solo", "--json", home=home))
    assert (made["event"], made["state"], made["solo"], made["k"], made["n"]) == ("state", "made", True, 1, 1)
    assert parse_link(made["link"]).event_id == made["id"] == EventDir(tmp_path / "event").event_id
    assert len(made["words"]) == 12
    assert len(made["digits"]) == 13


def test_titles_languages_times_and_rate(tmp_path: Path, home: Path) -> None:
    done = huma(
        "new", str(tmp_path / "event"), "--solo", "--title", "Summit", "--title-fa", "نشست", "--lang", "en",
        "--lang", "fa", "--lang", "de", "--fps", "25", "--start", "2030-01-01T12:00+03:30", "--end", "2030-01-02T00:00Z",
        home=home,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    event = EventDir(tmp_path / "event").event
    assert event.title == {"en": "Summit", "fa": "نشست"}
    assert [(each.code, each.name) for each in event.languages] == [
        ("en", "English"), ("fa", "فارسی"), ("de", "Deutsch"),
    ]  # fmt: skip
    assert event.tick == (24, 25)
    assert event.start_ms == 1_893_486_600_000
    assert event.end_ms == 1_893_542_400_000
    assert {"a-en", "a-fa", "a-de", "n-de"} <= {each.name for each in event.renditions}


def test_sound_alone(tmp_path: Path, home: Path) -> None:
    assert (
        huma("new", str(tmp_path / "event"), "--solo", "--audio-only", "--lang", "fa", home=home).returncode
        == 0
    )
    made = EventDir(tmp_path / "event")
    assert [each.name for each in made.event.renditions] == ["a-fa", "n-fa"]
    assert b'CODECS="mp4a.40.2"' in (made.read("index.m3u8") or b"")


def test_everything_from_a_file(tmp_path: Path, home: Path) -> None:
    huma("new", str(tmp_path / "first"), "--solo", "--title", "From a file", home=home)
    toml = str(tmp_path / "first/event.toml")
    assert huma("new", str(tmp_path / "second"), "--solo", "--config", toml, home=home).returncode == 0
    first, second = EventDir(tmp_path / "first"), EventDir(tmp_path / "second")
    assert first.config == second.config
    assert first.event_id != second.event_id
    both = huma("new", str(tmp_path / "third"), "--solo", "--config", toml, "--title", "x", home=home)
    assert both.returncode == 2
    assert "--title has no place" in both.stderr


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--fps", "24"], "24 frames a second"),
        (["--start", "soon"], "not a moment"),
        (["--start", "2030-01-01T12:00"], "in which zone"),
        (["--start", "2030-01-02T12:00Z", "--end", "2030-01-01T12:00Z"], "Give an --end after --start"),
        (["--lang", "en", "--lang", "en"], "--lang: en stands twice"),
        (["--lang", "EN!"], "'EN!' is no language"),
        (["--lang", ""], "'' is no language"),
        (["--k", "3", "--n", "2"], "--solo is one person"),
        (["--title", "x" * 600], "title"),
        (["--config", "/nowhere/event.toml"], "/nowhere/event.toml: No such file"),
        (["--config", "/dev/null"], "/dev/null: event.toml"),
        (["--copy-from", "/nowhere/film.mp4"], "no file"),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_nothing(
    tmp_path: Path, home: Path, args: list[str], says: str
) -> None:
    done = huma("new", str(tmp_path / "event"), "--solo", *args, home=home)
    assert done.returncode == 2
    assert says in done.stderr
    assert sorted(file.name for file in tmp_path.iterdir()) == ["home"]


def test_a_full_folder_is_refused(tmp_path: Path, home: Path) -> None:
    (tmp_path / "event").mkdir()
    (tmp_path / "event/mine").write_text("")
    done = huma("new", str(tmp_path / "event"), "--solo", home=home)
    assert done.returncode == 2
    assert "is not empty" in done.stderr


def test_held_keys_take_their_passphrases_from_the_environment(tmp_path: Path, home: Path) -> None:
    secrets = {f"HUMA_PASSPHRASE_{who}": f"secret of {who}" for who in ("1", "2", "3", "SAFE")}
    done = huma("new", str(tmp_path / "event"), home=home, **secrets)
    assert done.returncode == 0, done.stderr
    assert "secret" not in done.stdout + done.stderr

    def secret_of(owner: str, *, new: bool) -> str:
        return f"secret of {owner.upper()}"

    made = EventDir(tmp_path / "event", secret_of)
    for name in ("root-1", "targets-3", "live-c", "timestamp-2"):
        assert is_locked((made.keys / f"{name}.pem").read_bytes())
        made.private_key(name)
    role = made.trusted.root.roles["root"]
    assert (role.threshold, len(role.keys)) == (2, 3)
    for file in tmp_path.rglob("*"):
        if file.is_file():
            assert b"secret of" not in file.read_bytes()


def test_without_a_terminal_it_says_which_variable(tmp_path: Path, home: Path) -> None:
    done = huma("new", str(tmp_path / "event"), home=home, HUMA_PASSPHRASE_1="secret of 1")
    assert done.returncode == 1
    assert "HUMA_PASSPHRASE_2" in done.stderr
    assert sorted(file.name for file in tmp_path.iterdir()) == ["home"]


def test_passphrases_are_asked_for_twice_and_never_shown(tmp_path: Path, home: Path) -> None:
    answers = [
        ("holder 1: ", "short\n"),
        ("At least 8[^:]*holder 1: ", "horse battery\n"),
        ("again: ", "horse batterie\n"),
        ("differ[^:]*holder 1: ", "horse battery\n"),
        ("again: ", "horse battery\n"),
        ("safe[^:]*: ", "staple correct\n"),
        ("again: ", "staple correct\n"),
    ]
    code, shown = at_a_terminal(["new", str(tmp_path / "event"), "--k", "1", "--n", "1"], answers, home=home)
    assert code == 0, shown
    assert "horse" not in shown
    assert "staple" not in shown

    def passphrases(owner: str, *, new: bool) -> str:
        return "horse battery" if owner == "1" else "staple correct"

    made = EventDir(tmp_path / "event", passphrases)
    made.private_key("root-1")
    made.private_key("live-c")


def test_ctrl_c_at_the_prompt_leaves_nothing(tmp_path: Path, home: Path) -> None:
    code, shown = at_a_terminal(["new", str(tmp_path / "event")], [("holder 1: ", "\x03")], home=home)
    assert code == 130, shown
    assert "Traceback" not in shown
    assert sorted(file.name for file in tmp_path.iterdir()) == ["home"]


def test_killed_at_any_moment_there_is_a_whole_event_or_none(tmp_path: Path, home: Path) -> None:
    """Signals at moments spread over the whole run: before, within and after the making."""
    for n in range(12):
        place = tmp_path / f"event-{n}"
        running = subprocess.Popen(
            [*HUMA, "new", str(place), "--solo"],
            env=environment(home),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(0.1 + 0.06 * n)
        os.kill(running.pid, signal.SIGKILL if n % 2 else signal.SIGINT)
        running.wait(30)
        if place.exists():
            made = EventDir(place)
            assert made.event.live_keys
            made.live_signer(1)
            assert len(list(made.keys.glob("*.pem"))) == 13
    assert huma("new", str(tmp_path / "last"), "--solo", home=home).returncode == 0
