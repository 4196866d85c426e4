from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

import pytest

from huma.errors import UsageError
from huma.keys import repository
from huma.keys.copyladder import copied_config, copied_event
from huma.keys.eventdir import EventDir
from huma.keys.eventtoml import EventConfig, parse_config
from huma.keys.template import render_config
from tests.keys.eventmaking import NOW


@dataclass(frozen=True)
class Stream:
    kind: str
    codecs: str
    bandwidth: int | None = None
    width: int | None = None
    height: int | None = None
    frame_rate: Fraction | None = None
    language: str | None = None
    channels: int | None = None
    sample_rate: int | None = None
    key_frame_distance: Fraction | None = None


PICTURE = Stream("video", "avc1.42c01e", 2_000_000, 640, 360, Fraction(25), key_frame_distance=Fraction(2))
SOUND = Stream("audio", "mp4a.40.2", 128_000, channels=2, sample_rate=44_100)


def spoken(code: str) -> Stream:
    return replace(SOUND, language=code)


def test_the_renditions_are_those_of_the_source(config: EventConfig) -> None:
    found = copied_config(config, [PICTURE, spoken("fa"), spoken("en")])
    assert [each.name for each in found.renditions] == ["v", "a-fa", "a-en"]
    assert found.copy
    assert found.tick == (24, 25)
    picture, sound = found.renditions[0], found.renditions[1]
    assert (picture.codecs, picture.bandwidth, picture.width, picture.frame_rate) == (
        "avc1.42c01e", 2_000_000, 640, (25, 1),
    )  # fmt: skip
    assert (sound.codecs, sound.channels, sound.sample_rate, sound.language) == ("mp4a.40.2", 2, 44_100, "fa")
    assert all(each.ticks_per_segment == 1 for each in found.renditions)
    assert all(each.max_bytes == 8 * 1024 * 1024 for each in found.renditions)
    assert parse_config(render_config(found)) == found


def test_what_says_no_language_takes_the_next_one_asked_for(config: EventConfig) -> None:
    codes = [each.code for each in copied_config(config, [SOUND, spoken("und"), SOUND]).languages]
    assert codes == ["en", "fa"]
    assert [each.name for each in copied_config(config, [SOUND, spoken("de")]).languages] == [
        "English",
        "Deutsch",
    ]


def test_a_language_is_taken_once(config: EventConfig) -> None:
    found = copied_config(config, [spoken("en"), replace(spoken("en"), channels=6)])
    assert [(each.name, each.channels) for each in found.renditions] == [("a-en", 2)]


def test_sound_alone_and_picture_alone(config: EventConfig) -> None:
    assert [each.name for each in copied_config(config, [PICTURE]).renditions] == ["v"]
    assert [each.name for each in copied_config(replace(config, video=()), [PICTURE, SOUND]).renditions] == [
        "a-en"
    ]


@pytest.mark.parametrize(
    "streams",
    [
        [],
        [replace(PICTURE, codecs="vp8"), SOUND],
        [replace(PICTURE, codecs="hvc1.1.6"), SOUND],
        [PICTURE, replace(SOUND, codecs="opus")],
        [replace(PICTURE, codecs=""), SOUND],
        [replace(PICTURE, bandwidth=20_000_000, key_frame_distance=Fraction(10))],
    ],
)
def test_what_cannot_be_signed_as_it_is_is_refused(config: EventConfig, streams: list[Stream]) -> None:
    with pytest.raises(UsageError):
        copied_config(config, streams)


def test_an_unsuited_second_sound_is_left_out(config: EventConfig) -> None:
    found = copied_config(config, [PICTURE, replace(spoken("fa"), codecs="ac-3"), spoken("en")])
    assert [each.name for each in found.renditions] == ["v", "a-en"]


def test_odd_rates_are_kept_exactly(config: EventConfig) -> None:
    rate = Fraction(30_000, 1001)
    found = copied_config(config, [replace(PICTURE, frame_rate=rate)])
    assert found.renditions[0].frame_rate == (30_000, 1001)
    assert found.tick == (16, 15)
    assert copied_config(config, [replace(PICTURE, frame_rate=None)]).renditions[0].frame_rate == (30, 1)


def test_an_event_is_signed_anew_for_its_source(solo: EventDir) -> None:
    before = solo.event
    repository.resign_event(solo, copied_event(solo.config, before, [PICTURE, SOUND]), NOW)
    after = solo.event
    assert after.copy
    assert (after.epoch_ms, after.live_keys, after.title) == (before.epoch_ms, before.live_keys, before.title)
    assert [each.name for each in after.renditions] == ["v", "a-en"]
