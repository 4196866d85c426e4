"""Real encoders push, and PyAV decodes: what comes out is what went in."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import threading
from pathlib import Path
from typing import NamedTuple

import av
import pytest

from huma.media.doors import DoorSource
from huma.media.doors import admit as next_source
from huma.net.rtmp.arrival import Arrival
from huma.net.rtmp.server import RtmpServer
from tests.net.rtmp.doors import KEY, OTHER_KEY, admit, until

pytestmark = pytest.mark.system

FFMPEG = ["ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-y"]
FILM = [
    *("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25"),
    *("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"),
]
H264 = ["-c:v", "libx264", "-preset", "veryfast", "-bf", "2", "-g", "25", "-threads", "1", "-bitexact"]
AAC = ["-c:a", "aac", "-bitexact"]


class Sample(NamedTuple):
    """A packet of a track; its payload as a hash."""

    track: str
    pts: int
    dts: int
    key: bool
    digest: str


def samples(source: Path | Arrival) -> list[Sample]:
    with av.open(source, "r", format="flv") as container:
        return [
            Sample(
                packet.stream.type,
                packet.pts or 0,
                packet.dts or 0,
                packet.is_keyframe,
                hashlib.sha256(bytes(packet)).hexdigest(),
            )
            for packet in container.demux()
            if packet.size
        ]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "film.flv"
    subprocess.run([*FFMPEG, *FILM, "-t", "4", *H264, *AAC, "-f", "flv", path], check=True, timeout=100)
    return path


def push(
    server: RtmpServer, *arguments: str | Path, key: str = KEY, app: str = "live"
) -> subprocess.Popen[str]:
    target = f"rtmp://127.0.0.1:{server.port}/{app}/{key}"
    return subprocess.Popen([*FFMPEG, *arguments, "-f", "flv", target], stderr=subprocess.PIPE, text=True)


def test_ffmpeg_pushes_a_file_and_every_packet_is_the_same(server: RtmpServer, film: Path) -> None:
    with push(server, "-re", "-i", film, "-c", "copy") as encoder:
        got = samples(admit(server))
    assert encoder.returncode == 0
    want = samples(film)
    assert {sample.track for sample in want} == {"audio", "video"}
    assert any(sample.pts != sample.dts for sample in want), "there are B-frames"
    assert got == want
    assert server.door("main").refused == {}


def test_ffmpeg_encodes_live_what_it_would_have_written_to_a_file(server: RtmpServer, film: Path) -> None:
    with push(server, "-re", *FILM, "-t", "4", *H264, *AAC) as encoder:
        got = samples(admit(server))
    assert encoder.returncode == 0
    assert got == samples(film)


def test_what_was_pushed_can_be_decoded(server: RtmpServer, film: Path) -> None:
    with push(server, "-i", film, "-c", "copy"):
        arrival = admit(server)
        with av.open(arrival, "r", format="flv") as container:
            video, audio = container.streams.video[0], container.streams.audio[0]
            assert (video.width, video.height, audio.rate) == (320, 180, 48_000)
            frames = [type(frame).__name__ for frame in container.decode(video, audio)]
    assert frames.count("VideoFrame") == 100
    assert frames.count("AudioFrame") > 180


def test_media_takes_it_as_one_of_its_doors(server: RtmpServer, film: Path) -> None:
    door: DoorSource = server.door("main")
    assert (door.name, door.protocol, door.form) == ("main", "rtmp", "flv")
    with push(server, "-i", film, "-c", "copy"):
        source = next_source(door, threading.Event())
        assert source is not None
        with av.open(source, "r", format=door.form) as container:
            digests = [
                hashlib.sha256(bytes(packet)).hexdigest() for packet in container.demux() if packet.size
            ]
    assert digests == [each.digest for each in samples(film)]


@pytest.mark.parametrize(("chosen", "track"), [("0:v", "video"), ("0:a", "audio")])
def test_a_single_track_is_a_stream_too(server: RtmpServer, film: Path, chosen: str, track: str) -> None:
    with push(server, "-i", film, "-map", chosen, "-c", "copy"):
        got = samples(admit(server))
    assert {sample.track for sample in got} == {track}
    assert [each.digest for each in got] == [each.digest for each in samples(film) if each.track == track]


COPY = """
import sys, av
with av.open(sys.argv[1], "r") as source, av.open(sys.argv[2], "w", format="flv") as target:
    copies = {stream.index: target.add_stream_from_template(stream) for stream in source.streams}
    for packet in source.demux():
        if packet.dts is not None:
            packet.stream = copies[packet.stream.index]
            target.mux(packet)
