"""The demo's own server: this machine only, bounded, and deaf to other names."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable

import httpx
import pytest

from huma.errors import UsageError
from huma.net.localserver import BODY_MAX_BYTES, LocalServer, Request, Response


async def echo(request: Request) -> Response | None:
    if request.path == "/silence":
        return None
    return Response(200, f"{request.method} {request.path} ".encode() + request.body)


def run(check: Callable[[LocalServer], Awaitable[None]]) -> None:
    async def body() -> None:
        server = LocalServer(echo)
        await server.start()
        try:
            await check(server)
        finally:
            await server.stop()

    asyncio.run(body())


async def raw(server: LocalServer, data: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(data)
    writer.write_eof()
    async with asyncio.timeout(5):
        answer = await reader.read()
    writer.close()
    return answer


def test_requests_on_one_connection() -> None:
    async def check(server: LocalServer) -> None:
        async with httpx.AsyncClient(base_url=server.origin) as client:
            assert (await client.get("/a?b=c")).text == "GET /a "
            assert (await client.post("/b", content=b"body")).text == "POST /b body"
            head = await client.head("/c")
            assert (head.status_code, head.content) == (200, b"")
            assert head.headers["content-length"] == "8"

    run(check)


def test_it_listens_on_loopback_alone() -> None:
    async def check(server: LocalServer) -> None:
        own = socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)
        for address in {str(info[4][0]) for info in own} - {"127.0.0.1"} | {"127.0.0.2"}:
            with pytest.raises(OSError, match="Connect call failed"):
                await asyncio.open_connection(address, server.port)

    run(check)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "[::1]:80", ""])
def test_another_name_is_refused(host: str) -> None:
    async def check(server: LocalServer) -> None:
        async with httpx.AsyncClient(base_url=server.origin) as client:
            assert (await client.get("/a", headers={"Host": host})).status_code == 421
            assert (await client.get("/a", headers={"Host": f"localhost:{server.port}"})).status_code == 200

    run(check)


def test_none_closes_without_a_word() -> None:
    async def check(server: LocalServer) -> None:
        async with httpx.AsyncClient(base_url=server.origin) as client:
            with pytest.raises(httpx.TransportError):
                await client.get("/silence")

    run(check)


def test_bodies_and_heads_are_bounded() -> None:
    async def check(server: LocalServer) -> None:
        async with httpx.AsyncClient(base_url=server.origin) as client:
            assert (await client.post("/b", content=b"x" * (BODY_MAX_BYTES + 1))).status_code == 413
        head = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"a" * 70_000
        assert b" 431 " in await raw(server, head)

    run(check)


@pytest.mark.parametrize(
    "junk", [b"\x16\x03\x01\x02\x00\x01\x00", b"GET\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"\r\n" * 9000, b""]
)
def test_junk_is_answered_with_an_error_or_silence(junk: bytes) -> None:
    async def check(server: LocalServer) -> None:
        answer = await raw(server, junk)
        assert answer == b"" or answer.startswith(b"HTTP/1.1 4")
        async with httpx.AsyncClient(base_url=server.origin) as client:
            assert (await client.get("/still")).status_code == 200

    run(check)


def test_stop_leaves_no_port_behind_and_start_takes_the_same_again() -> None:
    async def check(server: LocalServer) -> None:
        port = server.port
        reader, _ = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.sleep(0.05)
        await server.stop()
        with pytest.raises((ConnectionError, EOFError)):
            await reader.readexactly(1)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
        await server.start()
        assert server.port == port

    run(check)


def test_a_taken_port_is_told() -> None:
    async def check(server: LocalServer) -> None:
        with pytest.raises(UsageError, match=str(server.port)):
            await LocalServer(echo, server.port).start()

    run(check)
