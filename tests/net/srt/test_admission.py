"""Who may send, by a clock that is moved by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from huma.net.srt.admission import Admission, Knock
from huma.net.srt.bucket import Bucket, Turnstile
from huma.net.srt.limits import LIMITS

A, B, C = 101, 102, 103
HELLO = Knock(5, b"")
TS = (b"\x47" + bytes(187)) * 7


def admission(*streamid: str, **limits: int) -> Admission:
    return Admission(replace(LIMITS, **limits), *(streamid or (None,)))


def enter(made: Admission, socket: int, now: int) -> None:
    assert made.knock(socket, HELLO, now) == ""
    assert made.enter(socket, 0, now) == ""


def publishing(now: int = 0, **limits: int) -> Admission:
    made = admission(**limits)
    enter(made, A, now)
    assert made.speak(A, TS, now) == ()
    assert made.publisher == A
    return made


def test_the_first_who_says_something_is_the_publisher() -> None:
    made = admission()
    enter(made, A, 0)
    enter(made, B, 0)
    assert made.publisher is None
    made.speak(B, TS, 10)
    assert made.publisher == B
    assert made.publications == 1
    assert made.speak(A, TS, 20) == ((A, "busy"),)
    assert made.publisher == B


@pytest.mark.parametrize(("silent_for", "reason"), [(2_999, "busy"), (3_000, "")])
def test_a_second_may_knock_when_the_first_has_been_silent(silent_for: int, reason: str) -> None:
    made = publishing()
    assert made.knock(B, HELLO, silent_for) == reason


def test_a_second_takes_over_with_his_first_word_not_before() -> None:
    made = publishing()
    enter(made, B, 3_000)
    assert made.publisher == A
    assert made.speak(A, TS, 3_001) == ()
    assert made.speak(B, TS, 3_002) == ((B, "busy"),)
    enter(made, C, 6_001)
    assert made.speak(C, TS, 6_002) == ((A, "taken-over"),)
    assert (made.publisher, made.publications) == (C, 2)
    assert made.refused == {"busy": 1, "taken-over": 1}


def test_who_knocks_and_has_not_the_passphrase_changes_nothing_but_a_count() -> None:
    made = publishing()
    assert made.knock(B, HELLO, 5_000) == ""
    assert list(made.knocked) == [B]
    made.turned_away(B)
    assert list(made.knocked) == []
    assert made.refused == {"passphrase": 1}
    assert made.publisher == A
    assert made.speak(A, TS, 5_001) == ()


@pytest.mark.parametrize(
    ("version", "streamid", "reason"),
    [(5, b"studio", ""), (5, b"", "streamid"), (5, b"studio2", "streamid"), (4, b"studio", "old")],
)
def test_what_a_stranger_says_of_himself(version: int, streamid: bytes, reason: str) -> None:
    made = admission("studio")
    assert made.knock(A, Knock(version, streamid), 0) == reason
    assert made.refused == ({reason: 1} if reason else {})


def test_passphrases_are_not_tried_by_the_thousand() -> None:
    made = admission(checks=20, checks_each=5)
    found = [made.knock(A, HELLO, 0) for _ in range(1_000)]
    assert found.count("") == 10
    assert found.count("crowded") == 990
    assert made.knock(A, HELLO, 200) == ""
    assert made.knock(A, HELLO, 200) == "crowded"


def test_one_who_tries_thousands_keeps_nobody_else_out() -> None:
    made = admission(checks=20, checks_each=5)
    for now in range(0, 60_000, 10):
        made.knock(A, Knock(5, b"", b"bad!"), now)
    assert made.knock(B, Knock(5, b"", b"good"), 60_000) == ""


def test_many_together_are_bounded_too_and_so_is_what_is_remembered_of_them() -> None:
    gate = Turnstile(5, 200)
    found = [gate.let_in(number.to_bytes(4), 0) for number in range(10_000)]
    assert found.count(True) == 200
    assert len(gate._origins) <= 1024
    assert gate.let_in(b"late", 1_000)


def test_who_knocks_too_often_is_kept_from_the_door_also_while_it_is_busy() -> None:
    made = publishing()
    made.look(1_000)
    for _ in range(30):
        assert made.knock(B, Knock(5, b"", b"bad!"), 1_001) == "busy"
    found = made.look(1_100)
    assert found is not None
    assert found.banned == (b"bad!",)


def test_a_caller_who_says_nothing_goes_and_blocks_nobody() -> None:
    made = admission(callers=2)
    enter(made, A, 0)
    enter(made, B, 0)
    assert made.knock(C, HELLO, 1) == ""
    assert made.enter(C, 0, 1) == "crowded"
    assert made.sweep(3_000) == ()
    assert made.sweep(3_001) == ((A, "silent"), (B, "silent"))
    enter(made, C, 3_002)


def test_what_a_caller_says_is_seen_after_the_latency() -> None:
    made = admission()
    assert made.enter(A, 2_000, 0) == ""
    assert made.sweep(5_000) == ()
    assert made.sweep(5_001) == ((A, "silent"),)


def test_a_publisher_who_says_nothing_any_more_is_cut() -> None:
    made = publishing()
    assert made.sweep(10_000) == ()
    assert made.sweep(10_001) == ((A, "idle"),)
    assert made.publisher is None


def test_a_publisher_who_leaves_makes_room_at_once() -> None:
    made = publishing()
    made.leave(A)
    enter(made, B, 1)
    assert made.speak(B, TS, 1) == ()
    assert made.publisher == B


def test_who_sends_too_much_for_long_is_cut_and_cannot_begin_anew_at_once() -> None:
    made = publishing(bits_per_second=8_000_000, burst_bytes=100_000)
    block = TS * 10
    now, sent = 0, 0
    while made.publisher == A:
        now += 5  # 13,160 bytes in 5 ms: 21 Mbit/s
        sent += len(block)
        going = made.speak(A, block, now)
    assert going == ((A, "too-fast"),)
    assert 100_000 < sent < 200_000
    enter(made, B, now)
    assert made.speak(B, block, now) == ((B, "too-fast"),)


def test_who_keeps_below_it_stays() -> None:
    made = publishing(bits_per_second=8_000_000, burst_bytes=100_000)
    for now in range(0, 60_000, 10):
        assert made.speak(A, TS * 7, now) == ()  # 7.4 Mbit/s


def test_what_is_no_mpeg_ts_is_cut() -> None:
    made = publishing(garbage_bytes=10_000)
    assert made.speak(A, b"GET / HTTP/1.1\r\n" * 500, 1) == ()
    assert made.speak(A, b"GET / HTTP/1.1\r\n" * 500, 2) == ((A, "not-mpegts"),)
    assert made.publisher is None


def test_a_bucket_owes_nothing() -> None:
    bucket = Bucket(1000, 10)
    assert not bucket.take(1_000_000, 0)
    assert not bucket.take(6, 5)
    assert bucket.take(5, 10)
