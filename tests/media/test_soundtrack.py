"""Sound from a source's clock to ours: exact where they agree, unbroken where they do not."""

from __future__ import annotations

import numpy as np
import pytest

from huma.media.soundtrack import Soundtrack

RATE = 48_000


def ramp(start: int, count: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Samples that say which they are."""
    values = np.arange(start, start + count, dtype=np.float32)
    return np.stack((values, -values))


def tone(start: int, count: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    values = np.sin(2 * np.pi * 440 * np.arange(start, start + count) / RATE).astype(np.float32)
    return np.stack((values, values))


def test_what_agrees_is_passed_on_untouched() -> None:
    track = Soundtrack(RATE)
    for block in range(100):
        track.append(5 + block * 1024 / RATE, ramp(block * 1024, 1024))
    heard = [track.read(5 + block * 1600 / RATE, 1600) for block in range(60)]
    assert np.array_equal(np.concatenate(heard, axis=1), ramp(0, 96_000))


@pytest.mark.parametrize("grain", [0.001, 1 / 90_000])
def test_time_stamps_that_are_rounded_change_nothing(grain: float) -> None:
    track = Soundtrack(RATE)
    for block in range(200):
        time = round(block * 1024 / RATE / grain) * grain
        track.append(time, ramp(block * 1024, 1024))
    heard = np.concatenate([track.read(block * 1600 / RATE, 1600) for block in range(100)], axis=1)
    assert np.array_equal(np.diff(heard[0]), np.ones(159_999))


def test_before_and_after_there_is_silence() -> None:
    track = Soundtrack(RATE)
    assert not track.read(0, 100).any()
    track.append(1.0, ramp(1, 100))
    assert not track.read(0.5, 100).any()
    assert np.array_equal(track.read(1.0, 200)[0], [*range(1, 101), *([0] * 100)])


def test_a_hole_is_silence_of_its_length() -> None:
    track = Soundtrack(RATE)
    track.append(0, ramp(1, 4800))
    track.append(0.3, ramp(14_401, 4800))
    heard = track.read(0, 19_200)[0]
    assert not heard[4800:14_400].any()
    assert heard[14_400] == 14_401


def test_an_overlap_is_heard_once() -> None:
    track = Soundtrack(RATE)
    track.append(0, ramp(0, 9600))
    track.append(0.1, ramp(4800, 9600))
    assert np.array_equal(track.read(0, 14_400), ramp(0, 14_400))


@pytest.mark.parametrize("drift", [1.001, 0.999, 1.0003])
def test_a_source_whose_clock_is_off_is_followed_without_a_click(drift: float) -> None:
    """A thousandth fast or slow for a minute: 60 ms, which must never be made up in one step."""
    track = Soundtrack(RATE)
    heard: list[np.ndarray[tuple[int, int], np.dtype[np.float32]]] = []
    for block in range(60 * 47):
        track.append(block * 1024 / RATE * drift, tone(block * 1024, 1024))
        if block > 10:
            heard.append(track.read(len(heard) * 1024 / RATE, 1024))
    wave = np.concatenate(heard, axis=1)[0]
    steps = np.abs(np.diff(wave))
    assert steps.max() < 0.065  # a 440 Hz tone moves 0.058 a sample
    assert np.sqrt(np.mean(wave[-48_000:] ** 2)) == pytest.approx(0.707, abs=0.02)


def test_a_jump_of_the_reader_is_followed_at_once() -> None:
    track = Soundtrack(RATE)
    track.append(0, ramp(0, 96_000))
    track.read(0, 1000)
    assert track.read(1.0, 10)[0][0] == 48_000


def test_what_nobody_reads_does_not_pile_up() -> None:
    track = Soundtrack(RATE)
    for second in range(100):
        track.append(second, ramp(0, RATE))
    assert sum(chunk.shape[1] for chunk in track._chunks) <= 31 * RATE
    assert track.end == pytest.approx(100)
