"""What arrives from one input, as a technician reads it: bit rate, key frames, frame rate, codecs, faults."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from huma.media.codecs import codec_name

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from av.packet import Packet

    from huma.media.inputs import Opened

WINDOW_S: Final = 5.0
_STEP_S: Final = 0.25
_PICTURES_KEPT: Final = 90
_KEYS_KEPT: Final = 4
_LEAST_PICTURES: Final = 5
_LONGEST_GAP_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Arriving:
    """What has arrived in the last seconds. Numbers that cannot be told are None.

    Attributes:
        kbps: Thousands of bits a second, pictures and sound.
        key_interval_s: The longest distance of the last key frames, in the source's time.
        frame_rate: Pictures a second, in the source's time.
        width: Of the pictures.
        height: Of the pictures.
        codecs: FFmpeg's names of the codecs, pictures first.
        faults: Packets that could not be decoded, since the start.
        opened: How often a container was opened, since the start.
    """

    kbps: int = 0
    key_interval_s: float | None = None
    frame_rate: float | None = None
    width: int | None = None
    height: int | None = None
    codecs: tuple[str, ...] = ()
    faults: int = 0
    opened: int = 0


class InputGauge:
    """Counts what one input brings. Safe from any thread."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._steps: deque[tuple[float, int]] = deque()
        self._pictures: deque[float] = deque(maxlen=_PICTURES_KEPT)
        self._keys: deque[float] = deque(maxlen=_KEYS_KEPT)
        self._size: tuple[int, int] | None = None
        self._codecs: tuple[str, ...] = ()
        self._faults = self._opened = 0

    def open(self, opened: Opened, chosen: Collection[int]) -> None:
        """A container has been opened, and these of its streams are used."""
        streams: list[Any] = [each for each in opened.container.streams if each.index in chosen]
        streams.sort(key=lambda each: each.type != "video")
        with self._lock:
            self._opened += 1
            self._codecs = tuple(codec_name(each) for each in streams)
            videos = [each for each in streams if each.type == "video"]
            self._size = (videos[0].width, videos[0].height) if videos else None
            self._pictures.clear()
            self._keys.clear()

    def note(self, packet: Packet[Any], time: float | None) -> None:
        """A packet has arrived; `time` is its place in the source's clock."""
        now = self._now()
        with self._lock:
            if self._steps and now - self._steps[-1][0] < _STEP_S:
                self._steps[-1] = self._steps[-1][0], self._steps[-1][1] + packet.size
            else:
                self._steps.append((now, packet.size))
            self._forget(now)
            if packet.stream.type != "video" or time is None:
                return
            if self._pictures and not 0 <= time - self._pictures[-1] < _LONGEST_GAP_S:
                self._pictures.clear()
                self._keys.clear()
            self._pictures.append(time)
            if packet.is_keyframe:
                self._keys.append(time)

    def fault(self) -> None:
        """A packet could not be decoded."""
        with self._lock:
            self._faults += 1

    def read(self) -> Arriving:
        """How it stands now."""
        now = self._now()
        with self._lock:
            self._forget(now)
            width, height = self._size or (None, None)
            arriving = bool(self._steps)
            return Arriving(
                self._kbps(now),
                self._key_interval() if arriving else None,
                self._frame_rate() if arriving else None,
                width,
                height,
                self._codecs,
                self._faults,
                self._opened,
            )

    def _forget(self, now: float) -> None:
        while self._steps and self._steps[0][0] <= now - WINDOW_S:
            self._steps.popleft()

    def _kbps(self, now: float) -> int:
        if not self._steps:
            return 0
        span = min(WINDOW_S, max(_STEP_S, now - self._steps[0][0]))
        return round(sum(size for _, size in self._steps) * 8 / span / 1000)

    def _key_interval(self) -> float | None:
        return max((after - before for before, after in pairwise(self._keys)), default=None)

    def _frame_rate(self) -> float | None:
        if len(self._pictures) < _LEAST_PICTURES or self._pictures[-1] <= self._pictures[0]:
            return None
        return round((len(self._pictures) - 1) / (self._pictures[-1] - self._pictures[0]), 2)
