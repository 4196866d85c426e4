from __future__ import annotations

import logging
import socket
import threading

import pytest

from huma.errors import TransportError, UsageError
from huma.net.rtmp.limits import Limits
from huma.net.rtmp.messages import AUDIO, PING, VIDEO, user_control
from huma.net.rtmp.server import RtmpServer
from huma.net.rtmp.streamkeys import StreamKey, StreamKeys
from tests.net.rtmp.doors import (
    KEY,
    NOW_MS,
    OLD_KEY,
    OTHER_KEY,
    PATIENT,
    Clock,
    Open,
    admit,
    drain,
    make_keys,
    until,
)
from tests.net.rtmp.encoder import KEY_FRAME, OTHER_FRAME, PICTURE_HEADER, SOUND, SOUND_HEADER, Encoder
from tests.net.rtmp.flvfile import read_flv


def test_what_is_pushed_can_be_read(server: RtmpServer) -> None:
    with Encoder(server.port).begin(KEY) as encoder:
        encoder.describe(
            {"framerate": 30, "width": 640, "height": 360, "videocodecid": 7, "audiocodecid": 10}
        )
        encoder.headers().picture(0, KEY_FRAME).sound(10, SOUND).picture(33, OTHER_FRAME)
        encoder.say("deleteStream", 9, None, 1)
        assert encoder.status() == "NetStream.Unpublish.Success"
    arrival = admit(server)
    flags, tags = read_flv(drain(arrival))
    assert flags == 5
    assert tags[1:] == [
        (VIDEO, 0, PICTURE_HEADER),
        (AUDIO, 0, SOUND_HEADER),
        (VIDEO, 0, KEY_FRAME),
        (AUDIO, 10, SOUND),
        (VIDEO, 33, OTHER_FRAME),
    ]


@pytest.mark.parametrize(
    ("shown", "status", "reason", "word"),
    [
        (("no-such-key-no-such-key", "live"), "NetStream.Publish.BadName", "wrong-key", "not known"),
        ((OLD_KEY, "live"), "NetStream.Publish.BadName", "expired-key", "expired"),
        (("", "live"), "NetStream.Publish.BadName", "missing-key", "no stream key"),
        ((KEY, "vod"), "NetConnection.Connect.Rejected", "wrong-application", "/live"),
    ],
)
def test_a_wrong_key_is_told_and_closed(
    server: RtmpServer, shown: tuple[str, str], status: str, reason: str, word: str
) -> None:
    with Encoder(server.port).publish(*shown) as encoder:
        code, words = encoder.words()
        assert (code, word in words) == (status, True)
        assert not shown[0] or shown[0] not in words
        assert encoder.closed()
    until(lambda: server.state.refused.get(reason) == 1, "it is counted")
    assert all(door.stream is None for door in server.state.doors)


def test_one_who_does_not_hang_up_when_refused_is_cut(opened: Open) -> None:
    server = opened(Limits(farewell_ms=50))
    with Encoder(server.port).publish("no-such-key-no-such-key") as encoder:
        assert encoder.closed()
        encoder.flood(bytes(65536))


def test_a_second_publisher_is_refused_until_the_first_is_silent(opened: Open) -> None:
    clock = Clock()
    server = opened(Limits(takeover_ms=3_000, idle_ms=600_000, stranger_ms=600_000), clock)
    with Encoder(server.port).begin(KEY) as first, Encoder(server.port).publish(KEY) as second:
        assert second.words()[0] == "NetStream.Publish.Rejected"
        first.headers().picture(0, KEY_FRAME).sound(0, SOUND)
        arrival = admit(server)
        clock.now += 2_999
        with Encoder(server.port).publish(KEY) as third:
            assert third.status() == "NetStream.Publish.Rejected"
        clock.now += 1
        with Encoder(server.port).begin(KEY) as fourth:
            assert first.closed()
            assert len(read_flv(drain(arrival))[1]) == 4
            fourth.headers().picture(0, KEY_FRAME).sound(0, SOUND)
            assert admit(server).read(3) == b"FLV"
    until(lambda: server.state.doors[0].refused.get("already-publishing") == 2, "it is counted at the door")
    assert server.state.doors[0].refused["taken-over"] == 1


