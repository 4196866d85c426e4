from __future__ import annotations

import time
from pathlib import Path

import httpx
import pytest

from huma.errors import StoreError, UsageError
from huma.store.credentials import Credentials, credentials_for, variable_for
from huma.store.folder import FolderStore
from huma.store.http import HttpStore, HttpTimes
from huma.store.place import has_password, open_store
from tests.store.davserver import DavServer

KIND = {"content_type": "application/vnd.apple.mpegurl", "cache_control": "max-age=1"}
QUICK = HttpTimes(connect=0.5, idle=0.3, whole=0.5)


def test_put_get_has_delete() -> None:
    with DavServer() as dav:
        store = HttpStore(dav.url)
        store.put("live/a.m3u8", b"hello", **KIND)
        assert dav.files == {"/dav/live/a.m3u8": b"hello"}
        assert store.get("live/a.m3u8", 5) == b"hello"
        assert store.has("live/a.m3u8", 5)
        assert not store.has("live/a.m3u8", 4)
        store.delete("live/a.m3u8")
        store.delete("live/a.m3u8")
        assert store.get("live/a.m3u8", 5) is None


def test_missing_folders_are_made_and_the_file_put_again() -> None:
    with DavServer(need_folders=True) as dav:
        HttpStore(dav.url).put("archive/v360/1-0.m3u8", b"x" * 200_000, **KIND)
        assert dav.files == {"/dav/archive/v360/1-0.m3u8": b"x" * 200_000}
        assert dav.folders == {"/dav/archive", "/dav/archive/v360"}


@pytest.mark.parametrize(
    ("mood", "code"),
    [
        ("401", "store-refused"), ("403", "store-refused"), ("405", "store-no-put"), ("501", "store-no-put"), ("413", "store-too-large"),
        ("507", "store-full"), ("503", "store-busy"), ("500", "store-status"), ("redirect", "store-status"),
        ("drop", "store-broken"), ("hang", "store-slow"),
    ],
)  # fmt: skip
def test_each_way_to_fail_has_its_code(mood: str, code: str) -> None:
    with DavServer(mood=mood) as dav:
        store = HttpStore(dav.url, times=QUICK) if mood == "hang" else HttpStore(dav.url)
        with pytest.raises(StoreError) as caught:
            store.put("live/a.m3u8", b"x", **KIND)
        assert caught.value.code == code
        with pytest.raises(StoreError) as caught:
            store.delete("live/a.m3u8")
        assert caught.value.code == code
        assert {path for _, path in dav.asked} <= {"/dav/live/a.m3u8", "/dav/live/"}, (
            "a redirect was followed"
        )


def test_a_dead_server_is_told_at_once() -> None:
    with DavServer() as dav:
        url = dav.url
    begun = time.monotonic()
    with pytest.raises(StoreError) as caught:
        HttpStore(url).put("live/a.m3u8", b"x", **KIND)
    assert caught.value.code == "store-unreachable"
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize(("mood", "code"), [("endless", "store-too-large"), ("drip", "store-slow")])
def test_an_answer_without_end_is_cut(mood: str, code: str) -> None:
    with DavServer(mood=mood) as dav:
        begun = time.monotonic()
        with pytest.raises(StoreError) as caught:
            HttpStore(dav.url, times=QUICK).get("live/a.m3u8", 10_000)
        assert caught.value.code == code
        assert time.monotonic() - begun < 12


def test_a_slow_drain_is_cut_by_the_whole_time() -> None:
    class Drain(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            for _ in request.stream:  # type: ignore[union-attr]
                time.sleep(0.1)
            return httpx.Response(201)

    store = HttpStore("http://slow.example/", times=QUICK, transport=Drain())
    with pytest.raises(StoreError) as caught:
        store.put("media/a.m4s", bytes(4_000_000), **KIND)
    assert caught.value.code == "store-slow"


def test_bytes_arrive_as_they_are_and_named_by_their_length() -> None:
    with DavServer() as dav:
        data = bytes(range(256)) * 1000
        HttpStore(dav.url).put("media/a.m4s", data, **KIND)
        assert dav.files["/dav/media/a.m4s"] == data


def test_a_password_in_the_url_is_sent_and_never_shown() -> None:
    with DavServer(user="anna:s3cret") as dav:
        url = dav.url.replace("http://", "http://anna:s3cret@")
        store = HttpStore(url)
        store.put("live/a.m3u8", b"x", **KIND)
        assert "s3cret" not in store.name + store.url + repr(store) + repr(Credentials("a", "s3cret"))
        dav.mood = "403"
        with pytest.raises(StoreError) as caught:
            store.put("live/a.m3u8", b"x", **KIND)
        assert "s3cret" not in str(caught.value) + repr(caught.value)
        assert has_password(url)
        assert not has_password(dav.url)
        assert not has_password("https://host/a:b@c/")


def test_credentials_come_from_the_environment_then_netrc(tmp_path: Path) -> None:
    url = httpx.URL("https://store.example.org/x/")
    assert variable_for("store.example.org") == "HUMA_AUTH_STORE_EXAMPLE_ORG"
    assert credentials_for(url, {"HUMA_AUTH_STORE_EXAMPLE_ORG": "Bearer abc"}).bearer == "abc"
    found = credentials_for(url, {"HUMA_AUTH_STORE_EXAMPLE_ORG": "anna:a:b"})
    assert (found.user, found.password) == ("anna", "a:b")
    (tmp_path / ".netrc").write_text("machine store.example.org login ben password pw\n")
    (tmp_path / ".netrc").chmod(0o600)
    found = credentials_for(url, {"HOME": str(tmp_path)})
    assert (found.user, found.password) == ("ben", "pw")
    assert credentials_for(httpx.URL("https://other.example/"), {"HOME": str(tmp_path)}) == Credentials()
    with pytest.raises(UsageError) as caught:
        credentials_for(url, {"HUMA_AUTH_STORE_EXAMPLE_ORG": "topsecret"})
    assert "topsecret" not in str(caught.value)


def test_a_bearer_token_is_sent() -> None:
    with DavServer() as dav:
        HttpStore(dav.url, credentials=Credentials(bearer="tok")).put("live/a.m3u8", b"x", **KIND)
        assert dav.authorizations == ["Bearer tok"]


@pytest.mark.parametrize("path", ["../x", "live/../x", "/x", "live/x?y", "live/x#y", "http://evil.example/x"])
def test_no_path_leaves_the_folder(path: str) -> None:
    with DavServer() as dav:
        with pytest.raises(StoreError):
            HttpStore(dav.url).put(path, b"x", **KIND)
        assert dav.asked == []


@pytest.mark.parametrize(
    "text", ["", "s3://bucket/x", "ftp://host/", "https://", "https://h/x?y=1", "http://[::1"]
)
def test_what_is_no_store_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        open_store(text)


def test_a_place_is_a_folder_or_a_url(tmp_path: Path) -> None:
    assert isinstance(open_store(str(tmp_path / "x")), FolderStore)
    assert isinstance(open_store("https://store.example/x"), HttpStore)
    assert open_store("https://store.example/x").name == "https://store.example/x/"
