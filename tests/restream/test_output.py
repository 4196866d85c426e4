"""Outputs beside the signed path, on real platforms that are killed, come back, hang and refuse."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from huma.errors import UsageError
from huma.restream.address import parse_output
from huma.restream.output import LINE_PAIRS, Output
from tests.media.making import ffprobe
from tests.nginx import free_port
from tests.record.takes import coded, programme, signed
from tests.restream.feeding import Feeder, endless, wait_until
from tests.restream.platform import KEY, Platform

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    with Platform(tmp_path / "platform") as running:
        yield running


def output(address: str, key: str = KEY, **more: Any) -> Output:
    event, _ = programme()
    made = Output(event, parse_output(address, {"KEY": key}), **more)
    made.start()
    return made


def wait_until_beyond(made: Output, sent: int) -> None:
    wait_until(lambda: made.state.sent_bytes > sent, lambda: made.state)


def processes(pid: int) -> str:
    return (
        Path(f"/proc/{pid}/cmdline").read_bytes().decode()
        + Path(f"/proc/{pid}/environ").read_bytes().decode()
    )


def follows(part: list[bytes], whole: list[bytes]) -> bool:
    """Whether `part` stands in `whole`, in its order."""
    rest = iter(whole)
    return all(each in rest for each in part)


def test_a_platform_gets_the_picture_and_the_language_that_was_asked_for(
    platform: Platform, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    made = output(f"{platform.url}#key-env=KEY&lang=fa&label=Tube")
    assert made.state.code == ""
    with Feeder(made.take) as feeder:
        wait_until(lambda: made.state.sent_bytes > 120_000, lambda: made.state)
        state, pid = made.state, made.pid
        assert pid is not None
        assert KEY not in processes(pid)
        assert (state.label, state.kind, state.connected, state.code) == ("Tube", "rtmp", True, "")
        assert state.since_ms is not None
        assert abs(state.since_ms - time.time() * 1000) < 120_000
    assert made.close(20)
    (taken,) = platform.taken
    segments = tuple(feeder.fed)
    pictures, sounds = coded(taken, "video"), coded(taken, "audio")
    assert len(pictures) > 60
    assert len(sounds) > 90
    assert follows(pictures, [data for _ in range(9) for data in coded(signed(segments, "v180"), "video")])
    assert follows(sounds, coded(signed(segments, "a-fa"), "audio"))
    assert not follows(sounds, coded(signed(segments, "a-en"), "audio"))
    told = f"{made.state} {made.state.message} {made!r} {caplog.text}"
    assert KEY not in told
    assert str(platform.port) not in told


def test_a_wrong_key_is_told_without_it(platform: Platform, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    made = output(f"{platform.url}#key-env=KEY", key="an-0ther-k3y", longest_pause_s=1)
    with Feeder(made.take):
        wait_until(lambda: made.state.reconnects >= 2, lambda: made.state)
        assert made.state.code in ("output-refused", "output-closed", "output-unreachable", "output-failed")
        assert made.state.message
    made.close()
    assert "an-0ther-k3y" not in f"{made.state} {made.state.message} {caplog.text}"
    assert platform.taken == []


def test_a_platform_that_is_killed_and_comes_back(platform: Platform) -> None:
    made = output(f"{platform.url}#key-env=KEY", longest_pause_s=1)
    with Feeder(made.take):
        wait_until(lambda: made.state.sent_bytes > 30_000, lambda: made.state)
        platform.kill()
        wait_until(lambda: not made.state.connected and bool(made.state.code), lambda: made.state)
        wait_until(lambda: made.state.dropped > 0, lambda: made.state)
        before = made.state
        assert before.code in ("output-closed", "output-unreachable")
        platform.start()
        wait_until(
            lambda: made.state.connected and made.state.sent_bytes > before.sent_bytes + 60_000,
            lambda: made.state,
        )
        assert made.state.reconnects >= 1
        assert made.state.code == ""
    assert made.close(20)
    assert len(platform.taken) == 2
    assert len(coded(platform.taken[1], "video")) > 30
    first = ffprobe(platform.taken[1], "packet=flags")["packets"][0]
    assert "K" in first["flags"]


def test_a_platform_that_hangs_is_left_and_called_again(platform: Platform) -> None:
    made = output(f"{platform.url}#key-env=KEY", stuck_s=3, longest_pause_s=1)
    with Feeder(made.take):
        wait_until(lambda: made.state.sent_bytes > 30_000, lambda: made.state)
        platform.hang()
        for _, tick in zip(range(3000), endless(), strict=False):
            for (
                segment
            ) in tick:  # far more than any buffer on the way holds: this would stand still if it waited
                made.take(segment)
        wait_until(lambda: made.state.code == "output-stuck", lambda: made.state)
        assert made.state.dropped > 2000
        platform.go_on()
        sent = made.state.sent_bytes
        wait_until(lambda: made.state.connected and made.state.sent_bytes > sent + 30_000, lambda: made.state)
    assert made.close(20)


def test_a_sender_that_crashes_is_started_again(tmp_path: Path) -> None:
    made = output(str(tmp_path / "out.ts"))
    with Feeder(made.take):
        wait_until(lambda: made.state.sent_bytes > 0, lambda: made.state)
        crashed = made.pid
        assert crashed is not None
        os.kill(crashed, signal.SIGKILL)
        wait_until(lambda: made.pid not in (None, crashed) and made.state.connected, lambda: made.state)
        sent = made.state.sent_bytes
        wait_until(lambda: made.state.sent_bytes > sent, lambda: made.state)
    assert made.close(20)
    assert made.state.reconnects == 1
    assert (tmp_path / "out.ts").stat().st_size >= made.state.sent_bytes  # it died without a word


def test_a_file_holds_what_was_signed(tmp_path: Path) -> None:
    _, segments = programme()
    made = output(str(tmp_path / "out.ts"))
    mine = [each for each in segments if each.rendition in ("v180", "a-en")]
    for n in range(4, 16):
        sent = made.state.sent_bytes
        for segment in mine:
            if segment.n == n:
                made.take(segment)
        wait_until_beyond(made, sent)
    assert made.close(20)
    assert made.state.dropped == 0
    found = ffprobe(tmp_path / "out.ts", "stream=codec_name,width", "format=duration,format_name")
    assert found["format"]["format_name"] == "mpegts"
    assert {each["codec_name"] for each in found["streams"]} == {"h264", "aac"}
    assert float(found["format"]["duration"]) == pytest.approx(12.8, abs=0.1)
    assert len(coded(tmp_path / "out.ts", "video")) == 12 * 32
    done = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(tmp_path / "out.ts"), "-f", "null", "-"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stderr == ""


def test_a_change_of_codec_parameters_is_followed(tmp_path: Path) -> None:
    made = output(str(tmp_path / "out.ts"))
    for fps in (30, 25):
        _, segments = programme(12, fps)
        for segment in segments:
            if segment.n < 8 and segment.rendition in ("v180", "a-en"):
                made.take(segment)
    assert made.close(60), "the end waits for what follows the change"
    assert made.state.reconnects == 0
    assert len(coded(tmp_path / "out.ts", "video")) == 4 * 32 + 4 * 24


def test_a_pipe_gets_mpeg_ts() -> None:
    reading, writing = os.pipe()
    got = bytearray()

    def read() -> None:
        while data := os.read(reading, 65536):
            got.extend(data)

    reader = threading.Thread(target=read)
    reader.start()
    made = output("-", handle=writing)
    for _, tick in zip(range(4), endless(), strict=False):
        for segment in tick:
            made.take(segment)
    wait_until(lambda: made.state.sent_bytes > 10_000, lambda: made.state)
    assert made.close(20)
    os.close(writing)
    reader.join(20)
    os.close(reading)
    assert len(got) == made.state.sent_bytes
    assert got[0] == got[188] == 0x47


def test_the_line_is_short_and_what_leaves_is_the_oldest() -> None:
    event, _ = programme()
    made = Output(event, parse_output("rtmp://127.0.0.1:1/app"))  # never started: nobody takes anything
    for _, tick in zip(range(50), endless(), strict=False):
        for segment in tick:
            made.take(segment)
    assert made.state.dropped == 50 - LINE_PAIRS


def test_a_language_that_the_event_has_not() -> None:
    event, _ = programme()
    with pytest.raises(UsageError, match="'de'"):
        Output(event, parse_output("-#lang=de"))


def test_the_sender_does_not_outlive_us(platform: Platform, tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(
        textwrap.dedent("""
        import sys, time
        from huma.restream.address import parse_output
        from huma.restream.output import Output
        from tests.record.takes import programme
        from tests.restream.feeding import Feeder
        event, _ = programme()
        output = Output(event, parse_output(sys.argv[1]))
        output.start()
        with Feeder(output.take):
            while not output.state.sent_bytes:
                time.sleep(0.05)
            print(output.pid, flush=True)
            time.sleep(600)
        """)
    )
    parent = subprocess.Popen(
        [sys.executable, str(script), f"{platform.url}/{KEY}"], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    platform.hang()
    time.sleep(0.5)
    parent.kill()
    parent.wait(10)
    parent.stdout.close()
    wait_until(lambda: not _runs(child))


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


class Listener:
    """Debian's srt-live-transmit, waiting for a call, writing what it gets into a file."""

    def __init__(self, folder: Path, passphrase: str = "") -> None:
        self.port, self.folder, self.passphrase = free_port(), folder, passphrase
        self.takes = 0

    def start(self) -> Path:
        self.takes += 1
        path = self.folder / f"srt-{self.takes}.ts"
        options = f"&passphrase={self.passphrase}" if self.passphrase else ""
        with path.open("wb") as file:
            self._process = subprocess.Popen(
                ["srt-live-transmit", "-q", "-a:no", f"srt://127.0.0.1:{self.port}?mode=listener{options}", "file://con"],
                stdout=file, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        return path

    def stop(self) -> None:
        self._process.kill()
        self._process.wait(10)


def test_srt_with_a_passphrase_that_is_killed_and_comes_back(tmp_path: Path) -> None:
    listener = Listener(tmp_path, passphrase=KEY)
    first = listener.start()
    made = output(f"srt://127.0.0.1:{listener.port}?latency=200#key-env=KEY", longest_pause_s=1)
    try:
        with Feeder(made.take):
            wait_until(lambda: first.stat().st_size > 60_000, lambda: made.state)
            assert made.state.connected
            pid = made.pid
            assert pid is not None
            assert KEY not in processes(pid)
            listener.stop()
            wait_until(lambda: not made.state.connected, lambda: made.state)
            second = listener.start()
            wait_until(lambda: second.stat().st_size > 60_000, lambda: made.state)
            assert made.state.reconnects >= 1
        made.close(20)
    finally:
        listener.stop()
    assert len(coded(second, "video")) > 30
    assert len(coded(second, "audio")) > 30


def test_srt_with_a_wrong_passphrase(tmp_path: Path) -> None:
    listener = Listener(tmp_path, passphrase=KEY)
    taken = listener.start()
    made = output(f"srt://127.0.0.1:{listener.port}#key-env=KEY", key="n0t-the-passphrase", longest_pause_s=1)
    try:
        with Feeder(made.take):
            wait_until(lambda: made.state.reconnects >= 1, lambda: made.state)
            assert made.state.code == "output-refused"
            assert made.state.sent_bytes == 0
        made.close()
    finally:
        listener.stop()
    assert taken.stat().st_size == 0