def test_another_key_is_another_door(server: RtmpServer) -> None:
    with Encoder(server.port).begin(KEY) as one, Encoder(server.port).begin(OTHER_KEY) as two:
        one.headers().picture(0, KEY_FRAME).sound(0, SOUND)
        two.sound(0, SOUND_HEADER).sound(0, SOUND).sound(1_000, SOUND)
        assert admit(server).language == ""
        assert admit(server, "farsi").language == "fa"


def test_a_publisher_may_drop_and_return(server: RtmpServer) -> None:
    for _ in range(3):
        with Encoder(server.port).begin(KEY) as encoder:
            encoder.headers().picture(7_000, KEY_FRAME).sound(7_000, SOUND)
            arrival = admit(server)
            encoder.socket.shutdown(socket.SHUT_RDWR)
        _, tags = read_flv(drain(arrival))
        assert [tag.timestamp for tag in tags] == [0, 0, 0, 0]
        until(lambda: server.state.doors[0].stream is None, "the door is free")
    assert server.state.doors[0].streams == 3


def test_other_codecs_are_refused_with_what_to_set(server: RtmpServer) -> None:
    with Encoder(server.port).begin(KEY) as encoder:
        encoder.picture(0, b"\x90hvc1\1")
        code, words = encoder.words()
        assert code == "NetStream.Publish.Rejected"
        assert "OBS" in words
        assert encoder.closed()
    until(lambda: server.state.doors[0].refused.get("codec") == 1, "it is counted")


def test_a_publisher_that_sends_no_more_media_is_sent_away(opened: Open) -> None:
    server = opened(Limits(idle_ms=300))
    with Encoder(server.port).begin(KEY) as encoder:
        assert encoder.closed()
    until(lambda: server.state.doors[0].refused.get("idle") == 1, "it is counted")


def test_whoever_says_nothing_is_sent_away(opened: Open) -> None:
    server = opened(Limits(handshake_ms=200, stranger_ms=400))
    with Encoder(server.port) as mute, Encoder(server.port) as slow, Encoder(server.port).greet() as greeted:
        slow.socket.sendall(b"\3half")
        assert mute.closed()
        assert slow.closed()
        assert greeted.closed()
    until(lambda: server.state.refused.get("handshake-time-out") == 1, "it is counted")
    assert server.state.refused["silent"] == 2


def test_where_strangers_crowd_the_oldest_without_a_greeting_goes(opened: Open) -> None:
    server = opened(Limits(strangers=3, handshake_ms=600_000, stranger_ms=600_000))
    with (
        Encoder(server.port).greet().settle() as greeted,
        Encoder(server.port) as mute,
        Encoder(server.port).greet().settle() as third,
        Encoder(server.port).begin(KEY) as publisher,
    ):
        assert mute.closed()
        publisher.headers()
        for stays in (greeted, third):
            stays.say("connect", 1, {"app": "vod"})
            assert stays.status() == "NetConnection.Connect.Rejected"
    assert server.state.refused["crowded"] == 1


def test_the_state_tells_of_the_stream_and_of_nobodys_address(opened: Open) -> None:
    clock = Clock()
    server = opened(PATIENT, clock)
    with Encoder(server.port).begin(KEY) as encoder:
        encoder.describe(
            {"framerate": 25, "width": 1280, "height": 720, "videocodecid": 7, "audiocodecid": 10}
        )
        encoder.headers().sound(0, SOUND)
        for step in range(10):
            encoder.picture(step * 2_000, KEY_FRAME)
        until(
            lambda: (stream := server.state.doors[0].stream) is not None and stream.bytes > 70,
            "it is measured",
        )
        state = server.state
        stream = state.doors[0].stream
        assert stream is not None
        assert (stream.frame_rate, stream.width, stream.height) == (25, 1280, 720)
        assert (stream.picture, stream.sound) == ("H.264", "AAC")
        assert stream.since_ms == 1_000
        until(
            lambda: (now := server.state.doors[0].stream) is not None and now.key_interval_ms == 2_000, "keys"
        )
        assert stream.bits_per_second > 0
        assert not any(word in repr(state) for word in ("127.0.0.1", KEY))


