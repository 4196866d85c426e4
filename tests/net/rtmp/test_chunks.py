from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huma.errors import TransportError
from huma.net.rtmp.chunks import ChunkReader
from huma.net.rtmp.limits import LIMITS, Limits
from huma.net.rtmp.messages import ABORT, AUDIO, SET_CHUNK_SIZE, VIDEO, Message, control, render_message
from tests.net.rtmp.cutting import Chunker, cut, cuts

messages = st.builds(
    Message,
    kind=st.sampled_from([AUDIO, VIDEO, 18, 20]),
    stream=st.sampled_from([0, 1, 77_777_777]),
    timestamp=st.one_of(
        st.integers(0, 200),
        st.sampled_from([0xFFFFFE, 0xFFFFFF, 0x1000000, 2**32 - 1]),
        st.integers(0, 2**32 - 1),
    ),
    payload=st.one_of(st.binary(max_size=20), st.integers(0, 700).map(bytes)),
)
numbers = st.sampled_from([2, 3, 4, 63, 64, 319, 320, 65_599])


def read(pieces: Sequence[bytes], limits: Limits = LIMITS, most: int = 10_000) -> tuple[list[Message], str]:
    """All messages, and the code of the error that ended it."""
    reader = ChunkReader(limits, most)
    found = []
    try:
        for piece in pieces:
            for message in reader.feed(piece):
                found.append(message)  # noqa: PERF402 - those before an error count
    except TransportError as error:
        return found, error.code
    return found, ""


@given(message=messages, size=st.integers(128, 800), places=cuts)
def test_what_is_rendered_reads_back_however_it_is_cut(
    message: Message, size: int, places: list[int]
) -> None:
    data = control(SET_CHUNK_SIZE, size) + render_message(message, 5, size)
    assert read(cut(data, places)) == ([message], "")


@given(
    sent=st.lists(st.tuples(numbers, messages), max_size=12),
    size=st.integers(128, 300),
    seed=st.integers(0, 1000),
    places=cuts,
)
def test_interleaved_streams_with_short_headers_read_back(
    sent: list[tuple[int, Message]], size: int, seed: int, places: list[int]
) -> None:
    chunker = Chunker(size)
    queues: dict[int, list[list[bytes]]] = {}
    for number, message in sent:
        queues.setdefault(number, []).append(chunker.chunks(number, message))
    order = random.Random(seed)
    data = control(SET_CHUNK_SIZE, size)
    lines = {number: [chunk for chunks in queue for chunk in chunks] for number, queue in queues.items()}
    while lines:
        number = order.choice(sorted(lines))
        data += lines[number].pop(0)
        if not lines[number]:
            del lines[number]
    found, code = read(cut(data, places), Limits(chunk_streams=8))
    assert code == ""
    assert sorted(found, key=repr) == sorted((message for _, message in sent), key=repr)
    for number in queues:
        in_order = iter(found)
        assert all(message in in_order for each, message in sent if each == number)


@given(data=st.binary(max_size=600), places=cuts)
def test_any_bytes_give_the_same_however_they_are_cut(data: bytes, places: list[int]) -> None:
    assert read(cut(data, places)) == read([data])


@given(
    sent=st.lists(messages, min_size=1, max_size=4),
    damage=st.lists(st.tuples(st.integers(min_value=0), st.integers(0, 255)), max_size=4),
    places=cuts,
)
def test_damaged_chunks_give_the_same_however_they_are_cut(
    sent: list[Message], damage: list[tuple[int, int]], places: list[int]
) -> None:
    data = bytearray(b"".join(render_message(message, 4, 128) for message in sent))
    for where, byte in damage:
        data[where % len(data)] = byte
    assert read(cut(bytes(data), places)) == read([bytes(data)])


def test_a_short_header_after_a_full_one_repeats_its_timestamp() -> None:
    """As the specification has it: the delta is then the timestamp itself, and ffmpeg relies on it."""
    first = Message(AUDIO, 1, 40, b"a")
    assert read([render_message(first, 4, 128) + b"\xc4b"])[0] == [first, Message(AUDIO, 1, 80, b"b")]


def test_timestamps_go_round() -> None:
    late = render_message(Message(AUDIO, 1, 2**32 - 10, b"a"), 4, 128)
    assert [each.timestamp for each in read([late + b"\x84\0\0\x14b"])[0]] == [2**32 - 10, 10]


def test_an_aborted_message_is_forgotten() -> None:
    begun = render_message(Message(VIDEO, 1, 0, bytes(300)), 4, 128)[:140]
    again = render_message(Message(VIDEO, 1, 7, b"new"), 4, 128)
    assert read([begun + control(ABORT, 4) + again]) == ([Message(VIDEO, 1, 7, b"new")], "")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\xc3", "rtmp-malformed"),
        (b"\x83\0\0\0", "rtmp-malformed"),
        (
            render_message(Message(VIDEO, 1, 0, bytes(300)), 4, 128)[:140] + b"\x04" + bytes(11),
            "rtmp-malformed",
        ),
        (control(SET_CHUNK_SIZE, 1), "rtmp-malformed"),
        (control(SET_CHUNK_SIZE, 0x80000001), "rtmp-malformed"),
        (render_message(Message(SET_CHUNK_SIZE, 0, 0, b""), 2, 128), "rtmp-malformed"),
        (b"\x04\0\0\0\xff\xff\xff\x09\1\0\0\0", "rtmp-too-large"),
        (
            b"".join(b"\0" + bytes([number]) + b"\0\0\0\0\0\1\x09\1\0\0\0a" for number in range(40)),
            "rtmp-too-large",
        ),
    ],
    ids=[
        "unknown 3",
        "unknown 2",
        "nested",
        "size 1",
        "size 1 with a bit",
        "no size",
        "16 MB",
        "endless streams",
    ],
)
def test_what_no_encoder_sends_is_refused(data: bytes, code: str) -> None:
    assert read([data])[1] == code


def test_unfinished_messages_together_stay_below_the_limit() -> None:
    part = [
        bytes([number]) + b"\0\0\0" + (9000).to_bytes(3, "big") + b"\x09\1\0\0\0" + bytes(8000)
        for number in range(3, 6)
    ]
    assert read([control(SET_CHUNK_SIZE, 8000), *part])[1] == "rtmp-too-large"


def test_what_is_announced_costs_nothing() -> None:
    reader = ChunkReader(LIMITS, 4_000_000)
    assert (
        list(reader.feed(control(SET_CHUNK_SIZE, 2**31 - 1) + b"\x04\0\0\0\x3d\x09\x00\x09\1\0\0\0a")) == []
    )
    assert reader._held == 1


def test_pings_of_librtmp_begin_without_a_message_stream() -> None:
    assert read([b"\x42\0\0\0\0\0\1\x04a"]) == ([Message(4, 0, 0, b"a")], "")
