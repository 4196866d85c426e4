"""What is said of inputs and of the encoder's pace."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from huma.media.gauge import WINDOW_S, InputGauge
from huma.media.speed import SpeedGauge


class Line:
    """A source with pictures at a regular pace, and a clock of our own."""

    def __init__(self) -> None:
        self.now = 100.0
        self.gauge = InputGauge(lambda: self.now)

    def send(
        self, seconds: float, *, fps: float = 25, gop: int = 50, size: int = 4000, start: float = 0.0
    ) -> None:
        for index in range(round(seconds * fps)):
            packet: Any = SimpleNamespace(
                size=size, stream=SimpleNamespace(type="video"), is_keyframe=index % gop == 0
            )
            self.gauge.note(packet, start + index / fps)
            self.now += 1 / fps


def test_a_regular_source() -> None:
    line = Line()
    line.send(10)
    read = line.gauge.read()
    assert read.kbps == pytest.approx(4000 * 25 * 8 / 1000, rel=0.06)
    assert read.frame_rate == pytest.approx(25, abs=0.01)
    assert read.key_interval_s == pytest.approx(2)


def test_one_that_has_gone_silent_is_at_zero() -> None:
    line = Line()
    line.send(10)
    line.now += WINDOW_S + 0.5
    read = line.gauge.read()
    assert (read.kbps, read.frame_rate, read.key_interval_s) == (0, None, None)


def test_a_clock_that_begins_anew_is_no_key_interval() -> None:
    line = Line()
    line.send(6, start=5000)
    line.send(6, start=0)
    assert line.gauge.read().key_interval_s == pytest.approx(2)
    assert line.gauge.read().frame_rate == pytest.approx(25, abs=0.01)


def test_a_burst_is_spread_over_what_it_took() -> None:
    line = Line()
    line.send(1)
    assert line.gauge.read().kbps == pytest.approx(800, rel=0.3)


def test_faults_are_counted() -> None:
    line = Line()
    for _ in range(3):
        line.gauge.fault()
    assert line.gauge.read().faults == 3


def test_speed_is_told_over_the_last_ten_seconds() -> None:
    gauge = SpeedGauge()
    assert gauge.speed is None
    gauge.note(0, 0)
    gauge.note(1000, 1)
    assert gauge.speed is None
    for second in range(2, 31):
        gauge.note(second * 1000, second)
    assert gauge.speed == pytest.approx(1)
    for second in range(31, 36):
        gauge.note(second * 1000, 30 + (second - 30) * 0.8)
    assert gauge.speed == pytest.approx(0.9)
    for second in range(36, 41):
        gauge.note(second * 1000, 30 + (second - 30) * 0.8)
    assert gauge.speed == pytest.approx(0.8)
