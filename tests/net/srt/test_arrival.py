"""What a reader gets of a publication: all of it, or none of what he was too slow for."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import pytest

from huma.net.srt.arrival import Arrival
from huma.net.srt.limits import LIMITS
from huma.net.srt.publication import Publication

SMALL = replace(LIMITS, arrival_bytes=10_000, arrival_ms=1_000)


class Clock:
    def __init__(self) -> None:
        self.now = 1_000

    def __call__(self) -> int:
        return self.now


def taken(clock: Clock) -> Arrival:
    arrival = Arrival(SMALL, clock)
    arrival.attend(threading.Event(), None)
    return arrival


def drain(arrival: Arrival) -> bytes:
    return b"".join(iter(lambda: arrival.read(777), b""))


def test_everything_comes_out_in_any_sizes() -> None:
    arrival = taken(Clock())
    arrival.put(b"abc" * 500)
    arrival.put(b"def")
    arrival.end()
    assert drain(arrival) == b"abc" * 500 + b"def"
    assert arrival.unread == 0


def test_a_reader_that_is_too_slow_loses_all_and_sees_the_end() -> None:
    arrival = taken(Clock())
    arrival.put(b"x" * 4_000)
    assert arrival.read(100) == b"x" * 100
    arrival.put(b"y" * 4_000)
    arrival.put(b"z" * 6_000)
    assert arrival.over
    assert arrival.held_bytes == 0
    assert arrival.read(100) == b""
    assert arrival.unread == 10_000
    arrival.put(b"more")
    assert arrival.held_bytes == 0


def test_a_reader_that_reads_nothing_for_long_loses_it_too() -> None:
    clock = Clock()
    arrival = taken(clock)
    arrival.put(b"x")
    clock.now += 1_001
    arrival.put(b"y")
    assert arrival.over


def test_before_it_has_a_reader_the_oldest_make_room() -> None:
    arrival = Arrival(SMALL, Clock())
    for letter in b"abcdef":
        arrival.put(bytes([letter]) * 1_000)
        assert arrival.held_bytes <= SMALL.arrival_bytes // 2
    assert not arrival.over
    arrival.attend(threading.Event(), None)
    arrival.end()
    assert drain(arrival) == b"".join(bytes([letter]) * 1_000 for letter in b"def")
    assert arrival.unread == 3_000
    arrival = Arrival(SMALL, Clock())
    arrival.put(b"x" * 4_000)
    arrival.attend(threading.Event(), None)
    arrival.put(b"y" * 4_000)  # a reader who has just come has time to begin
    assert not arrival.over


def test_tiny_pieces_do_not_hold_many_times_their_bytes() -> None:
    arrival = Arrival(SMALL, Clock())
    for _ in range(10_000):
        arrival.put(b"x")
    assert len(arrival._queue) < 50


def test_what_ended_long_ago_is_stale() -> None:
    clock = Clock()
    arrival = Arrival(SMALL, clock)
    arrival.put(b"x")
    arrival.end()
    clock.now += 1_000
    assert not arrival.stale
    clock.now += 1
    assert arrival.stale


@pytest.mark.parametrize("how", ["close", "stop", "idle", "end"])
def test_a_read_that_waits_ends(how: str) -> None:
    arrival, stop = Arrival(SMALL, Clock()), threading.Event()
    arrival.attend(stop, 0.3 if how == "idle" else None)
    acts = {"close": arrival.close, "stop": stop.set, "end": arrival.end, "idle": lambda: None}
    timer = threading.Timer(0.2, acts[how])
    timer.start()
    began = time.monotonic()
    assert arrival.read(10) == b""
    assert time.monotonic() - began < 30
    timer.join()


def test_the_next_arrival_begins_where_the_reader_let_go() -> None:
    clock = Clock()
    offered: list[Arrival] = []
    publication = Publication(1, SMALL, clock, offered.append)
    publication.take(b"one")
    offered[0].close()
    publication.take(b"two")
    publication.take(b"three")
    publication.end()
    assert len(offered) == 2
    assert drain(offered[1]) == b"twothree"
    assert publication.unread == 3


def test_a_slow_reader_gets_another_arrival_and_the_loss_is_counted() -> None:
    offered: list[Arrival] = []
    publication = Publication(1, SMALL, Clock(), offered.append)
    offered[0].attend(threading.Event(), None)
    for letter in b"abcde":
        publication.take(bytes([letter]) * 3_000)
    assert publication.unread == 12_000
    assert [each.held_bytes > 0 for each in offered] == [False, True]
    publication.end()
    assert drain(offered[1]) == b"e" * 3_000
