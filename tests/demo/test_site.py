"""The page and its switches: whoever has the page may press them, and nobody else."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from huma.demo.room import Broadcast, DemoRoom, Doors
from huma.demo.site import TOKEN_HEADER
from huma.errors import UsageError
from huma.protocol.roster import Roster, parse_roster, render_roster
from tests.demo.demo_event import EVENT_ID, Origin, a_forger

DEMO = (
    "<!doctype html><head>"
    '<script type="application/json" id="huma-demo"></script>'
    '<script type="module">1 < 2;</script><style>a{}</style></head>'
)
LOCAL = '<script type="application/json" id="huma-pin"></script>'


class Told(list[dict[str, Any]]):
    """What the demo said."""


def pages(folder: Path) -> Path:
    (folder / "demo.html").write_text(DEMO)
    (folder / "local.html").write_text(LOCAL)
    (folder / "sw.js").write_text("1")
    (folder / "assets").mkdir()
    (folder / "assets" / "hls-abc.js").write_text("2")
    return folder


def run(folder: Path, check: Callable[[DemoRoom, httpx.AsyncClient, Told], Awaitable[None]]) -> None:
    async def body() -> None:
        origin, told = Origin(), Told()
        origin.advance(20)
        doors = await Doors.open(0)
        broadcast = Broadcast(origin.event, EVENT_ID, "{}", origin.store, "test", False, lambda: 19)
        room = DemoRoom(doors, broadcast, a_forger(), pages(folder), told.append)
        try:
            async with httpx.AsyncClient(base_url=room.address, timeout=2) as client:
                await check(room, client, told)
        finally:
            await doors.close()

    asyncio.run(body())


def config_in(page: str) -> dict[str, Any]:
    found = re.search(r'id="huma-demo">([^<]*)</script>', page)
    assert found is not None
    config: dict[str, Any] = json.loads(found[1])
    return config


def test_the_page_carries_its_token_and_its_policy(tmp_path: Path) -> None:
    async def check(room: DemoRoom, client: httpx.AsyncClient, _: Told) -> None:
        page = await client.get("/")
        config = config_in(page.text)
        assert config["token"] == room.site.token
        assert [mirror["id"] for mirror in config["state"]["mirrors"]] == ["north", "east", "west"]
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert all(mirror.url in policy for mirror in room.mirrors)
        assert page.headers["clear-site-data"] == '"storage"'

    run(tmp_path, check)


def test_the_player_is_pinned_and_kept_by_nobody(tmp_path: Path) -> None:
    async def check(room: DemoRoom, client: httpx.AsyncClient, _: Told) -> None:
        pin = re.search(r'id="huma-pin">([^<]*)<', (await client.get("/local.html")).text)
        assert pin is not None
        assert json.loads(pin[1])["event"] == EVENT_ID
        assert json.loads(pin[1])["mirrors"] == [mirror.url for mirror in room.mirrors]
        assert (await client.get("/assets/hls-abc.js")).text == "2"
        assert (await client.get("/sw.js")).status_code == 404

    run(tmp_path, check)


def test_a_switch_needs_the_token(tmp_path: Path) -> None:
    async def check(room: DemoRoom, client: httpx.AsyncClient, told: Told) -> None:
        for headers in ({}, {TOKEN_HEADER: "guess"}, {TOKEN_HEADER: ""}):
            assert (await client.post("/fault/north/kill", headers=headers)).status_code == 403
        other = {TOKEN_HEADER: room.site.token, "Origin": "https://evil.example"}
        assert (await client.post("/fault/north/kill", headers=other)).status_code == 403
        assert (
            await client.get("/fault/north/kill", headers={TOKEN_HEADER: room.site.token})
        ).status_code == 404
        assert not told
        own = {TOKEN_HEADER: room.site.token, "Origin": room.address.rstrip("/")}
        state = (await client.post("/fault/north/kill", headers=own)).json()
        assert state["mirrors"][0]["fault"] == "kill"
        assert told == [{"event": "mirror", "mirror": "north", "code": "kill"}]
        assert (await client.get("/state")).json()["mirrors"][0]["fault"] == "kill"

    run(tmp_path, check)


@pytest.mark.parametrize("path", ["/fault/north/explode", "/fault/nowhere/kill", "/fault", "/elsewhere"])
def test_switches_that_do_not_exist(tmp_path: Path, path: str) -> None:
    async def check(room: DemoRoom, client: httpx.AsyncClient, told: Told) -> None:
        assert (await client.post(path, headers={TOKEN_HEADER: room.site.token})).status_code == 404
        assert not told

    run(tmp_path, check)


def test_the_stock_player_gets_every_mirror_as_a_redundant_variant(tmp_path: Path) -> None:
    async def check(room: DemoRoom, client: httpx.AsyncClient, _: Told) -> None:
        index = (await client.get("/stock/west.m3u8")).text
        assert index.index(room.mirrors[2].url) < index.index(room.mirrors[0].url)
        for mirror in room.mirrors:
            assert f"{mirror.url}live/v360.m3u8" in index
            assert f'GROUP-ID="audio-{mirror.name}"' in index
            assert f'AUDIO="audio-{mirror.name}"' in index
        variants = re.findall(r"#EXT-X-STREAM-INF:(.*),AUDIO=", index)
        assert len(variants) == 6
        assert len(set(variants)) == 2  # the same attributes make them redundant

    run(tmp_path, check)


def test_genuine_says_what_the_origin_published(tmp_path: Path) -> None:
    async def check(room: DemoRoom, client: httpx.AsyncClient, _: Told) -> None:
        playlist = room.mirrors[0].copy.get("live/v360.m3u8")
        assert playlist is not None
        name = re.findall(rb"media/([0-9a-f]{64}\.m4s)", playlist)[0].decode()
        assert (await client.get(f"/genuine/{name}")).json() == {"genuine": True}
        assert (await client.get(f"/genuine/{'0' * 64}.m4s")).json() == {"genuine": False}
        assert (await client.get("/genuine/../../etc/passwd")).status_code == 404

    run(tmp_path, check)


def test_what_the_page_saw_is_told_and_nothing_else(tmp_path: Path) -> None:
    async def check(room: DemoRoom, client: httpx.AsyncClient, told: Told) -> None:
        async def say(report: Any) -> int:
            headers = {TOKEN_HEADER: room.site.token}
            return (await client.post("/seen", headers=headers, content=json.dumps(report))).status_code

        stall = {"event": "stall", "player": "stock", "code": "over", "ms": 1200}
        assert await say(stall | {"secret": "x"}) == 204
        assert told == [stall]
        wrong: tuple[Any, ...] = ([], {"event": "stall"}, stall | {"ms": -1}, stall | {"player": "me"})
        for bad in (*wrong, stall | {"code": "a\x1bb"}):
            assert await say(bad) == 400
        assert await say(stall | {"code": "x" * 5000}) == 413
        assert len(told) == 1

    run(tmp_path, check)


def test_without_pages_it_says_how_to_build_them(tmp_path: Path) -> None:
    async def body() -> None:
        origin = Origin()
        doors = await Doors.open(0)
        broadcast = Broadcast(origin.event, EVENT_ID, "{}", origin.store, "test", False, lambda: None)
        try:
            with pytest.raises(UsageError) as caught:
                DemoRoom(doors, broadcast, a_forger(), tmp_path, lambda _: None)
            assert "make pages" in caught.value.hint
        finally:
            await doors.close()

    asyncio.run(body())


def test_the_usual_port_is_only_a_wish() -> None:
    async def body() -> None:
        first = await Doors.open(None)
        second = await Doors.open(None)
        try:
            assert first.site.port != second.site.port
            roster = Roster(first.listings())
            assert parse_roster(render_roster(roster)) == roster
            with pytest.raises(UsageError):
                await Doors.open(second.site.port)
        finally:
            await first.close()
            await second.close()

    asyncio.run(body())
