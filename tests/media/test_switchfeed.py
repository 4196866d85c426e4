"""Main and backup: which is on the air, from which picture and which sample on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huma.errors import HumaError, UsageError
from huma.media.bulletin import Bulletin
from huma.media.switchfeed import SwitchFeed
from tests.media.driving import FADE, FPS, PER_SLOT, TIMELINE, Drive, ScriptFeed, runs

if TYPE_CHECKING:
    from huma.media.feed import Feed

LATEST = 2048  # what the encoders have been given before a slot is decided


class Pair:
    """Main counts up, backup counts down; both pictures are known by their slot."""

    def __init__(self, main: str, backup: str, *, return_after_s: float | None = None) -> None:
        self.main, self.backup = ScriptFeed(main), ScriptFeed(backup, sign=-1)
        self.bulletin = Bulletin()
        feeds: dict[str, Feed] = {"main": self.main, "backup": self.backup}
        self.feed = SwitchFeed(feeds, TIMELINE, ["en", "fa"], self.bulletin, return_after_s=return_after_s)
        self.told: dict[int, str] = {}
        self.drive = Drive(self.feed, "en", "fa", before=self._before)

    def _before(self, slot: int) -> None:
        if slot in self.told:
            self.feed.choose(self.told[slot])

    def shown(self, slots: int) -> str:
        """m, b, or a dot for each slot; the picture must be that slot's own."""
        self.drive.run(slots)
        letters = []
        for slot, frame in enumerate(self.drive.pictures):
            one = None if frame is None else self.main.number(frame)
            other = None if frame is None else self.backup.number(frame)
            letters.append("." if frame is None else "b" if one is None else "m")
            on_air = self.main if one is not None else self.backup
            if frame is not None and on_air.letter(slot) == "x":
                assert (one if one is not None else other) == slot
        return "".join(letters)

    def mixed(self, language: str = "en") -> list[tuple[int, int]]:
        """Where the sound is not exactly one input's, after the first fade in."""
        wave = self.drive.wave(language)
        counted = np.arange(1, len(wave) + 1, dtype=np.float32)
        return [(start, length) for start, length in runs(np.abs(wave) != counted) if start > 0]

    def seams(self) -> list[int]:
        """Where the sound passes from one to the other, the same in every language."""
        mixed = self.mixed()
        assert mixed == self.mixed("fa")
        assert all(length <= FADE for _, length in mixed), mixed
        return [start for start, _ in mixed]


def test_the_first_that_is_well_is_on_the_air() -> None:
    pair = Pair("x", "x")
    assert pair.shown(20) == "m" * 20
    assert pair.feed.state().on_air == "main"
    assert pair.feed.state().switches == 0


def test_before_main_comes_backup_is_on_the_air_and_stays() -> None:
    pair = Pair("....x", "..x")
    assert pair.shown(20) == ".." + "b" * 18


@pytest.mark.parametrize("lost", ["." * 50, "s" * 50, "!", "e"])
def test_a_loss_of_any_kind_is_a_switch_at_that_very_picture(lost: str) -> None:
    pair = Pair("x" * 30 + lost, "x")
    assert pair.shown(80) == "m" * 30 + "b" * 50
    assert pair.feed.status() == "playing"
    (seam,) = pair.seams()
    assert 30 * PER_SLOT <= seam <= 30 * PER_SLOT + LATEST + 1
    assert any(
        "backup is on the air instead of main: main is lost" in each for each in pair.bulletin.messages()
    )


@pytest.mark.parametrize("slot", range(30, 34))
def test_the_sound_passes_over_in_20_ms_and_no_sample_is_lost_or_heard_twice(slot: int) -> None:
    pair = Pair("x" * slot + "....x", "x")
    pair.shown(60)
    wave = pair.drive.wave()
    counted = np.arange(1, len(wave) + 1, dtype=np.float32)
    ((start, length),) = pair.mixed()
    assert length <= FADE
    assert np.array_equal(wave[FADE:start], counted[FADE:start])
    assert np.array_equal(wave[start + length :], -counted[start + length :])
    share = wave[start : start + length] / counted[start : start + length]
    assert np.all(np.diff(share) <= 0)  # one goes down while the other comes up
    assert np.array_equal(pair.drive.wave("fa"), wave)


def test_main_takes_over_again_only_when_told() -> None:
    pair = Pair("x" * 10 + "." * 10 + "x", "x")
    pair.told = {60: "main"}
    assert pair.shown(80) == "m" * 10 + "b" * 50 + "m" * 20
    assert pair.feed.state().held
    assert len(pair.seams()) == 2


