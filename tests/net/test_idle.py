from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from huma.net.idle import IDLE_S, IdleSweeper


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        ours = socket.create_connection(listening.getsockname())
        theirs, _ = listening.accept()
    ours.settimeout(0.2)
    with ours, theirs:
        yield ours, theirs


def is_open(connection: socket.socket) -> bool:
    try:
        return connection.recv(1, socket.MSG_PEEK) != b""
    except TimeoutError:
        return True
    except ConnectionResetError:
        return False


def test_silence_is_ended_and_no_sooner(pair: tuple[socket.socket, socket.socket]) -> None:
    sweeper = IdleSweeper()
    assert sweeper.sweep(now=1000.0) == 0
    assert sweeper.sweep(now=1000.0 + IDLE_S - 1) == 0
    assert is_open(pair[0])
    assert sweeper.sweep(now=1000.0 + IDLE_S + 1) >= 1
    assert not is_open(pair[0])


def test_a_peer_that_asks_from_time_to_time_stays(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    sweeper = IdleSweeper()
    for n in range(8):
        ours.sendall(b"x")
        theirs.sendall(b"y")
        assert theirs.recv(1) == b"x"
        assert ours.recv(1) == b"y"
        assert sweeper.sweep(now=1000.0 + n * (IDLE_S - 5)) == 0
    assert is_open(ours)


def test_a_reader_that_takes_bytes_stays_and_one_that_drips_does_not(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = pair
    theirs.setblocking(False)
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
    sweeper = IdleSweeper()
    sweeper.sweep(now=1000.0)
    for n in range(1, 6):
        theirs.send(bytes(8192))
        assert len(ours.recv(8192)) > 0
        sweeper.sweep(now=1000.0 + n * (IDLE_S - 5))
        assert is_open(ours)
    last = 1000.0 + 5 * (IDLE_S - 5)
    theirs.send(b"z")
    sweeper.sweep(now=last + IDLE_S - 1)
    theirs.send(b"z")
    sweeper.sweep(now=last + IDLE_S + 1)
    while ours.recv(65536):
        pass
    assert not is_open(ours)


def test_sweeping_keeps_no_handle_open(pair: tuple[socket.socket, socket.socket]) -> None:
    sweeper = IdleSweeper()
    before = len(list(Path("/proc/self/fd").iterdir()))
    for n in range(50):
        sweeper.sweep(now=1000.0 + n)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
