"""Text in pictures, in scripts that run either way."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from typing import Final, Literal

from PIL import Image, ImageDraw, ImageFont, features

Align = Literal["left", "centre", "right"]
Colour = tuple[int, int, int]

_RIGHT_TO_LEFT: Final = frozenset(
    ("ar", "arc", "azb", "ckb", "dv", "fa", "glk", "he", "ku", "mzn", "ps", "sd", "ug", "ur", "yi")
)


def is_right_to_left(language: str) -> bool:
    """Whether that language is written from right to left."""
    return language.partition("-")[0] in _RIGHT_TO_LEFT


def can_shape() -> bool:
    """Whether letters that join can be drawn here: Pillow loads the system's FriBiDi for it."""
    return bool(features.check("raqm"))


@lru_cache(maxsize=64)
def font(size: int) -> ImageFont.FreeTypeFont:
    """The typeface that comes with Huma: Vazirmatn, which has Latin and Arabic letters."""
    data = files("huma.media").joinpath("fonts/Vazirmatn-SemiBold.ttf").read_bytes()
    return ImageFont.truetype(BytesIO(data), size)


def write(
    picture: Image.Image,
    text: str,
    *,
    language: str,
    at: tuple[float, float],
    size: int,
    width: float,
    colour: Colour = (255, 255, 255),
    align: Align = "left",
) -> None:
    """Write a line of `text` whose middle height is at `at`, made smaller, then cut, to be no wider than `width`.

    A text that joins its letters is left out where that cannot be done, rather than shown in pieces.
    """
    rightward = is_right_to_left(language)
    if rightward and not can_shape():
        return
    direction, script = ("rtl", language.partition("-")[0]) if rightward else (None, None)
    pen = ImageDraw.Draw(picture)

    def is_wide(line: str) -> bool:
        return pen.textlength(line, font(size), direction=direction, language=script) > width

    least = max(6, size // 2)
    while size > least and is_wide(text):
        size = max(least, size * 9 // 10)
    if is_wide(text):
        kept = next((end for end in range(len(text) - 1, 0, -1) if not is_wide(text[:end] + "…")), 0)
        text = text[:kept].rstrip() + "…"
    anchor = {"left": "lm", "centre": "mm", "right": "rm"}[align]
    pen.text(at, text, colour, font(size), anchor, direction=direction, language=script)
