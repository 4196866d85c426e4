"""Our fragments in the decoders of browsers: hls.js hands them to MSE, picture and sound come out, without a gap."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from bench.browser import chromium

from tests.media.events import audio, event, full, video
from tests.media.making import copyable
from tests.media.reading import run_fast
from tests.media.wires import web

if TYPE_CHECKING:
    from tests.media.reading import Collected

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

WEB = Path(__file__).resolve().parents[2] / "web"
PAGE = """<!doctype html><title>trial</title><video id=v muted playsinline></video><script src=hls.min.js></script>
<script>
const video = document.getElementById('v'), faults = [];
const hls = new Hls({startPosition: 0, backBufferLength: 999});
hls.on(Hls.Events.ERROR, (_, e) => faults.push(e.type + ' ' + e.details + ' ' + (e.reason ?? '')));
hls.loadSource('index.m3u8'); hls.attachMedia(video);
video.addEventListener('canplay', () => { video.playbackRate = 4; video.play(); });
function report() {
  const ranges = [...Array(video.buffered.length).keys()].map((i) => [video.buffered.start(i), video.buffered.end(i)]);
  return JSON.stringify({ended: video.ended, at: video.currentTime, ranges, faults, width: video.videoWidth,
    frames: video.getVideoPlaybackQuality().totalVideoFrames, dropped: video.getVideoPlaybackQuality().droppedVideoFrames,
    sound: video.webkitAudioDecodedByteCount ?? (video.mozHasAudio ? 1e6 : 0)});
}
</script>"""


def publish(collected: Collected, picture: str, sound: str, codecs: str, folder: Path) -> None:
    """A plain, finished HLS stream of two renditions."""
    for name in (picture, sound):
        segments = collected[name]
        lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-TARGETDURATION:3", "#EXT-X-PLAYLIST-TYPE:VOD"]
        init = b""
        for index, each in enumerate(segments):
            if each.discontinuity:
                lines.append("#EXT-X-DISCONTINUITY")
            if each.init != init:
                init = each.init
                (folder / f"{name}-{index}.init.mp4").write_bytes(init)
                lines.append(f'#EXT-X-MAP:URI="{name}-{index}.init.mp4"')
            (folder / f"{name}-{index}.m4s").write_bytes(each.data)
            lines += [f"#EXTINF:{float(each.duration):.5f},", f"{name}-{index}.m4s"]
        (folder / f"{name}.m3u8").write_text("\n".join([*lines, "#EXT-X-ENDLIST", ""]))
    (folder / "index.m3u8").write_text(
        "#EXTM3U\n#EXT-X-VERSION:7\n"
        f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="x",DEFAULT=YES,AUTOSELECT=YES,URI="{sound}.m3u8"\n'
        f'#EXT-X-STREAM-INF:BANDWIDTH=2000000,CODECS="{codecs}",AUDIO="a"\n{picture}.m3u8\n'
    )
    (folder / "hls.min.js").write_bytes((WEB / "node_modules/hls.js/dist/hls.min.js").read_bytes())
    (folder / "page.html").write_text(PAGE)


def in_chromium(address: str) -> dict[str, Any]:
    with chromium() as browser:
        page = browser.new_page()
        page.goto(address)
        page.wait_for_function("document.getElementById('v').ended || faults.length > 3", timeout=60_000)
        found: dict[str, Any] = json.loads(page.evaluate("report()"))
    return found


FIREFOX = """
const puppeteer = require('puppeteer-core');
(async () => {
  const browser = await puppeteer.launch({browser: 'firefox', executablePath: '/usr/bin/firefox-esr', headless: true,
    extraPrefsFirefox: {'media.autoplay.default': 0}});
  const page = await browser.newPage();
  await page.goto(process.argv[1]);
  await page.waitForFunction("document.getElementById('v').ended || faults.length > 3", {timeout: 90000});
  console.log(await page.evaluate('report()'));
  await browser.close();
})().catch((error) => { console.error(error); process.exit(1); });
"""


def in_firefox(address: str) -> dict[str, Any]:
    done = subprocess.run(
        ["node", "-e", FIREFOX, address], capture_output=True, text=True, timeout=150, check=False, cwd=WEB
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


BROWSERS = {"chromium": in_chromium, "firefox": in_firefox}


def assert_played(found: dict[str, Any], seconds: float, width: int) -> None:
    assert found["faults"] == []
    assert found["ended"]
    assert found["width"] == width
    assert len(found["ranges"]) == 1
    start, end = found["ranges"][0]
    assert end - start == pytest.approx(seconds, abs=0.1)
    assert found["frames"] > seconds * 4
    assert found["sound"] > 10_000


@pytest.mark.parametrize("browser", BROWSERS)
def test_an_encoded_programme_plays(browser: str, tmp_path: Path) -> None:
    collected, _ = run_fast("test", full(), ticks=8)
    publish(collected, "v360", "a-fa", "avc1.64001e,mp4a.40.2", tmp_path)
    with web(tmp_path) as port:
        found = BROWSERS[browser](f"http://127.0.0.1:{port}/page.html")
    assert_played(found, 8 * 16 / 15, 640)


@pytest.mark.parametrize("browser", BROWSERS)
def test_a_slow_ladder_of_several_fragments_plays(browser: str, tmp_path: Path) -> None:
    collected, _ = run_fast("test", full(), ticks=8)
    publish(collected, "v144s", "n-en", "avc1.64000c,mp4a.40.2", tmp_path)
    with web(tmp_path) as port:
        found = BROWSERS[browser](f"http://127.0.0.1:{port}/page.html")
    assert_played(found, 8 * 16 / 15, 256)


@pytest.mark.parametrize("browser", BROWSERS)
def test_a_copy_with_b_frames_and_a_break_plays(browser: str, tmp_path: Path) -> None:
    source = copyable(tmp_path / "source.ts", seconds=4, bframes=3)
    carried = event(video("v", 320, 180, 900_000, codecs="avc1.64000d"), audio("a-en", "en"), copy=True)
    collected, _ = run_fast(str(source), carried, copy=True, loop=True, ticks=4)
    assert any(each.discontinuity for each in collected["v"])
    publish(collected, "v", "a-en", "avc1.64000d,mp4a.40.2", tmp_path)
    with web(tmp_path) as port:
        found = BROWSERS[browser](f"http://127.0.0.1:{port}/page.html")
    assert_played(found, 8, 320)
