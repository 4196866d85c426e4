"""The synchroniser alone: takes made by hand, slots asked one by one, no clock but the slots."""

from __future__ import annotations

import threading
from collections import deque
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from huma.errors import MediaError
from huma.media.canvas import blank
from huma.media.mediafeed import MediaFeed
from huma.media.take import Take
from huma.media.timeline import Timeline
from huma.protocol.grid import Grid

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

RATE, FPS = 48_000, 30
STILL = blank(16, 16)


class HandReader:
    """Stands where the reader's thread would: the test puts takes in."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.takes: deque[Take] = deque()
        self.finished = self.away = self.stopped = False
        self.fault: MediaError | None = None

    def start(self) -> None:
        """Nothing to begin."""

    def stop(self) -> None:
        """Nothing to end."""


class Scene:
    """A feed, its reader, and pictures that are known by their number."""

    def __init__(self) -> None:
        self.reader = HandReader()
        timeline = Timeline(Grid((16, 15), 0), 0, Fraction(FPS), RATE)
        self.feed = MediaFeed(self.reader, timeline, paced=True)  # type: ignore[arg-type]
        self.numbers: dict[int, int] = {}
        self.frames: list[VideoFrame] = []

    def take(self, *, live: bool = True, pushed: bool = False, sound: bool = False) -> Take:
        take = Take(
            pictures=True,
            languages={"en": 1} if sound else {},
            rate=RATE,
            still=STILL,
            live=live,
            pushed=pushed,
        )
        self.reader.takes.append(take)
        return take

    def show(self, take: Take, start: float, count: int, *, first: int = 0, fps: float = FPS) -> None:
        for index in range(count):
            frame = blank(16, 16)
            self.frames.append(frame)
            self.numbers[id(frame)] = first + index
            take.add_picture(start + index / fps, frame, 1 / fps)

    def hear(self, take: Take, start: float, seconds: float) -> None:
        count = round(seconds * RATE)
        first = round(start * RATE)
        values = np.arange(first, first + count, dtype=np.float32) / RATE
        take.add_sound(1, start, np.stack((values, values)))

    def seen(self, slot: int) -> Any:
        picture = self.feed.picture(slot)
        return None if picture is None else "still" if picture is STILL else self.numbers[id(picture)]


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_before_anything_comes_there_is_nothing(scene: Scene) -> None:
    assert scene.seen(0) is None
    assert scene.feed.status() == "waiting"
    assert scene.feed.sound("en", 0, 100) is None


def test_a_source_goes_on_the_air_when_enough_of_it_is_in_hand(scene: Scene) -> None:
    take = scene.take()
    scene.show(take, 100.0, 14)
    assert scene.seen(0) is None
    scene.show(take, 100 + 14 / FPS, 6, first=14)
    assert [scene.seen(slot) for slot in (1, 2, 3)] == [0, 1, 2]
    assert scene.feed.status() == "playing"


def test_a_file_starts_sooner_and_a_short_one_at_once(scene: Scene) -> None:
    take = scene.take(live=False)
    scene.show(take, 0, 3)
    assert scene.seen(0) is None
    take.closed = True
    assert scene.seen(1) == 0


@pytest.mark.parametrize(
    ("fps", "expected"),
    [
        (30.0, [0, 1, 2, 3, 4, 5]),
        (15.0, [0, 0, 1, 1, 2, 2]),
        (60.0, [1, 3, 5, 7, 9, 11]),
        (25.0, [0, 1, 2, 2, 3, 4]),
    ],
)
def test_each_slot_gets_the_newest_picture_that_is_due(scene: Scene, fps: float, expected: list[int]) -> None:
    take = scene.take(live=False)
    scene.show(take, 7.0, int(fps * 2), fps=fps)
    # Half a slot of tolerance: at 60 a second every other picture is the newer of two.
    assert [scene.seen(slot) for slot in range(6)] == expected


def test_a_stall_holds_the_picture_then_gives_the_slate_then_loses_nothing(scene: Scene) -> None:
    take = scene.take()
    scene.show(take, 0, 30)
    shown = [scene.seen(slot) for slot in range(60)]
    # 0.2 s before the end it stops to wait; the picture stands for 0.2 s more.
    assert shown[:25] == list(range(25))
    assert shown[25:31] == [24] * 6
    assert shown[31:] == [None] * 29
    assert scene.feed.status() == "stalled"
    assert scene.feed.sound("en", 0, 10) is None
    scene.show(take, 1.0, 30, first=30)
    assert [scene.seen(slot) for slot in range(60, 70)] == list(range(25, 35))


def test_the_slate_is_there_within_a_segment_of_the_last_packet(scene: Scene) -> None:
    """A caller that dies with half a second in hand."""
    take = scene.take()
    scene.show(take, 0, 15)
    assert scene.seen(0) == 0
    take.closed = True
    slates = [slot for slot in range(1, 60) if scene.seen(slot) is None]
    assert slates[0] / FPS < 16 / 15
    assert slates == list(range(slates[0], 60))


def test_a_source_that_returns_goes_on_the_air_again(scene: Scene) -> None:
    first = scene.take()
    scene.show(first, 0, 30)
    first.closed = True
    assert [scene.seen(slot) for slot in range(60)][-1] is None
    second = scene.take()
    scene.show(second, 5000, 30)
    assert [scene.seen(slot) for slot in (60, 61)] == [0, 1]


def test_files_join_without_a_slot_between(scene: Scene) -> None:
    first, second = scene.take(live=False, sound=True), scene.take(live=False, sound=True)
    for take, number in ((first, 0), (second, 100)):
        scene.show(take, 0, 30, first=number)
        scene.hear(take, 0, 1)
        take.closed = True
    shown, heard = [], []
    for slot in range(60):
        shown.append(scene.seen(slot))
        if slot % 4 == 3:
            samples = scene.feed.sound("en", (slot - 3) * 1600 + 2048, 6400)
            assert samples is not None
            heard.append(samples[0])
    assert shown == [*range(30), *range(100, 130)]
    wave = np.concatenate(heard)
    expected = np.tile(np.arange(RATE, dtype=np.float32) / RATE, 2)[2048 : 2048 + len(wave)]
    assert np.array_equal(wave[: len(expected)], expected)


def test_a_programme_of_files_ends_with_the_last(scene: Scene) -> None:
    take = scene.take(live=False)
    scene.show(take, 0, 30)
    take.closed = scene.reader.finished = True
    assert next(slot for slot in range(40) if scene.feed.ended(slot)) == 30
    assert scene.feed.status() == "ended"


def test_sound_that_stays_away_is_not_waited_for_for_ever(scene: Scene) -> None:
    take = scene.take(sound=True)
    scene.show(take, 0, 30)
    scene.hear(take, 0, 0.6)
    shown = []
    for slot in range(90):
        shown.append(scene.seen(slot))
        scene.show(take, 1 + slot / FPS, 1, first=30 + slot)
    assert shown[0] == 0
    assert None in shown
    assert shown[-1] is not None
    assert shown[-1] > shown[-5]
    samples = scene.feed.sound("en", 90 * 1600, 100)
    assert samples is not None
    assert not samples.any()


def test_pictures_that_stay_away_give_way_to_the_still(scene: Scene) -> None:
    take = scene.take(sound=True)
    scene.show(take, 0, 30)
    shown = []
    for slot in range(15 * FPS):
        scene.hear(take, slot / FPS, 1 / FPS)
        if slot >= FPS:
            shown.append(scene.seen(slot))
    assert shown[-1] == "still"
    samples = scene.feed.sound("en", 15 * RATE - 9600 - 4800, 100)
    assert samples is not None
    assert samples.any()


def play(scene: Scene, take: Take, seconds: float, *, speed: float, ahead: float) -> list[float]:
    """Slot by slot while the source delivers at its own speed; how much was in hand at the end of each second."""
    made, in_hand = 0, []
    for slot in range(int(seconds * FPS)):
        due = int((ahead + slot / FPS * speed) * FPS)
        scene.show(take, made / FPS, due - made, first=made)
        made = max(made, due)
        scene.seen(slot)
        if slot % FPS == FPS - 1:
            assert take.position is not None
            in_hand.append(made / FPS - take.position)
    return in_hand


def test_a_caller_whose_clock_is_slow_is_never_run_dry(scene: Scene) -> None:
    """A ten-thousandth slow: 0.36 s an hour, made up before a stall."""
    in_hand = play(scene, scene.take(pushed=True), 1800, speed=0.9997, ahead=0.55)
    assert min(in_hand[10:]) > 0.2
    assert scene.feed.status() == "playing"


def test_a_caller_whose_clock_is_fast_does_not_pile_up(scene: Scene) -> None:
    in_hand = play(scene, scene.take(pushed=True), 1800, speed=1.0003, ahead=0.55)
    assert max(in_hand[60:]) < 0.85


def test_what_a_stall_held_up_is_left_out(scene: Scene) -> None:
    """Two seconds nothing, then all at once: the delay goes back to what it was."""
    take = scene.take(pushed=True)
    in_hand = play(scene, take, 10, speed=1, ahead=0.6)
    made = int((0.6 + 10) * FPS)
    for slot in range(10 * FPS, 12 * FPS):
        scene.seen(slot)
    delays = []
    for slot in range(12 * FPS, 60 * FPS):
        due = int((0.6 + slot / FPS) * FPS)
        scene.show(take, made / FPS, due - made, first=made)
        made = max(made, due)
        scene.seen(slot)
        assert take.position is not None
        delays.append(made / FPS - take.position)
    assert delays[FPS] > 2
    assert delays[-1] < in_hand[-1] + 0.5


def test_what_is_wrong_with_the_source_comes_out(scene: Scene) -> None:
    scene.reader.fault = MediaError("torn")
    with pytest.raises(MediaError, match="torn"):
        scene.feed.picture(0)


def test_a_caller_who_hung_up_is_away_while_the_rest_of_him_plays(scene: Scene) -> None:
    """So that another input can take over before anything is missing."""
    take = scene.take()
    scene.show(take, 0, 30)
    scene.seen(0)
    assert scene.feed.status() == "playing"
    take.closed = True
    assert scene.seen(1) == 1
    assert scene.feed.status() == "reconnecting"
    following = scene.take()
    scene.show(following, 50, 30, first=100)
    assert scene.feed.status() == "playing"


def test_what_is_thrown_away_is_neither_seen_nor_heard_any_more(scene: Scene) -> None:
    take = scene.take(sound=True)
    scene.show(take, 0, 60)
    scene.hear(take, 0, 2)
    assert [scene.seen(slot) for slot in range(4)] == [0, 1, 2, 3]
    assert scene.feed.sound("en", 0, 100) is not None
    take.discarded = True
    assert scene.feed.sound("en", 100, 100) is None
    assert scene.seen(4) is None
    fresh = scene.take(sound=True)
    scene.show(fresh, 9, 30, first=500)
    scene.hear(fresh, 9, 1)
    assert scene.seen(5) == 500
