"""Object stores, against moto's S3 server in a process of its own."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from huma.errors import StoreError, UsageError
from huma.store.bucket import BucketKey, key_for, parse_bucket
from huma.store.http import HttpTimes
from huma.store.kinds import kind_of
from huma.store.objects import ObjectStore
from huma.store.place import open_store
from tests.store.s3server import S3Server

SECRETS = ("s3cr3t-of-the-test", "tests/only+secret", "AKIAHUMATESTS")


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    with S3Server() as running:
        yield running


@pytest.fixture
def store(server: S3Server) -> ObjectStore:
    found = ObjectStore(server.address(), key=BucketKey(server.access, server.secret))
    for path in list(found.paths()):  # the server is that of the whole module
        found.delete(path)
    return found


def put(store: ObjectStore, path: str, data: bytes) -> None:
    kind = kind_of(path)
    store.put(path, data, content_type=kind.content_type, cache_control=kind.cache_control)


def test_put_get_has_list_delete(store: ObjectStore) -> None:
    put(store, "live/v.m3u8", b"one")
    put(store, "live/v.m3u8", b"three")
    assert store.get("live/v.m3u8", 10) == b"three"
    assert store.has("live/v.m3u8", 5)
    assert not store.has("live/v.m3u8", 3)
    assert list(store.paths()) == ["live/v.m3u8"]
    assert list(store.paths("live")) == ["live/v.m3u8"]
    assert list(store.paths("media")) == []
    store.delete("live/v.m3u8")
    store.delete("live/v.m3u8")
    assert store.get("live/v.m3u8", 10) is None
    assert not store.has("live/v.m3u8", 5)


@pytest.mark.parametrize(
    ("path", "content_type", "caching"),
    [
        ("live/v720.m3u8", "application/vnd.apple.mpegurl", "public, max-age=1, no-transform"),
        ("live/revoked.json", "application/json", "public, max-age=5, no-transform"),
        ("trust/timestamp.json", "application/json", "public, max-age=5, no-transform"),
        ("index.m3u8", "application/vnd.apple.mpegurl", "public, max-age=60, no-transform"),
        (f"media/{'a' * 64}.m4s", "video/iso.segment", "public, max-age=31536000, immutable, no-transform"),
        (f"media/{'b' * 64}.mp4", "video/mp4", "public, max-age=31536000, immutable, no-transform"),
        (
            "archive/v720/1-0.m3u8",
            "application/vnd.apple.mpegurl",
            "public, max-age=31536000, immutable, no-transform",
        ),
    ],
)
def test_anybody_reads_it_with_the_right_headers(
    store: ObjectStore, server: S3Server, path: str, content_type: str, caching: str
) -> None:
    put(store, path, b"#EXTM3U\n" * 40)
    answer = httpx.get(server.public(path))
    assert answer.content == b"#EXTM3U\n" * 40
    assert answer.headers["content-type"] == content_type
    assert answer.headers["cache-control"] == caching
    assert "content-encoding" not in answer.headers
    assert answer.headers["content-length"] == "320"


def test_a_large_file_is_one_object_in_one_request(store: ObjectStore, server: S3Server) -> None:
    data = os.urandom(8 * 1024 * 1024)
    put(store, f"media/{'c' * 64}.m4s", data)
    assert httpx.get(server.public(f"media/{'c' * 64}.m4s")).content == data
    with pytest.raises(StoreError) as caught:
        store.get(f"media/{'c' * 64}.m4s", len(data) - 1)
    assert caught.value.code == "store-too-large"


def test_paths_that_lead_elsewhere_do_not_exist(store: ObjectStore) -> None:
    for path in ("../x", "/x", "a//b", ".hidden", "a/%2e%2e/b"):
        with pytest.raises(StoreError) as caught:
            put(store, path, b"x")
        assert caught.value.code == "store-path"


def test_prefixes_do_not_see_one_another(server: S3Server) -> None:
    key = BucketKey(server.access, server.secret)
    one, two = ObjectStore(server.address("p/one"), key=key), ObjectStore(server.address("p/two"), key=key)
    put(one, "live/v.m3u8", b"x")
    assert two.get("live/v.m3u8", 10) is None
    assert list(two.paths()) == []
    assert httpx.get(server.public("live/v.m3u8", "p/one")).content == b"x"


def test_a_wrong_key_is_refused_and_told_without_it(caplog: pytest.LogCaptureFixture) -> None:
    with S3Server(guarded=True) as guarded:
        caplog.set_level(logging.DEBUG)
        caplog.clear()
        good = ObjectStore(guarded.address(), key=BucketKey(guarded.access, guarded.secret))
        put(good, "live/v.m3u8", b"x")
        assert good.get("live/v.m3u8", 10) == b"x"
        for key in (BucketKey(guarded.access, "s3cr3t-of-the-test"), BucketKey("AKIAHUMATESTS", "x")):
            store = ObjectStore(guarded.address(), key=key)
            with pytest.raises(StoreError) as caught:
                put(store, "live/v.m3u8", b"y")
            assert caught.value.code == "store-refused"
            assert caught.value.__cause__ is None
            told = f"{caught.value} {caught.value.hint} {store!r} {key!r} {store.name} {caplog.text}"
            assert not any(secret in told for secret in SECRETS)
        assert good.get("live/v.m3u8", 10) == b"x"


def test_a_server_that_is_away_hangs_or_has_no_such_bucket() -> None:
    times = HttpTimes(connect=1, idle=1, whole=1)
    with S3Server() as server:
        key = BucketKey(server.access, server.secret)
        nowhere = ObjectStore(f"s3://no-such-bucket/x?endpoint={server.endpoint}", key=key)
        with pytest.raises(StoreError) as caught:
            put(nowhere, "a", b"x")
        assert caught.value.code == "store-no-bucket"
        with pytest.raises(StoreError) as caught:
            nowhere.get("a", 10)
        assert caught.value.code == "store-no-bucket"
        store = ObjectStore(server.address(), key=key, times=times)
        put(store, "a", b"x")
        server.hang()
        with pytest.raises(StoreError) as caught:
            put(store, "a", b"y")
        assert caught.value.code == "store-slow"
        server.go_on()
        server.stop()
        with pytest.raises(StoreError) as caught:
            put(store, "a", b"z")
        assert caught.value.code == "store-unreachable"
        assert "127.0.0.1" in store.name
        server.start()


def test_addresses_as_people_write_them(server: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
    with pytest.raises(UsageError) as caught:
        open_store(server.address())
    assert caught.value.code == "store-auth"
    assert "HUMA_AUTH_HUMA_TESTS" in caught.value.hint
    for name, value in server.variables.items():
        monkeypatch.setenv(name, value)
    opened = open_store(server.address("from/env"))
    opened.put("a", b"x", content_type="text/plain", cache_control="no-store")
    assert opened.get("a", 1) == b"x"
    assert opened.name == f"s3://huma-tests/from/env at 127.0.0.1:{server.port}"


@pytest.mark.parametrize(
    "text",
    [
        "s3://AKIAHUMATESTS:s3cr3t-of-the-test@bucket/x",
        "s3://bucket/x?secret_access_key=s3cr3t-of-the-test",
        "s3://bucket/x?endpoint=https://u:s3cr3t-of-the-test@host",
        "s3://bucket/x?endpoint=file:///etc/passwd",
        "s3://bucket/x?region",
        "s3:///x",
        "s3://b/../x",
        "s3://bucket/a/../../x",
        "s3://bucket/x#y",
        "s3://[bad/x",
        "gs://bucket/x?endpoint=https://host",
        "az://container/x?region=y",
    ],
)
def test_addresses_that_make_no_sense(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_bucket(text)
    assert not any(secret in f"{caught.value} {caught.value.hint}" for secret in SECRETS)


def test_keys_come_from_a_private_file_or_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("AKIAHUMATESTS:s3cr3t-of-the-test\n")
    file.chmod(0o644)
    bucket = parse_bucket(f"s3://bucket/x?key-file={file}")
    with pytest.raises(UsageError, match="read by others"):
        key_for(bucket)
    file.chmod(0o600)
    key = key_for(bucket)
    assert (key.access, key.secret) == ("AKIAHUMATESTS", "s3cr3t-of-the-test")
    assert not any(secret in repr(key) for secret in SECRETS)
    plain = parse_bucket("s3://bucket/x")
    assert key_for(plain, {"HUMA_AUTH_BUCKET": "a:b:c"}) == BucketKey("a", "b", "c")
    assert key_for(plain, {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}) == BucketKey("a", "b")
    with pytest.raises(UsageError) as caught:
        key_for(plain, {"HUMA_AUTH_BUCKET": "s3cr3t-of-the-test"})
    assert not any(secret in f"{caught.value} {caught.value.hint}" for secret in SECRETS)


def test_google_and_azure_open_by_the_same_code(tmp_path: Path) -> None:
    # no server of theirs is at hand: that they answer is not tested
    azure = ObjectStore("az://container/x?account=someone", key=BucketKey(secret="c2VjcmV0"))
    assert azure.name == "az://container/x"
    file = tmp_path / "service.json"
    file.write_text("{}")
    file.chmod(0o600)
    with pytest.raises(UsageError) as caught:
        ObjectStore(f"gs://bucket/x?key-file={file}")
    assert caught.value.code == "store-auth"
