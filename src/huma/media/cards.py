"""Designed stills: the slate, and what is shown while there is only sound."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image, ImageDraw

from huma.media.canvas import from_image
from huma.media.lettering import Colour, is_right_to_left, write

if TYPE_CHECKING:
    from collections.abc import Mapping

    from av.video.frame import VideoFrame

    from huma.media.feed import Canvas

NIGHT: Final[Colour] = (11, 22, 44)
DUSK: Final[Colour] = (26, 62, 84)
GOLD: Final[Colour] = (244, 190, 84)
PAPER: Final[Colour] = (244, 240, 230)

_SLATE: Final = {
    "en": ("We will be right back", "The picture is interrupted. The stream goes on."),
    "fa": ("به‌زودی بازمی‌گردیم", "تصویر قطع شده است؛ پخش ادامه دارد."),
}
_SOUND_ONLY: Final = {
    "en": ("Sound only", "This part of the programme has no picture."),
    "fa": ("فقط صدا", "این بخش از برنامه تصویر ندارد."),
}


def slate(canvas: Canvas, title: Mapping[str, str]) -> VideoFrame:
    """What is shown while the source is away."""
    return _card(canvas, title, _SLATE)


def sound_only(canvas: Canvas, title: Mapping[str, str]) -> VideoFrame:
    """What is shown for a source without pictures."""
    return _card(canvas, title, _SOUND_ONLY)


def backdrop(canvas: Canvas) -> Image.Image:
    """The evening sky behind every card."""
    mix = np.linspace(0, 1, canvas.height)[:, None, None]
    rows = np.array(NIGHT) * (1 - mix) + np.array(DUSK) * mix
    return Image.fromarray(np.broadcast_to(rows, (canvas.height, canvas.width, 3)).astype(np.uint8))


def _card(canvas: Canvas, title: Mapping[str, str], words: Mapping[str, tuple[str, str]]) -> VideoFrame:
    image = backdrop(canvas)
    height = canvas.height
    ImageDraw.Draw(image).rectangle((0, height * 0.49, canvas.width, height * 0.495), fill=GOLD)
    for (language, (large, small)), top in zip(words.items(), (0.20, 0.57), strict=True):
        _line(image, large, language, (top + 0.08, 1 / 9), PAPER)
        _line(image, small, language, (top + 0.21, 1 / 18), GOLD)
    for language, top in (("en", 0.08), ("fa", 0.92)):
        if language in title:
            _line(image, title[language], language, (top, 1 / 22), PAPER)
    return from_image(image)


def _line(image: Image.Image, text: str, language: str, place: tuple[float, float], colour: Colour) -> None:
    """A line that begins where its script begins; its middle and its size are shares of the height."""
    margin = image.width * 0.07
    rightward = is_right_to_left(language)
    write(
        image,
        text,
        language=language,
        at=(image.width - margin if rightward else margin, place[0] * image.height),
        size=int(place[1] * image.height),
        width=image.width - 2 * margin,
        colour=colour,
        align="right" if rightward else "left",
    )
