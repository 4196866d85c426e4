"""Languages from doors of their own: laid where they are told, silent or on the floor when away, without a click."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huma.errors import UsageError
from huma.media.bulletin import Bulletin
from huma.media.languagesfeed import Fallback, LanguagesFeed
from tests.media.driving import FADE, PER_SLOT, RATE, TIMELINE, Drive, ScriptFeed, runs

LATEST = 2048


class Booth:
    """The floor counts up, Farsi counts down from a door of its own."""

    def __init__(
        self, floor: str = "x", voice: str = "x", *, fallback: Fallback = "silence", lead_ms: int = 0
    ) -> None:
        self.floor, self.voice = ScriptFeed(floor), ScriptFeed(voice, sign=-1)
        self.bulletin = Bulletin()
        self.feed = LanguagesFeed(
            self.floor, {"fa": self.voice}, TIMELINE, self.bulletin, fallback=fallback, lead_ms=lead_ms
        )
        self.told: dict[int, int] = {}
        self.drive = Drive(self.feed, "en", "fa", before=self._before)

    def _before(self, slot: int) -> None:
        if slot in self.told:
            self.feed.lay("fa", self.told[slot])

    def wave(self, slots: int) -> np.ndarray:
        wave = self.drive.run(slots).wave("fa")
        en = self.drive.wave("en")
        # Whatever happens in a booth, the floor's own language and the picture do not notice.
        assert np.array_equal(en, np.arange(1, len(en) + 1, dtype=np.float32))
        assert [self.floor.number(each) for each in self.drive.pictures if each] == list(range(slots))
        return wave


def counted(wave: np.ndarray, later: int = 0) -> np.ndarray:
    """What the door gave, so many samples later."""
    places = np.arange(1, len(wave) + 1) - later
    return np.where(places > 0, -places, 0).astype(np.float32)


def test_each_language_has_its_own_door() -> None:
    booth = Booth()
    wave = booth.wave(40)
    assert np.array_equal(wave[FADE:], counted(wave)[FADE:])
    assert booth.feed.state()["fa"].heard == "own"


def test_a_door_that_is_away_is_silent_and_not_the_floor() -> None:
    wave = Booth(voice="x" * 20 + "." * 20 + "x").wave(80)
    silent = max(runs(wave == 0), key=lambda each: each[1])
    assert 20 * PER_SLOT <= silent[0] <= 20 * PER_SLOT + LATEST + FADE
    assert 20 * PER_SLOT - LATEST - FADE <= silent[1] <= 20 * PER_SLOT + LATEST
    assert np.all(wave <= 0)


def test_the_floor_is_heard_in_its_place_only_where_that_was_asked_for() -> None:
    booth = Booth(voice="x" * 20 + "." * 20 + "x", fallback="floor")
    wave = booth.wave(80)
    places = np.arange(1, len(wave) + 1, dtype=np.float32)
    floor = max(runs(wave == places), key=lambda each: each[1])
    assert 20 * PER_SLOT <= floor[0] <= 21 * PER_SLOT + LATEST + 2 * FADE
    assert floor[1] >= 19 * PER_SLOT - LATEST - 2 * FADE
    assert any("fa is away: floor in its place" in each for each in booth.bulletin.messages())


@pytest.mark.parametrize("ms", [0, 1, 40, 1234, 5000])
def test_later_is_later_by_so_many_samples(ms: int) -> None:
    booth = Booth()
    booth.told = {0: ms}
    wave = booth.wave(240)
    expected = counted(wave, ms * RATE // 1000)
    settled = ms * RATE // 1000 + 3 * PER_SLOT
    assert np.array_equal(wave[settled:], expected[settled:])


@pytest.mark.parametrize(("asked", "got"), [(-500, -500), (-2000, -1000), (-9000, -1000), (9000, 5000)])
def test_earlier_is_possible_as_far_as_the_floor_is_held_back(asked: int, got: int) -> None:
    booth = Booth(lead_ms=1000)
    assert booth.feed.lay("fa", asked) == got
    state = booth.feed.state()["fa"]
    assert (state.offset_ms, state.earliest_ms) == (got, -1000)
    wave = booth.wave(260)
    expected = counted(wave, (1000 + got) * RATE // 1000)
    assert np.array_equal(wave[-RATE:], expected[-RATE:])


def test_a_lead_is_never_more_than_the_limit() -> None:
    assert Booth(lead_ms=8000).feed.lay("fa", -9000) == -5000


def test_moving_the_slider_is_a_fade_and_nothing_else_is_touched() -> None:
    booth = Booth()
    booth.told = {60: 500}
    wave = booth.wave(120)
    before, after = counted(wave), counted(wave, RATE // 2)
    first = int(np.flatnonzero(wave[FADE:] != before[FADE:])[0]) + FADE
    assert 60 * PER_SLOT <= first <= 60 * PER_SLOT + LATEST + 1
    assert np.array_equal(wave[first + FADE :], after[first + FADE :])
    steps = np.abs(np.diff(wave[FADE:]))
    assert steps.max() <= RATE / 2 / FADE + 2  # the whole way from one to the other, in equal steps


def test_a_voice_that_was_laid_later_plays_out_before_it_is_silent() -> None:
    booth = Booth(voice="x" * 60 + "." * 200)
    booth.told = {0: 2000}
    wave = booth.wave(200)
    last = int(np.flatnonzero(wave)[-1])
    assert abs(last - (60 * PER_SLOT + 2 * RATE)) <= LATEST + 2 * FADE
    assert np.array_equal(
        wave[2 * RATE + 3200 : last - FADE], counted(wave, 2 * RATE)[2 * RATE + 3200 : last - FADE]
    )


def test_the_end_and_the_fault_of_a_voice_are_not_the_programmes() -> None:
    for end in "e!":
        booth = Booth(voice="x" * 20 + end)
        wave = booth.wave(60)
        assert not wave[30 * PER_SLOT :].any()
        assert booth.feed.state()["fa"].status == "ended"
        assert booth.feed.status() == "playing"


def test_a_language_without_a_door_cannot_be_laid() -> None:
    with pytest.raises(UsageError) as caught:
        Booth().feed.lay("de", 100)
    assert caught.value.code == "language-unknown"


SCRIPT = st.text("x.", min_size=1, max_size=10).map(lambda text: "".join(letter * 6 for letter in text))


@settings(max_examples=60, deadline=None)
@given(
    voice=SCRIPT,
    told=st.dictionaries(st.integers(0, 80), st.integers(-6000, 6000), max_size=6),
    fallback=st.sampled_from(["silence", "floor"]),
)
def test_there_is_never_a_click(voice: str, told: dict[int, int], fallback: Fallback) -> None:
    """A door that speaks a constant: its sound never moves faster than a fade does."""
    booth = Booth(voice=voice, fallback=fallback, lead_ms=700)
    booth.floor.level, booth.voice.level = 0.25, 1.0
    booth.told = told
    wave = booth.drive.run(90).wave("fa")
    assert np.abs(np.diff(wave)).max() <= 2.5 / FADE
    assert wave.min() >= 0
    assert wave.max() <= 1.0001
    if fallback == "silence" and "x" not in voice:
        assert not wave.any()
