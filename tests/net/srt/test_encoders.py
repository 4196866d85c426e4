"""Real encoders push, and what comes out is what went in."""

from __future__ import annotations

import hashlib
import subprocess
import threading
from pathlib import Path
from typing import NamedTuple

import av
import pytest

from huma.media.doors import DoorSource
from huma.media.doors import admit as next_source
from huma.net.srt.arrival import Arrival
from tests.net.srt.pushing import (
    CODED,
    FFMPEG,
    FILM,
    PASSPHRASE,
    PATIENT,
    Line,
    address,
    admit,
    drain,
    opened,
    push,
    until,
)  # fmt: skip

pytestmark = pytest.mark.system


class Sample(NamedTuple):
    """A packet of a track; its payload as a hash."""

    track: str
    pts: int
    digest: str


def samples(source: Path | Arrival) -> list[Sample]:
    with av.open(source, "r", format="mpegts") as container:
        found = [
            Sample(packet.stream.type, packet.pts or 0, hashlib.sha256(bytes(packet)).hexdigest())
            for packet in container.demux()
            if packet.size
        ]
    return sorted(found)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "film.ts"
    subprocess.run([*FFMPEG, *FILM, "-t", "3", *CODED, path], check=True, timeout=100)
    return path


def test_ffmpeg_pushes_a_film_and_every_packet_is_the_same(film: Path) -> None:
    with (
        opened() as door,
        push(door, "-re", "-i", film, "-c", "copy", "-copyts", "-muxdelay", "0") as encoder,
    ):
        arrival = admit(door)
        until(lambda: door.state.bits_per_second > 0 and door.state.round_trip_ms > 0, lambda: door.state)
        state = door.state
        got = samples(arrival)
        assert encoder.wait(60) == 0
        until(lambda: not door.state.in_use)
        after = door.state
    want = samples(film)
    assert {sample.track for sample in want} == {"audio", "video"}
    assert [(each.track, each.digest) for each in got] == [(each.track, each.digest) for each in want]
    assert len({mine.pts - theirs.pts for mine, theirs in zip(got, want, strict=True)}) == 1
    assert (state.in_use, state.latency_ms, state.publications) == (True, 200, 1)
    assert (state.packets_lost, state.packets_dropped) == (0, 0)
    assert state.bytes > 0
    assert (after.bytes, after.bits_per_second, after.latency_ms) == (0, 0, 0)
    assert after.refused == {}
    assert PASSPHRASE not in f"{state}{after}"
    assert "127.0.0.1" not in f"{state}{after}"


def test_srt_live_transmit_pushes_and_every_byte_is_the_same(film: Path) -> None:
    with opened() as door:
        paced = subprocess.Popen(
            [*FFMPEG, "-re", "-i", film, "-c", "copy", "-f", "mpegts", "-"], stdout=subprocess.PIPE
        )
        assert paced.stdout is not None
        sent = bytearray()
        pusher = subprocess.Popen(
            ["srt-live-transmit", "-q", "-a:no", "-chunk:1316", "file://con", address(door)], stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        assert pusher.stdin is not None
        while data := paced.stdout.read(1316):
            sent += data
            pusher.stdin.write(data)
            pusher.stdin.flush()
        arrival = admit(door)
        until(lambda: door.state.bytes > len(sent) - 1316 * 20, lambda: door.state)
        pusher.terminate()
        pusher.stdin.close()  # it looks up only when it has read something
        got = drain(arrival)
        assert paced.wait(60) == 0
        pusher.wait(60)
        paced.stdout.close()
    assert len(got) > len(sent) - 1316 * 20
    assert sent.startswith(got)


def test_what_the_latency_still_holds_of_one_who_has_gone_is_not_lost() -> None:
    with opened(latency_ms=1_000) as door:
        line = Line(door)
        line.send(1_000)
        line.close()
        got = drain(admit(door))
    assert line.sent.startswith(got)
    assert len(got) > len(line.sent) - 20 * 1316


def test_media_takes_it_as_one_of_its_doors(film: Path) -> None:
    with opened() as made:
        door: DoorSource = made
        assert (door.name, door.protocol, door.form) == ("main", "srt", "mpegts")
        with push(made, "-re", "-i", film, "-c", "copy"):
            source = next_source(door, threading.Event())
            assert source is not None
            with av.open(source, "r", format=door.form) as container:
                frames = sum(1 for _ in container.decode(video=0))
    assert frames == 75


def test_an_encoder_that_goes_may_return_at_once(film: Path) -> None:
    want = sorted(each.digest for each in samples(film))
    with opened() as door:
        for _ in range(2):
            with push(door, "-re", "-i", film, "-c", "copy"):
                assert sorted(each.digest for each in samples(admit(door))) == want
        assert door.state.publications == 2


def test_a_second_is_refused_while_the_first_sends(film: Path) -> None:
    with opened() as door, push(door, "-re", "-i", film, "-c", "copy"):
        arrival = admit(door)
        assert arrival.read(188)
        with push(door, "-re", "-i", film, "-c", "copy") as second:
            assert second.wait(60) != 0
        got = samples(arrival)
        until(lambda: door.state.refused == {"busy": 1}, lambda: door.state)
        assert door.state.publications == 1
    assert len(got) > len(samples(film)) - 5  # it was joined a packet late


def test_an_encoder_that_was_killed_makes_room_when_it_has_been_silent(film: Path) -> None:
    from dataclasses import replace

    with opened(replace(PATIENT, takeover_ms=1_000)) as door:
        with push(door, "-re", "-i", film, "-c", "copy") as first:
            arrival = admit(door)
            arrival.read(20_000)
            first.kill()
        takes = 0
        while door.state.publications < 2:
            with push(door, "-re", "-i", film, "-c", "copy") as second:
                until(lambda: second.poll() is not None or door.state.publications == 2)
                takes += 1
                if door.state.publications == 2:
                    drain(arrival)
                    assert len(samples(admit(door))) > 100
        assert takes < 60
        assert door.state.refused["taken-over"] == 1


def test_an_encoder_may_ask_for_a_longer_latency(film: Path) -> None:
    with opened(latency_ms=50) as door, push(door, "-re", "-i", film, "-c", "copy", latency=700_000):
        admit(door)
        until(lambda: door.state.latency_ms == 700, lambda: door.state)


@pytest.mark.parametrize("bits", [16, 24, 32])
def test_every_length_of_key(film: Path, bits: int) -> None:
    with opened() as door, push(door, "-re", "-i", film, "-c", "copy", pbkeylen=bits):
        assert admit(door).read(188)[:1] == b"\x47"


def test_a_stream_id(film: Path) -> None:
    with opened(streamid="studio/one") as door:
        for streamid in ("studio/two", ""):
            with push(
                door, "-re", "-i", film, "-c", "copy", **({"streamid": streamid} if streamid else {})
            ) as other:
                assert other.wait(60) != 0
        until(lambda: door.state.refused == {"streamid": 2}, lambda: door.state)
        with push(door, "-re", "-i", film, "-c", "copy", streamid="studio/one"):
            assert admit(door).read(188)


def test_ipv6(film: Path) -> None:
    from huma.net.srt.door import SrtDoor

    door = SrtDoor("main", "::1", 0, PASSPHRASE, limits=PATIENT)
    try:
        door.start()
        target = f"srt://[::1]:{door.port}?passphrase={PASSPHRASE}"
        subprocess.run(
            [*FFMPEG, "-re", "-i", film, "-t", "2", "-c", "copy", "-f", "mpegts", target],
            check=True,
            timeout=60,
        )
        assert len(samples(admit(door))) > 50
    finally:
        door.stop()
