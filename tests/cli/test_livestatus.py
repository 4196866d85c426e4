"""What `huma live` says of what it does, state by state."""

from __future__ import annotations

import json
from typing import Any

import pytest

from huma.broadcast.publisher import PublisherState
from huma.cli import livestatus
from huma.cli.livestatus import LiveStatus
from huma.cli.output import Output
from huma.media.state import ProgrammeState
from huma.protocol.clocktext import parse_ms

AT = parse_ms("2026-11-23T02:25:10.000Z")


class Screen:
    """A status whose every state is printed, and the time that it goes by."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, shown: pytest.CaptureFixture[str]) -> None:
        self.passed = 1000.0
        self.shown = shown
        monkeypatch.setattr("huma.cli.livestatus.time.monotonic", lambda: self.passed)
        monkeypatch.setattr(livestatus, "_PLAIN_EVERY_S", -1.0)

    def look(
        self, status: LiveStatus, source: str, *, issued: float = 0, at: float = 0, tick: int = 9
    ) -> str:
        """What is said at second `at`, when the newest playlist was signed at second `issued`."""
        self.passed = 1000.0 + at
        publisher = PublisherState(0, tick, AT + int(issued * 1000), 123.4, 20)
        origin: Any = "programme" if source == "playing" else "slate"
        status.show(
            publisher,
            ProgrammeState(source=source, origin=origin),
            (),
            now_ms=AT + int(at * 1000),
            tick_end_ms=None,
        )
        return self.shown.readouterr().out


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Screen:
    return Screen(monkeypatch, capsys)


def test_the_time_is_that_of_what_was_signed(screen: Screen) -> None:
    for copy in (True, False):
        assert "● ON AIR  2 min  tick 9" in screen.look(LiveStatus(Output(), copy=copy), "playing")


def test_a_copied_source_that_dies_is_told_and_that_it_is_back(screen: Screen) -> None:
    status = LiveStatus(Output(), copy=True)
    assert "● ON AIR" in screen.look(status, "playing")
    assert "AWAY" not in screen.look(status, "reconnecting", at=1), "files one after another are no trouble"
    told = screen.look(status, "reconnecting", at=3)
    assert "The source is away: nothing is signed since 02:25:10 UTC" in told
    assert "○ SOURCE AWAY  nothing is signed since 02:25:10 UTC" in told
    assert "ON AIR" not in told
    assert "slate" not in told
    assert "The source is away" not in screen.look(status, "waiting", at=4), "once is enough"
    assert "SOURCE AWAY" in screen.look(status, "playing", at=60), "nothing is signed yet"
    back = screen.look(status, "playing", issued=62, at=62, tick=10)
    assert "The source is back: nothing was signed for 62 s." in back
    assert "● ON AIR" in back


def test_a_copied_source_that_says_nothing_is_away_too(screen: Screen) -> None:
    status = LiveStatus(Output(), copy=True)
    assert "● ON AIR" in screen.look(status, "playing", at=14)
    assert "SOURCE AWAY" in screen.look(status, "playing", at=16)


def test_a_program_learns_it_as_a_state(screen: Screen) -> None:
    status = LiveStatus(Output(as_json=True), copy=True)
    said = screen.look(status, "playing")
    for source, issued, at in (("reconnecting", 0, 1), ("reconnecting", 0, 4), ("playing", 9, 9)):
        said += screen.look(status, source, issued=issued, at=at, tick=9 + (issued > 0))
    found = {line["state"]: line for line in map(json.loads, said.splitlines()) if line["event"] == "state"}
    assert found["source-away"]["since"] == "2026-11-23T02:25:10.000Z"
    assert found["source-back"]["away_ms"] == 9000


def test_the_slate_of_an_encoded_programme_is_on_the_air(screen: Screen) -> None:
    status = LiveStatus(Output(), copy=False)
    screen.look(status, "playing")
    assert "● ON AIR slate" in screen.look(status, "reconnecting", at=30)


def test_the_end_of_a_copied_source_is_no_loss(screen: Screen) -> None:
    status = LiveStatus(Output(), copy=True)
    screen.look(status, "playing")
    assert "AWAY" not in screen.look(status, "ended", at=30)


def test_after_the_end_nothing_is_on_the_air(screen: Screen) -> None:
    status = LiveStatus(Output(), copy=False)
    screen.look(status, "playing")
    status.staying(6.0)
    assert screen.shown.readouterr().out == "Staying 6 s for viewers to see the end …\n"
