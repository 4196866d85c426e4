"""The port behind which every source stands: what is to be seen and heard at a place on the time line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from av.video.frame import VideoFrame
    from numpy.typing import NDArray

CHANNELS = 2


@dataclass(frozen=True, slots=True)
class Canvas:
    """The size at which pictures are handed over; each rendition scales from it."""

    width: int
    height: int


class Feed(Protocol):
    """A running source. It is asked slot by slot, in order, and never makes the asker wait while time passes."""

    def start(self) -> None:
        """Begin to read."""

    def picture(self, slot: int) -> VideoFrame | None:
        """The picture for that slot (canvas size, yuv420p, BT.709), or None when there is nothing to show.

        The same object for two slots says that nothing has changed. Whoever gets it may read it only.
        """

    def sound(self, language: str, start: int, count: int) -> NDArray[np.float32] | None:
        """`count` samples of two channels from sample `start`, or None for silence."""

    def ended(self, slot: int) -> bool:
        """Whether the programme is over before that slot."""

    def status(self) -> str:
        """One of: waiting, playing, stalled, reconnecting, ended."""

    def stop(self) -> None:
        """Let go of everything, soon."""


def silence(count: int) -> NDArray[np.float32]:
    """So many samples of nothing."""
    return np.zeros((CHANNELS, count), dtype=np.float32)
