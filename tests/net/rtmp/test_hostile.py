"""Whoever may connect may send anything. With the key or without it, it costs a bounded amount and harms nobody else."""

from __future__ import annotations

import random
import socket
import threading
from collections.abc import Callable
from contextlib import suppress

import pytest

from huma.net.rtmp.amf0 import render_values
from huma.net.rtmp.limits import Limits
from huma.net.rtmp.messages import COMMAND, SET_CHUNK_SIZE, VIDEO, Message, control, render_message
from huma.net.rtmp.server import RtmpServer
from tests.net.rtmp.doors import KEY, PATIENT, Open, admit, drain, until
from tests.net.rtmp.encoder import KEY_FRAME, PICTURE_HEADER, SOUND, SOUND_HEADER, Encoder
from tests.net.rtmp.flvfile import read_flv

GREETING = b"\3" + bytes(3072)
DEEP = b"\x03\x00\x01a" * 1_500
WIDE = b"\x0a\xff\xff\xff\xff" + b"\x05" * 5_000


def still_serves(server: RtmpServer) -> None:
    with Encoder(server.port).begin(KEY) as encoder:
        encoder.headers().picture(0, KEY_FRAME).sound(0, SOUND)
        assert admit(server).read(3) == b"FLV"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "garbage"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500), "garbage"),
        (b"\0" * 100, "garbage"),
        (GREETING + b"\xc3", "rtmp-malformed"),
        (GREETING + b"\x04\0\0\0\xff\xff\xff\x09\1\0\0\0" + bytes(1000), "rtmp-too-large"),
        (GREETING + control(SET_CHUNK_SIZE, 1), "rtmp-malformed"),
        (
            GREETING + b"".join(b"\0" + bytes([n]) + bytes(5) + b"\1\x09" + bytes(5) for n in range(99)),
            "rtmp-too-large",
        ),
        (GREETING + render_message(Message(COMMAND, 0, 0, DEEP), 3, 128), "rtmp-too-large"),
        (
            GREETING + render_message(Message(COMMAND, 0, 0, render_values("connect", 1) + WIDE), 3, 128),
            "rtmp-too-large",
        ),
        (GREETING + b"\x04" + bytes(11) + b"\xc4" * 10_000, "rtmp-too-large"),
        (GREETING + render_message(Message(COMMAND, 0, 0, b"\xff\xff"), 3, 128), "rtmp-malformed"),
    ],
    ids=[
        "http",
        "tls",
        "zeros",
        "no header",
        "16 MB",
        "chunks of 1",
        "endless ids",
        "deep",
        "wide",
        "empty",
        "no AMF",
    ],
)
def test_a_stranger_with_bad_intentions_is_cut_at_once(server: RtmpServer, data: bytes, reason: str) -> None:
    with Encoder(server.port) as stranger:
        with suppress(OSError):
            stranger.socket.sendall(data)
        assert stranger.closed()
    until(lambda: server.state.refused.get(reason) == 1, f"it is counted: {dict(server.state.refused)}")
    still_serves(server)


def large(encoder: Encoder) -> None:
    encoder.set_chunk_size(2**31 - 1).picture(0, b"\x17\1\0\0\0" + bytes(5_000_000))


def small_chunks(encoder: Encoder) -> None:
    encoder.set_chunk_size(1)


def endless_ids(encoder: Encoder) -> None:
    for number in range(64):
        encoder.send(Message(VIDEO, 1, 0, KEY_FRAME), number) if number > 2 else None


def many_unfinished(encoder: Encoder) -> None:
    encoder.set_chunk_size(1_000_000)
    for number in range(10, 30):
        whole = render_message(Message(VIDEO, 1, 0, KEY_FRAME + bytes(1_999_000)), number, 1_000_000)
        encoder.socket.sendall(whole[:900_000])
        encoder.socket.sendall(whole[900_000:1_000_012])


def large_header(encoder: Encoder) -> None:
    encoder.set_chunk_size(200_000).picture(0, PICTURE_HEADER + bytes(100_000))


def bomb(encoder: Encoder) -> None:
    encoder.send(Message(18, 1, 0, render_values("@setDataFrame", "onMetaData") + DEEP))


@pytest.mark.parametrize(
    ("attack", "reason"),
    [
        (large, "rtmp-too-large"),
        (small_chunks, "rtmp-malformed"),
        (endless_ids, "rtmp-too-large"),
        (many_unfinished, "rtmp-too-large"),
        (large_header, "rtmp-too-large"),
        (bomb, "rtmp-too-large"),
    ],
)
def test_a_stolen_key_does_not_lift_the_limits(
    server: RtmpServer, attack: Callable[[Encoder], None], reason: str
) -> None:
    with Encoder(server.port).begin(KEY) as encoder:
        encoder.headers()
        with suppress(OSError):
            attack(encoder)
        assert encoder.closed()
    until(lambda: server.state.doors[0].refused.get(reason) == 1, f"{dict(server.state.refused)}")
    still_serves(server)