def test_main_takes_over_when_it_was_stable_for_so_long() -> None:
    pair = Pair("x" * 10 + "." * 10 + "x" * 5 + "." + "x", "x", return_after_s=1)
    assert pair.shown(100) == "m" * 10 + "b" * (16 + FPS - 1) + "m" * (100 - 26 - FPS + 1)


def test_what_a_person_chose_is_held_until_it_dies() -> None:
    pair = Pair("x", "x" * 60 + "." * 5 + "x", return_after_s=0.5)
    pair.told = {20: "backup"}
    assert pair.shown(100) == "m" * 20 + "b" * 40 + "m" * 40
    assert not pair.feed.state().held


def test_one_that_has_nothing_to_show_cannot_be_chosen() -> None:
    pair = Pair("x", "x" * 5 + ".")
    pair.shown(10)
    with pytest.raises(UsageError) as caught:
        pair.feed.choose("backup")
    assert caught.value.code == "input-away"
    with pytest.raises(UsageError) as caught:
        pair.feed.choose("other")
    assert caught.value.code == "input-unknown"


def test_one_that_dies_between_the_word_and_the_picture_does_not_go_on_the_air() -> None:
    pair = Pair("x", "x" * 20 + ".")
    pair.told = {20: "backup"}
    assert pair.shown(30) == "m" * 30
    assert any("backup could not go on the air" in each for each in pair.bulletin.messages())


def test_with_nothing_left_the_slate_comes_and_the_first_that_returns_goes_on_the_air() -> None:
    pair = Pair("x" * 10 + "." * 30 + "x", "x" * 20 + "." * 10 + "x")
    assert pair.shown(60) == "m" * 10 + "b" * 10 + "." * 10 + "b" * 30
    silent = [length for _, length in runs(pair.drive.wave() == 0) if length > 8]
    assert len(silent) == 1
    assert abs(silent[0] - 10 * PER_SLOT) <= 8


def test_a_programme_ends_when_all_have_ended() -> None:
    pair = Pair("x" * 10 + "e", "x" * 20 + "e")
    assert pair.shown(60) == "m" * 10 + "b" * 10
    assert pair.drive.ended_at == 20
    assert pair.feed.status() == "ended"


def test_when_all_have_failed_the_fault_comes_out() -> None:
    pair = Pair("x" * 3 + "!", "x" * 5 + "!")
    with pytest.raises(HumaError, match="broken for ever"):
        pair.shown(10)


def test_all_are_started_stopped_and_asked_for_every_slot() -> None:
    pair = Pair("x", "x")
    pair.feed.start()
    pair.shown(40)  # the script itself asserts that no slot is left out
    pair.feed.stop()
    for each in (pair.main, pair.backup):
        assert (each.started, each.stopped) == (1, 1)


SCRIPT = st.text("x.s", min_size=1, max_size=12).map(lambda text: "".join(letter * 5 for letter in text))


@settings(max_examples=80, deadline=None)
@given(main=SCRIPT, backup=SCRIPT, back=st.sampled_from([None, 0.3]), told=st.integers(0, 70))
def test_while_one_input_is_well_there_is_picture_and_sound(
    main: str, backup: str, back: float | None, told: int
) -> None:
    """Whatever dies and returns: no slot without the picture of one that is well, no sample that is not one's own."""
    pair = Pair(main, backup, return_after_s=back)
    if pair.backup.letter(told) == "x" and told and pair.backup.letter(told - 1) == "x":
        pair.told = {told: "backup"}
    shown = pair.shown(72)
    well = [(pair.main.letter(slot) == "x", pair.backup.letter(slot) == "x") for slot in range(72)]
    assert all(shown[slot] == ("m" if well[slot][0] else "b") for slot in range(72) if sum(well[slot]) == 1)
    assert all(shown[slot] != "." for slot in range(72) if any(well[slot]))
    wave = pair.drive.wave()
    counted = np.arange(1, len(wave) + 1, dtype=np.float32)
    for start, length in runs(wave == 0):
        if length <= 8:
            continue  # where a fade crosses zero
        slots = range(max(0, (start - LATEST - FADE) // PER_SLOT), min(72, (start + length) // PER_SLOT + 1))
        dead = sum(not any(well[slot]) for slot in slots)
        # One who begins in the very slot in which the other dies has had no time to give his sound ahead.
        assert length <= dead * PER_SLOT + LATEST + FADE + 1
    assert all(length <= 2 * FADE for _, length in runs((np.abs(wave) != counted) & (wave != 0)))
    assert np.all(np.abs(wave) <= counted)
