"""What a person may have meant by a source, before anything is made for it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from huma.cli.sourcelook import comes_once, read_sources
from huma.errors import UsageError
from tests.cli.running import huma, lines
from tests.media.hostile import endless, host


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


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1:9191/stream.m3u8",
        "localhost:8080",
        "live.example.org/stream.m3u8",
        "[::1]:9191/stream.m3u8",
    ],
)
def test_an_address_without_its_scheme_is_told_how_to_be_written(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        read_sources([text])
    assert refused.value.code == "source-missing"
    assert refused.value.hint == f"An address is written out: http://{text}"


@pytest.mark.parametrize(
    "text", ["talk.mp4", "films/talk.mp4", "../talk.mp4", "/films/talk.mp4", "12:30.mp4"]
)
def test_a_file_that_is_not_there_is_no_address(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        read_sources([text])
    assert "http" not in str(refused.value.hint)


def test_a_file_named_as_an_address_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.b").mkdir()
    Path("a.b/talk.mp4").touch()
    assert [each.kind for each in read_sources(["a.b/talk.mp4"])] == ["file"]


def test_a_source_that_floods_is_refused_with_its_own_reason(tmp_path: Path, home: Path) -> None:
    with host() as server:
        server.pages["/live.m3u8"] = endless(b"#EXTM3U\n#EXT-X-TARGETDURATION:2\n", b"#EXTINF:2,\na.ts\n")
        done = huma(
            "new",
            str(tmp_path / "event"),
            "--solo",
            "--copy-from",
            server.url("/live.m3u8?key=secret"),
            "--json",
            home=home,
        )
        server.pages["/film.mp4"] = b"no film"
        other = huma(
            "new", str(tmp_path / "event"), "--solo", "--copy-from", server.url("/film.mp4"), home=home
        )
    told = lines(done)[-1]
    assert (done.returncode, told["event"], told["code"]) == (1, "error", "source-too-large")
    assert "live.m3u8" in told["message"]
    assert "shorter playlist" in told["hint"]
    assert "secret" not in done.stdout + done.stderr
    assert "does it open in a browser" in other.stderr, "else the hint is that of its kind"
    assert not (tmp_path / "event").exists()
