"""What is wrong, gathered from all parts."""

from __future__ import annotations

from typing import Any

import pytest

from huma.cli.livetrouble import troubles
from tests.console.states import state

WELL = {
    "publisher": {"code": ""},
    "stores": [{"name": "s", "ok": True, "code": "", "age_ms": 900}],
    "outputs": [{"label": "o", "connected": True, "code": ""}],
    "recording": {"code": "", "full_in_s": None},
    "trust": [{"name": "timestamp", "left_s": 9, "age": 0.5, "short": False}],
    "inputs": [{"name": "main", "door": None}],
    "alarms": [],
}


def told(**changed: Any) -> list[tuple[str, str, str]]:
    return [(each["code"], each["where"], each["level"]) for each in troubles({**WELL, **changed})]


def test_nothing_is_wrong() -> None:
    assert told() == []
    assert told(recording=None, outputs=[], stores=[], trust=[], inputs=[]) == []


@pytest.mark.parametrize(
    ("changed", "trouble"),
    [
        ({"publisher": {"code": "disk-full"}}, ("disk-full", "publisher", "alarm")),
        (
            {"stores": [{"name": "s", "ok": False, "code": "store-full", "age_ms": None}]},
            ("store-full", "s", "alarm"),
        ),
        ({"stores": [{"name": "s", "ok": True, "code": "", "age_ms": 15_001}]}, ("store-old", "s", "alarm")),
        ({"outputs": [{"label": "o", "connected": False, "code": ""}]}, ("output-waiting", "o", "warning")),
        (
            {"outputs": [{"label": "o", "connected": False, "code": "output-stuck"}]},
            ("output-stuck", "o", "warning"),
        ),
        ({"recording": {"code": "record-full", "full_in_s": 0}}, ("record-full", "recording", "alarm")),
        ({"recording": {"code": "", "full_in_s": 3599}}, ("record-soon-full", "recording", "warning")),
        (
            {"trust": [{"name": "t", "left_s": 0, "age": 1.0, "short": False}]},
            ("trust-expired", "t", "alarm"),
        ),
        ({"trust": [{"name": "t", "left_s": 9, "age": 0.8, "short": False}]}, ("trust-old", "t", "alarm")),
        ({"trust": [{"name": "t", "left_s": 9, "age": 0.55, "short": False}]}, ("trust-old", "t", "warning")),
        ({"trust": [{"name": "t", "left_s": 9, "age": None, "short": True}]}, ("trust-old", "t", "warning")),
        (
            {"inputs": [{"name": "fa", "door": {"key_left_s": 1e9, "code": "srt-crashed"}}]},
            ("srt-crashed", "fa", "alarm"),
        ),
        (
            {"inputs": [{"name": "fa", "door": {"key_left_s": 86_399, "code": ""}}]},
            ("key-ends", "fa", "warning"),
        ),
        ({"inputs": [{"name": "fa", "door": {"key_left_s": 0, "code": ""}}]}, ("key-ends", "fa", "alarm")),
    ],
)
def test_each_trouble(changed: dict[str, Any], trouble: tuple[str, str, str]) -> None:
    assert told(**changed) == [trouble]


def test_what_is_on_the_air_comes_first_and_alarms_before_warnings() -> None:
    value = state()
    value["recording"]["full_in_s"] = 5
    found = [each["code"] for each in troubles(value)]
    assert found == ["silence", "store-full", "output-refused", "record-soon-full"]
