"""A line that loses packets: libsrt asks for them again, and the door says how the line is."""

from __future__ import annotations

import random
import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from huma.net.srt.door import SrtDoor
from tests.net.srt.pushing import Line, admit, opened, packets, until

pytestmark = pytest.mark.system


class BadLine:
    """Stands between one encoder and the door: loses a part of what the encoder sends, and holds it up."""

    def __init__(self, door: SrtDoor) -> None:
        self.loss = 0.0
        self.delay_s = 0.0
        self._outside, self._inside = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        self._outside.bind(("127.0.0.1", 0))
        self._inside.connect(("127.0.0.1", door.port))
        self.port: int = self._outside.getsockname()[1]
        self._encoder: tuple[str, int] | None = None
        self._stopping = threading.Event()
        self._dice = random.Random(7)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()
        self._outside.close()
        self._inside.close()

    def _run(self) -> None:
        held: list[tuple[float, bytes]] = []
        while not self._stopping.is_set():
            ready, _, _ = select.select([self._outside, self._inside], [], [], 0.002)
            if self._outside in ready:
                data, self._encoder = self._outside.recvfrom(2048)
                is_media = data[0] < 0x80
                if not is_media or self._dice.random() >= self.loss:
                    held.append((time.monotonic() + self.delay_s, data))
            if self._inside in ready and self._encoder is not None:
                self._outside.sendto(self._inside.recv(2048), self._encoder)
            while held and held[0][0] <= time.monotonic():
                self._inside.send(held.pop(0)[1])


@contextmanager
def between(door: SrtDoor) -> Iterator[BadLine]:
    line = BadLine(door)
    try:
        yield line
    finally:
        line.stop()


def test_what_is_lost_on_the_way_is_sent_again() -> None:
    with opened(latency_ms=2_000) as door, between(door) as way:
        way.delay_s = 0.04
        line = Line(way)
        way.loss = 0.1
        line.send(1_000)
        way.loss = 0.0
        line.send(100)
        arrival, got = admit(door), b""
        while len(got) < len(line.sent):
            part = arrival.read(65536)
            assert part
            got += part
        state = door.state
    assert got == line.sent
    assert 50 <= state.packets_lost <= 400
    assert 50 <= state.packets_retransmitted <= 400
    assert state.packets_dropped == 0
    assert 40 <= state.round_trip_ms < 400
    assert state.latency_ms == 2_000


def test_what_comes_too_late_is_missing_and_said_to_be() -> None:
    with opened(latency_ms=20) as door, between(door) as way:
        way.delay_s = 0.1  # no answer can be there in time
        line = Line(way)
        way.loss = 0.1
        line.send(1_000)
        way.loss = 0.0
        line.send(100)
        until(lambda: door.state.packets_dropped > 20, lambda: door.state)
        until(lambda: door.state.bytes > 0.8 * len(line.sent), lambda: door.state)
        arrival = admit(door)
        data = b"".join(arrival.read(65536) for _ in range(10))
    numbers = [int.from_bytes(data[at + 4 : at + 12]) for at in range(0, len(data) // 188 * 188, 188)]
    assert data[: 188 * 70] == b"".join(packets(number, 1) for number in numbers[:70])
    assert numbers == sorted(numbers)
    assert len(numbers) < numbers[-1] + 1
