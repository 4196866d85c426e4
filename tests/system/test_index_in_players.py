"""The index and signed playlists in players that know nothing of us: ffmpeg, mpv, and hls.js in Chromium."""

from __future__ import annotations

import functools
import http.server
import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import pytest
from bench.browser import chromium
from vectors.make import kit

from huma.protocol import names
from huma.protocol.event import Event, Rendition
from huma.protocol.multivariant import render_index
from huma.protocol.playlist import LivePlaylist, SegmentEntry, render_live, verify_live

ROOT = Path(__file__).parents[2]
TICK = Fraction(16, 15)
SECONDS = 8

VIDEO = Rendition(
    "v180", "video", 1, 500_000, "avc1.64000d", 400_000, width=320, height=180, frame_rate=(30, 1)
)
ENGLISH = Rendition(
    "a-en", "audio", 1, 65_536, "mp4a.40.2", 100_000, language="en", channels=2, sample_rate=48_000
)
FARSI = replace(ENGLISH, name="a-fa", language="fa")
EVENT: Event = replace(kit.EVENT, renditions=(VIDEO, ENGLISH, FARSI))

X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-profile:v", "high", "-g", "32",
        "-keyint_min", "32", "-sc_threshold", "0")  # fmt: skip
AAC = ("-c:a", "aac", "-b:a", "96k", "-ac", "2", "-ar", "48000")

pytestmark = pytest.mark.system


@dataclass(frozen=True)
class Encoded:
    """What one encoder made of one source."""

    init: bytes
    segments: tuple[bytes, ...]


def encode(folder: Path, source: str, codec: tuple[str, ...]) -> Encoded:
    """Segments of one tick, as ffmpeg cuts them."""
    folder.mkdir()
    hls = ("-f", "hls", "-hls_time", "1.066667", "-hls_segment_type", "fmp4", "-hls_playlist_type", "vod",
           "-hls_fmp4_init_filename", "init.mp4", "-hls_segment_filename", str(folder / "%03d.m4s"))  # fmt: skip
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", source, "-t", str(SECONDS), *codec, *hls]
    subprocess.run([*command, str(folder / "list.m3u8")], check=True, timeout=60)
    found = tuple(path.read_bytes() for path in sorted(folder.glob("*.m4s")))
    return Encoded((folder / "init.mp4").read_bytes(), found)


def put(site: Path, data: bytes, ext: names.MediaExt) -> names.MediaRef:
    """Put a media file where its name says."""
    ref = names.MediaRef(names.sha256_hex(data), ext)
    (site / ref.path).write_bytes(data)
    return ref


def publish(site: Path, rendition: Rendition, *parts: Encoded) -> None:
    """Sign a playlist that has ended: the parts one after the other, each behind a discontinuity."""
    entries: list[SegmentEntry] = []
    for part in parts:
        init = put(site, part.init, "mp4")
        for data in part.segments:
            first = data is part.segments[0]
            start = kit.EVENT.grid.start_ms(len(entries))
            cut = first and bool(entries)
            entry = SegmentEntry(put(site, data, "m4s"), len(data), TICK, cut, init, len(part.init), start)
            entries.append(entry)
    playlist = LivePlaylist(
        event=kit.EVENT_ID,
        rendition=rendition.name,
        keyid=kit.A.public.keyid,
        tick=len(entries) - 1,
        issued_ms=kit.NOT_BEFORE_MS,
        target_duration=2,
        media_sequence=0,
        discontinuity_sequence=0,
        entries=tuple(entries),
        ended=True,
    )
    data = render_live(playlist, kit.A)
    verify_live(data, event=EVENT, event_id=kit.EVENT_ID, rendition=rendition.name)
    (site / names.live_path(rendition.name)).write_bytes(data)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A mirror's folder: one picture, two languages, a new encoder in the middle of the picture."""
    if shutil.which("ffmpeg") is None:
        pytest.skip("ffmpeg is not installed: see apt-packages.txt")
    work, site = tmp_path_factory.mktemp("work"), tmp_path_factory.mktemp("site")
    for folder in ("live", "media"):
        (site / folder).mkdir()
    half = take(encode(work / "one", "testsrc2=size=320x180:rate=30", X264), 4)
    other = take(encode(work / "two", "smptebars=size=320x180:rate=30", (*X264, "-crf", "35", "-bf", "0")), 4)
    publish(site, VIDEO, half, other)
    publish(site, ENGLISH, take(encode(work / "en", "sine=440", AAC), 8))
    publish(site, FARSI, take(encode(work / "fa", "sine=880", AAC), 8))
    (site / "index.m3u8").write_bytes(render_index(EVENT, "fast"))
    assert half.init != other.init
    return site


