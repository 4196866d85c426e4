"""Strangers, wrong passphrases, noise, floods, people who say nothing: the one who may send loses nothing."""

from __future__ import annotations

import random
import resource
import socket
import struct
import threading
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from huma.net.srt.door import SrtDoor
from huma.net.srt.limits import LIMITS
from huma.net.srt.sieve import MOST_WINDOW
from tests.net.srt.pushing import (
    CODED,
    FILM,
    PASSPHRASE,
    PATIENT,
    Line,
    LineCutError,
    LineRefusedError,
    admit,
    drain,
    opened,
    packets,
    push,
    until,
)

pytestmark = pytest.mark.system
OTHER = "another-passphrase-than-ours"


@pytest.mark.parametrize("passphrase", [OTHER, PASSPHRASE + "x", PASSPHRASE[:-1], ""])
def test_who_has_not_the_passphrase_never_becomes_a_publisher(passphrase: str) -> None:
    with opened() as door:
        with push(door, "-re", *FILM, "-t", "3", *CODED, passphrase=passphrase) as encoder:
            assert encoder.wait(60) != 0
        until(lambda: door.state.refused.get("passphrase", 0) >= 1, lambda: door.state)
        assert set(door.state.refused) == {"passphrase"}
        assert door.state.publications == 0
        line = Line(door)
        line.send(20)
        assert admit(door).read(188) == packets(0, 1)


def test_on_loopback_a_door_may_be_open_and_then_takes_no_passphrase() -> None:
    with opened(passphrase="") as door:
        with pytest.raises(LineRefusedError):
            Line(door, OTHER)
        until(lambda: door.state.refused.get("passphrase", 0) >= 1, lambda: door.state)
        line = Line(door, "")
        line.send(20)
        assert admit(door).read(188) == packets(0, 1)


def noise(seed: int) -> bytes:
    """What a port scanner, a fuzzer and a bad line send."""
    source = random.Random(seed)
    kind = seed % 8
    if kind == 0:
        return b""
    if kind == 1:
        return b"GET / HTTP/1.1\r\n\r\n"
    if (
        kind == 2
    ):  # a handshake: version, cipher, extension, sequence, MTU, window, kind, socket, cookie, address
        request = source.choice((1, 0, -1, -2, source.randrange(-(2**31), 2**31)))
        words = [source.choice((4, 5, source.getrandbits(32))), *(source.getrandbits(32) for _ in range(4))]
        body = struct.pack(
            ">5IiII", *words[:5], request, source.getrandbits(32), source.choice((0, source.getrandbits(32)))
        )
        return (
            struct.pack(">4I", 0x80000000, 0, source.getrandbits(32), 0)
            + body
            + source.randbytes(source.randrange(64))
        )
    if kind == 3:  # a control packet of any type to any socket
        return struct.pack(
            ">4I", 0x80000000 | source.getrandbits(31), *(source.getrandbits(32) for _ in range(3))
        ) + source.randbytes(40)
    if kind == 4:  # a data packet to any socket
        return struct.pack(
            ">4I", source.getrandbits(31), *(source.getrandbits(32) for _ in range(3))
        ) + packets(0, 7)
    return source.randbytes(source.randrange(1, 1500))


def test_ten_thousand_datagrams_of_noise_beside_a_publisher_lose_nothing() -> None:
    with opened(latency_ms=1_000) as door, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        line, pid = Line(door), door.pid
        line.send(100)
        arrival = admit(door)
        sending = threading.Thread(target=line.send, args=(1_500,))
        sending.start()
        for seed in range(10_000):
            stranger.sendto(noise(seed), ("127.0.0.1", door.port))
            if seed % 20 == 0:
                threading.Event().wait(0.002)
        sending.join()
        got = b""
        while len(got) < len(line.sent):
            part = arrival.read(65536)
            assert part
            got += part
        assert got == line.sent
        assert (door.state.restarts, door.pid) == (0, pid)
        assert door.state.packets_dropped == 0
        assert door.state.publications == 1


