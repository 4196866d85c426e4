"""Sources that come over a wire: they die, stall, return, and never leave a hole."""

from __future__ import annotations

import functools
import http.server
import os
import socket
import subprocess
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import pytest

from huma.errors import MediaError, TransportError
from huma.media.clock import FastClock, RealClock
from huma.media.programme import open_programme
from tests.media.events import audio, event, video
from tests.media.making import TONE, copyable, decodes_cleanly, ffmpeg, movie
from tests.media.reading import Collected, pictures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from huma.media.segment import Segment
    from huma.media.state import Programme
    from huma.protocol.event import Event

BRIGHT = "color=white:s=320x180:r=30"


def plain() -> Event:
    return event(video("v180", 320, 180, 300_000, codecs="avc1.64000d"), audio("a-en", "en"))


def stream(folder: Path, seconds: float = 4, name: str = "bright.ts") -> bytes:
    """White pictures with a tone: nothing like the slate."""
    return movie(folder / name, seconds=seconds, picture=BRIGHT, sound=TONE).read_bytes()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])


class Running:
    """A programme in a thread of its own, with what it has made so far."""

    def __init__(
        self,
        source: str | list[str],
        clock: FastClock | RealClock,
        first: int = 4,
        *,
        of: Event | None = None,
    ) -> None:
        self.segments = Collected()
        what = of or plain()
        self.programme: Programme = open_programme(
            source, event=what, first_tick=first, clock=clock, copy=what.copy
        )
        self.error: BaseException | None = None
        self._seen = threading.Condition()
        self.segments.on_segment = self._note
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.programme.run(self.segments)
        except BaseException as error:  # noqa: BLE001 - handed to the test
            self.error = error
        with self._seen:
            self._seen.notify_all()

    def _note(self, _: Segment) -> None:
        with self._seen:
            self._seen.notify_all()

    def wait_for(self, what: Callable[[Collected], bool], limit_s: float = 30) -> None:
        with self._seen:
            assert self._seen.wait_for(lambda: what(self.segments) or self.error is not None, limit_s), (
                self.programme.state()
            )
        assert self.error is None, self.error

    def end(self) -> None:
        self.programme.stop()
        self._thread.join(15)
        assert not self._thread.is_alive()


@contextmanager
def running(source: str, *, paced: bool = False) -> Iterator[Running]:
    grid = plain().grid
    clock = RealClock() if paced else FastClock(grid.start_ms(4))
    run = Running(source, clock, grid.tick_at(clock.wall()) + 1 if paced else 4)
    try:
        yield run
    finally:
        run.end()


def send(port: int, data: bytes, *, chunk: int = 65_536) -> None:
    """Send as fast as the other side takes it."""
    with call(port) as line:
        for start in range(0, len(data), chunk):
            line.sendall(data[start : start + chunk])


def call(port: int) -> socket.socket:
    """Connect, as soon as somebody listens."""
    limit = time.monotonic() + 20
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=20)
        except ConnectionRefusedError:
            assert time.monotonic() < limit
            time.sleep(0.05)


def assert_no_hole(run: Running, folder: Path) -> None:
    for name in run.segments.by_name:
        numbers = [each.n for each in run.segments[name]]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        assert not any(each.discontinuity for each in run.segments[name])
        assert len({each.init for each in run.segments[name]}) == 1
        assert decodes_cleanly(run.segments.save(name, folder)), name


def origins(segments: list[Segment]) -> str:
    """p and s for programme and slate, repeats left out."""
    letters = [each.origin[0] for each in segments]
    return "".join(now for now, before in zip(letters, ["", *letters], strict=False) if now != before)


def after_slate(pattern: str) -> Callable[[Collected], bool]:
    """Whether so much was seen after the slate of the beginning."""
    return lambda made: origins(made["v180"]).lstrip("s").startswith(pattern)


