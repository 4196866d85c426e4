"""Each fault bites a plain HTTP client, and ends when it is switched off."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable

import httpx
import pytest

from huma.demo.faults import DRIP_BYTES_PER_S, Fault, parse_fault
from huma.demo.fragments import decode_times
from huma.demo.mirror import DemoMirror
from huma.errors import SignatureError, UsageError
from huma.protocol.names import sha256_hex
from huma.protocol.playlist import looks_like_ours, verify_live
from tests.demo.demo_event import EVENT_ID, Origin, a_mirror

LIVE = "live/v360.m3u8"


def run(check: Callable[[Origin, DemoMirror, httpx.AsyncClient], Awaitable[None]]) -> None:
    origin = Origin()
    origin.advance(20)

    async def body() -> None:
        async with a_mirror(origin) as mirror, httpx.AsyncClient(base_url=mirror.url, timeout=1.0) as client:
            await check(origin, mirror, client)

    asyncio.run(body())


def newest(playlist: bytes) -> str:
    found: list[bytes] = re.findall(rb"media/[0-9a-f]{64}\.m4s", playlist)
    return found[-1].decode()


async def get(client: httpx.AsyncClient, path: str) -> bytes:
    response = await client.get(path)
    assert response.status_code == 200, (path, response.status_code)
    return response.content


def test_without_a_fault_everything_verifies() -> None:
    async def check(origin: Origin, mirror: DemoMirror, client: httpx.AsyncClient) -> None:
        live = await get(client, LIVE)
        playlist = verify_live(live, event=origin.event, event_id=EVENT_ID, rendition="v360")
        for entry in playlist.entries:
            assert sha256_hex(await get(client, entry.ref.path)) == entry.ref.digest
        origin.advance()
        assert await get(client, LIVE) != live
        assert mirror.counts.lies == 0

    run(check)


def test_kill_refuses_connections_and_cuts_open_ones() -> None:
    async def check(origin: Origin, mirror: DemoMirror, client: httpx.AsyncClient) -> None:
        await get(client, LIVE)
        port = mirror.server.port
        await mirror.switch(Fault.KILL)
        with pytest.raises(httpx.TransportError):
            await client.get(LIVE)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
        await mirror.switch(Fault.NONE)
        assert mirror.server.port == port
        await get(client, LIVE)

    run(check)


def test_kill_in_the_middle_of_a_body() -> None:
    async def check(origin: Origin, mirror: DemoMirror, client: httpx.AsyncClient) -> None:
        path = newest(await get(client, LIVE))
        await mirror.switch(Fault.SLOW)
        asking = asyncio.create_task(client.get(path))
        await asyncio.sleep(0.3)
        await mirror.switch(Fault.KILL)
        with pytest.raises(httpx.TransportError):
            await asking

    run(check)


def test_hang_takes_the_question_and_never_answers() -> None:
    async def check(origin: Origin, mirror: DemoMirror, client: httpx.AsyncClient) -> None:
        await mirror.switch(Fault.HANG)
        with pytest.raises(httpx.ReadTimeout):
            await client.get(LIVE)
        waiting = asyncio.create_task(client.get(LIVE))
        await asyncio.sleep(0.1)
        await mirror.switch(Fault.NONE)
        with pytest.raises(httpx.TransportError):
            await waiting
        await get(client, LIVE)

    run(check)


def test_freeze_keeps_a_genuine_moment() -> None:
    async def check(origin: Origin, mirror: DemoMirror, client: httpx.AsyncClient) -> None:
        before = await get(client, LIVE)
        await mirror.switch(Fault.FREEZE)
        origin.advance(8)
        assert await get(client, LIVE) == before
        verify_live(before, event=origin.event, event_id=EVENT_ID, rendition="v360")
        for path in re.findall(rb"media/[0-9a-f]{64}\.m4s", before):
            assert sha256_hex(await get(client, path.decode())) == path[6:70].decode()
        await mirror.switch(Fault.NONE)
        assert await get(client, LIVE) != before

    run(check)


def test_slow_drips() -> None:
    async def check(origin: Origin, mirror: DemoMirror, client: httpx.AsyncClient) -> None:
        live = await get(client, LIVE)
        await mirror.switch(Fault.SLOW)
        began = time.monotonic()
        assert await get(client, LIVE) == live
        took = time.monotonic() - began
        assert took >= len(live) / DRIP_BYTES_PER_S * 0.8

    run(check)


def test_corrupt_changes_pictures_and_not_lengths() -> None:
    async def check(origin: Origin, mirror: DemoMirror, client: httpx.AsyncClient) -> None:
        path = newest(await get(client, LIVE))
        genuine = await get(client, path)
        await mirror.switch(Fault.CORRUPT)
        damaged = await get(client, path)
        assert len(damaged) == len(genuine)
        assert damaged != genuine
        assert decode_times(damaged) == decode_times(genuine)
        assert sum(a != b for a, b in zip(damaged, genuine, strict=True)) >= 4
        verify_live(await get(client, LIVE), event=origin.event, event_id=EVENT_ID, rendition="v360")
        assert mirror.counts.lies == 1

    run(check)


def test_swap_serves_genuine_pictures_of_another_time() -> None:
    async def check(origin: Origin, mirror: DemoMirror, client: httpx.AsyncClient) -> None:
        path = newest(await get(client, LIVE))
        genuine = await get(client, path)
        await mirror.switch(Fault.SWAP)
        other = await get(client, path)
        assert b"v360 19 " in genuine
        assert b"v360 14 " in other  # the oldest that this mirror has seen
        assert sha256_hex(other) != path[6:70]
        assert origin.store.get(f"media/{sha256_hex(other)}.m4s", 10**6) == other  # genuine, byte for byte

    run(check)


def test_swap_knows_a_segment_as_soon_as_it_is_named() -> None:
    async def check(origin: Origin, mirror: DemoMirror, client: httpx.AsyncClient) -> None:
        await mirror.switch(Fault.SWAP)
        for _ in range(3):
            origin.advance()
            path = newest(await get(client, LIVE))
            assert sha256_hex(await get(client, path)) != path[6:70]

    run(check)


def test_swap_leaves_sound_alone() -> None:
    async def check(origin: Origin, mirror: DemoMirror, client: httpx.AsyncClient) -> None:
        path = newest(await get(client, "live/a-en.m3u8"))
        await mirror.switch(Fault.SWAP)
        assert sha256_hex(await get(client, path)) == path[6:70]

    run(check)


def test_forge_is_sound_but_for_the_key() -> None:
    async def check(origin: Origin, mirror: DemoMirror, client: httpx.AsyncClient) -> None:
        genuine = await get(client, LIVE)
        await mirror.switch(Fault.FORGE)
        forged = await get(client, LIVE)
        assert looks_like_ours(forged, EVENT_ID)
        with pytest.raises(SignatureError):
            verify_live(forged, event=origin.event, event_id=EVENT_ID, rendition="v360")
        path = newest(forged)
        assert path != newest(genuine)
        data = await get(client, path)
        assert sha256_hex(data) == path[6:70]
        assert b"FORGED" in data
        assert decode_times(data) == decode_times(await get(client, newest(genuine)))
        (size,) = re.findall(rb"#EXT-X-HUMA-SIZE:(\d+)\n\.\./" + path.encode(), forged)
        assert int(size) == len(data)
        init = re.findall(rb'MAP:URI="\.\./(media/[0-9a-f]{64}\.mp4)"', forged)[0].decode()
        assert b"forged" in await get(client, init)

    run(check)


def test_a_forged_playlist_is_the_same_for_everyone() -> None:
    async def check(origin: Origin, mirror: DemoMirror, client: httpx.AsyncClient) -> None:
        await mirror.switch(Fault.FORGE)
        assert await get(client, LIVE) == await get(client, LIVE)

    run(check)


def test_lies_are_never_cached() -> None:
    async def check(origin: Origin, mirror: DemoMirror, client: httpx.AsyncClient) -> None:
        path = newest(await get(client, LIVE))
        assert "immutable" in (await client.get(path)).headers["cache-control"]
        for fault in (Fault.CORRUPT, Fault.SWAP, Fault.FORGE):
            await mirror.switch(fault)
            assert (await client.get(path)).headers["cache-control"] == "no-store"

    run(check)


def test_names_of_faults() -> None:
    assert parse_fault("restore") is Fault.NONE
    assert parse_fault("hang") is Fault.HANG
    with pytest.raises(UsageError):
        parse_fault("HANG")
