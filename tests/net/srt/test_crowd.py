"""Who knocks too often, and what the kernel then lets through: decided by hand, tried on real sockets."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from dataclasses import replace

import pytest

from huma.net.srt.crowd import MOST_BANNED, Crowd, Passage
from huma.net.srt.limits import LIMITS
from huma.net.srt.sieve import attach, make_filter

BAD, GOOD = bytes([127, 0, 0, 2]), bytes([127, 0, 0, 1])


def crowd(**limits: int) -> Crowd:
    made = Crowd(replace(LIMITS, **limits))
    assert made.look(0) is None
    assert made.look(1_000) == Passage()
    return made


def test_encoders_that_try_again_are_left_alone() -> None:
    made = crowd()
    for now in range(1_000, 60_000, 250):
        made.note(GOOD)
        assert made.look(now) in (None, Passage())


def test_one_who_knocks_too_often_is_banned_for_a_while() -> None:
    made = crowd(knocks_each=20, ban_ms=10_000)
    for _ in range(21):
        made.note(BAD)
    made.note(GOOD)
    assert made.look(1_100) == Passage((BAD,))
    assert made.look(1_150) is None
    assert made.look(2_200) == Passage((BAD,))
    assert made.look(11_999) == Passage((BAD,))
    assert made.look(12_200) == Passage()


def test_of_many_who_do_not_stand_out_a_share_comes_through_until_it_is_quiet() -> None:
    made = crowd(knocks=500, knocks_each=20)
    for number in range(5_000):
        made.note(number.to_bytes(4))
    found = made.look(1_100)
    assert found is not None
    assert found.banned == ()
    assert found.share == pytest.approx(50 / 5_000)
    shares = [passage.share for now in range(1_200, 5_000, 100) if (passage := made.look(now))]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_what_is_remembered_is_bounded() -> None:
    made = crowd(knocks_each=1)
    for number in range(10_000):
        made.note(number.to_bytes(4))
        made.note(number.to_bytes(4))
    found = made.look(1_100)
    assert found is not None
    assert len(found.banned) == MOST_BANNED
    assert len(made._knocks) <= 4096


@pytest.mark.parametrize("bans", [0, 1, MOST_BANNED])
@pytest.mark.parametrize("size", [4, 8])
def test_the_longest_program_is_one_that_the_kernel_takes(bans: int, size: int) -> None:
    program = make_filter(Passage(tuple(number.to_bytes(size) for number in range(bans)), 0.5))
    assert len(program) // 8 < 256
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        attach(door.fileno(), Passage(tuple(number.to_bytes(size) for number in range(bans)), 0.5))


def handshake(request: int, size: int = 1500, window: int = 25_600) -> bytes:
    return struct.pack(">4I5IiII", 0x80000000, 0, 0, 0, 5, 0, 0, size, window, request, 1, 2) + bytes(16)


FIRST, SECOND, MEDIA, KEEPALIVE = (
    handshake(1),
    handshake(-1),
    bytes(16) + b"\x47" * 1316,
    b"\x80\x01" + bytes(14),
)


@pytest.fixture(params=["127.0.0.1", "::"])
def door(request: pytest.FixtureRequest) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in request.param else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as made:
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        made.bind((request.param, 0))
        made.setblocking(False)
        yield made


def comes_through(door: socket.socket, data: bytes, source: str = "127.0.0.1") -> bool:
    """Over loopback a datagram is there, or dropped, when it has been sent."""
    six = ":" in source
    with socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind((source, 0))
        sender.sendto(data, ("::1" if six else "127.0.0.1", door.getsockname()[1]))
        try:
            return door.recv(2048) == data
        except BlockingIOError:
            return False


def test_everything_comes_through_where_nobody_is_banned(door: socket.socket) -> None:
    attach(door.fileno(), Passage())
    assert [comes_through(door, each) for each in (FIRST, SECOND, MEDIA, KEEPALIVE)] == [True] * 4
    assert not comes_through(door, FIRST[:39])


def test_a_ban_is_for_the_handshakes_of_one_origin(door: socket.socket) -> None:
    attach(door.fileno(), Passage((BAD, bytes([127, 0, 0, 9]))))
    for source, passes in (
        ("127.0.0.2", False),
        ("127.0.0.9", False),
        ("127.0.0.1", True),
        ("127.0.0.3", True),
    ):
        assert [comes_through(door, each, source) for each in (FIRST, SECOND)] == [passes] * 2, source
        assert [comes_through(door, each, source) for each in (MEDIA, KEEPALIVE)] == [True] * 2


def test_ipv6_too() -> None:
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as door:
        door.bind(("::1", 0))
        door.setblocking(False)
        attach(door.fileno(), Passage((BAD, bytes(7) + b"\x01")))
        assert comes_through(door, SECOND, "::1")
        attach(door.fileno(), Passage((BAD, bytes(7) + b"\x01", bytes(8))))
        assert not comes_through(door, SECOND, "::1")
        assert comes_through(door, MEDIA, "::1")


@pytest.mark.parametrize(("share", "least", "most"), [(0.0, 0, 0), (0.5, 400, 600), (1.0, 1000, 1000)])
def test_a_share_is_drawn_of_the_second_step_only(
    door: socket.socket, share: float, least: int, most: int
) -> None:
    attach(door.fileno(), Passage((), share))
    assert least <= sum(comes_through(door, SECOND) for _ in range(1_000)) <= most
    assert all(comes_through(door, each) for each in (FIRST, MEDIA, KEEPALIVE) for _ in range(20))


@pytest.mark.parametrize(
    ("size", "window", "passes"),
    [
        (1500, 8_192, True), (1500, 65_536, True), (1500, 65_537, False), (1500, 2**31 - 1, False), (1500, 2**32 - 1, False),
        (400, 8_192, True), (399, 8_192, False), (0, 8_192, False), (9_216, 8_192, True), (9_217, 8_192, False),
    ],
)  # fmt: skip
def test_buffers_out_of_measure_are_not_asked_for(
    door: socket.socket, size: int, window: int, passes: bool
) -> None:
    attach(door.fileno(), Passage())
    assert comes_through(door, handshake(-1, size, window)) == passes
    assert comes_through(door, handshake(1, size, window))