def test_a_caller_that_dies_gives_the_slate_and_its_return_the_programme(tmp_path: Path) -> None:
    port, data = free_port(), stream(tmp_path)
    with running(f"tcp://127.0.0.1:{port}?listen=1") as run:
        run.wait_for(lambda made: len(made["v180"]) >= 2)  # the slate, until somebody calls
        send(port, data)
        run.wait_for(lambda made: origins(made["v180"]).startswith("sps"))
        send(port, data)
        run.wait_for(lambda made: origins(made["v180"]).startswith("spsps"))
    assert_no_hole(run, tmp_path)
    shown = {each.n: pictures(each.init + each.data) for each in run.segments["v180"]}
    for each in run.segments["v180"]:
        brightness = np.mean([luma.mean() for _, luma in shown[each.n]])
        assert (brightness > 130) == (each.origin == "programme"), each.n
    assert run.programme.state().returns >= 2
    assert sum(each.origin == "programme" for each in run.segments["v180"]) >= 6


def test_all_that_a_caller_sent_is_shown(tmp_path: Path) -> None:
    port = free_port()
    data = stream(tmp_path, seconds=6)
    with running(f"tcp://127.0.0.1:{port}?listen=1") as run:
        run.wait_for(lambda made: len(made["v180"]) >= 1)
        send(port, data)
        run.wait_for(lambda made: origins(made["v180"]).startswith("sps"))
    bright = [luma.mean() > 130 for _, luma in pictures(run.segments.whole("v180"))]
    assert 175 <= sum(bright) <= 200  # 180, and one that stands for a moment at the end


