"""A long, thin line on one machine: a TCP proxy that delays, and lets through no more than so many bits a second.

This kernel has no netem, so the line is made of asyncio. All connections of one `Line` share its rate in each
direction, chunk by chunk in turn; every chunk arrives half a round trip after its last bit was sent; the first bytes
of a connection wait for one round trip more, as behind a real handshake. Loss, slow start and TLS are not imitated.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from dataclasses import dataclass, field
from typing import Self

CHUNK = 1400
OVERHEAD = 52
"""Bytes of IP and TCP headers that each chunk costs on the line."""


@dataclass(slots=True)
class Direction:
    """One way through the line: who has it, and since when it is free."""

    bits_per_s: float
    one_way_s: float
    free_at: float = 0.0
    carried: int = 0
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def send(self, size: int) -> float:
        """Wait until `size` bytes have left, after all who came before. Gives when they arrive, in loop time."""
        loop = asyncio.get_running_loop()
        async with self._turn:
            self.carried += size
            self.free_at = max(self.free_at, loop.time()) + (size + OVERHEAD) * 8 / self.bits_per_s
            await asyncio.sleep(self.free_at - loop.time())
        return self.free_at + self.one_way_s


@dataclass(slots=True)
class Line:
    """The viewer's line. Rate and delay can be changed while it carries."""

    bits_per_s: float
    round_trip_s: float
    down: Direction = field(init=False)
    up: Direction = field(init=False)

    def __post_init__(self) -> None:
        self.down = Direction(self.bits_per_s, self.round_trip_s / 2)
        self.up = Direction(self.bits_per_s, self.round_trip_s / 2)


class LineProxy:
    """Doors on loopback behind which the line lies; in a thread of its own, so that a benchmark may block."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="line", daemon=True)
        self._servers: list[asyncio.Server] = []
        self._tasks: set[asyncio.Task[None]] = set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def open(self, upstream_port: int) -> int:
        """Open a door; gives its port."""
        return asyncio.run_coroutine_threadsafe(self._open(upstream_port), self._loop).result(10)

    async def _open(self, upstream_port: int) -> int:
        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            self._tasks.add(task)
            try:
                await self._carry(reader, writer, upstream_port)
            except (OSError, asyncio.CancelledError):
                writer.transport.abort()
            finally:
                self._tasks.discard(task)

        # small buffers on the far side, or the line would be "sent" long before it is
        server = await asyncio.start_server(connected, "127.0.0.1", 0, limit=2 * CHUNK)
        self._servers.append(server)
        port: int = server.sockets[0].getsockname()[1]
        return port

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, upstream_port: int
    ) -> None:
        await asyncio.sleep(self.line.round_trip_s)
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", upstream_port, limit=2 * CHUNK)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(_pump(reader, far_writer, self.line.up))
                both.create_task(_pump(far_reader, writer, self.line.down))
        except* OSError:
            pass
        finally:
            far_writer.transport.abort()
            writer.close()

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: Direction) -> None:
    """Chunk after chunk in order: the next is sent while the last still travels."""
    loop = asyncio.get_running_loop()
    travelling: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(maxsize=512)

    async def deliver() -> None:
        while True:
            arrives, data = await travelling.get()
            await asyncio.sleep(arrives - loop.time())
            if not data:
                with contextlib.suppress(OSError):
                    writer.write_eof()
                return
            writer.write(data)
            await writer.drain()

    async with asyncio.TaskGroup() as pair:
        pair.create_task(deliver())
        while data := await reader.read(CHUNK):
            await travelling.put((await way.send(len(data)), data))
        await travelling.put((loop.time() + way.one_way_s, b""))
