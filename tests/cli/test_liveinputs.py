"""Inputs as a person names them."""

from __future__ import annotations

from typing import Any

import pytest

from huma.cli.liveinputs import DoorPlace, InputOptions, read_inputs
from huma.errors import UsageError

NOTHING: dict[str, Any] = {"floor": False, "return_after_s": None, "lead_s": 0.0, "delay_s": 0.0}


def read(
    *sources: str, backup: tuple[str, ...] = (), language: tuple[str, ...] = (), **more: Any
) -> InputOptions:
    return read_inputs(sources, backup, language, **{**NOTHING, **more})


def test_a_source_by_itself_has_nothing_beside_it() -> None:
    found = read("test")
    assert found == InputOptions(("test",))
    assert found.is_one
    assert found.plan(loop=True).main == ["test"]


def test_doors_are_named_by_what_they_bring() -> None:
    found = read(
        "rtmp://0.0.0.0",
        backup=("rtmp://[::1]:1936", "https://a.example/b.m3u8", "rtmp://0.0.0.0/"),
        language=("fa=rtmp://0.0.0.0", "zh-Hant=test"),
        lead_s=1.5,
        delay_s=20,
        return_after_s=30.0,
        floor=True,
    )
    assert found.main == ("door:main",)
    assert list(found.backups.items()) == [
        ("backup", "door:backup"),
        ("backup-2", "https://a.example/b.m3u8"),
        ("backup-3", "door:backup-3"),
    ]
    assert found.languages == {"fa": "door:fa", "zh-Hant": "test"}
    assert found.doors == (
        DoorPlace("main", "0.0.0.0", 1935),
        DoorPlace("backup", "::1", 1936),
        DoorPlace("backup-3", "0.0.0.0", 1935),
        DoorPlace("fa", "0.0.0.0", 1935, "fa"),
    )
    plan = found.plan(loop=False)
    assert (plan.lead_ms, plan.delay_s, plan.return_after_s, plan.fallback) == (1500, 20, 30.0, "floor")
    assert not found.is_one


@pytest.mark.parametrize(
    "wrong",
    [
        "rtmp://",
        "rtmp:///live",
        "rtmp://0.0.0.0:99999",
        "rtmp://0.0.0.0:x",
        "rtmp://a.example/live/secretsecretsecret",
        "rtmp://secret@0.0.0.0",
        "rtmp://0.0.0.0?key=secret",
        "rtmp://[::1",
        "srt://",
        "srt://0.0.0.0?passphrase=secret",
        "srt://a.example/secret",
    ],
)
def test_an_rtmp_source_is_a_door_and_nothing_else(wrong: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(wrong)
    assert "secret" not in caught.value.message + caught.value.hint
    assert (
        "srt://127.0.0.1:9000" if wrong.startswith("srt") else "rtmp://127.0.0.1:1935"
    ) in caught.value.hint


def test_each_srt_door_has_a_port_of_its_own() -> None:
    found = read("srt://0.0.0.0", backup=("rtmp://0.0.0.0:9000",), language=("fa=SRT://0.0.0.0:9001",))
    assert found.doors == (
        DoorPlace("main", "0.0.0.0", 9000, kind="srt"),
        DoorPlace("backup", "0.0.0.0", 9000),
        DoorPlace("fa", "0.0.0.0", 9001, "fa", "srt"),
    )
    with pytest.raises(UsageError, match="share port 9000") as caught:
        read("srt://0.0.0.0", backup=("srt://127.0.0.1:9000",))
    assert "srt://127.0.0.1:9001" in caught.value.hint


@pytest.mark.parametrize("wrong", ["fa", "fa=", "=test", "f=test", "FA=test", "fa test=test"])
def test_a_language_is_written_with_its_source(wrong: str) -> None:
    with pytest.raises(UsageError, match="--language"):
        read("test", language=(wrong,))


def test_what_makes_no_sense_together_is_refused() -> None:
    with pytest.raises(UsageError, match="two sources"):
        read("test", language=("fa=test", "fa=test"))
    with pytest.raises(UsageError, match="--floor"):
        read("test", floor=True)
    with pytest.raises(UsageError, match="--lead"):
        read("test", lead_s=1.0)
    with pytest.raises(UsageError, match="--return"):
        read("test", return_after_s=5.0)
    with pytest.raises(UsageError, match="--delay"):
        read("test", delay_s=61)
    for where in ({"backup": ("nothing.mp4",)}, {"language": ("fa=nothing.mp4",)}):
        with pytest.raises(UsageError, match=r"nothing\.mp4"):
            read("test", **where)
