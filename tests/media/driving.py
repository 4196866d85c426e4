"""Feeds asked slot by slot as a programme asks them, and feeds that do what a script says, with countable sound."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from huma.errors import HumaError
from huma.media.canvas import blank
from huma.media.feed import silence
from huma.media.sounds import LOOKAHEAD_SAMPLES
from huma.media.timeline import Timeline
from huma.protocol.grid import Grid

if TYPE_CHECKING:
    from collections.abc import Callable

    from av.video.frame import VideoFrame
    from numpy.typing import NDArray

    from huma.media.feed import Feed

RATE, FPS = 48_000, 30
PER_SLOT = RATE // FPS
TIMELINE = Timeline(Grid((16, 15), 0), 0, Fraction(FPS), RATE)
FADE = 960


class ScriptFeed:
    """Well where the script has a letter, away where it has a dot; its sound counts samples, times `sign`.

    Letters: `x` well, `.` away, `s` stalled with the last picture still standing, `!` breaks for ever. The script's
    last letter goes on for ever.
    """

    def __init__(self, script: str = "x", *, sign: float = 1.0) -> None:
        self.script = script
        self.sign = sign
        self.level: float | None = None
        self.asked: list[tuple[int, int]] = []
        self.started = self.stopped = 0
        self._frames: dict[int, VideoFrame] = {}
        self._slot = -1
        self._over = False
        self._numbers: dict[int, int] = {}

    def letter(self, slot: int) -> str:
        return self.script[min(slot, len(self.script) - 1)]

    def start(self) -> None:
        self.started += 1

    def stop(self) -> None:
        self.stopped += 1

    def ended(self, slot: int) -> bool:
        self._over = self._over or self.letter(slot) == "e"
        return self._over

    def picture(self, slot: int) -> VideoFrame | None:
        assert slot in (self._slot, self._slot + 1), "slots are asked for in order, none is left out"
        self._slot = slot
        if self.letter(slot) == "!":
            raise HumaError("broken for ever")
        if self.letter(slot) in ".e":
            return None
        if slot not in self._frames:
            stands = self.letter(slot) == "s" and slot - 1 in self._frames
            frame = self._frames[slot - 1] if stands else blank(16, 16)
            self._frames[slot] = frame
            self._numbers.setdefault(id(frame), slot)
        return self._frames[slot]

    def number(self, frame: VideoFrame) -> int | None:
        """The slot for which that picture was made, if it is one of this feed's."""
        return self._numbers.get(id(frame))

    def sound(self, language: str, start: int, count: int) -> NDArray[np.float32] | None:  # noqa: ARG002 - the port's
        self.asked.append((start, count))
        if self.letter(max(0, self._slot)) != "x":
            return None
        return self.counted(start, count)

    def counted(self, start: int, count: int) -> NDArray[np.float32]:
        """Sample n has the value n + 1: exact in 32 bits for the first minutes."""
        if self.level is not None:
            return np.full((2, count), self.level, dtype=np.float32)
        wave = np.arange(start + 1, start + count + 1, dtype=np.float32) * np.float32(self.sign)
        return np.stack((wave, wave))

    def status(self) -> str:
        letter = "e" if self._over else self.letter(max(0, self._slot))
        return {"x": "playing", "s": "stalled", "e": "ended"}.get(letter, "reconnecting")


class Drive:
    """Asks a feed as an encoded programme does; keeps what it got."""

    def __init__(self, feed: Feed, *languages: str, before: Callable[[int], None] = lambda _: None) -> None:
        self.feed = feed
        self.pictures: list[VideoFrame | None] = []
        self._before = before
        self._heard: dict[str, list[NDArray[np.float32]]] = {code: [] for code in languages or ("en",)}
        self._sounded = 0
        self.ended_at: int | None = None

    def run(self, slots: int) -> Drive:
        for slot in range(len(self.pictures), len(self.pictures) + slots):
            self._before(slot)
            if self.feed.ended(slot):
                self.ended_at = slot
                break
            self.pictures.append(self.feed.picture(slot))
            if slot % 4 == 3:
                self._hear((slot + 1) * PER_SLOT + LOOKAHEAD_SAMPLES)
        return self

    def wave(self, language: str = "en") -> NDArray[np.float32]:
        """All that was heard of a language, first channel."""
        wave: NDArray[np.float32] = np.concatenate(self._heard[language], axis=1)[0]
        return wave

    def _hear(self, until: int) -> None:
        start, count = self._sounded, until - self._sounded
        for language, parts in self._heard.items():
            heard = self.feed.sound(language, start, count)
            assert heard is None or heard.shape == (2, count)
            parts.append(silence(count) if heard is None else heard)
        self._sounded = until


def runs(marks: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Start and length of each stretch that is true."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], marks.astype(np.int8), [0]))))
    return [(int(start), int(end - start)) for start, end in zip(edges[::2], edges[1::2], strict=True)]
