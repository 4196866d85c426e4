"""Segments looked at from outside: their boxes, their pictures, their sound."""

from __future__ import annotations

import io
import struct
import threading
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import av
import numpy as np

from huma.media.boxes import iter_boxes
from huma.media.canvas import planes
from huma.media.clock import FastClock
from huma.media.programme import open_programme

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from huma.media.segment import Segment
    from huma.media.state import Programme
    from huma.protocol.event import Event


class Collected:
    """A sink that keeps what it is given, by rendition."""

    def __init__(self) -> None:
        self.by_name: dict[str, list[Segment]] = defaultdict(list)
        self.on_segment: Callable[[Segment], None] = lambda _: None
        self._lock = threading.Lock()

    def __call__(self, segment: Segment) -> None:
        with self._lock:
            self.by_name[segment.rendition].append(segment)
        self.on_segment(segment)

    def __getitem__(self, name: str) -> list[Segment]:
        return self.by_name[name]

    def whole(self, name: str) -> bytes:
        """The init segment and all that follows."""
        segments = self.by_name[name]
        return segments[0].init + b"".join(segment.data for segment in segments)

    def save(self, name: str, folder: Path) -> Path:
        path = folder / f"{name}.mp4"
        path.write_bytes(self.whole(name))
        return path


def run_fast(
    source: str | list[str],
    event: Event,
    *,
    ticks: int | None = None,
    first: int = 4,
    loop: bool = False,
    copy: bool = False,
) -> tuple[Collected, Programme]:
    """The segments of a programme made as fast as this machine can."""
    clock = FastClock(event.grid.start_ms(first))
    programme = open_programme(source, event=event, first_tick=first, loop=loop, copy=copy, clock=clock)
    if ticks is not None:
        programme.stop(at_tick=first + ticks)
    collected = Collected()
    programme.run(collected)
    return collected, programme


@dataclass(frozen=True)
class Run:
    """One fragment: where decoding starts, and each sample's duration, size, composition offset, key."""

    base: int
    samples: list[tuple[int, int, int, bool]]


def fragments(data: bytes) -> list[Run]:
    """The fragments of a segment, read by rules of their own rather than by the writer's."""
    return [_fragment(data, start, end) for kind, start, end in iter_boxes(data) if kind == b"moof"]


def _fragment(data: bytes, start: int, end: int) -> Run:
    (_, traf_start, traf_end) = next(each for each in iter_boxes(data, start, end) if each[0] == b"traf")
    boxes = {kind: data[inner:until] for kind, inner, until in iter_boxes(data, traf_start, traf_end)}
    duration, default_flags = struct.unpack_from(">II", boxes[b"tfhd"], 8)
    assert boxes[b"tfdt"][0] == 1
    (base,) = struct.unpack_from(">Q", boxes[b"tfdt"], 4)
    trun = boxes[b"trun"]
    flags = int.from_bytes(trun[1:4])
    count, _ = struct.unpack_from(">Ii", trun, 4)
    at, first_flags, samples = 12, default_flags, []
    if flags & 4:
        (first_flags,) = struct.unpack_from(">I", trun, at)
        at += 4
    for index in range(count):
        length, size, mark, offset = duration, 0, first_flags if index == 0 else default_flags, 0
        for bit in (0x100, 0x200, 0x400, 0x800):
            if not flags & bit:
                continue
            (value,) = struct.unpack_from(">i" if bit == 0x800 else ">I", trun, at)
            at += 4
            length, size = (
                (value, size) if bit == 0x100 else (length, value) if bit == 0x200 else (length, size)
            )
            mark, offset = (
                (value, offset) if bit == 0x400 else (mark, value) if bit == 0x800 else (mark, offset)
            )
        samples.append((length, size, offset, not mark & 0x10000))
    assert at == len(trun)
    return Run(base, samples)


def pictures(data: bytes) -> list[tuple[float, NDArray[np.uint8]]]:
    """The decoded pictures' times and luma planes."""
    with av.open(io.BytesIO(data), "r") as container:
        return [
            (float(frame.pts * frame.time_base), planes(frame)[0].copy())
            for frame in container.decode(video=0)
            if frame.pts is not None and frame.time_base
        ]


def sound(data: bytes) -> tuple[float, NDArray[np.float32]]:
    """The time of the first sample, and all samples of the first channel."""
    with av.open(io.BytesIO(data), "r") as container:
        frames = list(container.decode(audio=0))
    first = frames[0]
    assert first.pts is not None
    assert first.time_base is not None
    return float(first.pts * first.time_base), np.concatenate([frame.to_ndarray()[0] for frame in frames])


def loudness(data: bytes, window: float, start: float = 0.1, end: float = 0.1) -> list[float]:
    """The root mean square of each window of so many seconds, without the very start and end."""
    _, wave = sound(data)
    length = round(window * 48_000)
    kept = wave[round(start * 48_000) : len(wave) - round(end * 48_000)]
    windows = kept[: len(kept) // length * length].reshape(-1, length).astype(np.float64)
    return [float(value) for value in np.sqrt(np.mean(windows**2, axis=1))]
