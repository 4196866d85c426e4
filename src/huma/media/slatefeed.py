"""The slate by command: the outermost feed, which has nothing to show while it is told so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huma.media.cuts import Cuts
from huma.media.feed import silence
from huma.media.tap import fade_samples

if TYPE_CHECKING:
    import numpy as np
    from av.video.frame import VideoFrame
    from numpy.typing import NDArray

    from huma.media.feed import Feed
    from huma.media.timeline import Timeline


class SlateFeed:
    """Passes on what a feed gives, or nothing. The feed goes on behind the slate, so that the way back is at once."""

    def __init__(self, feed: Feed, timeline: Timeline) -> None:
        self._feed = feed
        self._timeline = timeline
        self._told = False
        self._slot: int | None = None
        self._sounded = 0
        self._covered = Cuts(False, fade_samples(timeline.sample_rate))

    def slate(self, *, on: bool) -> None:
        """Show the slate from the next picture on, or no more. From any thread."""
        self._told = on

    @property
    def on(self) -> bool:
        """Whether the slate is shown by command."""
        return self._told

    def start(self) -> None:
        """Begin to read."""
        self._feed.start()

    def stop(self) -> None:
        """Let go of everything."""
        self._feed.stop()

    def picture(self, slot: int) -> VideoFrame | None:
        """The feed's picture, or None."""
        picture = self._feed.picture(slot)
        self._settle(slot)
        return None if self._covered.last else picture

    def sound(self, language: str, start: int, count: int) -> NDArray[np.float32] | None:
        """The feed's sound, or None; faded where the slate comes and goes."""
        heard = self._feed.sound(language, start, count)
        self._sounded = max(self._sounded, start + count)
        if heard is None or all(self._covered.sources(start, count)):
            return None
        own = heard
        return self._covered.render(
            start,
            count,
            lambda covered, at, length: (
                silence(length) if covered else own[:, at - start : at - start + length]
            ),
        )

    def ended(self, slot: int) -> bool:
        """Whether the feed is over: it goes on behind the slate."""
        return self._feed.ended(slot)

    def status(self) -> str:
        """How the feed is doing."""
        return self._feed.status()

    def _settle(self, slot: int) -> None:
        if slot == self._slot:
            return
        self._slot = slot
        # What the encoders have already been given stays as it is.
        self._covered.cut(max(self._timeline.sample_of_slot(slot), self._sounded), self._told)
