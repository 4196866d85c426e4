"""The source `test`: a moving picture, a clock for people and for machines, and a tone for each language."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image, ImageDraw

from huma.media import barcode
from huma.media.canvas import copied, from_image, planes
from huma.media.cards import GOLD, PAPER, backdrop
from huma.media.lettering import font, write

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from av.video.frame import VideoFrame
    from numpy.typing import NDArray

    from huma.media.feed import Canvas
    from huma.media.timeline import Timeline

BEEP_MS: Final = 100
_BEEP_LEVEL: Final = 0.35
_TONE_LEVEL: Final = 0.02
_TONES_HZ: Final = (660, 990, 495, 1320, 825, 1188)
_GLYPHS: Final = "0123456789:."
_PANEL: Final = (16, 30, 52)
_BARS: Final = (
    (235, 235, 235), (220, 200, 40), (50, 190, 200), (60, 170, 70), (190, 70, 180), (200, 50, 50), (50, 70, 200), (16, 16, 16),
)  # fmt: skip
_ORBIT_MS: Final = 4000


class TestCard:
    """A feed that is made here, exactly in time."""

    __test__ = False

    def __init__(
        self, canvas: Canvas, timeline: Timeline, title: Mapping[str, str], languages: Sequence[str]
    ) -> None:
        self._timeline = timeline
        self._languages = tuple(languages)
        self._ground, self._digits, self._panel = _paint_ground(canvas, title)
        self._lamp = _lamp_box(canvas)
        self._disc = _disc(max(8, canvas.height // 12) & ~1)
        self._started = False

    def start(self) -> None:
        """Nothing to wait for."""
        self._started = True

    def picture(self, slot: int) -> VideoFrame:
        """The card with the slot's time on it."""
        now = int(self._timeline.slot_ms(slot))
        frame = copied(self._ground)
        luma, blue, red = planes(frame)
        self._draw_clock(luma, now)
        self._draw_disc(luma, blue, red, now)
        if now % 1000 < BEEP_MS:
            top, bottom, left, right = self._lamp
            luma[top:bottom, left:right] = 235
        barcode.draw(luma, now)
        return frame

    def sound(self, language: str, start: int, count: int) -> NDArray[np.float32]:
        """Beeps at each full second, as many as the language's place in the list, over a quiet tone."""
        place = self._languages.index(language) if language in self._languages else 0
        rate = self._timeline.sample_rate
        origin = int(self._timeline.sample_ms(start) * rate / 1000)
        index = origin + np.arange(count, dtype=np.int64)
        tone = np.sin((index % rate) * (2 * np.pi * _TONES_HZ[place % len(_TONES_HZ)] / rate))
        beep = BEEP_MS * rate // 1000
        within = index % rate
        loud = (within % (2 * beep) < beep) & (within < 2 * beep * (place + 1))
        wave = (tone * np.where(loud, _BEEP_LEVEL, _TONE_LEVEL)).astype(np.float32)
        return np.stack((wave, wave))

    def ended(self, slot: int) -> bool:  # noqa: ARG002 - the port's signature
        """It goes on for ever."""
        return False

    def status(self) -> str:
        """Always there."""
        return "playing" if self._started else "waiting"

    def stop(self) -> None:
        """Nothing to let go of."""

    def _draw_clock(self, luma: NDArray[np.uint8], now: int) -> None:
        top, left = self._panel
        moment = datetime.fromtimestamp(now // 1000, UTC)
        for glyph in f"{moment:%H:%M:%S}.{now % 1000:03d}":
            tile = self._digits[glyph]
            luma[top : top + tile.shape[0], left : left + tile.shape[1]] = tile
            left += tile.shape[1]

    def _draw_disc(
        self, luma: NDArray[np.uint8], blue: NDArray[np.uint8], red: NDArray[np.uint8], now: int
    ) -> None:
        height, width = luma.shape
        mask, colours = self._disc
        size = mask.shape[0]
        swing = (1 - np.cos(2 * np.pi * (now % _ORBIT_MS) / _ORBIT_MS)) / 2
        left = int(swing * (width - size)) & ~1
        top = int(height * 0.66) & ~1
        luma[top : top + size, left : left + size][mask] = colours[0]
        half = mask[::2, ::2]
        for plane, colour in ((blue, colours[1]), (red, colours[2])):
            plane[top // 2 : (top + size) // 2, left // 2 : (left + size) // 2][half] = colour


def _paint_ground(
    canvas: Canvas, title: Mapping[str, str]
) -> tuple[VideoFrame, dict[str, NDArray[np.uint8]], tuple[int, int]]:
    """Everything that stands still, the tiles of the clock, and where the clock begins."""
    image = backdrop(canvas)
    width, height = canvas.width, canvas.height
    for language, text, top in _texts(title):
        right = language == "fa"
        write(
            image,
            text,
            language=language,
            at=(width * (0.95 if right else 0.05), height * top),
            size=height // 13,
            width=width * 0.43,
            colour=PAPER if top < 0.1 else GOLD,
            align="right" if right else "left",
        )
    pen = ImageDraw.Draw(image)
    bars_top, bars_bottom = height * 0.79, height * 0.86
    for index, colour in enumerate(_BARS):
        pen.rectangle((width * index / 8, bars_top, width * (index + 1) / 8, bars_bottom), fill=colour)
    pen.rectangle((0, barcode.strip_top(height), width, height), fill=(128, 128, 128))
    digits, (top, left, bottom, right_edge) = _clock_tiles(canvas)
    pen.rectangle(
        (left - width // 40, top - height // 60, right_edge + width // 40, bottom + height // 60), fill=_PANEL
    )
    return from_image(image), digits, (top, left)


def _texts(title: Mapping[str, str]) -> tuple[tuple[str, str, float], ...]:
    return (
        ("en", title.get("en", "Huma"), 0.09),
        ("fa", title.get("fa", "هما"), 0.09),
        ("en", "Test programme", 0.21),
        ("fa", "برنامهٔ آزمایشی", 0.21),
    )


def _clock_tiles(canvas: Canvas) -> tuple[dict[str, NDArray[np.uint8]], tuple[int, int, int, int]]:
    """A luma tile for each glyph of the clock, and the box that twelve of them fill: top, left, bottom, right."""
    size = min(canvas.height // 5, canvas.width // 8)
    face = font(size)
    digit, narrow = (int(face.getlength(glyph)) + 1 for glyph in "0:")
    height = int(size * 1.1) & ~1
    tiles = {glyph: _tile(glyph, digit if glyph.isdigit() else narrow, height, size) for glyph in _GLYPHS}
    total = 9 * digit + 3 * narrow
    top, left = int(canvas.height * 0.34) & ~1, (canvas.width - total) // 2 & ~1
    return tiles, (top, left, top + height, left + total)


def _tile(glyph: str, width: int, height: int, size: int) -> NDArray[np.uint8]:
    image = Image.new("RGB", (width + (width & 1), height), _PANEL)
    write(
        image,
        glyph,
        language="en",
        at=(width / 2, height * 0.58),
        size=size,
        width=width * 2,
        colour=PAPER,
        align="centre",
    )
    return planes(from_image(image))[0][:, :width].copy()


def _lamp_box(canvas: Canvas) -> tuple[int, int, int, int]:
    size = canvas.height // 12
    top, left = int(canvas.height * 0.36), canvas.width // 30
    return top, top + size, left, left + size


def _disc(size: int) -> tuple[NDArray[np.bool_], tuple[int, int, int]]:
    """A round mask and its colour as luma and chroma."""
    across = np.arange(size) - (size - 1) / 2
    mask = across[:, None] ** 2 + across[None, :] ** 2 <= (size / 2) ** 2
    patch = planes(from_image(Image.new("RGB", (16, 16), GOLD)))
    return mask, (int(patch[0][0, 0]), int(patch[1][0, 0]), int(patch[2][0, 0]))
