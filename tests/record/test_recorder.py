"""The recorder on real files: what players make of them, and what a bad disk does to them, and to nobody else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from huma.config import MIB
from huma.errors import StoreError
from huma.media.boxes import box
from huma.media.segment import Segment
from huma.record.recorder import Recorder, RecorderState
from tests.media.making import decodes_cleanly, ffprobe
from tests.record.disks import FickleDisk
from tests.record.takes import coded, of, pickled, programme, signed

TICK = Fraction(16, 15)


def recorder(folder: Path, disk: FickleDisk | None = None, **more: object) -> Recorder:
    event, _ = programme()
    made = Recorder(event, folder, disk=disk, reserve_bytes=0, **more)  # type: ignore[arg-type]
    made.start()
    return made


def until(made: Recorder, true: Callable[[RecorderState], bool]) -> RecorderState:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if true(made.state):
            return made.state
        time.sleep(0.01)
    raise AssertionError(made.state)


def record(folder: Path, segments: tuple[Segment, ...]) -> RecorderState:
    made = recorder(folder)
    for segment in segments:
        made.take(segment)
    assert made.close()
    return made.state


def only(folder: Path, stem: str) -> Path:
    (found,) = folder.glob(f"{stem}-*.mp4")
    return found


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


def test_a_stuck_disk_holds_up_nobody_and_is_gone_on_from(tmp_path: Path) -> None:
    _, segments = programme()
    disk = FickleDisk(tmp_path)
    made = recorder(tmp_path, disk, line_bytes=400_000)
    mine = [each for each in segments if each.rendition in ("v180", "a-en", "a-fa")]
    half = len(mine) // 2
    for segment in mine[:4]:
        made.take(segment)
    until(made, lambda state: state.seconds > 0)
    disk.free.clear()
    disk.waiting.clear()
    for segment in mine[4:half]:
        made.take(segment)
    assert disk.waiting.wait(60)
    big = replace(mine[half], data=mine[half].data + box(b"free", bytes(60_000)))
    for _ in range(50):
        made.take(big)  # with a disk that does not move, this would never come back if it waited
    stuck = made.state
    assert stuck.dropped >= 40
    assert stuck.waiting_bytes <= 400_000
    disk.free.set()
    until(made, lambda state: state.waiting_bytes == 0)
    for segment in mine[half + 6 :]:
        made.take(segment)
    assert made.close()
    whole = only(tmp_path, "programme")
    assert decodes_cleanly(whole)
    assert (
        coded(of(segments, "v180")[-1].init + of(segments, "v180")[-1].data, "video")[-1]
        == coded(whole, "video")[-1]
    )


def test_a_slow_disk_is_told(tmp_path: Path) -> None:
    now = [100.0]
    disk = FickleDisk(tmp_path)
    made = recorder(tmp_path, disk, mono=lambda: now[0])
    disk.free.clear()
    for segment in programme()[1]:
        made.take(segment)
    assert disk.waiting.wait(60)
    assert made.state.code == ""
    now[0] += 6
    assert made.state.code == "record-slow"
    disk.free.set()
    until(made, lambda state: state.waiting_bytes == 0 and not state.code)
    assert made.close()


def test_a_full_disk_is_told_and_gone_on_from_in_the_same_file(tmp_path: Path) -> None:
    _, segments = programme()
    disk = FickleDisk(tmp_path)
    made = recorder(tmp_path, disk)
    third = len(segments) // 3
    for segment in segments[:third]:
        made.take(segment)
    until(made, lambda state: state.waiting_bytes == 0 and state.seconds > 1)
    disk.room = 3000  # a part of the next write still fits: it must not stay
    for segment in segments[third : 2 * third]:
        made.take(segment)
    full = until(made, lambda state: state.code == "record-full" and state.waiting_bytes == 0)
    assert full.dropped > 0
    disk.room = None
    for segment in segments[2 * third :]:
        made.take(segment)
    assert made.close()
    state = made.state
    assert state.code == ""
    assert len(state.files) == 3
    assert state.bytes == sum(path.stat().st_size for path in tmp_path.iterdir())
    for path in tmp_path.iterdir():
        assert decodes_cleanly(path)
    whole = only(tmp_path, "programme")
    assert coded(whole, "audio")[-1] == coded(signed(segments, "a-en"), "audio")[-1]
    assert float(ffprobe(whole, "format=duration")["format"]["duration"]) == pytest.approx(12.8, abs=0.1)


def test_room_for_the_broadcast_is_left_on_the_disk(tmp_path: Path) -> None:
    event, segments = programme()
    disk = FickleDisk(tmp_path)
    disk.left_bytes = 10 * MIB
    made = Recorder(event, tmp_path, disk=disk, reserve_bytes=10 * MIB)
    made.start()
    until(made, lambda state: state.free_bytes is not None)
    for segment in segments[:20]:
        made.take(segment)
    until(made, lambda state: state.code == "record-full")
    assert made.state.full_in_s is None
    assert list(tmp_path.iterdir()) == []
    disk.left_bytes = 100 * MIB
    until(made, lambda state: state.free_bytes == 100 * MIB)
    for segment in segments[20:]:
        made.take(segment)
    assert made.close()
    assert made.state.seconds > 5


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


def test_it_is_forced_down_every_two_seconds(tmp_path: Path) -> None:
    now = [100.0]
    disk = FickleDisk(tmp_path)
    made = recorder(tmp_path, disk, mono=lambda: now[0])
    _, segments = programme()
    for segment in segments:
        made.take(segment)
        until(made, lambda state: state.waiting_bytes == 0)
        now[0] += 0.21
    made.close()
    passes = len(segments) * 0.21 / 2.0
    assert passes <= disk.syncs <= 3 * (passes + 2)


def test_a_forecast_of_the_day_on_which_the_disk_is_full(tmp_path: Path) -> None:
    now = [100.0]
    disk = FickleDisk(tmp_path)
    disk.left_bytes = 1000 * MIB
    made = recorder(tmp_path, disk, mono=lambda: now[0])
    _, segments = programme()
    for segment in segments:
        made.take(segment)
        until(made, lambda state: state.waiting_bytes == 0)
        now[0] += float(TICK) * 12 / len(segments)
    state = until(made, lambda state: state.full_in_s is not None)
    made.close()
    rate = state.bytes / float(12 * TICK)
    assert state.full_in_s == pytest.approx(1000 * MIB / rate, rel=0.5)


def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    event, _ = programme()
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(StoreError) as caught:
        Recorder(event, tmp_path / "file" / "rec").start()
    assert caught.value.code.startswith("record-")


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


def test_a_real_disk_that_fills_up(tmp_path: Path) -> None:
    script, disk = tmp_path / "fill.py", tmp_path / "disk"
    disk.mkdir()
    script.write_text(
        textwrap.dedent("""
        import pathlib, pickle, sys, time
        from huma.record.recorder import Recorder
        event, segments = pickle.loads(pathlib.Path(sys.argv[1]).read_bytes())
        folder = pathlib.Path(sys.argv[2])
        ballast = folder / "ballast"
        ballast.write_bytes(bytes(800_000))
        recorder = Recorder(event, folder / "rec", reserve_bytes=0)
        recorder.start()
        def all_in(part):
            for segment in part:
                recorder.take(segment)
            while recorder.state.waiting_bytes:
                time.sleep(0.01)
        half = len(segments) // 2
        all_in(segments[:half])
        print(recorder.state.code, recorder.state.dropped > 0)
        ballast.unlink()
        time.sleep(3)  # it looks at the room every two seconds
        all_in(segments[half:])
        print(recorder.close(), recorder.state.code or "fine")
        import subprocess
        for path in sorted((folder / "rec").iterdir()):
            done = subprocess.run(["ffmpeg", "-v", "warning", "-i", str(path), "-f", "null", "-"], capture_output=True)
            print(path.name.split("-")[0], done.returncode, done.stderr.decode().strip())
        """)
    )
    run = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c",
         'mount -t tmpfs -o size=1m tmpfs "$1" && exec "$2" "$3" "$4" "$1"',
         "sh", str(disk), sys.executable, str(script), str(pickled(tmp_path))],
        capture_output=True, text=True, timeout=100, check=False, env={**os.environ},
    )  # fmt: skip
    if "unshare failed" in run.stderr:
        pytest.skip("no user namespaces here")
    lines = run.stdout.splitlines()
    assert lines[:2] == ["record-full True", "True fine"], run.stdout + run.stderr
    assert all(line.split(" ", 1)[1].strip() == "0" for line in lines[2:]), run.stdout
    assert len(lines) >= 5
