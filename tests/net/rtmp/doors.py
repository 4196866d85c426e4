"""Servers with doors to push at, and patience that does not depend on the machine."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from huma.net.rtmp.arrival import Arrival
from huma.net.rtmp.limits import Limits
from huma.net.rtmp.server import RtmpServer
from huma.net.rtmp.streamkeys import StreamKey, StreamKeys

KEY, OTHER_KEY, OLD_KEY = "main-key-main-key", "farsi-key-farsi-key", "old-key-old-key-old"
Open = Callable[..., RtmpServer]
NOW_MS = 1_800_000_000_000
PATIENT = Limits(
    handshake_ms=600_000,
    stranger_ms=600_000,
    idle_ms=600_000,
    takeover_ms=600_000,
    arrival_ms=600_000,
    read_ms=600_000,
)
"""Nothing here may depend on how fast the machine is: whoever tests a time limit sets it."""


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1_000

    def __call__(self) -> int:
        return self.now


def make_keys() -> StreamKeys:
    """Two doors, and one whose key is over."""
    return StreamKeys(
        [
            StreamKey.of("main", KEY, NOW_MS + 1),
            StreamKey.of("farsi", OTHER_KEY, NOW_MS + 1, "fa"),
            StreamKey.of("old", OLD_KEY, NOW_MS),
        ]
    )


def make_server(limits: Limits, clock: Clock | None = None) -> RtmpServer:
    """A server at a free port, by that clock if there is one."""
    if clock is None:
        return RtmpServer(make_keys(), port=0, limits=limits, wall_ms=lambda: NOW_MS)
    return RtmpServer(make_keys(), port=0, limits=limits, wall_ms=lambda: NOW_MS, mono_ms=clock)


def until(holds: Callable[[], bool], what: str) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


def admit(server: RtmpServer, name: str = "main") -> Arrival:
    """The next stream at a door."""
    given_up = threading.Event()
    timer = threading.Timer(60, given_up.set)
    timer.start()
    arrival = server.door(name).open_next(given_up)
    timer.cancel()
    assert arrival is not None, "nobody came"
    return arrival


def drain(arrival: Arrival) -> bytes:
    """All of it, to its end."""
    return b"".join(iter(lambda: arrival.read(65536), b""))
