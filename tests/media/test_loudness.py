"""Loudness, against the EBU's own test signals and against Debian's ffmpeg."""

from __future__ import annotations

import re
import subprocess
import wave
from typing import TYPE_CHECKING

import numpy as np
import pytest

from huma.media.loudness import Loudness, LoudnessMeter

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

RATE = 48_000


def sine(db: float, seconds: float, hertz: float = 1000) -> NDArray[np.float32]:
    at = np.arange(round(seconds * RATE)) / RATE
    tone = (10 ** (db / 20) * np.sin(2 * np.pi * hertz * at)).astype(np.float32)
    return np.stack((tone, tone))


def measured(samples: NDArray[np.float32], block: int = 6400) -> list[Loudness]:
    """The reading after each block."""
    meter, readings = LoudnessMeter(RATE), []
    for start in range(0, samples.shape[1], block):
        meter.add(samples[:, start : start + block])
        readings.append(meter.reading)
    return readings


@pytest.mark.parametrize(
    ("signal", "expected"),
    [
        ([(-23, 20)], -23),
        ([(-33, 20)], -33),
        ([(-36, 10), (-23, 60), (-36, 10)], -23),
        ([(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)], -23),
        ([(-26, 20), (-20, 20.1), (-26, 20)], -23),
    ],
    ids=["1", "2", "3", "4", "5"],
)
def test_the_signals_of_ebu_tech_3341(signal: list[tuple[float, float]], expected: float) -> None:
    readings = measured(np.concatenate([sine(*each) for each in signal], axis=1))
    assert readings[-1].integrated == pytest.approx(expected, abs=0.1)
    if len(signal) == 1:
        assert readings[-1].momentary == pytest.approx(expected, abs=0.1)
        assert readings[-1].short_term == pytest.approx(expected, abs=0.1)


def test_a_true_peak_lies_between_the_samples() -> None:
    """A quarter of the sample rate, an eighth of a turn off: no sample comes above 0.707 of the peak."""
    at = np.arange(RATE * 2)
    tone = (0.5 * np.sin(np.pi / 2 * at + np.pi / 4)).astype(np.float32)
    tone[:4800] *= np.linspace(0, 1, 4800, dtype=np.float32)
    assert np.abs(tone).max() < 0.36
    peak = measured(np.stack((tone, tone)))[-1].true_peak
    assert peak == pytest.approx(-6.02, abs=0.4)


def programme(seed: int) -> NDArray[np.float32]:
    """Something like speech over music: bursts of coloured noise, pauses, tones that come and go."""
    chance = np.random.default_rng(seed)
    parts = []
    for _ in range(24):
        count = round(chance.uniform(0.2, 1.5) * RATE)
        noise = np.cumsum(chance.normal(size=count)) * 0.002
        noise -= np.convolve(noise, np.ones(480) / 480, mode="same")
        tone = np.sin(2 * np.pi * chance.uniform(80, 6000) * np.arange(count) / RATE)
        level = 10 ** (chance.uniform(-45, -8) / 20)
        parts.append(level * (noise / (np.abs(noise).max() + 1e-9) + tone * chance.uniform(0, 0.7)))
    left = np.clip(np.concatenate(parts), -0.95, 0.95)
    return np.stack((left, np.roll(left, 900) * 0.8)).astype(np.float32)


@pytest.mark.system
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_it_agrees_with_ffmpeg(seed: int, tmp_path: Path) -> None:
    path = tmp_path / "programme.wav"
    samples = programme(seed)
    whole = np.clip(np.round(samples * 32767), -32768, 32767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.ascontiguousarray(whole.T).tobytes())
    said = subprocess.run(
        [
            "ffmpeg",
            "-hide_banner",
            "-nostdin",
            "-i",
            str(path),
            "-af",
            "ebur128=peak=true",
            "-f",
            "null",
            "-",
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stderr
    lines = re.findall(r"t:\s*([\d.]+).*?M:\s*(-?[\d.]+)\s+S:\s*(-?[\d.]+)", said)
    ours = measured((whole / 32768).astype(np.float32), block=4800)
    summary = said[said.rindex("Summary:") :]
    (integrated,) = re.findall(r"I:\s+(-?[\d.]+) LUFS", summary)
    (peak,) = re.findall(r"Peak:\s+(-?[\d.]+) dBFS", summary)
    last = ours[-1]
    assert last.integrated == pytest.approx(float(integrated), abs=0.1)
    assert last.true_peak == pytest.approx(float(peak), abs=0.1)
    assert len(lines) > 100
    compared = 0
    for at, momentary, short_term in lines:
        index = round(float(at) * 10) - 1
        if index >= len(ours):
            continue
        for mine, theirs in ((ours[index].momentary, momentary), (ours[index].short_term, short_term)):
            if mine is not None and float(theirs) > -69:
                assert mine == pytest.approx(float(theirs), abs=0.11)
                compared += 1
    assert compared > 100


def test_silence_has_no_level_and_blocks_of_any_size_give_the_same() -> None:
    assert measured(np.zeros((2, RATE), np.float32))[-1] == Loudness()
    signal = sine(-20, 4)
    assert measured(signal[:, :100], 1)[:1] == [Loudness()]
    whole, parts = measured(signal, 4 * RATE)[-1], measured(signal, 1777)[-1]
    assert whole == parts


def test_it_can_begin_anew() -> None:
    meter = LoudnessMeter(RATE)
    meter.add(sine(-10, 2))
    meter.reset()
    assert meter.reading == Loudness()
    meter.add(sine(-30, 4))
    assert meter.reading.integrated == pytest.approx(-30, abs=0.1)
    assert meter.reading.true_peak == pytest.approx(-30, abs=0.5)


def test_samples_that_are_no_numbers_do_not_break_it() -> None:
    meter, signal = LoudnessMeter(RATE), sine(-23, 6)
    broken = signal[:, :9600].copy()
    broken[:, ::7] = np.nan
    broken[:, ::11] = np.inf
    meter.add(broken)
    meter.reset()
    meter.add(signal)
    assert meter.reading.integrated == pytest.approx(-23, abs=0.1)