def take(encoded: Encoded, count: int) -> Encoded:
    """The first `count` segments."""
    assert len(encoded.segments) >= count - 1
    return Encoded(encoded.init, encoded.segments[:count])


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files and writes no log."""

    def log_message(self, *_: object) -> None:
        """Nothing about who asked."""


@pytest.fixture(scope="module")
def server(site: Path) -> Iterator[str]:
    handler = functools.partial(Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as found:
        thread = threading.Thread(target=found.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{found.server_port}/"
        found.shutdown()


def test_ffprobe_sees_one_picture_and_two_languages(server: str) -> None:
    command = ["ffprobe", "-v", "error", "-of", "json", "-show_streams", server + "index.m3u8"]
    streams = json.loads(subprocess.run(command, check=True, capture_output=True, timeout=60).stdout)[
        "streams"
    ]
    assert [each["codec_type"] for each in streams].count("video") == 1
    spoken = [each["tags"]["language"] for each in streams if each["codec_type"] == "audio"]
    assert spoken == ["en", "fa"]


@pytest.mark.parametrize("stream", ["0:v", "0:a:0", "0:a:1"])
def test_ffmpeg_decodes_every_second(server: str, stream: str) -> None:
    command = [
        "ffmpeg",
        "-v",
        "info",
        "-stats",
        "-i",
        server + "index.m3u8",
        "-map",
        stream,
        "-f",
        "null",
        "-",
    ]
    done = subprocess.run(command, check=True, capture_output=True, timeout=60, text=True)
    times = re.findall(r"time=00:00:(\d\d\.\d\d)", done.stderr)
    assert float(times[-1]) >= 7.4
    assert "rror" not in done.stderr


def test_mpv_plays_to_the_end(server: str) -> None:
    if shutil.which("mpv") is None:
        pytest.skip("mpv is not installed: see apt-packages.txt")
    quiet = ["--no-config", "--vo=null", "--ao=null", "--untimed", "--no-terminal", "--log-file=/dev/stdout"]
    command = ["mpv", *quiet, "--alang=fa", server + "index.m3u8"]
    done = subprocess.run(command, check=True, capture_output=True, timeout=60, text=True)
    assert re.search(r"^.*     Audio --aid=1 --alang=en .*$", done.stdout, re.MULTILINE)
    assert re.search(r"^.* \(\+\) Audio --aid=2 --alang=fa .*$", done.stdout, re.MULTILINE)
    assert "finished playback, success" in done.stdout


PAGE = """<!doctype html><video id=v muted></video><script src=/hls.js></script><script>
const hls = new Hls(); window.seen = {errors: [], tracks: []};
// a busy machine stalls at four times the speed: only what is not a stall counts
hls.on(Hls.Events.ERROR, (_, e) => { if (!/^buffer(Stalled|Nudge)/.test(e.details)) seen.errors.push(e.details); });
hls.on(Hls.Events.AUDIO_TRACKS_UPDATED, (_, e) => { seen.tracks = e.audioTracks.map((t) => [t.lang, t.name, t.default]); });
hls.loadSource('/index.m3u8'); hls.attachMedia(v);
hls.on(Hls.Events.MANIFEST_PARSED, () => { v.playbackRate = 4; v.play(); });
</script>"""


@pytest.mark.browser
def test_stock_hls_js_plays_both_languages(site: Path, server: str) -> None:
    script = ROOT / "web/node_modules/hls.js/dist/hls.js"
    (site / "page.html").write_text(PAGE)
    (site / "hls.js").write_bytes(script.read_bytes())
    with chromium() as browser:
        page = browser.new_page()
        page.goto(server + "page.html")
        page.wait_for_function("v.currentTime > 5.5", timeout=30_000)
        sound = page.evaluate("v.webkitAudioDecodedByteCount")
        page.evaluate("hls.audioTrack = 1; v.currentTime = 0.5")
        page.wait_for_function("hls.audioTrack === 1 && v.currentTime > 2", timeout=30_000)
        seen = page.evaluate("seen")
        frames = page.evaluate("v.getVideoPlaybackQuality().totalVideoFrames")
    assert seen["tracks"] == [["en", "English", True], ["fa", "فارسی", False]]
    assert seen["errors"] == []
    assert sound > 0
    assert frames > 0
