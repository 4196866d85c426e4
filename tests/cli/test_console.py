"""The console as a technician meets it: `huma status`, `huma control`, /metrics, beside a real broadcast."""

from __future__ import annotations

import json
import os
import re
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from huma.cli.consoleword import LIVE_WORD, read_word
from huma.cli.liveconsole import commands_of
from huma.errors import HumaError, UsageError
from huma.keys.eventdir import EventDir
from huma.media.intake import IntakePlan, open_intake
from huma.protocol.strictjson import as_members
from tests.cli.airing import Airing
from tests.cli.running import huma, lines
from tests.media.events import audio, event, video

DOC = (Path(__file__).parents[2] / "docs/reference/console.md").read_text()


def state_of(home: Path) -> dict[str, Any]:
    found: dict[str, Any] = lines(huma("status", "--json", home=home))[0]
    return found


def until_state(home: Path, what: Any) -> dict[str, Any]:
    end = time.monotonic() + 45
    while not what(found := state_of(home)):
        assert time.monotonic() < end, found
        time.sleep(0.2)
    return found


@pytest.fixture
def air(event: EventDir, out: Path, home: Path) -> Iterator[Airing]:
    words = ["test", "--event", str(event.path), "--to", str(out), "--record", str(home / "kept")]
    with Airing(words, home) as air:
        air.until(lambda line: line.get("state") == "console")
        air.until_ticks(2)
        yield air


def names(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from names(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from names(inner)


@pytest.mark.usefixtures("air")
def test_status_says_everything_that_the_document_says(home: Path, event: EventDir) -> None:
    state = until_state(home, lambda found: found["languages"][0]["levels"]["integrated"] is not None)
    assert state["publisher"]["tick"] >= 1
    assert state["event"]["id"] == event.event_id
    assert [each["code"] for each in state["languages"]] == ["en", "fa"]
    assert state["recording"]["code"] == ""
    assert {each["name"] for each in state["trust"]} >= {"root", "timestamp", "snapshot", "targets"}
    own = set(state["event"]["title"]) | {"v", "at"}
    assert sorted(name for name in set(names(state)) - own if f"`{name}`" not in DOC) == []
    shown = huma("status", home=home)
    assert shown.returncode == 0, shown.stdout + shown.stderr
    for word in ("On air: main", "language", "store", "recording"):
        assert word in shown.stdout
    assert huma("status", "--event", str(event.path), home=home).returncode == 0


def test_what_a_technician_does(air: Airing, home: Path) -> None:
    done = huma("control", "slate", "on", home=home)
    assert (done.returncode, done.stdout) == (0, "The slate is on the air.\n")
    state = until_state(home, lambda found: found["programme"]["origin"] == "slate")
    assert state["slate"]
    air.until(lambda line: line.get("state") == "alarm" and line["alarm"] == "slate")
    assert huma("status", home=home).returncode == 3, "an alarm stands"
    said = lines(huma("control", "slate", "off", "--json", home=home))
    assert [(each["event"], each["state"], each["command"], each["on"]) for each in said] == [
        ("state", "done", "slate", False)
    ]
    until_state(home, lambda found: found["programme"]["origin"] == "programme")
    refused = huma("control", "choose", "backup", home=home)
    assert refused.returncode == 2
    assert "no input backup" in refused.stderr


def test_the_token_is_in_no_log_and_only_its_owner_can_read_it(air: Airing, home: Path) -> None:
    address = huma("status", "--address", home=home).stdout.strip()
    url, _, token = address.partition("/#")
    assert len(token) >= 32
    assert token not in json.dumps(air.said)
    files = list(home.rglob(LIVE_WORD))
    assert [stat.S_IMODE(path.stat().st_mode) for path in files] == [0o600]
    assert read_word(files[0])["pid"] == air.process.pid
    assert httpx.get(url + "/state", trust_env=False).status_code == 403
    assert httpx.get(url + "/state", headers={"x-huma-token": token}, trust_env=False).status_code == 200
    assert "huma_on_air 1.0" in httpx.get(url + "/metrics", trust_env=False).text


def test_nobody_is_on_the_air(home: Path, event: EventDir) -> None:
    for words in (("status",), ("status", "--event", str(event.path)), ("control", "slate", "on")):
        done = huma(*words, home=home)
        assert done.returncode == 4, done.stderr
        assert "on the air" in done.stderr
    state = home / ".local/state/huma" / event.event_id
    state.mkdir(parents=True)
    for word in ("", "[]", '{"url":1,"token":"x"}', '{"url":"http://127.0.0.1:1","token":"x"}'):
        (state / LIVE_WORD).write_text(word)
        assert huma("status", "--event", str(event.path), home=home).returncode == 4


@pytest.mark.parametrize(
    "words",
    [(), ("jump",), ("slate",), ("slate", "maybe"), ("choose",), ("lay", "fa"), ("lay", "fa", "x"), ("dump", "all"),
     ("delay",), ("delay", "-5s")],
)  # fmt: skip
def test_wrong_words(words: tuple[str, ...], home: Path) -> None:
    done = huma("control", *words, home=home)
    assert done.returncode == 2
    assert "Error:" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_console_that_is_not_wanted_or_cannot_be(event: EventDir, home: Path, out: Path) -> None:
    words = [
        "live",
        "test",
        "--event",
        str(event.path),
        "--to",
        str(out),
        "--ntp",
        "none",
        "--for",
        "1s",
    ]
    done = huma(*words, "--console", "off", home=home)
    assert done.returncode == 0
    assert "Console" not in done.stdout
    wrong = huma(*words, "--console", "here", home=home)
    assert wrong.returncode == 2
    assert "--console" in wrong.stderr


def test_every_command_does_what_it_says() -> None:
    intake = open_intake(
        IntakePlan("test", backups={"backup": "test"}, languages={"en": "test"}),
        event=event(video("v", 64, 36, 90_000), audio("a-en", "en")),
        first_tick=1,
    )
    commands = commands_of(intake)
    assert sorted(commands) == sorted(re.findall(r"^\| `([a-z]+)` \| `\{", DOC, re.MULTILINE))
    assert commands["slate"](as_members({"on": True}, "x")) == {}
    assert intake.overview().slate
    assert commands["lay"](as_members({"language": "en", "offset_ms": 250}, "x")) == {"offset_ms": 250}
    assert commands["delay"](as_members({"ms": 1500}, "x")) == {}
    assert intake.overview().delay_s == 1.5
    assert commands["dump"](as_members({"refill": False}, "x")) == {}
    assert intake.overview().delay_s == 0
    with pytest.raises(UsageError):
        commands["choose"](as_members({"input": "nothing"}, "x"))
    wrong: list[tuple[str, Any]] = [
        ("slate", {"on": "yes"}),
        ("lay", {"language": "en", "offset_ms": 9999}),
        ("delay", {"ms": -1}),
    ]
    for name, members in wrong:
        with pytest.raises(HumaError):
            commands[name](as_members(members, "x"))


def test_the_word_left_is_small_and_strange_ones_are_nothing(tmp_path: Path) -> None:
    assert read_word(tmp_path / LIVE_WORD) == {}
    for word in (b"\xff", b"[" * 5000, b'{"url":"x"}', os.urandom(64)):
        (tmp_path / LIVE_WORD).write_bytes(word)
        assert read_word(tmp_path / LIVE_WORD) == {}
