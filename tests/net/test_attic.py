from __future__ import annotations

from pathlib import Path

import pytest

from huma.net.attic import Attic

NAME = "/media/" + "ab" * 32 + ".m4s"


def test_an_old_segment_is_found_with_its_headers(tmp_path: Path) -> None:
    (tmp_path / "media").mkdir()
    (tmp_path / NAME[1:]).write_bytes(b"x" * 10)
    old = Attic(tmp_path).find(NAME)
    assert old is not None
    assert old.size == 10
    assert dict(old.headers)["content-type"] == "video/iso.segment"
    assert "immutable" in dict(old.headers)["cache-control"]


def test_a_chapter_is_found(tmp_path: Path) -> None:
    (tmp_path / "archive/v360").mkdir(parents=True)
    (tmp_path / "archive/v360/1-0.m3u8").write_bytes(b"x")
    assert Attic(tmp_path).find("/archive/v360/1-0.m3u8") is not None


def test_nothing_but_a_regular_file_is_found(tmp_path: Path) -> None:
    (tmp_path / "media").mkdir()
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / NAME[1:]).symlink_to(tmp_path / "secret")
    assert Attic(tmp_path).find(NAME) is None
    (tmp_path / NAME[1:]).unlink()
    (tmp_path / NAME[1:]).mkdir()
    assert Attic(tmp_path).find(NAME) is None


@pytest.mark.parametrize(
    "path",
    [
        "/secret", "/media/../secret", "/media/secret", NAME + "/..", NAME.upper(), NAME[1:], "/live/v360.m3u8",
        "/trust/timestamp.json", "/archive/../secret", "/archive/v/1-0.m3u8\n", "/media/" + "ab" * 32 + ".txt",
    ],
)  # fmt: skip
def test_only_names_of_immutable_files_are_looked_for(tmp_path: Path, path: str) -> None:
    for place in ("media", "live", "trust", "archive/v"):
        (tmp_path / place).mkdir(parents=True)
    for place in ("secret", "media/secret", "live/v360.m3u8", "trust/timestamp.json", "archive/v/1-0.m3u8"):
        (tmp_path / place).write_bytes(b"secret")
    assert Attic(tmp_path).find(path) is None
