from __future__ import annotations

import pytest

from huma.errors import StoreError
from huma.store.kinds import kind_of
from huma.store.memory import MemoryStore

KIND = {"content_type": "video/mp4", "cache_control": "no-store"}


class Shown:
    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def put(self, path: str, data: bytes, *, content_type: str, cache_control: str) -> None:  # noqa: ARG002
        self.files[path] = data

    def delete(self, path: str) -> None:
        del self.files[path]


def test_the_oldest_media_leave_first_and_documents_and_inits_stay() -> None:
    shelf = Shown()
    store = MemoryStore(shelf=shelf, media_bytes=250)
    store.put("trust/timestamp.json", b"t" * 1000, **KIND)
    store.put("media/init.mp4", b"i" * 50, **KIND)
    for name in "abc":
        store.put(f"media/{name}.m4s", b"s" * 90, **KIND)
    assert store.paths() == ["trust/timestamp.json", "media/init.mp4", "media/b.m4s", "media/c.m4s"]
    assert set(shelf.files) == set(store.paths())
    store.put("media/b.m4s", b"s" * 100, **KIND)
    store.put("media/d.m4s", b"s" * 90, **KIND)
    assert store.paths()[2:] == ["media/b.m4s", "media/d.m4s"]


def test_get_has_delete() -> None:
    shelf = Shown()
    store = MemoryStore(shelf=shelf)
    store.put("index.m3u8", b"abc", **KIND)
    assert store.get("index.m3u8", 3) == b"abc"
    assert store.has("index.m3u8", 3)
    with pytest.raises(StoreError):
        store.get("index.m3u8", 2)
    store.delete("index.m3u8")
    store.delete("index.m3u8")
    assert store.get("index.m3u8", 3) is None
    assert shelf.files == {}


def test_one_file_larger_than_all_memory_is_refused() -> None:
    with pytest.raises(StoreError):
        MemoryStore(media_bytes=10).put("media/a.m4s", b"x" * 11, **KIND)


@pytest.mark.parametrize(
    ("path", "content_type", "caching"),
    [
        ("live/v360.m3u8", "application/vnd.apple.mpegurl", "public, max-age=1, no-transform"),
        ("live/revoked.json", "application/json", "public, max-age=5, no-transform"),
        ("trust/timestamp.json", "application/json", "public, max-age=5, no-transform"),
        ("trust/boot.json", "application/json", "public, max-age=5, no-transform"),
        ("trust/3.root.json", "application/json", "public, max-age=31536000, immutable, no-transform"),
        ("targets/" + "0" * 64 + ".player.html", "text/html; charset=utf-8", "public, max-age=31536000, immutable, no-transform"),
        ("archive/v360/1-0.m3u8", "application/vnd.apple.mpegurl", "public, max-age=31536000, immutable, no-transform"),
        ("media/" + "0" * 64 + ".m4s", "video/iso.segment", "public, max-age=31536000, immutable, no-transform"),
        ("media/" + "0" * 64 + ".mp4", "video/mp4", "public, max-age=31536000, immutable, no-transform"),
        ("index.m3u8", "application/vnd.apple.mpegurl", "public, max-age=60, no-transform"),
        ("anything", "application/octet-stream", "public, max-age=5, no-transform"),
    ],
)  # fmt: skip
def test_each_kind_of_file_has_its_headers(path: str, content_type: str, caching: str) -> None:
    kind = kind_of(path)
    assert (kind.content_type, kind.cache_control) == (content_type, caching)
