from __future__ import annotations

from collections.abc import Iterator

import pytest

from huma.net.rtmp.limits import Limits
from huma.net.rtmp.server import RtmpServer
from tests.net.rtmp.doors import PATIENT, Clock, Open, make_server


@pytest.fixture
def opened() -> Iterator[Open]:
    """Opens servers with other limits; they are stopped afterwards."""
    servers = []

    def open_server(limits: Limits = PATIENT, clock: Clock | None = None) -> RtmpServer:
        server = make_server(limits, clock)
        server.start()
        servers.append(server)
        return server

    yield open_server
    for server in servers:
        server.stop()


@pytest.fixture
def server(opened: Open) -> RtmpServer:
    return opened()
