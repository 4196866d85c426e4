"""The slate by command, at the picture and the sample where it was told."""

from __future__ import annotations

import numpy as np
import pytest

from huma.media.clock import FastClock
from huma.media.slatefeed import SlateFeed
from tests.media.driving import FADE, PER_SLOT, TIMELINE, Drive, ScriptFeed, runs


def play(script: str, told: dict[int, bool], slots: int) -> tuple[str, np.ndarray, ScriptFeed]:
    source = ScriptFeed(script)
    feed = SlateFeed(source, TIMELINE)

    def before(slot: int) -> None:
        if slot in told:
            feed.slate(on=told[slot])

    drive = Drive(feed, before=before).run(slots)
    return "".join("." if each is None else "x" for each in drive.pictures), drive.wave(), source


@pytest.mark.parametrize("at", range(20, 24))
def test_it_comes_with_the_next_picture_and_goes_with_the_next(at: int) -> None:
    shown, wave, _ = play("x", {at: True, at + 25: False}, 80)
    assert shown == "x" * at + "." * 25 + "x" * (55 - at)
    (start, length) = runs(wave == 0)[0]
    assert at * PER_SLOT <= start <= at * PER_SLOT + 2048 + FADE
    assert abs(length - 25 * PER_SLOT) <= 4 * PER_SLOT + FADE


def test_the_sound_goes_down_and_up_without_a_step() -> None:
    _, wave, _ = play("x", {20: True, 40: False}, 80)
    counted = np.arange(1, len(wave) + 1, dtype=np.float32)
    share = wave / counted
    assert np.max(np.abs(np.diff(share))) < 2 / FADE
    assert np.array_equal(wave[: 20 * PER_SLOT], counted[: 20 * PER_SLOT])
    assert np.array_equal(wave[45 * PER_SLOT :], counted[45 * PER_SLOT :])


def test_the_feed_goes_on_behind_it() -> None:
    _, _, source = play("x", {2: True}, 40)
    source.picture(40)  # the script asserts that none was left out
    assert source.asked[-1][0] + source.asked[-1][1] == 40 * PER_SLOT + 2048


def test_off_and_on_before_the_next_picture_is_nothing() -> None:
    feed = SlateFeed(ScriptFeed("x"), TIMELINE)
    drive = Drive(feed).run(8)
    feed.slate(on=True)
    feed.slate(on=False)
    assert all(drive.run(8).pictures)
    assert not feed.on


def test_the_end_is_the_feeds_own() -> None:
    source = ScriptFeed("x" * 10 + "e")
    feed = SlateFeed(source, TIMELINE)
    feed.slate(on=True)
    drive = Drive(feed).run(30)
    assert drive.ended_at == 10
    assert feed.status() == "ended"


def test_the_commands_reach_the_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    """Through the encoders: segments are marked as slate, their sound is silence, nothing is left out."""
    from huma.media.bulletin import Bulletin
    from huma.media.canvas import blank
    from huma.media.encoded import EncodedProgramme
    from huma.media.timeline import open_timeline
    from tests.media.events import audio, event, video
    from tests.media.reading import Collected, loudness

    of = event(video("v180", 320, 180, 300_000, codecs="avc1.64000d"), audio("a-en", "en"))
    timeline = open_timeline(of, 4)
    source = ScriptFeed("x", sign=1e-7)
    source._frames = {slot: blank(320, 180) for slot in range(6 * 32)}
    feed = SlateFeed(source, timeline)
    made = Collected()
    programme = EncodedProgramme(feed, of, timeline, FastClock(of.grid.start_ms(4)), Bulletin())
    programme.stop(at_tick=10)
    picture = feed.picture

    def told(slot: int) -> object:
        feed.slate(on=64 <= slot < 128)
        return picture(slot)

    monkeypatch.setattr(feed, "picture", told)
    programme.run(made)
    assert [each.origin[0] for each in made["v180"]] == list("ppsspp")
    assert [each.n for each in made["a-en"]] == list(range(4, 10))
    loud = [value > 1e-4 for value in loudness(made.whole("a-en"), 16 / 15 / 4)]
    assert not any(loud[9:15])
    assert all(loud[2:8])
    assert all(loud[17:21])
