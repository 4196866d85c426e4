"""The forger's own programme: a red card, encoded exactly as the genuine one is, so that nothing but the key tells."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from PIL import Image

from huma.demo.forger import Template
from huma.media import barcode
from huma.media.bulletin import Bulletin
from huma.media.canvas import from_image, planes
from huma.media.clock import FastClock
from huma.media.encoded import EncodedProgramme
from huma.media.feed import silence
from huma.media.ladder import canvas_of
from huma.media.lettering import write
from huma.media.timeline import open_timeline

if TYPE_CHECKING:
    import numpy as np
    from av.video.frame import VideoFrame
    from numpy.typing import NDArray

    from huma.media.feed import Canvas
    from huma.media.segment import Segment
    from huma.protocol.event import Event

FORGED_STAMP_MS: Final = 0
"""What the barcode of a forged picture says, so that a benchmark can count the ones that were shown."""

_RED: Final = (118, 14, 20)
_PAPER: Final = (255, 244, 238)
_TEXTS: Final = (
    ("en", "FORGED", 0.24, 5),
    ("en", "This is not the programme.", 0.42, 14),
    ("fa", "جعلی", 0.59, 5),
    ("fa", "این برنامه نیست.", 0.77, 14),
)


class ForgedCard:
    """A feed of one still picture, and silence."""

    def __init__(self, canvas: Canvas, slots: int) -> None:
        self._picture = forged_picture(canvas)
        self._slots = slots

    def start(self) -> None:
        """Nothing to wait for."""

    def picture(self, slot: int) -> VideoFrame | None:  # noqa: ARG002 - the port's signature
        """The card."""
        return self._picture

    def sound(self, language: str, start: int, count: int) -> NDArray[np.float32] | None:  # noqa: ARG002
        """Nothing to hear."""
        return silence(count)

    def ended(self, slot: int) -> bool:
        """After as many pictures as were asked for."""
        return slot >= self._slots

    def status(self) -> str:
        """Always there."""
        return "playing"

    def stop(self) -> None:
        """Nothing to let go of."""


def forged_picture(canvas: Canvas) -> VideoFrame:
    """What a viewer sees who believes a forger."""
    image = Image.new("RGB", (canvas.width, canvas.height), _RED)
    for language, text, middle, share in _TEXTS:
        write(
            image,
            text,
            language=language,
            at=(canvas.width / 2, canvas.height * middle),
            size=canvas.height // share,
            width=canvas.width * 0.9,
            colour=_PAPER,
            align="centre",
        )
    frame = from_image(image)
    luma, blue, red = planes(frame)
    top = barcode.strip_top(canvas.height)
    blue[top // 2 :], red[top // 2 :] = 128, 128
    barcode.draw(luma, FORGED_STAMP_MS)
    return frame


def encode_forgery(event: Event) -> dict[str, Template]:
    """One forged segment for each video rendition, made once."""
    timeline = open_timeline(event, 0)
    ticks = max(rendition.ticks_per_segment for rendition in event.renditions)
    card = ForgedCard(canvas_of(event), ticks * timeline.slots_per_tick)
    clock = FastClock(event.grid.start_ms(0))
    made: defaultdict[str, list[Segment]] = defaultdict(list)
    EncodedProgramme(card, event, timeline, clock, Bulletin()).run(
        lambda one: made[one.rendition].append(one)
    )
    videos = [rendition.name for rendition in event.renditions if rendition.kind == "video"]
    return {name: Template(made[name][0].init, made[name][0].data) for name in videos if made[name]}
