"""The source `test` through the encoders: segments on the grid, readable in every rendition, sound on the beat."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest

from huma.media import barcode
from huma.media.clock import FastClock
from huma.media.programme import open_programme
from tests.media.events import EPOCH_MS, audio, event, full, small
from tests.media.making import decodes_cleanly, packets_of, stream_of
from tests.media.reading import Collected, fragments, pictures, run_fast, sound

if TYPE_CHECKING:
    from pathlib import Path

    from huma.media.segment import Segment

FIRST, TICKS = 6, 6


@pytest.fixture(scope="module", params=[30, 25], ids=["30 fps", "25 fps"])
def made(request: pytest.FixtureRequest) -> tuple[int, Collected]:
    fps: int = request.param
    return fps, run_fast("test", small(fps), ticks=TICKS, first=FIRST)[0]


@pytest.fixture(scope="module")
def ladder() -> Collected:
    return run_fast("test", full(), ticks=4, first=8)[0]


def test_every_rendition_has_its_segments_without_a_hole(made: tuple[int, Collected]) -> None:
    _, collected = made
    assert set(collected.by_name) == {"v180", "v144", "a-en", "a-fa", "v144s", "n-en", "n-fa"}
    for name in ("v180", "v144", "a-en", "a-fa"):
        assert [(each.n, each.ticks) for each in collected[name]] == [
            (n, 1) for n in range(FIRST, FIRST + TICKS)
        ]
    for name in ("v144s", "n-en", "n-fa"):
        # ticks 6 and 7 are the end of segment 1, and 8 to 11 are segment 2
        assert [(each.n, each.ticks) for each in collected[name]] == [(1, 2), (2, 4)]


def test_durations_and_starts_are_exactly_those_of_the_grid(made: tuple[int, Collected]) -> None:
    fps, collected = made
    tick = small(fps).grid.duration
    for segments in collected.by_name.values():
        for each in segments:
            assert each.duration == tick * each.ticks
            assert not each.discontinuity
            assert each.origin == "programme"
    assert [each.start_ms for each in collected["v144"]] == [
        small(fps).grid.start_ms(n) for n in range(FIRST, FIRST + TICKS)
    ]
    assert [each.start_ms for each in collected["v144s"]] == [small(fps).grid.start_ms(n) for n in (6, 8)]


def test_presentation_times_stand_on_the_grid(made: tuple[int, Collected]) -> None:
    fps, collected = made
    tick = small(fps).grid.duration
    for name in ("v180", "v144"):
        for each in collected[name]:
            (run,) = fragments(each.data)
            start = (10 + each.n * tick) * 90_000
            times, at = [], run.base
            for length, _, offset, _ in run.samples:
                times.append(at + offset)
                at += length
            assert sorted(times) == [start + index * 90_000 // fps for index in range(int(tick * fps))]
            assert at == run.base + tick * 90_000
            assert run.base == start
            assert all(offset >= 0 for _, _, offset, _ in run.samples)
    for name in ("a-en", "a-fa"):
        for each in collected[name]:
            (run,) = fragments(each.data)
            assert run.base == (10 + each.n * tick) * 48_000
            assert [length for length, *_ in run.samples] == [1024] * (50 if fps == 30 else 45)


def test_a_key_frame_comes_first_and_no_other_follows(made: tuple[int, Collected]) -> None:
    _, collected = made
    for name in ("v180", "v144", "v144s"):
        for each in collected[name]:
            for run in fragments(each.data):
                assert [key for *_, key in run.samples] == [True] + [False] * (len(run.samples) - 1)


def test_the_slow_ladder_carries_the_very_fragments(made: tuple[int, Collected]) -> None:
    _, collected = made
    fast = [each.data for each in collected["v144"]]
    assert [each.data for each in collected["v144s"]] == [b"".join(fast[:2]), b"".join(fast[2:])]
    assert collected["v144s"][0].init == collected["v144"][0].init


def test_ffmpeg_decodes_every_rendition_without_a_word(made: tuple[int, Collected], tmp_path: Path) -> None:
    fps, collected = made
    for name in collected.by_name:
        path = collected.save(name, tmp_path)
        assert decodes_cleanly(path), name
        packets = packets_of(path)
        expected = 10 + FIRST * small(fps).grid.duration
        assert min(float(each["pts_time"]) for each in packets) == pytest.approx(float(expected), abs=1e-3)
    assert stream_of(collected.save("v144", tmp_path))["profile"] == "High"
    assert stream_of(collected.save("a-fa", tmp_path))["tags"]["language"] == "fas"


def test_one_segment_alone_decodes_after_its_init(made: tuple[int, Collected], tmp_path: Path) -> None:
    _, collected = made
    for name in ("v144", "a-en"):
        path = tmp_path / f"{name}-alone.mp4"
        path.write_bytes(collected[name][3].init + collected[name][3].data)
        assert decodes_cleanly(path)


def test_the_barcode_is_readable_in_every_frame_of_every_rendition(ladder: Collected) -> None:
    grid = full().grid
    start = EPOCH_MS + 8 * grid.duration * 1000
    for name in ("v720", "v360", "v144", "v144s"):
        read = [barcode.decode(luma) for _, luma in pictures(ladder.whole(name))]
        assert read == [int(start + Fraction(slot * 1000, 30)) for slot in range(4 * 32)], name


def test_beeps_sound_at_full_seconds_as_often_as_the_language_says(ladder: Collected) -> None:
    """The picture's clock and the sound's beat agree to a millisecond or two."""
    grid = full().grid
    start_ms = EPOCH_MS + 8 * grid.duration * 1000
    for name, count in (("a-en", 1), ("a-fa", 2), ("n-en", 1), ("n-fa", 2)):
        time, wave = sound(ladder.whole(name))
        assert time == pytest.approx(float(10 + 8 * grid.duration), abs=1e-6)
        loud = np.abs(wave) > 0.15
        onsets = [index for index in np.flatnonzero(loud) if not loud[max(0, index - 2000) : index].any()]
        begins = [float(start_ms) + index / 48 for index in onsets if index > 4000]
        assert len(begins) >= 3 * count
        for begin in begins:
            place = begin % 1000
            assert min(abs(place - beep * 200) for beep in range(count)) < 4, (name, place)


def test_languages_sound_different(ladder: Collected) -> None:
    pitches = []
    for name in ("a-en", "a-fa"):
        _, wave = sound(ladder.whole(name))
        spectrum = np.abs(np.fft.rfft(wave[:96_000]))
        pitches.append(round(int(np.argmax(spectrum)) / 2))
    assert pitches == [660, 990]


def test_two_encoders_give_the_same_init_segments_and_the_same_time_line() -> None:
    """A standby's segments play after the first one's init. (The pictures differ: x264's macroblock tree is not exact.)"""
    once, again = (run_fast("test", small(), ticks=2)[0] for _ in range(2))
    for name in once.by_name:
        assert [each.init for each in once[name]] == [each.init for each in again[name]], name
        assert [each.start_ms for each in once[name]] == [each.start_ms for each in again[name]], name
        bases = [[run.base for each in made[name] for run in fragments(each.data)] for made in (once, again)]
        assert bases[0] == bases[1], name


def test_an_event_of_sound_alone_needs_no_pictures() -> None:
    collected, programme = run_fast(
        "test", event(audio("a-en", "en"), audio("n-en", "en", ticks=4, channels=1)), ticks=4
    )
    assert [each.n for each in collected["a-en"]] == [4, 5, 6, 7]
    assert [each.n for each in collected["n-en"]] == [1]
    assert programme.state().tick == 7


def test_stopping_in_the_middle_of_a_tick_gives_short_last_segments() -> None:
    collected = Collected()
    programme = open_programme("test", event=small(), first_tick=4, clock=FastClock(small().grid.start_ms(4)))

    def stop_at_six(segment: Segment) -> None:
        if segment.n == 6 and segment.rendition == "v144":
            programme.stop()

    collected.on_segment = stop_at_six
    programme.run(collected)
    tick = small().grid.duration
    lengths = {
        name: sum((each.duration for each in collected[name]), Fraction(0)) for name in collected.by_name
    }
    for name, length in lengths.items():
        assert abs(length - lengths["v144"]) < Fraction(1024, 48_000), name
        assert sum(each.ticks for each in collected[name]) == -(-length // tick), name
