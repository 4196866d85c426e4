"""The RTMP server: one thread, one port, a door for each stream key."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from huma.errors import TransportError, UsageError
from huma.net.rtmp import refusals
from huma.net.rtmp.connection import Connection
from huma.net.rtmp.door import RtmpDoor
from huma.net.rtmp.limits import LIMITS, RTMP_PORT, Limits
from huma.net.rtmp.publication import Publication
from huma.net.rtmp.refusals import Refusal
from huma.net.rtmp.state import RtmpState

if TYPE_CHECKING:
    from collections.abc import Callable

    from huma.net.rtmp.streamkeys import StreamKey, StreamKeys

_BACKLOG: Final = 512
_START_S: Final = 5.0
_STOP_S: Final = 5.0


def _wall_ms() -> int:
    return int(time.time() * 1000)


def _mono_ms() -> int:
    return int(time.monotonic() * 1000)


class RtmpServer:
    """Listens from the moment it is made; takes encoders in between `start` and `stop`."""

    def __init__(
        self,
        keys: StreamKeys,
        host: str = "127.0.0.1",
        port: int = RTMP_PORT,
        *,
        limits: Limits = LIMITS,
        wall_ms: Callable[[], int] = _wall_ms,
        mono_ms: Callable[[], int] = _mono_ms,
    ) -> None:
        self.limits = limits
        self.now_ms = mono_ms
        self._wall_ms = wall_ms
        self._keys = keys
        self._doors = {key.name: RtmpDoor(key, limits) for key in keys.keys}
        self._connections: dict[Connection, None] = {}
        self._strangers: dict[Connection, None] = {}
        self._publishers: dict[str, Connection] = {}
        self._refused: Counter[str] = Counter()
        self._listening = _listen(host, port, limits.reply_bytes)
        self.port: int = self._listening.getsockname()[1]
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended: asyncio.Event | None = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._work, name="huma-rtmp", daemon=True)
        self._state = self._look()

    @property
    def state(self) -> RtmpState:
        """What is going on, at most a sweep old. Any thread may ask."""
        return self._state

    def door(self, name: str) -> RtmpDoor:
        """The door of that name."""
        try:
            return self._doors[name]
        except KeyError:
            raise UsageError(f"there is no RTMP door {name}", code="door-name") from None

    def start(self) -> None:
        """Let encoders in."""
        self._thread.start()
        if not self._ready.wait(_START_S):
            raise TransportError("the RTMP door does not open", code="server-hung")

    def stop(self) -> None:
        """Send everyone away and free the port. What has come can still be read."""
        if self._loop is not None and self._ended is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._ended.set)
            self._thread.join(_STOP_S)
        self._listening.close()
        for door in self._doors.values():
            door.shut()

    def set_keys(self, keys: StreamKeys) -> None:
        """Other keys from now on. Whoever sends with a key that is no more is cut; a key that only expires is not."""
        if self._loop is None or not self._thread.is_alive():
            self._change_keys(keys)
            return
        done = threading.Event()

        def change() -> None:
            self._change_keys(keys)
            done.set()

        self._loop.call_soon_threadsafe(change)
        done.wait(_START_S)

    # -- what connections ask; only in the server's thread ------------------------------------------------

    def joined(self, connection: Connection) -> None:
        """A stranger has come; where there are too many, one who has not said hello in RTMP goes, the oldest first."""
        if len(self._strangers) >= self.limits.strangers:
            oldest = next(iter(self._strangers))
            mute = next((each for each in self._strangers if not each.greeted), oldest)
            self._strangers.pop(mute)
            mute.cut(refusals.CROWDED)
        self._connections[connection] = self._strangers[connection] = None

    def gone(self, connection: Connection) -> None:
        """Nothing more comes from it."""
        self._connections.pop(connection, None)
        self._strangers.pop(connection, None)
        if connection.door is not None:
            if self._publishers.get(connection.door.name) is connection:
                del self._publishers[connection.door.name]
            self._state = self._look()

    def admit(self, connection: Connection, key: str) -> Refusal | None:
        """Whether a key may publish. Who has been silent for some seconds makes room for whoever has the same key."""
        found = self._keys.find(key, self._wall_ms())
        if isinstance(found, Refusal):
            return found
        door = connection.door = self._doors[found.name]
        present = self._publishers.get(found.name)
        if present is not None and present.publication is not None:
            if self.now_ms() - present.publication.heard_ms < self.limits.takeover_ms:
                return refusals.BUSY
            present.cut(refusals.TAKEN_OVER)
        self._publishers[found.name] = connection
        self._strangers.pop(connection, None)
        connection.publication = door.publication = Publication(found, self.limits, self.now_ms, door.offer)
        door.streams += 1
        self._state = self._look()
        return None

    def count(self, reason: str, door: RtmpDoor | None) -> None:
        """Somebody was sent away."""
        self._refused[reason] += 1
        if door is not None:
            door.refused[reason] += 1

    # -- the thread ---------------------------------------------------------------------------------------

    def _work(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        self._loop.set_exception_handler(self._mishap)
        serving = await self._loop.create_server(
            lambda: Connection(self), sock=self._listening, backlog=_BACKLOG
        )
        self._ready.set()
        while not self._ended.is_set():
            self._sweep()
            try:
                async with asyncio.timeout(self.limits.sweep_ms / 1000):
                    await self._ended.wait()
            except TimeoutError:
                continue
        serving.close()
        for connection in tuple(self._connections):
            connection.cut("stopped")
        await asyncio.sleep(0)  # lets the transports say that they are closed

    def _mishap(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """What asyncio would print: the transport, and in it an address."""
        del context
        self._refused["mishap"] += 1

    def _sweep(self) -> None:
        now = self.now_ms()
        for connection in tuple(self._connections):
            connection.judge(now)
        self._state = self._look()

    def _look(self) -> RtmpState:
        now = self.now_ms()
        doors = tuple(door.state(now) for door in self._doors.values())
        return RtmpState(self.port, doors, dict(self._refused), len(self._strangers))

    def _change_keys(self, keys: StreamKeys) -> None:
        before, self._keys = self._keys, keys
        digests = {key.digest for key in keys.keys}
        gone = {key.name for key in before.keys if key.digest not in digests}
        for name in gone & set(self._publishers):
            self._publishers[name].cut("key-withdrawn")
        doors = {key.name: self._door_for(key) for key in keys.keys}
        for name in set(self._doors) - set(doors):
            self._doors[name].shut()
        self._doors = doors
        self._state = self._look()

    def _door_for(self, key: StreamKey) -> RtmpDoor:
        door = self._doors.get(key.name) or RtmpDoor(key, self.limits)
        door.key = key
        return door


def _listen(host: str, port: int, reply_bytes: int) -> socket.socket:
    """A socket that listens; those that it accepts hold few of our answers, as few are ever due."""
    shown = f"{host}:{port}"
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        listening = socket.socket(family, kind, protocol)
    except OSError as error:
        raise TransportError(f"cannot listen at {shown}: {error.strerror}", code="bad-address") from None
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, reply_bytes)
        listening.bind(address)
        listening.setblocking(False)
    except OSError as error:
        listening.close()
        raise TransportError(
            f"cannot listen at {shown}: {error.strerror}",
            code="port-in-use",
            hint="Another program has that port, or it is not allowed here. Choose another one.",
        ) from None
    return listening