def test_thousands_of_passphrases_beside_a_publisher_are_not_even_tried() -> None:
    with opened() as door:
        line = Line(door)
        line.send(50)
        arrival = admit(door)
        guessing = threading.Thread(target=guess, args=(door, 30))
        guessing.start()
        while guessing.is_alive():
            line.send(10)
        line.send(10)
        got = b""
        while len(got) < len(line.sent):
            got += arrival.read(65536)
        assert got == line.sent
        until(lambda: door.state.refused.get("busy", 0) >= 30, lambda: door.state)
        assert "passphrase" not in door.state.refused


def guess(door: SrtDoor, times: int) -> None:
    for number in range(times):
        with pytest.raises(LineRefusedError):
            Line(door, f"guess-number-{number}")


def test_one_who_guesses_is_held_up() -> None:
    with opened(replace(PATIENT, checks_each=1)) as door:
        guess(door, 12)
        until(lambda: door.state.refused.get("crowded", 0) >= 1, lambda: door.state)
        assert door.state.refused["passphrase"] >= 2
        assert door.state.publications == 0


class Knocker:
    """Gives back the cookie that it got, and then knocks: what costs libsrt most of all that a stranger can do."""

    def __init__(self, source: str, port: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((source, 0))
        self._socket.connect(("127.0.0.1", port))
        self._socket.settimeout(5)
        self._dice = random.Random(source)
        self._socket.send(self._handshake(4, 1, 0))
        answer = self._socket.recv(2048)
        (self._cookie,) = struct.unpack_from(">I", answer, 16 + 28)

    def knock(self) -> None:
        self._socket.send(self._handshake(5, -1, self._cookie))

    def close(self) -> None:
        self._socket.close()

    def _handshake(self, version: int, request: int, cookie: int) -> bytes:
        words = (version, 5 if version == 5 else 2, self._dice.getrandbits(31), 1500, MOST_WINDOW)
        socket_id = self._dice.getrandbits(30)
        return struct.pack(">4I5IiII", 0x80000000, 0, 0, 0, *words, request, socket_id, cookie) + bytes(
            [127, *bytes(15)]
        )


def resident(pid: int | None) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()


@pytest.mark.parametrize("sources", [1, 250])
def test_a_flood_of_handshakes_neither_fills_the_memory_nor_reaches_the_publisher(sources: int) -> None:
    with opened(latency_ms=2_000) as door:
        line, pid = Line(door), door.pid
        line.send(300)
        arrival = admit(door)
        knockers = [Knocker(f"127.9.0.{number + 2}", door.port) for number in range(sources)]
        sending = threading.Thread(target=line.send, args=(3_000,))
        sending.start()
        most = count = 0
        while sending.is_alive():
            for knocker in knockers * (250 // sources):
                knocker.knock()
                count += 1
            most = max(most, resident(pid))
            time.sleep(0.001)
        sending.join()
        got = b""
        while len(got) < len(line.sent):
            part = arrival.read(65536)
            assert part
            got += part
        assert got == line.sent
        assert (door.state.restarts, door.pid, door.state.packets_dropped) == (0, pid, 0)
        assert count > 5_000
        assert most < LIMITS.memory_bytes * 3 // 4
        line.close()
        until(lambda: not door.state.in_use)
        for knocker in knockers:
            knocker.close()
        again = None
        while again is None:  # it is quiet now
            with suppress(LineRefusedError):
                again = Line(door)
        again.send(20)
        until(lambda: door.state.publications == 2)


@pytest.mark.parametrize("sources", [1, 250])
def test_nor_does_it_while_nobody_sends_and_passphrases_are_tried(sources: int) -> None:
    with opened() as door:
        pid = door.pid
        knockers = [Knocker(f"127.9.1.{number + 2}", door.port) for number in range(sources)]
        most, until_s = 0, time.monotonic() + 8
        while time.monotonic() < until_s:
            for knocker in knockers * (250 // sources):
                knocker.knock()
            assert door.pid == pid
            most = max(most, resident(pid))
        assert most < LIMITS.memory_bytes * 3 // 4
        assert door.state.restarts == 0
        if sources == 1:  # the others are not kept waiting by one
            Line(door).send(20)
            assert admit(door).read(188) == packets(0, 1)
        for knocker in knockers:
            knocker.close()


def test_what_is_no_mpeg_ts_is_cut() -> None:
    with opened(replace(PATIENT, garbage_bytes=20_000)) as door:
        line = Line(door)
        with pytest.raises(LineCutError):
            line.babble(10_000)
        line.close()
        until(lambda: door.state.refused == {"not-mpegts": 1}, lambda: door.state)
        assert not door.state.in_use


def test_a_flood_is_cut_and_nothing_grows() -> None:
    limits = replace(PATIENT, bits_per_second=8_000_000, burst_bytes=4_000_000)
    with opened(limits) as door:
        line = Line(door)
        with pytest.raises(LineCutError):
            line.send(30_000, rest_s=0.0002)
        line.close()
        until(lambda: door.state.refused.get("too-fast") == 1, lambda: door.state)
        until(lambda: not door.state.in_use)
        assert 3_000_000 < len(drain(admit(door))) < 20_000_000
        again = Line(door)
        with pytest.raises(LineCutError):
            again.send(30_000, rest_s=0.0002)
        again.close()
        until(lambda: door.state.refused["too-fast"] == 2, lambda: door.state)


def test_callers_who_say_nothing_keep_nobody_out() -> None:
    with opened(replace(PATIENT, mute_ms=1_000, callers=2)) as door:
        for _ in range(2):
            Line(door)
        until(lambda: door.state.refused.get("silent", 0) == 2, lambda: door.state)
        third = Line(door)
        third.send(20)
        assert admit(door).read(188) == packets(0, 1)


def test_a_publisher_who_falls_silent_is_cut_and_the_reader_sees_the_end() -> None:
    with opened(replace(PATIENT, idle_ms=1_000)) as door:
        line = Line(door)
        line.send(20)
        assert len(drain(admit(door))) == 20 * 1316
        until(lambda: door.state.refused == {"idle": 1}, lambda: door.state)


def test_a_silent_one_makes_room_for_one_who_speaks() -> None:
    with opened(replace(PATIENT, takeover_ms=1_000)) as door:
        first = Line(door)
        first.send(20)
        arrival = admit(door)
        second = None
        while second is None:
            try:
                second = Line(door)
            except LineRefusedError:
                threading.Event().wait(0.1)
        second.send(40)
        assert len(drain(arrival)) == 20 * 1316
        assert admit(door).read(188) == packets(0, 1)
        until(lambda: door.state.refused.get("taken-over") == 1, lambda: door.state)
        assert door.state.refused["busy"] >= 1


def test_a_slow_reader_loses_the_publication_and_gets_what_comes_then() -> None:
    with opened(replace(PATIENT, arrival_bytes=200_000)) as door:
        line = Line(door)
        line.send(50)
        slow = admit(door)
        line.send(120)
        until(lambda: slow.over)
        assert slow.held_bytes == 0
        assert slow.read(10) == b""
        newer = admit(door)
        line.send(60)
        until(lambda: door.state.bytes == len(line.sent), lambda: door.state)
        part = newer.read(188)
        number = int.from_bytes(part[4:12])
        assert part == packets(number, 1)
        assert number > 150_000 // 188
        assert door.state.unread_bytes > 150_000
        assert door.state.publications == 1


def test_the_encoder_is_told_when_the_door_stops() -> None:
    with opened() as door:
        line = Line(door)
        line.send(50)
        arrival = admit(door)
        door.stop()
        with pytest.raises(LineCutError):
            line.send(150, rest_s=0.01)  # by itself it would notice after five seconds
        assert line.sent.startswith(drain(arrival))
        assert door.open_next(threading.Event()) is None
