"""Two synchronisers behind a switch: a source that stalls or hangs up is replaced before a sample of it is missing."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huma.media.bulletin import Bulletin
from huma.media.canvas import blank
from huma.media.mediafeed import MediaFeed
from huma.media.switchfeed import SwitchFeed
from huma.media.take import Take
from tests.media.driving import FADE, FPS, PER_SLOT, RATE, TIMELINE, Drive, runs

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

    from huma.errors import HumaError

STILL = blank(16, 16)
IN_HAND_S = 0.6


class Sender:
    """Delivers pictures and counted sound as a live sender does, as long as it is on; stands where a reader would."""

    def __init__(self, sign: float) -> None:
        self.changed = threading.Condition()
        self.takes: deque[Take] = deque()
        self.finished = self.away = self.stopped = False
        self.fault: HumaError | None = None
        self.feed = MediaFeed(self, TIMELINE, paced=True)  # type: ignore[arg-type]  # no reader, but all that is asked of one
        self.frames: dict[int, int] = {}
        self._kept: list[VideoFrame] = []
        self._sign = sign
        self._take: Take | None = None
        self._sent = 0

    def start(self) -> None:
        """Nothing to begin."""

    def stop(self) -> None:
        """Nothing to end."""

    def send(self, until: int) -> None:
        """All pictures up to a slot, each with its sound; a new call where there is none."""
        if self._take is None:
            self._take = Take(
                pictures=True, languages={"en": 1}, rate=RATE, still=STILL, live=True, pushed=False
            )
            self.takes.append(self._take)
            self._sent = until - round(IN_HAND_S * FPS)
        for slot in range(self._sent, until):
            frame = blank(16, 16)
            self._kept.append(frame)
            self.frames[id(frame)] = slot
            self._take.add_picture(slot / FPS, frame, 1 / FPS)
            counted = np.arange(slot * PER_SLOT + 1, (slot + 1) * PER_SLOT + 1, dtype=np.float32) * self._sign
            self._take.add_sound(1, slot / FPS, np.stack((counted, counted)))
        self._sent = max(self._sent, until)

    def hang_up(self) -> None:
        if self._take is not None:
            self._take.closed = True
            self._take = None


class Pair:
    """Both send the same moments: what is shown in slot n was made for it, whoever sent it, less what is in hand."""

    def __init__(self) -> None:
        self.main, self.backup = Sender(1), Sender(-1)
        self.feed = SwitchFeed(
            {"main": self.main.feed, "backup": self.backup.feed}, TIMELINE, ["en"], Bulletin()
        )
        self.drive = Drive(self.feed)

    def play(self, slots: int, *senders: Sender) -> None:
        for _ in range(slots):
            now = len(self.drive.pictures)
            for each in senders:
                each.send(now + round(IN_HAND_S * FPS))
            self.drive.run(1)

    def shown(self) -> list[int | None]:
        numbers = self.main.frames | self.backup.frames
        return [None if each is None else numbers[id(each)] for each in self.drive.pictures]


@pytest.mark.parametrize("hang_up", [True, False])
@pytest.mark.parametrize("at", range(60, 68))
def test_not_one_picture_and_not_one_sample_is_missing(at: int, hang_up: bool) -> None:
    pair = Pair()
    pair.play(at, pair.main, pair.backup)
    assert pair.feed.state().on_air == "main"
    if hang_up:
        pair.main.hang_up()
    pair.play(60, pair.backup)
    assert pair.feed.state().on_air == "backup"
    shown = pair.shown()
    assert shown == list(range(at + 60))
    wave = pair.drive.wave()
    counted = np.arange(1, len(wave) + 1, dtype=np.float32)
    seams = [(start, length) for start, length in runs(np.abs(wave) != counted) if start > 2 * FADE]
    assert len(seams) == 1
    assert seams[0][1] <= FADE


def test_a_stalled_main_comes_back_and_waits_to_be_told() -> None:
    pair = Pair()
    pair.play(60, pair.main, pair.backup)
    pair.play(60, pair.backup)
    pair.play(60, pair.main, pair.backup)
    assert pair.feed.state().on_air == "backup"
    assert pair.feed.state().inputs["main"] == "playing"
    pair.feed.choose("main")
    pair.play(30, pair.main, pair.backup)
    assert pair.feed.state().on_air == "main"
    assert None not in pair.shown()


@settings(max_examples=25, deadline=None)
@given(
    stretches=st.lists(
        st.tuples(st.sampled_from(["both", "main", "backup"]), st.integers(25, 60), st.booleans()),
        min_size=1,
        max_size=5,
    )
)
def test_while_one_of_them_sends_nothing_is_ever_missing(stretches: list[tuple[str, int, bool]]) -> None:
    """The other has sent for a segment at least, then it may die in either way."""
    pair = Pair()
    both = {"both": (pair.main, pair.backup), "main": (pair.main,), "backup": (pair.backup,)}
    pair.play(40, pair.main, pair.backup)
    for who, slots, hang_up in stretches:
        for sender in (pair.main, pair.backup):
            if sender not in both[who] and hang_up:
                sender.hang_up()
        pair.play(slots, *both[who])
        pair.play(40, pair.main, pair.backup)
    assert None not in pair.shown()
    wave = pair.drive.wave()
    silent = [length for start, length in runs(wave == 0) if start > 0]
    assert max(silent, default=0) <= 2
