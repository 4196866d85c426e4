"""A programme that does not end: the same real ticks again and again, each with a place of its own in time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Self

from huma.media.movie import moved, read_track
from huma.media.segment import Segment
from tests.record.takes import programme

TICK = Fraction(16, 15)


def endless(ticks: int = 12) -> Iterator[list[Segment]]:
    """Tick after tick, each a list of segments."""
    _, segments = programme(ticks)
    fast = [each for each in segments if each.ticks == 1 and each.rendition[-1] != "s"]
    first = min(each.n for each in fast)
    by_tick = [[each for each in fast if each.n == first + tick] for tick in range(ticks)]
    turn = 0
    while True:
        for tick in by_tick:
            yield [_later(each, turn * ticks) for each in tick]
        turn += 1


def _later(segment: Segment, ticks: int) -> Segment:
    if not ticks:
        return segment
    track = read_track(segment.init)
    data = moved(track, segment.data, number=1, sequence=segment.n + ticks, base=-ticks * TICK).data
    start_ms = segment.start_ms + int(ticks * TICK * 1000)
    return replace(segment, n=segment.n + ticks, data=data, start_ms=start_ms)


class Feeder:
    """Feeds sinks as a programme does: tick after tick, in real time."""

    def __init__(self, *sinks: Callable[[Segment], object]) -> None:
        self._sinks = sinks
        self._stop = threading.Event()
        self.ticks = 0
        self.fed: list[Segment] = []
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(30)

    def _run(self) -> None:
        begun = time.monotonic()
        for tick in endless():
            for segment in tick:
                self.fed.append(segment)
                for sink in self._sinks:
                    sink(segment)
            self.ticks += 1
            if self._stop.wait(max(0.0, begun + self.ticks * float(TICK) - time.monotonic())):
                return


def wait_until(true: Callable[[], bool], what: object = "", seconds: float = 90) -> None:
    """Wait for what must come, however slow the machine is."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, what() if callable(what) else what
        time.sleep(0.05)
