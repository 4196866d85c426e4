"""What a bad disk does to the recorder, and to nobody else."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest

from huma.config import MIB
from huma.errors import StoreError
from huma.media.boxes import box
from huma.record.recorder import Recorder
from tests.media.making import decodes_cleanly, ffprobe
from tests.record.disks import FickleDisk
from tests.record.recording import TICK, only, recorder, until
from tests.record.takes import coded, of, pickled, programme, signed


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
