"""What is told of inputs, doors, recording and outputs: each change once."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from huma.cli.livedoors import DoorLook
from huma.cli.livenotices import LiveNotices
from huma.cli.output import Output
from huma.errors import HumaError
from huma.media.intake import IntakePlan, open_intake
from huma.media.onair import OnAirState
from huma.media.watchers import Alarm
from huma.record.recorder import RecorderState
from huma.restream.output import OutputState
from tests.media.events import audio, event, video

SHUT = DoorLook("main", "rtmp", False, 0, 0, None, {}, 0)
OPEN = replace(SHUT, open=True, streams=1)


@dataclass
class Told:
    """Notices, and what they have said since it was last asked; as text, or as JSON."""

    capture: pytest.CaptureFixture[str]
    as_json: bool = False
    passed: float = 0.0
    notices: LiveNotices = field(init=False)

    def __post_init__(self) -> None:
        self.notices = LiveNotices(Output(as_json=self.as_json), mono=lambda: self.passed)

    def text(self) -> str:
        return self.capture.readouterr().out

    def objects(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.capture.readouterr().out.splitlines()]


def test_a_door_that_opens_and_closes(capsys: pytest.CaptureFixture[str]) -> None:
    told = Told(capsys)
    for _ in range(3):
        told.notices.doors([SHUT], {})
    assert told.text() == ""
    for _ in range(3):
        told.notices.doors([OPEN], {})
    assert told.text() == "  door main: an encoder sends\n"
    told.notices.doors([SHUT], {})
    assert told.text() == "  door main: nobody sends\n"


def test_who_knocks_for_ever_is_told_of_once_a_minute(capsys: pytest.CaptureFixture[str]) -> None:
    told = Told(capsys, as_json=True)
    for second in range(130):
        told.passed = second
        told.notices.doors([replace(SHUT, refused={"codec": 1})], {"wrong-key": second, "garbage": 7})
    assert [(each["reason"], each["count"]) for each in told.objects()] == [
        ("codec", 1),
        ("wrong-key", 1),
        ("wrong-key", 61),
        ("wrong-key", 121),
    ]


def test_the_recording_from_its_beginning_to_a_full_disk(capsys: pytest.CaptureFixture[str]) -> None:
    told = Told(capsys)
    told.notices.recording(None)
    told.notices.recording(RecorderState())
    assert told.text() == ""
    well = RecorderState(since_ms=1, full_in_s=90_000.0)
    for state in (well, well):
        told.notices.recording(state)
    assert told.text() == "  Recording runs\n"
    told.notices.recording(RecorderState(since_ms=1, full_in_s=1800.0))
    assert told.text() == "  Recording: the disk will be full in 30 min\n"
    told.notices.recording(
        RecorderState(since_ms=1, full_in_s=0.0, code="record-full", message="the disk is full")
    )
    assert told.text() == "  Recording: the disk is full; the programme goes on\n"
    told.notices.recording(well)
    assert told.text() == "  Recording goes on\n"


@pytest.mark.parametrize("as_json", [False, True])
def test_an_output_that_is_lost_and_comes_back(as_json: bool, capsys: pytest.CaptureFixture[str]) -> None:
    told = Told(capsys, as_json)
    for state in (
        OutputState("YouTube", "rtmp"),
        OutputState("YouTube", "rtmp", connected=True),
        OutputState("YouTube", "rtmp", code="output-closed"),
        OutputState("YouTube", "rtmp", code="output-closed"),
        OutputState("YouTube", "rtmp", connected=True, reconnects=1),
    ):
        told.notices.outputs([state])
    if told.as_json:
        assert [(each["connected"], each["code"]) for each in told.objects()] == [
            (True, ""),
            (False, "output-closed"),
            (True, ""),
        ]
    else:
        lines = told.text().splitlines()
        assert [lines[0], lines[2]] == ["  YouTube: sends"] * 2
        assert lines[1].startswith("  YouTube: ")
        assert lines[1].endswith("it is called again")
        assert len(lines) == 3


@pytest.mark.parametrize("as_json", [False, True])
def test_alarms_and_inputs_of_a_programme(
    as_json: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Told(capsys, as_json)
    intake = open_intake(
        IntakePlan("test"), event=event(video("v", 64, 36, 90_000), audio("a-en", "en")), first_tick=1
    )
    silent = Alarm("silence", 5, "fa")
    for alarms in ((), (silent, Alarm("slate", 7, "picture")), (silent,), ()):
        monkeypatch.setattr(intake._on_air, "state", lambda alarms=alarms: OnAirState({}, alarms))
        told.notices.programme(intake)
    if told.as_json:
        changes = [
            (each["alarm"], each["where"], each["on"]) for each in told.objects() if each["state"] == "alarm"
        ]
        assert changes == [
            ("silence", "fa", True),
            ("slate", "picture", True),
            ("slate", "picture", False),
            ("silence", "fa", False),
        ]
    else:
        assert told.text() == "  ALARM: silence (fa)\n  Over: silence (fa)\n"


def test_what_goes_wrong_each_time_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    told = Told(capsys)
    for _ in range(3):
        told.notices.once(HumaError("it is broken", code="doors-broken"))
    assert capsys.readouterr().err.count("it is broken") == 1
