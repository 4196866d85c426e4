"""Sources on web servers: recordings, live HLS, servers that go away and break off."""

from __future__ import annotations

import http.server
import subprocess
import threading
import time
from contextlib import suppress
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from av.stream import Disposition

from huma.media.clock import FastClock
from huma.media.languages import choose_sound
from huma.media.probe import probe_source
from tests.media.events import audio, event, video
from tests.media.making import TONE, decodes_cleanly, ffmpeg, movie
from tests.media.wires import (
    BRIGHT,
    Running,
    assert_no_hole,
    free_port,
    origins,
    plain,
    running,
    stream,
    web,
)

if TYPE_CHECKING:
    from pathlib import Path

    from huma.protocol.event import Event


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


def film(folder: Path) -> Path:
    """Twelve seconds of four megabytes, that can be played from any second."""
    rate = ("-b:v", "3M", "-minrate", "3M", "-maxrate", "3M", "-bufsize", "1M")
    options = ("-g", "30", *rate, "-movflags", "faststart")
    return movie(folder / "film.mp4", seconds=12, picture="testsrc2=s=640x360:r=30", options=options)


def played(handler: type[http.server.BaseHTTPRequestHandler], of: Event | None = None) -> Running:
    """A programme of what that server has, run to its end on a clock that does not wait."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        address = f"http://127.0.0.1:{server.server_address[1]}/film.mp4"
        run = Running(address, FastClock(plain().grid.start_ms(4)), of=of)
        run._thread.join(150)
        server.shutdown()
    return run


def shown_s(run: Running, name: str = "v180") -> float:
    """How many seconds of the programme came on the air."""
    segments = run.segments[name]
    return float(sum(each.duration for each in segments if each.origin == "programme"))


@pytest.mark.timeout(200)
def test_a_recording_that_breaks_off_goes_on_near_where_it_was(tmp_path: Path) -> None:
    _Breaking.data, _Breaking.broken = film(tmp_path).read_bytes(), 0
    run = played(_Breaking)
    assert not run._thread.is_alive()
    assert run.error is None
    assert _Breaking.broken == 4
    assert 11 < shown_s(run) < 15
    assert_no_hole(run, tmp_path)


def carried(folder: Path) -> Event:
    """An event for a copy of that film."""
    codecs = probe_source(str(folder / "film.mp4"))[0].codecs
    return event(video("v", 640, 360, 6_000_000, codecs=codecs), audio("a-en", "en", channels=1), copy=True)


@pytest.mark.timeout(200)
def test_a_copy_of_one_that_breaks_off_does_so_too(tmp_path: Path) -> None:
    """A second or so comes twice, behind a discontinuity, and nothing before it."""
    _Breaking.data, _Breaking.broken = film(tmp_path).read_bytes(), 0
    run = played(_Breaking, carried(tmp_path))
    assert not run._thread.is_alive()
    assert run.error is None
    assert _Breaking.broken == 4
    assert 11 < shown_s(run, "v") < 14.5
    assert sum(each.discontinuity for each in run.segments["v"]) == 1
    assert decodes_cleanly(run.segments.save("v", tmp_path), run.segments.save("a-en", tmp_path))


class _Short(http.server.BaseHTTPRequestHandler):
    """Gives less than the whole and calls it the whole, `times` times."""

    data = b""
    times = 0
    asked = 0

    def do_GET(self) -> None:
        """Answer with what there is."""
        cls = type(self)
        cls.asked += 1
        there = cls.data if cls.asked > cls.times else cls.data[: len(cls.data) * 7 // 10]
        start = int(self.headers.get("Range", "bytes=0-").split("=")[1].split("-")[0])
        if start >= len(there):
            self.send_error(416)
            return
        self.send_response(206)
        self.send_header("Content-Length", str(len(there) - start))
        self.send_header("Content-Range", f"bytes {start}-{len(there) - 1}/{len(there)}")
        self.end_headers()
        with suppress(ConnectionError):  # the other side may have enough
            self.wfile.write(there[start:])

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
        """Say nothing."""


@pytest.mark.timeout(200)
@pytest.mark.parametrize(("times", "seconds"), [(1, 12.0), (1000, 8.4)])
def test_a_recording_that_ends_too_early_is_asked_for_once_more(
    times: int, seconds: float, tmp_path: Path
) -> None:
    """What ends twice at the same place ends there."""
    _Short.data, _Short.times, _Short.asked = film(tmp_path).read_bytes(), times, 0
    run = played(_Short)
    assert not run._thread.is_alive()
    assert run.error is None
    assert seconds - 1 < shown_s(run) < seconds + 3
    assert _Short.asked < 12


@pytest.mark.timeout(200)
@pytest.mark.parametrize(("times", "seconds"), [(1, 12.0), (1000, 8.4)])
def test_so_it_is_in_a_copy(times: int, seconds: float, tmp_path: Path) -> None:
    _Short.data, _Short.times, _Short.asked = film(tmp_path).read_bytes(), times, 0
    run = played(_Short, carried(tmp_path))
    assert not run._thread.is_alive()
    assert run.error is None
    assert seconds - 1 < shown_s(run, "v") < seconds + 3
    assert _Short.asked < 12


@pytest.mark.parametrize("copy", [False, True])
def test_of_an_hls_stream_with_variants_only_one_is_fetched(copy: bool, tmp_path: Path) -> None:
    """The one of the event's size in a copy, the largest else; the sound that comes with it."""
    ffmpeg(
        "-f", "lavfi", "-i", "testsrc2=s=320x180:r=30", "-f", "lavfi", "-i", TONE, "-filter_complex", "[0:v]split=2[a][b];[b]scale=640:360[c]",
        "-map", "[a]", "-map", "1:a", "-map", "[c]", "-map", "1:a", "-t", "9", "-c:v", "libx264", "-preset", "veryfast",
        "-profile:v", "high", "-level", "1.3", "-bf", "2", "-g", "30", "-sc_threshold", "0", "-c:a", "aac", "-ac", "2", "-f", "hls", "-hls_time", "1",
        "-hls_list_size", "0", "-var_stream_map", "v:0,a:0 v:1,a:1", "-master_pl_name", "master.m3u8",
        "-hls_segment_filename", str(tmp_path / "s%v-%d.ts"), str(tmp_path / "v%v.m3u8"),
    )  # fmt: skip
    carried = event(video("v", 320, 180, 900_000, codecs="avc1.64000d"), audio("a-en", "en"), copy=True)
    asked: list[str] = []
    with web(tmp_path, asked=asked) as port:
        address = f"http://127.0.0.1:{port}/master.m3u8"
        run = Running(address, FastClock(plain().grid.start_ms(4)), of=carried if copy else plain())
        run._thread.join(40)
    assert run.error is None
    name = "v" if copy else "v180"
    assert 7 < float(sum(each.duration for each in run.segments[name])) < 10.5
    assert decodes_cleanly(run.segments.save(name, tmp_path), run.segments.save("a-en", tmp_path))
    wanted, other = ("s0-", "s1-") if copy else ("s1-", "s0-")
    counts = [sum(f"/{prefix}" in path for path in asked) for prefix in (wanted, other)]
    assert counts[0] >= 8
    assert counts[1] <= 5  # what opening had to look at


def test_the_sound_beside_the_pictures_is_chosen() -> None:
    def stream(index: int, language: str | None = None, *, default: bool = False) -> Any:
        mark = Disposition.default if default else Disposition(0)
        return SimpleNamespace(index=index, language=language, disposition=mark, codec_context=object())

    streams = cast("Any", [stream(1), stream(3), stream(5, "per"), stream(6, "fas", default=True)])
    chosen = choose_sound(streams, ["en", "fa"], beside=2)
    assert (chosen["en"].index, chosen["fa"].index) == (6, 5)
    assert choose_sound(cast("Any", [stream(1), stream(3)]), ["en"], beside=2)["en"].index == 3
    assert choose_sound(cast("Any", [stream(1, "eng"), stream(3, "eng")]), ["en"], beside=4)["en"].index == 3
    assert choose_sound([], ["en"]) == {}
