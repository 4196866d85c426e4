from __future__ import annotations

import pytest

from huma.errors import UsageError
from huma.media.selection import select, sound_of
from tests.media.events import audio, event, full, video


def test_the_best_picture_and_the_first_language() -> None:
    assert select(full()).names == ("v720", "a-en")
    assert select(full(), language="fa").names == ("v720", "a-fa")
    assert select(full(), language="fa", rendition="v144").names == ("v144", "a-fa")


def test_the_slow_ladder_goes_with_slow_sound() -> None:
    assert select(full(), rendition="v144s").names == ("v144s", "n-en")


def test_sound_alone_and_pictures_alone() -> None:
    assert select(full(), rendition="a-fa").names == ("a-fa",)
    assert select(event(audio("a-en", "en"))).names == ("a-en",)
    assert select(event(video("v", 320, 180, 300_000))).names == ("v",)


def test_a_language_without_a_sound_of_its_own() -> None:
    only_farsi = event(video("v", 320, 180, 300_000), audio("a-fa", "fa"))
    assert select(only_farsi).names == ("v", "a-fa")
    assert sound_of(only_farsi, "en") is None


def test_what_the_event_does_not_have_is_told() -> None:
    with pytest.raises(UsageError, match="no rendition v9") as caught:
        select(full(), rendition="v9")
    assert "v720" in caught.value.hint
    with pytest.raises(UsageError, match="'de'"):
        select(full(), language="de")
