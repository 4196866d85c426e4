"""A recorder of the real programme, started, watched, and looked for in its folder."""

from __future__ import annotations

import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

from huma.media.segment import Segment
from huma.record.recorder import Recorder, RecorderState
from tests.record.disks import FickleDisk
from tests.record.takes import programme

TICK = Fraction(16, 15)


def recorder(folder: Path, disk: FickleDisk | None = None, **more: Any) -> Recorder:
    event, _ = programme()
    made = Recorder(event, folder, disk=disk, reserve_bytes=0, **more)
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
