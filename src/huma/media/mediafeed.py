"""The feed of everything that FFmpeg can read: a frame synchroniser between a source's clock and ours.

One thread opens and decodes; the programme asks slot by slot. What the source has in time is shown at the right
moment, what it has not is the slate, and where it comes back it goes on.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import numpy as np

from huma.media.decoding import PICTURES_AHEAD_S
from huma.media.feed import silence

if TYPE_CHECKING:
    from av.video.frame import VideoFrame
    from numpy.typing import NDArray

    from huma.media.reader import Reader
    from huma.media.take import Take
    from huma.media.timeline import Timeline

# What is in hand before a source goes on the air, and before it goes on after a stall.
PREBUFFER_LIVE_S: Final = 0.5
PREBUFFER_FILE_S: Final = 0.25
# Less than this in hand is a stall: sound is asked for that far ahead of the pictures.
_MARGIN_S: Final = 0.2
# A picture stands so long before the slate comes, when the source has stalled and when it is gone: with what is
# in hand, the slate is there within a segment.
_GRACE_STALLED_S: Final = 0.2
_GRACE_GONE_S: Final = 0.1
# A stream that has nothing for so long, while the others have, is no longer waited for.
_MISSING_S: Final = 1.0
_LOOK_S: Final = 0.2
# A pushed source's clock is followed by playing so much faster or slower.
_NUDGE: Final = 0.0005
_WINDOW_S: Final = 5.0
_THIN_S: Final = 0.25
_FULL_S: Final = PICTURES_AHEAD_S * 0.9


class MediaFeed:
    """The synchroniser. The programme's thread asks; `paced` says whether waiting for the source is out of the question."""

    def __init__(self, reader: Reader, timeline: Timeline, *, paced: bool) -> None:
        self._reader = reader
        self._timeline = timeline
        self._paced = paced
        self._slot_s = float(1 / timeline.frame_rate)
        self._slot: int | None = None
        self._over = False
        self._take: Take | None = None
        self._offset = 0.0  # programme seconds minus source seconds
        self._began = 0.0
        self._before: tuple[Take, float] | None = None
        self._resume_at: float | None = None
        self._starved_at: float | None = None
        self._missed = 0.0
        self._picture: VideoFrame | None = None
        self._picture_at = float("-inf")
        self._window_end = _WINDOW_S
        self._least_in_hand = float("inf")
        self._nudge = 0.0

    def start(self) -> None:
        """Begin to read."""
        self._reader.start()

    def stop(self) -> None:
        """Stop reading."""
        self._reader.stop()

    def picture(self, slot: int) -> VideoFrame | None:
        """The source's picture for that slot, or None for the slate."""
        self._settle(slot)
        return self._picture

    def ended(self, slot: int) -> bool:
        """Whether every source is played out."""
        self._settle(slot)
        return self._over

    def status(self) -> str:
        """How the source is doing."""
        if self._over:
            return "ended"
        take = self._take
        if take is not None:
            if take.live and take.closed and not self._reader.takes:
                return "reconnecting"  # what is in hand still plays: time for others to take over
            return "playing" if self._starved_at is None else "stalled"
        return "waiting" if self._picture_at == float("-inf") else "reconnecting"

    def sound(self, language: str, start: int, count: int) -> NDArray[np.float32] | None:
        """The source's sound. Over the seam of two takes it comes from both."""
        rate = self._timeline.sample_rate
        with self._reader.changed:
            if self._take is None or self._take.discarded or self._starved_at is not None:
                return None
            before = max(0, min(count, round(self._began * rate) - start))
            until = self._take.end + self._offset if self._take.closed else float("inf")
            own = max(before, min(count, int(min(until * rate - start, count))))
            parts = [
                (self._before, language, start, before),
                ((self._take, self._offset), language, start + before, own - before),
                (self._following(until), language, start + own, count - own),
            ]
            return np.concatenate([self._heard(*part) for part in parts], axis=1)

    def _heard(
        self, placed: tuple[Take, float] | None, language: str, start: int, count: int
    ) -> NDArray[np.float32]:
        """Samples from a take that stands at that offset; silence without one."""
        if placed is None or not count:
            return silence(count)
        take, offset = placed
        heard = take.sound_at(language, start / self._timeline.sample_rate - offset, count)
        return silence(count) if heard is None else heard

    def _following(self, until: float) -> tuple[Take, float] | None:
        """The take that comes next, placed where the present one ends."""
        first = self._reader.takes[0] if self._reader.takes else None
        return None if first is None or first.start is None else (first, until - first.start)

    def _settle(self, slot: int) -> None:
        """Decide once what is on the air in that slot."""
        if slot == self._slot:
            return
        now = slot * self._slot_s
        with self._reader.changed:
            if not self._paced:
                self._wait(now)
            if self._reader.fault is not None:
                raise self._reader.fault
            picture = self._choose(now)
            if picture is not None:
                self._picture, self._picture_at = picture, now
            elif now - self._picture_at > (_GRACE_GONE_S if self._take is None else _GRACE_STALLED_S):
                self._picture = None
            self._slot = slot
            self._reader.changed.notify_all()

    def _choose(self, now: float) -> VideoFrame | None:
        """What the source has for this moment."""
        if self._take is not None and self._take.discarded:
            self._drop()
        take = self._take
        if take is not None and take.closed and now - self._offset >= take.end - self._slot_s / 4:
            self._resume_at, self._before = take.end + self._offset, (take, self._offset)
            self._take = self._starved_at = take = None
        if take is None:
            take = self._adopt(now)
        if take is None or self._starves(take, now):
            return None
        self._follow_clock(take, now)
        take.position = now - self._offset
        return take.picture_at(take.position, self._slot_s / 2)

    def _drop(self) -> None:
        """What was on the air has been thrown away: nothing of it is shown any longer."""
        self._take = self._starved_at = self._resume_at = self._before = self._picture = None
        self._picture_at = float("-inf")

    def _adopt(self, now: float) -> Take | None:
        """Put the next take on the air when enough of it is in hand, joined to the last one where it can be."""
        takes = self._reader.takes
        if not takes:
            self._over = self._reader.finished
            return None
        first = takes[0]
        if first.start is None or not first.ready(PREBUFFER_LIVE_S if first.live else PREBUFFER_FILE_S):
            return None
        takes.popleft()
        seamless = self._resume_at is not None and now - self._resume_at < 2 * self._slot_s
        begin = self._resume_at if seamless and self._resume_at is not None else now
        self._before = self._before if seamless else None
        self._take, self._offset, self._began = first, begin - first.start, begin
        self._missed = 0.0
        self._new_window(now)
        return first

    def _starves(self, take: Take, now: float) -> bool:
        """Whether the source has fallen behind. Its time stands still until enough is in hand again."""
        place = now - self._offset
        if self._starved_at is None:
            if take.closed or take.holds(place, _MARGIN_S):
                return False
            self._starved_at = now
        elif take.closed or take.holds(place - self._slot_s, PREBUFFER_LIVE_S):
            self._offset += self._slot_s
            self._starved_at = None
            self._new_window(now)
            return False
        else:
            self._offset += self._slot_s
            self._missed += self._slot_s
        if now - self._starved_at > _MISSING_S:
            take.give_up_on_missing(now - self._offset, _MARGIN_S)
        return True

    def _follow_clock(self, take: Take, now: float) -> None:
        """Keep a pushed source's delay: neither runs it dry by and by, nor does it pile up."""
        if not take.pushed or take.closed:
            return
        self._offset -= self._nudge * self._slot_s
        in_hand = take.end - (now - self._offset)
        self._least_in_hand = min(self._least_in_hand, in_hand)
        if now < self._window_end:
            return
        least = self._least_in_hand
        self._new_window(now)
        if least > _FULL_S and self._missed > self._slot_s:
            # What a stall held up has arrived all at once: leave it out rather than stay behind for ever.
            jump = min(self._missed, _FULL_S - PREBUFFER_LIVE_S / 2)
            self._offset -= jump
            self._missed -= jump
        self._nudge = -_NUDGE if least < _THIN_S else _NUDGE if least > _FULL_S else 0.0

    def _new_window(self, now: float) -> None:
        self._window_end, self._least_in_hand, self._nudge = now + _WINDOW_S, float("inf"), 0.0

    def _wait(self, now: float) -> None:
        """Where time does not pass by itself: until the source has what is needed, or is known to be away."""
        since = time.monotonic()
        while not self._is_settled(now):
            self._reader.changed.wait(_LOOK_S)
            if self._take is not None and time.monotonic() - since > _MISSING_S:
                self._take.give_up_on_missing(now - self._offset, _MARGIN_S)

    def _is_settled(self, now: float) -> bool:
        reader, take = self._reader, self._take
        if reader.fault is not None or reader.stopped:
            return True
        if take is not None and not take.closed:
            return take.holds(now - self._offset, _MARGIN_S)
        if take is not None and now - self._offset < take.end - _MARGIN_S:
            return True
        if reader.takes:  # what comes next is on the air now, or will be heard soon
            first = reader.takes[0]
            return first.ready(PREBUFFER_LIVE_S if first.live else PREBUFFER_FILE_S)
        return reader.finished or reader.away
