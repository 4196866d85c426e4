from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from huma.net.idle import IDLE_S, IdleSweeper, open_handles


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        ours = socket.create_connection(listening.getsockname())
        theirs, _ = listening.accept()
    ours.settimeout(0.2)
    with ours, theirs:
        yield ours, theirs


def sweeper_of(pair: tuple[socket.socket, socket.socket]) -> IdleSweeper:
    """One that looks at these two alone, and not at whatever else this process has open."""
    return IdleSweeper(handles=lambda: [each.fileno() for each in pair])


def is_open(connection: socket.socket) -> bool:
    try:
        return connection.recv(1, socket.MSG_PEEK) != b""
    except TimeoutError:
        return True
    except ConnectionResetError:
        return False


def test_silence_is_ended_and_no_sooner(pair: tuple[socket.socket, socket.socket]) -> None:
    sweeper = sweeper_of(pair)
    assert sweeper.sweep(now=1000.0) == 0
    assert sweeper.sweep(now=1000.0 + IDLE_S - 1) == 0
    assert is_open(pair[0])
    assert sweeper.sweep(now=1000.0 + IDLE_S + 1) >= 1
    assert not is_open(pair[0])


def test_a_peer_that_asks_from_time_to_time_stays(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    sweeper = sweeper_of(pair)
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
    sweeper = sweeper_of(pair)
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
    sweeper = sweeper_of(pair)
    before = len(open_handles())
    for n in range(50):
        sweeper.sweep(now=1000.0 + n)
    assert len(open_handles()) == before
    assert {each.fileno() for each in pair} <= set(open_handles())
