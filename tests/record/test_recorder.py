"""The recorder on real files: what players make of them. What a bad disk does to it is in test_disk.py."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from tests.media.making import decodes_cleanly, ffprobe
from tests.record.recording import TICK, only, record, recorder
from tests.record.takes import coded, of, pickled, programme, signed


def test_programme_and_languages_in_the_bytes_that_were_signed(tmp_path: Path) -> None:
    event, segments = programme()
    state = record(tmp_path / "rec", segments)
    assert sorted(state.files) == sorted(path.name for path in (tmp_path / "rec").iterdir())
    assert state.files == (
        "programme-20261118T110644Z.mp4",
        "sound-en-20261118T110644Z.mp4",
        "sound-fa-20261118T110644Z.mp4",
    )
    whole = only(tmp_path / "rec", "programme")
    assert coded(whole, "video") == coded(signed(segments, "v180"), "video")
    assert coded(whole, "audio") == coded(signed(segments, "a-en"), "audio")
    assert coded(only(tmp_path / "rec", "sound-fa"), "audio") == coded(signed(segments, "a-fa"), "audio")
    assert state.bytes == sum(path.stat().st_size for path in (tmp_path / "rec").iterdir())
    assert state.seconds == pytest.approx(12 * TICK)
    assert state.since_ms == event.grid.start_ms(4)
    assert (state.code, state.dropped, state.waiting_bytes) == ("", 0, 0)


def test_players_take_it_from_its_beginning_to_its_end(tmp_path: Path) -> None:
    _, segments = programme()
    record(tmp_path, segments)
    whole = only(tmp_path, "programme")
    assert decodes_cleanly(whole)
    found = ffprobe(whole, "format=start_time,duration", "stream=codec_type,start_time")
    assert float(found["format"]["duration"]) == pytest.approx(12 * TICK, abs=0.05)
    assert [each["codec_type"] for each in found["streams"]] == ["video", "audio"]
    assert [float(each["start_time"]) for each in found["streams"]] == [0.0, 0.0]


@pytest.mark.system
def test_mpv_seeks_in_it(tmp_path: Path) -> None:
    _, segments = programme()
    record(tmp_path, segments)
    done = subprocess.run(
        ["mpv", "--no-config", "--vo=null", "--ao=null", "--untimed", "--no-audio-pitch-correction", "--start=9",
         "--term-playing-msg=at ${=time-pos} of ${=duration}", str(only(tmp_path, "programme"))],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    _, at, _, duration = next(line for line in done.stdout.splitlines() if line.startswith("at ")).split()
    assert 7.9 < float(at) < 9.1
    assert float(duration) == pytest.approx(12.8, abs=0.1)


@pytest.mark.browser
@pytest.mark.timeout(180)
def test_chromium_plays_it_from_a_seek_to_the_end(tmp_path: Path) -> None:
    from bench.browser import chromium

    _, segments = programme()
    record(tmp_path, segments)
    (tmp_path / "page.html").write_text(
        f"<!doctype html><video id=v muted src='{only(tmp_path, 'programme').name}'></video>"
    )
    with chromium() as browser:
        page = browser.new_page()
        page.goto((tmp_path / "page.html").as_uri())
        page.evaluate("v.currentTime = 9")
        page.evaluate("v.play()")
        page.wait_for_function("v.ended || v.error", timeout=60_000)
        seen = json.loads(
            page.evaluate(
                "JSON.stringify({error: v.error && v.error.message, at: v.currentTime, duration: v.duration,"
                "frames: v.getVideoPlaybackQuality().totalVideoFrames, sound: v.webkitAudioDecodedByteCount})"
            )
        )
    assert seen["error"] is None
    assert seen["duration"] == pytest.approx(12.8, abs=0.1)
    assert seen["at"] == pytest.approx(12.8, abs=0.1)
    assert seen["frames"] > 60
    assert seen["sound"] > 10_000


def test_killed_it_leaves_everything_that_it_said_it_had(tmp_path: Path) -> None:
    script = tmp_path / "record.py"
    script.write_text(
        textwrap.dedent("""
        import pathlib, pickle, sys, time
        from huma.record.recorder import Recorder
        event, segments = pickle.loads(pathlib.Path(sys.argv[1]).read_bytes())
        recorder = Recorder(event, pathlib.Path(sys.argv[2]), reserve_bytes=0)
        recorder.start()
        for segment in segments:
            recorder.take(segment)
            time.sleep(0.02)
            print(recorder.state.seconds, recorder.state.bytes, flush=True)
        time.sleep(600)
        """)
    )
    run = subprocess.Popen(
        [sys.executable, str(script), str(pickled(tmp_path)), str(tmp_path / "rec")],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert run.stdout is not None
    seconds, written = 0.0, 0
    for line in run.stdout:
        seconds, written = float(line.split()[0]), int(line.split()[1])
        if seconds > 7:
            break
    run.kill()
    run.wait(10)
    run.stdout.close()
    assert seconds > 7
    whole = only(tmp_path / "rec", "programme")
    assert decodes_cleanly(whole)
    packets = ffprobe(whole, "packet=dts_time,codec_type")["packets"]
    for kind in ("video", "audio"):
        last = max(float(each["dts_time"]) for each in packets if each["codec_type"] == kind)
        assert last > seconds - 0.1
    assert sum(path.stat().st_size for path in (tmp_path / "rec").iterdir()) >= written


def test_a_change_of_codec_parameters_begins_new_files(tmp_path: Path) -> None:
    _, first = programme()
    _, second = programme(12, 25)
    moved = tuple(replace(each, start_ms=each.start_ms + 60_000, n=each.n + 60) for each in second)
    state = record(tmp_path, (*first, *moved))
    assert len(list(tmp_path.glob("programme-*"))) == 2
    assert len(state.files) == len(set(state.files))
    for path in tmp_path.iterdir():
        assert decodes_cleanly(path)
    frames = [len(coded(path, "video")) for path in sorted(tmp_path.glob("programme-*"))]
    assert frames == [12 * 32, 12 * 24]
    assert state.dropped == 0


def test_nothing_is_ever_written_over(tmp_path: Path) -> None:
    _, segments = programme()
    record(tmp_path, segments)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    again = record(tmp_path, segments)
    assert "programme-20261118T110644Z-2.mp4" in again.files
    assert all((tmp_path / name).read_bytes() == data for name, data in before.items())


def test_a_segment_that_is_no_mp4_costs_only_itself(tmp_path: Path) -> None:
    _, segments = programme()
    spoilt = tuple(
        replace(each, data=b"noise" * 100) if (each.rendition, each.n) == ("v180", 8) else each
        for each in segments
    )
    state = record(tmp_path, spoilt)
    assert state.dropped == 2  # the picture, and the sound that goes with it
    assert decodes_cleanly(only(tmp_path, "programme"))


def test_many_threads_at_once(tmp_path: Path) -> None:
    _, segments = programme()
    made = recorder(tmp_path)
    names = ("v180", "a-en", "a-fa", "v144")
    together = threading.Barrier(len(names), timeout=60)

    def feed(name: str) -> None:
        for segment in of(segments, name):
            together.wait()
            made.take(segment)

    threads = [threading.Thread(target=feed, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made.close()
    assert made.state.seconds == pytest.approx(12.8)
    assert decodes_cleanly(only(tmp_path, "programme"))
