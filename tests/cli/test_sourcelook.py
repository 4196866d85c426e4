"""What a person may have meant by a source, before anything is made for it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from huma.cli.sourcelook import comes_once, read_sources
from huma.errors import UsageError


@pytest.mark.parametrize(
    ("sources", "says"),
    [
        ([""], "without a name"),
        (["  "], "without a name"),
        (["folder"], "folder is a folder"),
        (["folder/"], "is a folder"),
        (["nowhere.mp4"], "no file nowhere.mp4"),
        (["http://"], "http:// names no server"),
        (["https:///live.m3u8"], "names no server"),
        (["http:/host/x"], "names no server"),
        (["http://[/x"], "names no server"),
        (["a.mp4", "nowhere.mp4"], "no file nowhere.mp4"),
        (["a.mp4", "https://host/x"], "several sources are files"),
        (["test", "test"], "several sources are files"),
        (["gopher://x"], "gopher://"),
        (["tcp://x"], "tcp://x needs"),
    ],
)
def test_a_slip_of_the_pen_is_told_by_its_name(
    sources: list[str], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "a.mp4").touch()
    with pytest.raises(UsageError, match=says) as refused:
        read_sources(sources)
    assert refused.value.hint != UsageError.hint, "it says what to write"


@pytest.mark.parametrize(
    "source",
    [
        "http://host",
        "https://host:8443/x.m3u8?a=b",
        "http://[::1]:80/x",
        "http://user:pass@host/x",
        "test",
        "-",
    ],
)
def test_what_makes_sense_passes(source: str) -> None:
    (address,) = read_sources([source])
    assert address.text == source


def test_what_comes_once_is_not_looked_at(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "film.mp4").touch()
    once = ["-", "tcp://127.0.0.1:9000", str(tmp_path / "pipe")]
    again = ["test", "http://host/x", str(tmp_path / "film.mp4")]
    assert [comes_once(read_sources([each])) for each in (*once, *again)] == [True] * 3 + [False] * 3
