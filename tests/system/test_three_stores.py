"""One programme to a folder, a WebDAV server and an object store at once."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import pytest

from huma.broadcast.storeworker import HTTP_THREADS
from huma.config import LIVE_MAX_BYTES, SEGMENT_MAX_BYTES
from huma.keys.eventdir import EventDir
from huma.protocol.playlist import verify_live
from huma.store.bucket import BucketKey
from huma.store.folder import FolderStore
from huma.store.http import HttpStore
from huma.store.objects import ObjectStore
from tests.broadcast.fickle import names_only_what_it_has
from tests.broadcast.studio import ALL, Studio
from tests.cli.airing import Airing
from tests.store.s3server import S3Server
from tests.system.nginxdav import NginxDav

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]


def test_three_kinds_of_store_hold_the_same_and_one_that_goes_disturbs_nobody(tmp_path: Path) -> None:
    with NginxDav(tmp_path / "nginx") as dav, S3Server() as s3:
        near = FolderStore(tmp_path / "near")
        bucket = ObjectStore(s3.address(), key=BucketKey(s3.access, s3.secret))
        studio = Studio(tmp_path / "state", [near, HttpStore(dav.url), bucket])
        assert len(studio.delivery.workers[2]._threads) == HTTP_THREADS
        for tick in range(12):
            studio.ticks(tick, tick, size=20_000)
            time.sleep(0.02)
            assert all(names_only_what_it_has(bucket, name) for name in ALL)
        studio.settle()
        s3.stop()
        for tick in range(12, 20):
            studio.ticks(tick, tick, size=20_000)
        assert studio.publisher.drain(20)
        assert all(worker.flush(time.monotonic() + 20) for worker in studio.delivery.workers[:2])
        assert studio.shown("v").tick == studio.shown("v", 1).tick == 19
        assert studio.delivery.states[2].code == "store-unreachable"
        s3.start()  # a bucket that was wiped, too: moto keeps everything in memory
        s3.make_bucket()
        studio.delivery.refill(studio.delivery.workers[2])
        assert studio.publisher.drain(10)
        assert studio.delivery.flush(60)
        for name in ALL:
            path = f"live/{name}.m3u8"
            data = near.get(path, LIVE_MAX_BYTES)
            assert data is not None
            assert httpx.get(s3.public(path)).content == httpx.get(dav.url + path).content == data
            for entry in studio.shown(name).entries:
                answer = httpx.get(s3.public(entry.ref.path))
                assert answer.content == near.get(entry.ref.path, SEGMENT_MAX_BYTES)
                assert "immutable" in answer.headers["cache-control"]
        studio.end()


def test_the_command_line_publishes_to_all_three(tmp_path: Path, event: EventDir, home: Path) -> None:
    with NginxDav(tmp_path / "nginx") as dav, S3Server() as s3:
        places = ["--to", str(tmp_path / "near"), "--to", dav.url, "--to", s3.address("ev")]
        args = ["test", "--event", str(event.path), "--for", "6s", *places]
        with Airing(args, home, more=s3.variables) as airing:
            airing.until(lambda line: line.get("state") == "ended", within=150)
            assert airing.process.wait(60) == 0, airing.errors()
            told = f"{airing.said} {airing.errors()}"
        assert s3.secret not in told
        assert s3.access not in told
        near = FolderStore(tmp_path / "near")
        for rendition in event.event.renditions:
            path = f"live/{rendition.name}.m3u8"
            data = httpx.get(s3.public(path, "ev")).content
            playlist = verify_live(data, event=event.event, event_id=event.event_id, rendition=rendition.name)
            assert playlist.ended
            assert data == near.get(path, LIVE_MAX_BYTES) == httpx.get(dav.url + path).content
        for path in ("trust/timestamp.json", "index.m3u8"):
            assert httpx.get(s3.public(path, "ev")).content == near.get(path, LIVE_MAX_BYTES)
