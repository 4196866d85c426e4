"""Publishing to Debian's nginx by WebDAV."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import pytest

from huma.config import LIVE_MAX_BYTES
from huma.errors import StoreError
from huma.store.credentials import Credentials
from huma.store.folder import FolderStore
from huma.store.http import HttpStore
from huma.store.memory import MemoryStore
from tests.broadcast.fickle import names_only_what_it_has
from tests.broadcast.studio import ALL, Studio
from tests.system.nginxdav import NginxDav

pytestmark = pytest.mark.system

KIND = {"content_type": "application/json", "cache_control": "max-age=5"}


@pytest.mark.parametrize("full_path", [True, False])
def test_a_broadcast_by_put(tmp_path: Path, full_path: bool) -> None:
    with NginxDav(tmp_path / "nginx", full_path=full_path) as dav:
        near = MemoryStore("near")
        studio = Studio(tmp_path / "state", [near, HttpStore(dav.url)])
        for tick in range(20):
            studio.ticks(tick, tick, size=100_000)
            time.sleep(0.02)
            assert all(names_only_what_it_has(FolderStore(dav.www), name) for name in ALL)
        studio.settle()
        with httpx.Client(base_url=dav.url) as client:
            for name in ALL:
                assert client.get(f"live/{name}.m3u8").content == near.get(
                    f"live/{name}.m3u8", LIVE_MAX_BYTES
                )
        for name in ALL:
            for entry in studio.shown(name).entries:
                assert (dav.www / entry.ref.path).stat().st_size == entry.size
        studio.end()
        ended = {name: near.get(f"live/{name}.m3u8", LIVE_MAX_BYTES) for name in ALL}
        assert {name: (dav.www / f"live/{name}.m3u8").read_bytes() for name in ALL} == ended


def test_a_server_that_goes_and_returns_is_filled_in(tmp_path: Path) -> None:
    with NginxDav(tmp_path / "nginx") as dav:
        near = FolderStore(tmp_path / "near")
        studio = Studio(tmp_path / "state", [near, HttpStore(dav.url)])
        studio.ticks(0, 3)
        studio.settle()
        dav.stop()
        for tick in range(4, 24):
            studio.ticks(tick, tick)
            time.sleep(0.01)
        assert studio.publisher.drain(10)
        assert studio.delivery.workers[0].flush(time.monotonic() + 5)
        assert studio.shown("v").tick == 23
        assert studio.delivery.states[1].code == "store-unreachable"
        dav.start()
        studio.settle()
        assert {path.name for path in (dav.www / "media").iterdir()} == {
            path.name for path in (tmp_path / "near/media").iterdir()
        }
        assert (dav.www / "live/v.m3u8").read_bytes() == (tmp_path / "near/live/v.m3u8").read_bytes()
        studio.end()


def test_credentials_and_refusals(tmp_path: Path) -> None:
    with NginxDav(tmp_path / "nginx", most="10k", user="anna:s3cret") as dav:
        with pytest.raises(StoreError) as caught:
            HttpStore(dav.url).put("live/a.m3u8", b"x", **KIND)
        assert caught.value.code == "store-refused"
        store = HttpStore(dav.url, credentials=Credentials("anna", "s3cret"))
        store.put("live/a.m3u8", b"x", **KIND)
        assert store.get("live/a.m3u8", 10) == b"x"
        assert store.has("live/a.m3u8", 1)
        with pytest.raises(StoreError) as caught:
            store.put("media/a.m4s", bytes(200_000), **KIND)
        assert caught.value.code == "store-too-large"
        store.delete("live/a.m3u8")
        assert store.get("live/a.m3u8", 10) is None
        assert "s3cret" not in (tmp_path / "nginx/error.log").read_text()
