"""Movies made of signed fragments: hostile bytes, times, indexes. What players make of them: tests/record."""

from __future__ import annotations

import struct
from fractions import Fraction
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huma.errors import MediaError
from huma.media.boxes import iter_boxes
from huma.media.fmp4 import AudioTrack, Sample, VideoTrack, fragment, init_segment
from huma.media.movie import Movie, decode_time, moved, read_track

VIDEO_INIT = init_segment(VideoTrack(90_000, 320, 180, bytes((1, 0x64, 0, 0x1F, 0xFF)) + bytes(20)))
AUDIO_INIT = init_segment(AudioTrack(48_000, 2, 48_000, bytes((0x11, 0x90)), language="fa"))
BASE = Fraction(4000)


@cache
def video_segment(n: int) -> bytes:
    at = int((BASE + n) * 90_000)
    return fragment(
        n, at, [Sample(bytes([n, 1]) * 50, 45_000), Sample(bytes([n, 2]) * 30, 45_000, key=False)]
    )


@cache
def audio_segment(n: int) -> bytes:
    return fragment(n, int((BASE + n) * 48_000), [Sample(bytes([n, 3]) * 9, 1024)] * 3)


def movie() -> Movie:
    return Movie([read_track(VIDEO_INIT), read_track(AUDIO_INIT)], base=BASE, created_ms=1_795_000_000_000)


def test_tracks_say_what_they_are() -> None:
    video, audio = read_track(VIDEO_INIT), read_track(AUDIO_INIT)
    assert (video.kind, video.timescale, audio.kind, audio.timescale) == ("video", 90_000, "audio", 48_000)
    assert decode_time(video, video_segment(3)) == BASE + 3


def test_fragments_are_renumbered_and_nothing_else_changes() -> None:
    made = movie()
    head = made.head
    body = made.place([(0, video_segment(1)), (1, audio_segment(1))], len(head))
    assert len(body) == len(video_segment(1)) + len(audio_segment(1))
    mdats = [body[start:end] for kind, start, end in iter_boxes(body) if kind == b"mdat"]
    signed = [
        data[start:end]
        for data in (video_segment(1), audio_segment(1))
        for kind, start, end in iter_boxes(data)
        if kind == b"mdat"
    ]
    assert mdats == signed
    differing = sum(a != b for a, b in zip(body, video_segment(1) + audio_segment(1), strict=True))
    assert 0 < differing <= 4 + 8 + 4 + 8 + 4  # sequence, times, and the second track's id
    assert decode_time(read_track(AUDIO_INIT), body[len(video_segment(1)) :]) == 1


def test_the_head_keeps_its_size_when_the_length_is_known() -> None:
    made = movie()
    made.lasts(BASE + Fraction(16, 15))
    assert len(made.head) == len(made.finished_head)
    assert made.head != made.finished_head
    assert b"mehd" in made.finished_head
    assert b"mehd" not in made.head


def test_the_index_names_every_fragment_and_forgets_what_was_not_written() -> None:
    made = movie()
    at = len(made.head)
    whole = made.head
    for n in range(3):
        whole += made.place([(0, video_segment(n)), (1, audio_segment(n))], len(whole))
    made.place([(0, video_segment(3))], len(whole))
    made.forget(len(whole))
    tail = made.tail()
    ((kind, start, end),) = iter_boxes(tail)
    assert kind == b"mfra"
    assert struct.unpack(">I", tail[-4:]) == (len(tail),)
    tables = [tail[inner:until] for each, inner, until in iter_boxes(tail, start, end) if each == b"tfra"]
    assert [struct.unpack_from(">III", table, 4) for table in tables] == [(1, 0, 3), (2, 0, 3)]
    for table in tables:
        for row in range(3):
            time, offset = struct.unpack_from(">QQ", table, 16 + 19 * row)
            assert whole[offset + 4 : offset + 8] == b"moof"
            assert time == row * (90_000 if table is tables[0] else 48_000)
    assert at == len(made.head)


@pytest.mark.parametrize("init", [b"", b"moov", VIDEO_INIT[:60], VIDEO_INIT + VIDEO_INIT, video_segment(1)])
def test_what_is_no_init_segment_is_refused(init: bytes) -> None:
    with pytest.raises(MediaError):
        read_track(init)


@given(where=st.integers(0), byte=st.integers(0, 255), cut=st.integers(0))
def test_hostile_bytes_raise_our_errors_only(where: int, byte: int, cut: int) -> None:
    for init in (VIDEO_INIT, AUDIO_INIT):
        spoilt = bytearray(init)
        spoilt[where % len(spoilt)] = byte
        try:
            Movie([read_track(bytes(spoilt))], base=BASE, created_ms=0).head  # noqa: B018 - made for its errors
        except MediaError:
            continue
    track, data = read_track(VIDEO_INIT), bytearray(video_segment(2))
    data[where % len(data)] = byte
    for hostile in (bytes(data), bytes(data[: cut % len(data)])):
        try:
            found = moved(track, hostile, number=1, sequence=7, base=BASE)
        except MediaError:
            continue
        assert len(found.data) <= len(hostile)
