from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huma.net.rtmp.arrival import Arrival
from huma.net.rtmp.limits import Limits
from huma.net.rtmp.messages import AUDIO, VIDEO
from huma.net.rtmp.tags import Role, Tag
from tests.net.rtmp.flvfile import FileTag, read_flv

HEAD = b"FLV\x01\x05\0\0\0\x09\0\0\0\0"
ROLES: dict[str, tuple[int, Role]] = {
    "H": (VIDEO, "header"),
    "K": (VIDEO, "key"),
    "p": (VIDEO, "other"),
    "a": (AUDIO, "key"),
    "A": (AUDIO, "header"),
}


class Clock:
    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        return self.now


def arrive(limits: Limits, clock: Clock | None = None) -> Arrival:
    return Arrival(HEAD, name="main", language="", limits=limits, clock=clock or Clock())


def put(arrival: Arrival, roles: str, first: int = 0, size: int = 100) -> None:
    for moment, letter in enumerate(roles, first):
        kind, role = ROLES[letter]
        arrival.put(Tag(kind, role, moment, letter.encode() * size), moment, entry=letter == "K")


def rest(arrival: Arrival, size: int = 4096) -> bytes:
    arrival.end()
    return b"".join(iter(lambda: arrival.read(size), b""))


def letters(tags: list[FileTag]) -> str:
    return "".join(chr(tag.payload[0]) for tag in tags)


@given(roles=st.text("HKpaA", max_size=40), size=st.integers(1, 300))
def test_who_reads_in_time_gets_all_of_it(roles: str, size: int) -> None:
    arrival = arrive(Limits())
    put(arrival, roles)
    flags, tags = read_flv(rest(arrival, size))
    assert flags == 5
    assert letters(tags) == roles
    assert [tag.timestamp for tag in tags] == list(range(len(roles)))
    assert arrival.dropped == 0


def test_a_slow_reader_goes_on_at_the_newest_key_frame() -> None:
    arrival = arrive(Limits(arrival_bytes=2_900))
    put(arrival, "KpapKpap")
    assert arrival.dropped == 4
    assert letters(read_flv(rest(arrival))[1]) == "Kpap"


def test_where_even_that_is_too_much_it_waits_for_the_next_one() -> None:
    arrival = arrive(Limits(arrival_bytes=1_500))
    put(arrival, "KppppppapK")
    put(arrival, "p", first=10)
    assert letters(read_flv(rest(arrival))[1]) == "Kp"
    assert arrival.dropped == 9


def test_new_sequence_headers_survive_the_drop() -> None:
    arrival = arrive(Limits(arrival_bytes=2_900))
    put(arrival, "pHAppHaapKp")
    _, tags = read_flv(rest(arrival))
    assert letters(tags) in ("HAKp", "AHKp")
    assert [tag.timestamp for tag in tags if tag.payload[:1] == b"H"] == [5]


def test_a_tag_that_is_half_read_is_finished() -> None:
    arrival = arrive(Limits(arrival_bytes=1_500))
    put(arrival, "K")
    begun = arrival.read(len(HEAD)) + arrival.read(50)
    put(arrival, "ppppppppK", first=1)
    assert letters(read_flv(begun + rest(arrival))[1]) == "KK"


def test_what_has_waited_too_long_is_dropped() -> None:
    clock = Clock()
    arrival = arrive(Limits(arrival_ms=1_000), clock)
    put(arrival, "KpKp")
    clock.now = 1_001
    put(arrival, "p", first=4)
    assert arrival.dropped == 5
    put(arrival, "Kp", first=5)
    assert letters(read_flv(rest(arrival))[1]) == "Kp"


@given(
    steps=st.lists(st.one_of(st.sampled_from("HKpaA"), st.integers(1, 400)), max_size=120),
    most=st.integers(400, 4_000),
)
def test_it_stays_bounded_and_readable_whatever_comes(steps: list[str | int], most: int) -> None:
    arrival, got = arrive(Limits(arrival_bytes=most)), b""
    for moment, step in enumerate(steps):
        if isinstance(step, int):
            if arrival.held_bytes:
                got += arrival.read(step)
        else:
            put(arrival, step, first=moment)
        assert arrival.held_bytes <= most + 1_000
    _, tags = read_flv(got + rest(arrival))
    stamps = [tag.timestamp for tag in tags if tag.payload[:1] not in b"HA"]
    assert stamps == sorted(stamps)


def test_after_a_drop_nothing_comes_before_a_key_frame() -> None:
    arrival = arrive(Limits(arrival_bytes=500))
    put(arrival, "pppapapaKpa")
    assert letters(read_flv(rest(arrival))[1]) in ("Kpa", "")


def test_a_closed_one_gives_nothing_and_holds_nothing() -> None:
    arrival = arrive(Limits())
    put(arrival, "Kp")
    arrival.close()
    put(arrival, "Kp")
    assert arrival.read(10) == b""
    assert arrival.held_bytes <= len(HEAD)


def test_a_waiting_reader_hears_the_next_tag_the_end_the_stop_and_the_silence() -> None:
    arrival = arrive(Limits())
    arrival.read(100)
    timer = threading.Timer(0.05, put, (arrival, "K"))
    timer.start()
    assert arrival.read(1000)
    threading.Timer(0.05, arrival.end).start()
    assert arrival.read(1000) == b""

    silent, stop = arrive(Limits()), threading.Event()
    silent.read(100)
    silent.attend(stop, 0.05)
    assert silent.read(1) == b""
    silent.attend(stop, None)
    threading.Timer(0.05, stop.set).start()
    assert silent.read(1) == b""


@pytest.mark.parametrize(("later", "stale"), [(1_000, False), (1_001, True)])
def test_an_old_ended_one_is_stale(later: int, stale: bool) -> None:
    clock = Clock()
    arrival = arrive(Limits(arrival_ms=1_000), clock)
    assert not arrival.stale
    arrival.end()
    clock.now = later
    assert arrival.stale is stale