def test_any_chunk_size_up_to_the_largest_is_taken(server: RtmpServer) -> None:
    with Encoder(server.port).begin(KEY) as encoder:
        encoder.set_chunk_size(2**31 - 1).headers().picture(0, KEY_FRAME + bytes(300_000)).sound(0, SOUND)
        arrival = admit(server)
    assert [len(tag.payload) for tag in read_flv(drain(arrival))[1]][2] == len(KEY_FRAME) + 300_000


def test_timestamps_below_zero_begin_at_zero(server: RtmpServer) -> None:
    with Encoder(server.port).begin(KEY) as encoder:
        encoder.headers()
        for step in range(-80, 81, 40):
            encoder.picture(step % 2**32, KEY_FRAME).sound(step % 2**32, SOUND)
        arrival = admit(server)
    stamps = [tag.timestamp for tag in read_flv(drain(arrival))[1]]
    assert stamps == [0, 0, 0, 0, 40, 40, 80, 80, 120, 120, 160, 160]


def test_a_flood_that_nobody_reads_stays_in_its_bounds(opened: Open) -> None:
    server = opened(Limits(arrival_bytes=300_000, idle_ms=600_000))
    with Encoder(server.port).begin(KEY) as encoder:
        encoder.set_chunk_size(65536).headers().sound(0, SOUND)
        arrival = None
        for step in range(400):
            encoder.picture(step * 40, KEY_FRAME + bytes(20_000))
            arrival = arrival or (admit(server) if step == 10 else None)
        until(lambda: (now := server.state.doors[0].stream) is not None and now.bytes > 8_000_000, "all came")
        assert arrival is not None
        assert arrival.held_bytes < 400_000
        stream = server.state.doors[0].stream
        assert stream is not None
        assert stream.dropped > 300
    tags = [tag for tag in read_flv(drain(arrival))[1] if len(tag.payload) > 20_000]
    assert tags[-1].timestamp == 399 * 40


def test_pongs_that_nobody_reads_end_it(opened: Open) -> None:
    server = opened(Limits(reply_bytes=10_000, idle_ms=600_000))
    ping = render_message(Message(4, 0, 0, b"\0\6\0\0\0\1"), 2, 128)
    with Encoder(server.port).begin(KEY) as encoder:
        encoder.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        encoder.flood(ping * 5_000)
    until(lambda: server.state.refused.get("unread") == 1, "it is counted")
    still_serves(server)


def torment(port: int, seed: int, over: threading.Event) -> None:
    """One hostile connection after the other."""
    dice = random.Random(seed)
    while not over.is_set():
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as hostile:
            kind = dice.randrange(5)
            if kind == 0:
                hostile.sendall(dice.randbytes(2_000))
            elif kind == 1:
                hostile.sendall(GREETING + dice.randbytes(2_000))
            elif kind == 2:
                hostile.sendall(GREETING + b"\x04\0\0\0\xff\xff\xff\x09\1\0\0\0" + bytes(1000))
            elif kind == 3:
                for byte in GREETING[:10]:
                    hostile.sendall(bytes([byte]))
                    over.wait(0.05)
            else:
                hostile.sendall(GREETING)
                over.wait(0.5)


def test_two_hundred_hostile_connections_take_nothing_from_a_publisher(opened: Open) -> None:
    limits = Limits(
        arrival_ms=600_000, idle_ms=600_000, takeover_ms=600_000, handshake_ms=500, stranger_ms=600_000
    )
    server = opened(limits)
    over, rest = threading.Event(), random.Random(7)
    hostile = [threading.Thread(target=torment, args=(server.port, each, over)) for each in range(200)]
    frames = [KEY_FRAME + rest.randbytes(rest.randrange(5_000)) for _ in range(300)]
    with Encoder(server.port).begin(KEY) as encoder:
        encoder.set_chunk_size(4096).headers().sound(0, SOUND)
        for thread in hostile:
            thread.start()
        for step, frame in enumerate(frames):
            encoder.picture(step * 10, frame)
            over.wait(0.01)
        until(lambda: sum(server.state.refused.values()) > 300, "they were refused in hundreds")
        arrival = admit(server)
        encoder.say("deleteStream", 9, None, 1)
        assert encoder.status() == "NetStream.Unpublish.Success"
        over.set()
    for thread in hostile:
        thread.join(60)
    _, tags = read_flv(drain(arrival))
    assert [tag.payload for tag in tags if tag.kind == VIDEO][1:] == frames
    assert [tag.payload for tag in tags if tag.kind != VIDEO] == [SOUND_HEADER, SOUND]
    assert server.state.doors[0].refused == {}
    assert "bug" not in server.state.refused


def test_patience_in_these_tests_is_longer_than_in_life() -> None:
    assert Limits().idle_ms < PATIENT.idle_ms
    assert Limits().takeover_ms < Limits().idle_ms
    assert Limits().farewell_ms <= 2_000
