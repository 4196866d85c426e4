"""The thin line is as thin and as long as it says."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.line import Line, LineProxy


@contextmanager
def upstream(payload: bytes) -> Iterator[int]:
    """A server that answers anything with `payload`."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(connection,), daemon=True).start()

    def answer(connection: socket.socket) -> None:
        with connection:
            if connection.recv(1000):
                connection.sendall(payload)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def fetch(port: int) -> tuple[bytes, float, float]:
    """What came, when its first byte came, and when its last."""
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.settimeout(20)
        connection.sendall(b"please")
        data = connection.recv(1)
        first = time.monotonic() - began
        while more := connection.recv(65536):
            data += more
    return data, first, time.monotonic() - began


def test_a_question_costs_two_round_trips_on_a_new_connection() -> None:
    with upstream(b"x") as port, LineProxy(Line(1_000_000, 0.2)) as proxy:
        _, first, _ = fetch(proxy.open(port))
    assert first >= 0.38  # a busy machine may add to it


def test_bytes_come_at_the_rate_of_the_line_and_whole() -> None:
    payload = bytes(range(256)) * 100
    with upstream(payload) as port, LineProxy(Line(200_000, 0.1)) as proxy:
        data, first, last = fetch(proxy.open(port))
        assert proxy.line.down.carried == len(payload)
    assert data == payload
    assert last - first >= 0.9  # 25,600 bytes and their headers at 200 kbit/s: 1.06 s


def test_connections_share_the_line() -> None:
    payload = bytes(12_500)
    results: list[float] = []
    with upstream(payload) as port, LineProxy(Line(200_000, 0.02)) as proxy:
        door, other = proxy.open(port), proxy.open(port)
        threads = [
            threading.Thread(target=lambda at=at: results.append(fetch(at)[2])) for at in (door, other)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(results) == 2
    assert min(results) >= 0.85  # 0.52 s for one alone


def test_a_dead_upstream_closes_the_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as spare:
        port = spare.getsockname()[1]
    with (
        LineProxy(Line(1_000_000, 0.02)) as proxy,
        socket.create_connection(("127.0.0.1", proxy.open(port))) as line,
    ):
        line.settimeout(5)
        with contextlib.suppress(ConnectionError):
            assert line.recv(1) == b""
