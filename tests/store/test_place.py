from __future__ import annotations

from pathlib import Path

import pytest

from huma.errors import UsageError
from huma.store.folder import FolderStore
from huma.store.http import HttpStore
from huma.store.place import has_password, open_store


def test_a_folder_and_a_url(tmp_path: Path) -> None:
    assert isinstance(open_store(str(tmp_path / "new")), FolderStore)
    assert (tmp_path / "new").is_dir()
    assert isinstance(open_store("https://store.example/huma/"), HttpStore)


@pytest.mark.parametrize(
    "text", ["", " ", "http:/store", "https:store", "HTTP:/x", "ftp://x/", "film.mp4", "film.mp4/store"]
)
def test_what_is_no_store_says_what_one_is(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "film.mp4").touch()
    with pytest.raises(UsageError) as refused:
        open_store(text)
    assert "A store is a folder" in refused.value.hint
    assert [file.name for file in tmp_path.iterdir()] == ["film.mp4"]


def test_a_password_in_a_url_is_seen() -> None:
    assert has_password("https://me:secret@store.example/")
    assert not has_password("https://store.example/a:b@c")