def test_nothing_is_logged_of_anybody(server: RtmpServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with Encoder(server.port).publish("no-such-key-no-such-key") as wrong, Encoder(server.port) as stranger:
        stranger.socket.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert wrong.closed()
        assert stranger.closed()
    assert not any(word in caplog.text for word in ("127.0.0.1", "no-such-key"))


def test_pings_and_small_talk_between_the_tags(server: RtmpServer) -> None:
    with Encoder(server.port).begin(KEY) as encoder:
        encoder.headers()
        encoder.socket.sendall(user_control(PING, 5))
        encoder.set_chunk_size(4096).picture(0, KEY_FRAME + bytes(10_000)).sound(0, SOUND)
        assert len(admit(server).read(100_000)) > 50


def test_other_keys_can_be_set_while_it_runs(server: RtmpServer) -> None:
    with Encoder(server.port).begin(KEY) as encoder, Encoder(server.port).begin(OTHER_KEY) as stays:
        kept = next(key for key in make_keys().keys if key.name == "farsi")
        server.set_keys(
            StreamKeys(
                [kept, StreamKey.of("main", "n" * 20, NOW_MS + 1), StreamKey.of("new", "m" * 20, 2**53)]
            )
        )
        assert encoder.closed()
        with Encoder(server.port).publish(KEY) as again:
            assert again.status() == "NetStream.Publish.BadName"
        with Encoder(server.port).begin("n" * 20), Encoder(server.port).begin("m" * 20):
            stays.sound(0, SOUND_HEADER).sound(0, SOUND).sound(1_000, SOUND)
            assert admit(server, "farsi").read(3) == b"FLV"
    with pytest.raises(UsageError):
        server.door("old")


def test_stopping_ends_readers_and_frees_the_port(opened: Open) -> None:
    server = opened()
    with Encoder(server.port).begin(KEY) as encoder:
        encoder.headers().picture(0, KEY_FRAME).sound(0, SOUND)
        arrival = admit(server)
        server.stop()
        assert len(read_flv(drain(arrival))[1]) == 4
        assert server.door("main").open_next(threading.Event()) is None
    RtmpServer(make_keys(), port=server.port).stop()


def test_a_reader_that_lets_go_begins_again_at_a_key_frame_and_the_encoder_stays(server: RtmpServer) -> None:
    with Encoder(server.port).begin(KEY) as encoder:
        encoder.headers().picture(0, KEY_FRAME).sound(0, SOUND).picture(40, OTHER_FRAME)
        first = admit(server)
        first.close()
        encoder.picture(80, OTHER_FRAME).picture(120, KEY_FRAME).sound(120, SOUND)
        second = admit(server)
        encoder.say("deleteStream", 9, None, 1)
        assert encoder.status() == "NetStream.Unpublish.Success"
    assert first.read(1) == b""
    assert [tag.payload for tag in read_flv(drain(second))[1]] == [
        PICTURE_HEADER,
        SOUND_HEADER,
        KEY_FRAME,
        SOUND,
    ]
    assert server.door("main").streams == 1


def test_a_reader_waits_for_a_silent_encoder_only_so_long(opened: Open) -> None:
    server = opened(Limits(read_ms=1_000, idle_ms=600_000))
    with Encoder(server.port).begin(KEY) as encoder:
        encoder.headers().picture(0, KEY_FRAME).sound(0, SOUND)
        silent = admit(server)
        assert len(read_flv(drain(silent))[1]) == 4
        silent.close()
        encoder.picture(40, KEY_FRAME)
        assert admit(server).read(3) == b"FLV"


def test_a_port_that_is_taken_is_told(server: RtmpServer) -> None:
    with pytest.raises(TransportError) as taken:
        RtmpServer(make_keys(), port=server.port)
    assert taken.value.code == "port-in-use"
    with pytest.raises(TransportError) as nowhere:
        RtmpServer(make_keys(), "no.such.host.invalid", 0)
    assert nowhere.value.code == "bad-address"
