"""What stands in pictures: both scripts, inside their room, and nothing broken where letters cannot be joined."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from huma.media import lettering
from huma.media.canvas import planes
from huma.media.cards import slate, sound_only
from huma.media.clock import FastClock
from huma.media.feed import Canvas
from huma.media.programme import open_programme
from tests.media.events import small

TITLE = {"en": "An event under test", "fa": "رویداد آزمایشی"}
SIZES = [Canvas(256, 144), Canvas(1280, 720), Canvas(720, 1280), Canvas(640, 480)]


def written(
    text: str, language: str, *, align: lettering.Align = "left", width: float = 380
) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    image = Image.new("RGB", (400, 60))
    lettering.write(
        image,
        text,
        language=language,
        at=(390 if align == "right" else 10, 30),
        size=32,
        width=width,
        align=align,
    )
    return np.asarray(image.convert("L"))


@pytest.mark.parametrize(
    ("text", "language", "align"), [("Hello, 12:30", "en", "left"), ("سلام، ۱۲:۳۰", "fa", "right")]
)
def test_text_begins_at_its_side(text: str, language: str, align: lettering.Align) -> None:
    ink = np.flatnonzero(written(text, language, align=align).max(axis=0) > 128)
    assert len(ink) > 60
    assert (ink[0] < 20) == (align == "left")
    assert (ink[-1] > 380) == (align == "right")


def test_persian_letters_are_joined() -> None:
    """Four letters that join are one stroke: fewer gaps between columns of ink than the same letters kept apart."""
    joined = written("سلام", "fa", align="right").max(axis=0) > 100
    apart = written("س ل ا م", "fa", align="right").max(axis=0) > 100
    gaps = [int(np.count_nonzero(np.diff(each.astype(int)) == 1)) for each in (joined, apart)]
    assert gaps[0] < gaps[1]


def test_a_long_text_is_made_smaller() -> None:
    ink = np.flatnonzero(written("word " * 30, "en", width=300).max(axis=0) > 60)
    assert ink[-1] <= 315


@pytest.mark.parametrize("canvas", SIZES)
@pytest.mark.parametrize("card", [slate, sound_only])
def test_cards_of_every_size(card: object, canvas: Canvas) -> None:
    frame = card(canvas, TITLE)  # type: ignore[operator]
    luma = planes(frame)[0]
    assert luma.shape == (canvas.height, canvas.width)
    upper, lower = luma[: canvas.height // 2], luma[canvas.height // 2 :]
    assert upper.max() > 180
    assert lower.max() > 180


def test_without_shaping_it_is_left_out_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lettering, "can_shape", lambda: False)
    assert not written("سلام", "fa").any()
    assert written("Hello", "en").any()
    import huma.media.inlet as inlets

    monkeypatch.setattr(inlets, "can_shape", lambda: False)
    programme = open_programme("test", event=small(), first_tick=4, clock=FastClock(0))
    assert "libfribidi0" in programme.state().messages[0]


@pytest.mark.parametrize(
    ("code", "rightward"), [("fa", True), ("fa-IR", True), ("ckb", True), ("en", False), ("fr", False)]
)
def test_directions(code: str, rightward: bool) -> None:
    assert lettering.is_right_to_left(code) == rightward