"""


def test_the_newer_ffmpeg_inside_pyav_pushes_as_well(server: RtmpServer, film: Path) -> None:
    """In a process of its own: it holds the interpreter lock while it waits for our answers."""
    target = f"rtmp://127.0.0.1:{server.port}/live/{KEY}"
    subprocess.run([sys.executable, "-c", COPY, film, target], check=True, timeout=100)
    assert [each.digest for each in samples(admit(server))] == [each.digest for each in samples(film)]


@pytest.mark.parametrize(
    ("key", "app", "words"),
    [("wrong-key-wrong-key", "live", "not known here"), (KEY, "vod", "must end in /live")],
)
def test_ffmpeg_is_told_what_is_wrong(server: RtmpServer, film: Path, key: str, app: str, words: str) -> None:
    with push(server, "-re", "-i", film, "-c", "copy", key=key, app=app) as encoder:
        _, said = encoder.communicate(timeout=100)
    assert encoder.returncode != 0
    assert words in said


def test_ffmpeg_with_other_codecs_is_told_what_to_set(server: RtmpServer) -> None:
    with push(server, "-re", *FILM, "-t", "30", "-c:v", "flv1", "-c:a", "aac") as encoder:
        _, said = encoder.communicate(timeout=100)
    assert encoder.returncode != 0
    assert "H.264" in said


def test_the_second_ffmpeg_is_refused_and_the_first_loses_nothing(server: RtmpServer, film: Path) -> None:
    with push(server, "-re", "-i", film, "-c", "copy"):
        arrival = admit(server)
        with push(server, "-re", "-i", film, "-c", "copy") as second:
            _, said = second.communicate(timeout=100)
        got = samples(arrival)
    assert "Another encoder" in said
    assert got == samples(film)


def test_an_ffmpeg_that_is_killed_may_return(server: RtmpServer, film: Path) -> None:
    with push(server, "-re", "-i", film, "-c", "copy") as first:
        arrival = admit(server)
        arrival.read(20_000)
        first.kill()
    until(lambda: server.state.doors[0].stream is None, "the door is free")
    while arrival.read(65536):
        pass
    with push(server, "-i", film, "-c", "copy"):
        assert samples(admit(server)) == samples(film)


def test_two_doors_at_once(server: RtmpServer, film: Path) -> None:
    with push(server, "-i", film, "-c", "copy"), push(server, "-i", film, "-c", "copy", key=OTHER_KEY):
        assert samples(admit(server, "farsi")) == samples(film)
        assert samples(admit(server)) == samples(film)


def test_pyav_reads_the_enhanced_form_of_h264(server: RtmpServer, film: Path) -> None:
    """As OBS and others may send it: the same samples behind a fourCC."""
    from huma.net.rtmp.messages import VIDEO
    from tests.net.rtmp.encoder import Encoder
    from tests.net.rtmp.flvfile import read_flv

    _, tags = read_flv(film.read_bytes())
    with Encoder(server.port).begin(KEY) as encoder:
        encoder.set_chunk_size(4096)
        for tag in tags:
            if tag.kind == VIDEO and tag.payload[1] < 2:
                first = bytes([0x80 | tag.payload[0] & 0x70 | tag.payload[1]])
                encoder.picture(
                    tag.timestamp, first + b"avc1" + tag.payload[5 if not tag.payload[1] else 2 :]
                )
            elif tag.kind == 8:
                encoder.sound(tag.timestamp, tag.payload)
        encoder.say("deleteStream", 9, None, 1)
        got = samples(admit(server))
    assert got == samples(film)
