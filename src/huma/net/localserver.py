"""A small HTTP/1.1 server for pages of this machine: a few people at a time, in the same process as what they look at.

On loopback a request must name this machine as its Host, so that a page of another site cannot make its name point
here. It can be rude on purpose: the demo's mirrors must hang, drip, die in the middle of a body, which no good server
lets one do. Viewers' servers are granian and nginx; this one is never in a viewer's path outside the demo.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

import h11

from huma.config import KIB
from huma.net.listening import cannot_listen

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

HOST: Final = "127.0.0.1"
LOOPBACK: Final = (HOST, "::1", "localhost")
NAMES: Final = (HOST, "localhost", "[::1]")
REQUEST_MAX_BYTES: Final = 16 * KIB
BODY_MAX_BYTES: Final = 4 * KIB
MAX_CONNECTIONS: Final = 256
IDLE_S: Final = 60.0
READ_BYTES: Final = 64 * KIB
DRIP_EVERY_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked. `path` has no query and is not decoded: no path of ours needs an escape."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    """What is answered; `bytes_per_s` makes a drip of it."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    bytes_per_s: int | None = None


Answer: TypeAlias = Callable[[Request], Awaitable[Response | None]]
"""None closes the connection without a word."""


async def not_yet(_: Request) -> Response | None:
    """What a server says whose address is needed before its content exists."""
    return Response(503, headers=(("Cache-Control", "no-store"),))


@dataclass(slots=True)
class LocalServer:
    """Serves `answer` on one port of this machine; can be stopped rudely and started again on the same port.

    Attributes:
        answer: What answers a request; it must say no to whoever may not ask.
        port: Where it listens; 0 takes any.
        host: Where others may reach it; loopback unless told otherwise.
        option: What a person would type to choose another place.
        tls: A context with a certificate, where it speaks TLS.
    """

    answer: Answer = not_yet
    port: int = 0
    host: str = HOST
    option: str = "--port (0 takes any)"
    tls: ssl.SSLContext | None = None
    _server: asyncio.Server | None = None
    _connections: dict[asyncio.Task[None], asyncio.StreamWriter] = field(default_factory=dict)

    @property
    def running(self) -> bool:
        """Whether it listens."""
        return self._server is not None

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        shown = HOST if self.host == "0.0.0.0" else "::1" if self.host == "::" else self.host  # noqa: S104 - what to show for "everywhere"
        return f"{'https' if self.tls else 'http'}://{f'[{shown}]' if ':' in shown else shown}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether nobody on another machine can reach it."""
        return self.host in LOOPBACK

    async def start(self) -> None:
        """Listen; the port is kept for every later start."""
        try:
            self._server = await asyncio.start_server(
                self._connected, self.host, self.port, limit=REQUEST_MAX_BYTES, ssl=self.tls
            )
        except OSError as error:
            raise cannot_listen(self.host, self.port, error, self.option) from None
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and cut every connection, in the middle of whatever it was doing."""
        if self._server is None:
            return
        server, self._server = self._server, None
        server.close()
        tasks = list(self._connections)
        self.cut()
        await asyncio.gather(*tasks, return_exceptions=True)

    def cut(self) -> None:
        """Reset every open connection."""
        for task, writer in list(self._connections.items()):
            writer.transport.abort()
            task.cancel()

    async def _answered(self, request: Request) -> Response | None:
        return await self.answer(request)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or self._server is None or len(self._connections) >= MAX_CONNECTIONS:
            writer.transport.abort()
            return
        self._connections[task] = writer
        try:
            names = {f"{name}:{self.port}" for name in NAMES} if self.is_loopback else None
            await _Conversation(reader, writer, self._answered, names).run()
        except (OSError, TimeoutError, asyncio.CancelledError, h11.LocalProtocolError):
            pass  # the other side left, or we were told to be rude
        finally:
            self._connections.pop(task, None)
            writer.close() if self.running else writer.transport.abort()


@dataclass(slots=True)
class _Conversation:
    """One connection, request after request."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    answer: Answer
    names: set[str] | None
    http: h11.Connection = field(
        default_factory=lambda: h11.Connection(h11.SERVER, max_incomplete_event_size=REQUEST_MAX_BYTES)
    )

    async def run(self) -> None:
        """Until either side has enough."""
        while True:
            try:
                async with asyncio.timeout(IDLE_S):
                    request = await self._request()
            except h11.RemoteProtocolError as error:
                await self._send(Response(error.error_status_hint), head=False)
                return
            if request is None:
                return
            response = await self._judged(request)
            if response is None:
                self.writer.transport.abort()
                return
            await self._send(response, head=request.method == "HEAD")
            if self.http.our_state is not h11.DONE or self.http.their_state is not h11.DONE:
                return
            self.http.start_next_cycle()

    async def _judged(self, request: Request) -> Response | None:
        # a page of another site that made its name point here (DNS rebinding) carries its own name as Host
        if self.names is not None and request.headers.get("host") not in self.names:
            return Response(421)
        if len(request.body) > BODY_MAX_BYTES:
            return Response(413)
        return await self.answer(request)

    async def _request(self) -> Request | None:
        head, body = None, b""
        while True:
            event = self.http.next_event()
            if event is h11.NEED_DATA:
                self.http.receive_data(await self.reader.read(READ_BYTES))
            elif isinstance(event, h11.Request):
                head = event
            elif isinstance(event, h11.Data):
                body += event.data
                if len(body) > BODY_MAX_BYTES:
                    raise h11.RemoteProtocolError("body too large", error_status_hint=413)
            elif isinstance(event, h11.EndOfMessage) and head is not None:
                return _request(head, body)
            else:
                return None

    async def _send(self, response: Response, *, head: bool) -> None:
        if self.http.our_state not in {h11.IDLE, h11.SEND_RESPONSE}:
            return
        headers = [("Content-Length", str(len(response.body))), *response.headers]
        self._write(h11.Response(status_code=response.status, headers=headers))
        if not head:
            await self._send_body(response)
        self._write(h11.EndOfMessage())
        await self.writer.drain()

    async def _send_body(self, response: Response) -> None:
        if response.bytes_per_s is None:
            self._write(h11.Data(data=response.body))
            await self.writer.drain()
            return
        step = max(1, int(response.bytes_per_s * DRIP_EVERY_S))
        for start in range(0, len(response.body), step):
            self._write(h11.Data(data=response.body[start : start + step]))
            await self.writer.drain()
            await asyncio.sleep(DRIP_EVERY_S)

    def _write(self, event: h11.Event) -> None:
        data = self.http.send(event)
        if data:
            self.writer.write(data)


def _request(head: h11.Request, body: bytes) -> Request:
    """Header names in lower case; of repeated ones the last (Host cannot be repeated: h11 refuses)."""
    headers = {name.decode("ascii").lower(): value.decode("latin-1") for name, value in head.headers}
    path = head.target.decode("ascii", "replace").partition("?")[0]
    return Request(head.method.decode("ascii"), path, headers, body)