@pytest.mark.parametrize("nonsense", [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", bytes(range(256)) * 400, b""])
def test_a_stranger_at_the_door_changes_nothing(nonsense: bytes, tmp_path: Path) -> None:
    port, data = free_port(), stream(tmp_path)
    with running(f"tcp://127.0.0.1:{port}?listen=1") as run:
        run.wait_for(lambda made: len(made["v180"]) >= 1)
        send(port, nonsense)
        send(port, data)
        run.wait_for(lambda made: "p" in origins(made["v180"]))
    assert_no_hole(run, tmp_path)


def test_we_call_again_until_somebody_answers(tmp_path: Path) -> None:
    data = stream(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
        with running(f"tcp://127.0.0.1:{port}") as run:
            for turn in (1, 2):
                line, _ = door.accept()
                with line:
                    line.sendall(data)
                run.wait_for(after_slate("ps" * turn))
    assert origins(run.segments["v180"]).strip("s") == "psp"
    assert_no_hole(run, tmp_path)


def test_a_door_that_is_taken_is_our_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        programme = open_programme(
            f"tcp://127.0.0.1:{door.getsockname()[1]}?listen=1",
            event=plain(),
            first_tick=4,
            clock=FastClock(0),
        )
        with pytest.raises(TransportError) as caught:
            programme.run(Collected())
    assert caught.value.code == "source-listen"


def test_a_source_that_stalls_without_hanging_up(tmp_path: Path) -> None:
    """In real time: the wire stays open and silent, the slate is there within a segment, then it goes on."""
    port, data = free_port(), stream(tmp_path, seconds=3)
    with running(f"tcp://127.0.0.1:{port}?listen=1", paced=True) as run, call(port) as line:
        half = len(data) // 2 // 188 * 188
        line.sendall(data[:half])
        run.wait_for(after_slate("ps"))
        line.sendall(data[half:])
        run.wait_for(after_slate("psp"))
    assert_no_hole(run, tmp_path)


def test_the_clock_of_a_caller_may_begin_anew(tmp_path: Path) -> None:
    """As when its encoder is started again behind the same wire."""
    port = free_port()
    early = stream(tmp_path, seconds=2)
    late = tmp_path / "late.ts"
    ffmpeg("-i", str(tmp_path / "bright.ts"), "-c", "copy", "-output_ts_offset", "5000", str(late))
    with running(f"tcp://127.0.0.1:{port}?listen=1") as run:
        run.wait_for(lambda made: len(made["v180"]) >= 1)
        send(port, early + late.read_bytes() + early)
        run.wait_for(lambda made: origins(made["v180"]).startswith("sps"))
    bright = [luma.mean() > 130 for _, luma in pictures(run.segments.whole("v180"))]
    assert sum(bright) >= 165  # three times sixty, less what a break costs
    assert_no_hole(run, tmp_path)


def test_standard_input_ends_the_programme_when_it_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = stream(tmp_path, seconds=3)
    reader, writer = os.pipe()
    kept = os.dup(0)
    os.dup2(reader, 0)
    try:
        sender = threading.Thread(target=_write_all, args=(writer, data))
        sender.start()
        run = Running("-", FastClock(plain().grid.start_ms(4)))
        run._thread.join(30)
        sender.join(10)
    finally:
        os.dup2(kept, 0)
        for each in (reader, kept):
            os.close(each)
    assert run.error is None
    length = sum(each.duration for each in run.segments["v180"] if each.origin == "programme")
    assert float(length) == pytest.approx(3, abs=0.3)
    assert_no_hole(run, tmp_path)


def _write_all(descriptor: int, data: bytes) -> None:
    with os.fdopen(descriptor, "wb") as pipe:
        pipe.write(data)


def test_nonsense_on_standard_input_is_our_error() -> None:
    reader, writer = os.pipe()
    kept = os.dup(0)
    os.dup2(reader, 0)
    try:
        _write_all(writer, b"nothing of the kind\n" * 500)
        run = Running("-", FastClock(0))
        run._thread.join(30)
    finally:
        os.dup2(kept, 0)
        for each in (reader, kept):
            os.close(each)
    assert isinstance(run.error, MediaError)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
        """Say nothing."""


@contextmanager
def web(folder: Path, port: int = 0) -> Iterator[int]:
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def test_a_recorded_hls_stream_plays_to_its_end(tmp_path: Path) -> None:
    stream(tmp_path, seconds=5)
    ffmpeg(
        "-i",
        str(tmp_path / "bright.ts"),
        "-c",
        "copy",
        "-f",
        "hls",
        "-hls_time",
        "1",
        "-hls_list_size",
        "0",
        str(tmp_path / "a.m3u8"),
    )
    with web(tmp_path) as port:
        run = Running(f"http://127.0.0.1:{port}/a.m3u8", FastClock(plain().grid.start_ms(4)))
        run._thread.join(30)
    assert run.error is None
    length = sum(each.duration for each in run.segments["v180"] if each.origin == "programme")
    assert float(length) == pytest.approx(5, abs=0.3)
    assert_no_hole(run, tmp_path)


def test_a_live_hls_stream_is_followed_in_real_time(tmp_path: Path) -> None:
    encoder = subprocess.Popen(
        ["ffmpeg", "-v", "error", "-nostdin", "-re", "-f", "lavfi", "-i", BRIGHT, "-f", "lavfi", "-i", TONE,
         "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "30", "-c:a", "aac",
         "-f", "hls", "-hls_time", "1", "-hls_list_size", "4", "-hls_flags", "delete_segments", str(tmp_path / "live.m3u8")],
    )  # fmt: skip
    try:
        limit = time.monotonic() + 20
        while not (tmp_path / "live.m3u8").exists() and time.monotonic() < limit:
            time.sleep(0.1)
        with web(tmp_path) as port, running(f"http://127.0.0.1:{port}/live.m3u8", paced=True) as run:
            run.wait_for(lambda made: sum(each.origin == "programme" for each in made["v180"]) >= 5)
    finally:
        encoder.terminate()
        encoder.wait()
    assert origins(run.segments["v180"]).lstrip("s")[0] == "p"
    assert_no_hole(run, tmp_path)


def test_a_server_that_goes_away_and_comes_back(tmp_path: Path) -> None:
    """Nothing answers at first; later the stream is there."""
    stream(tmp_path, seconds=3)
    port = free_port()
    with running(f"http://127.0.0.1:{port}/bright.ts") as run:
        run.wait_for(lambda made: len(made["v180"]) >= 3)
        assert run.programme.state().source == "waiting"
        with web(tmp_path, port):
            run.wait_for(lambda made: "p" in origins(made["v180"]))
    assert run.programme.state().messages
    assert_no_hole(run, tmp_path)


def test_no_password_stands_in_what_is_told() -> None:
    port = free_port()
    with running(f"http://someone:hunter2@127.0.0.1:{port}/a.ts?key=hunter3") as run:
        run.wait_for(lambda made: len(made["v180"]) >= 2)
    told = " ".join(run.programme.state().messages)
    assert told
    assert "hunter" not in told


def test_a_copy_of_a_caller_goes_on_behind_a_discontinuity(tmp_path: Path) -> None:
    port = free_port()
    data = copyable(tmp_path / "source.ts", seconds=4).read_bytes()
    grid = plain().grid
    carried = event(video("v", 320, 180, 900_000, codecs="avc1.64000d"), audio("a-en", "en"), copy=True)
    run = Running(f"tcp://127.0.0.1:{port}?listen=1", FastClock(grid.start_ms(4)), of=carried)
    try:
        send(port, b"a stranger")
        send(port, data)
        run.wait_for(lambda made: len(made["v"]) >= 2)
        send(port, data)
        run.wait_for(lambda made: len(made["v"]) >= 4)
    finally:
        run.end()
    made = run.segments["v"]
    assert [each.n for each in made] == list(range(4, 4 + len(made)))
    broken = [index for index, each in enumerate(made) if each.discontinuity]
    assert len(broken) == 1
    assert [index for index, each in enumerate(run.segments["a-en"]) if each.discontinuity] == broken
    assert len({each.init for each in made}) == 1
    assert run.programme.state().returns >= 1
    assert decodes_cleanly(run.segments.save("v", tmp_path), run.segments.save("a-en", tmp_path))


class _Breaking(http.server.BaseHTTPRequestHandler):
    """Serves one file by ranges; breaks off once in the middle, then is out of order for some requests."""

    data = b""
    broken = 0
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer, break off, or refuse."""
        cls = type(self)
        if 0 < cls.broken < 4:
            cls.broken += 1
            self.send_error(503)
            return
        asked = self.headers.get("Range", "bytes=0-")
        start = int(asked.split("=")[1].split("-")[0])
        body = cls.data[start:]
        self.send_response(206)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Range", f"bytes {start}-{len(cls.data) - 1}/{len(cls.data)}")
        self.send_header("Accept-Ranges", "bytes")
        self.end_headers()
        cut = len(cls.data) * 7 // 10 - start
        if not cls.broken and cut > 0 and start < len(cls.data) // 2:
            self.wfile.write(body[:cut])
            cls.broken = 1
            self.close_connection = True
            return
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
        """Say nothing."""


def test_a_recording_that_breaks_off_goes_on_near_where_it_was(tmp_path: Path) -> None:
    options = (
        "-g",
        "30",
        "-b:v",
        "3M",
        "-minrate",
        "3M",
        "-maxrate",
        "3M",
        "-bufsize",
        "1M",
        "-movflags",
        "faststart",
    )
    film = movie(tmp_path / "film.mp4", seconds=12, picture="testsrc2=s=640x360:r=30", options=options)
    _Breaking.data, _Breaking.broken = film.read_bytes(), 0
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Breaking) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        run = Running(
            f"http://127.0.0.1:{server.server_address[1]}/film.mp4", FastClock(plain().grid.start_ms(4))
        )
        run._thread.join(60)
        server.shutdown()
    assert run.error is None
    assert _Breaking.broken == 4
    shown = [each for each in run.segments["v180"] if each.origin == "programme"]
    assert 11 < float(sum(each.duration for each in shown)) < 15
    assert_no_hole(run, tmp_path)
