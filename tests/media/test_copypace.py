"""In a copy segments are counted: however a source breaks, none has a number that the clock has not come to."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from huma.media.clock import FastClock
from tests.media.events import audio, event, video
from tests.media.making import copyable, ffmpeg
from tests.media.reading import run_fast
from tests.media.wires import Running, free_port, send

if TYPE_CHECKING:
    from pathlib import Path

COPIED = event(video("v", 320, 180, 900_000, codecs="avc1.64000d"), audio("a-en", "en"), copy=True)
AHEAD_TICKS = 4


def scraps(folder: Path, count: int) -> bytes:
    """Stretches of 0.4 s, each in another time than the one before."""
    early, late = copyable(folder / "early.ts", seconds=0.4, gop=12), folder / "late.ts"
    ffmpeg("-i", str(early), "-c", "copy", "-output_ts_offset", "5000", str(late))
    return (early.read_bytes() + late.read_bytes()) * (count // 2)


def test_a_live_source_of_scraps_never_runs_ahead_of_the_clock(tmp_path: Path) -> None:
    port, broken = free_port(), scraps(tmp_path, 40)
    whole = copyable(tmp_path / "whole.ts", seconds=4).read_bytes()
    clock = FastClock(COPIED.grid.start_ms(4))
    run = Running(f"tcp://127.0.0.1:{port}?listen=1", clock, of=COPIED)
    try:
        send(port, broken)
        send(port, whole)
        run.wait_for(lambda made: len(made["v"]) >= 7 and len(made["a-en"]) >= 7)
    finally:
        run.end()
    made = run.segments["v"]
    assert [each.n for each in made] == list(range(4, 11))
    assert [float(each.duration) < 1 for each in made] == [True] * 5 + [False] * 2
    assert [each.discontinuity for each in made] == [False] + [True] * 5 + [False]
    assert [each.n for each in run.segments["a-en"]] == [each.n for each in made]
    assert COPIED.grid.tick_at(clock.wall()) + AHEAD_TICKS == 10, "no earlier, and no later than it must"
    told = run.programme.state().messages
    assert "left out what is shorter than a tick: the source breaks off too often" in told
    assert "held back: the source is faster than the clock" in told


def test_files_that_are_shorter_than_a_tick_wait_for_the_clock(tmp_path: Path) -> None:
    """None of them is left out."""
    source = copyable(tmp_path / "short.ts", seconds=0.5, gop=15)
    collected, _ = run_fast([str(source)] * 20, COPIED, copy=True)
    made = collected["v"]
    assert [each.n for each in made] == list(range(4, 24))
    for each in made:
        assert each.n <= COPIED.grid.tick_at(COPIED.grid.start_ms(4) + int(each.complete_mono)) + AHEAD_TICKS
    assert all(before.complete_mono <= after.complete_mono for before, after in pairwise(made))
