from __future__ import annotations

import threading
import time

import pytest

from huma.broadcast.clock import SteadyClock


def test_a_step_of_the_machines_clock_is_told_and_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SteadyClock()
    before = clock.wall()
    assert abs(before - time.time() * 1000) < 100
    assert clock.jumped_ms() == 0
    real = time.time_ns
    for step in (3_600_000, -3_600_000):
        monkeypatch.setattr(time, "time_ns", lambda step=step: real() + step * 1_000_000)
        assert abs(clock.wall() - before) < 1000
        assert abs(clock.jumped_ms() - step) < 1000
    monkeypatch.setattr(time, "time_ns", lambda: real() + 1_500_000_000)
    assert clock.jumped_ms() == 0


def test_waiting_ends_in_time_or_when_told() -> None:
    clock, stop = SteadyClock(), threading.Event()
    begun = clock.mono()
    clock.wait(begun + 50, stop)
    assert 45 < clock.mono() - begun < 500
    stop.set()
    begun = clock.mono()
    clock.wait(begun + 10_000, stop)
    clock.wait(begun - 10_000, stop)
    assert clock.mono() - begun < 500
