"""The indexes, read back by hand; tests/system plays them with real players."""

from __future__ import annotations

from dataclasses import replace

import pytest
from vectors.make import kit

from huma.errors import MalformedError
from huma.protocol.event import Language, Rendition
from huma.protocol.multivariant import render_index

ENGLISH = Rendition(
    "a-en", "audio", 1, 65_536, "mp4a.40.2", 100_000, language="en", channels=2, sample_rate=48_000
)
SMALL = Rendition(
    "v144", "video", 1, 90_000, "avc1.42c00c", 150_000, width=256, height=144, frame_rate=(30000, 1001)
)
EVENT = replace(kit.EVENT, renditions=(SMALL, *kit.EVENT.renditions, ENGLISH))


def test_the_fast_ladder() -> None:
    assert render_index(EVENT, "fast").decode().splitlines() == [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        (
            '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="English",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,'
            'CHANNELS="2",URI="live/a-en.m3u8"'
        ),
        (
            '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="فارسی",LANGUAGE="fa",DEFAULT=NO,AUTOSELECT=YES,'
            'CHANNELS="2",URI="live/a-fa.m3u8"'
        ),
        (
            '#EXT-X-STREAM-INF:BANDWIDTH=800000,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=640x360,FRAME-RATE=30.000,'
            'AUDIO="audio"'
        ),
        "live/v360.m3u8",
        (
            '#EXT-X-STREAM-INF:BANDWIDTH=250000,CODECS="avc1.42c00c,mp4a.40.2",RESOLUTION=256x144,FRAME-RATE=29.970,'
            'AUDIO="audio"'
        ),
        "live/v144.m3u8",
    ]


def test_the_slow_ladder_without_pictures_plays_its_sound() -> None:
    text = render_index(EVENT, "slow", prefix="../live/").decode()
    assert text.endswith('CODECS="mp4a.40.2",AUDIO="audio"\n../live/n-fa.m3u8\n')
    assert "BANDWIDTH=25000," in text
    assert "v144" not in text


def test_a_muxed_copy_has_no_audio_group() -> None:
    text = render_index(kit.COPY_EVENT, "fast").decode()
    assert "EXT-X-MEDIA" not in text
    assert 'CODECS="avc1.64001f,mp4a.40.2"' in text
    assert "AUDIO=" not in text


def test_a_second_rendition_of_one_language_stays_out() -> None:
    twice = replace(
        EVENT, renditions=(*EVENT.renditions, replace(ENGLISH, name="a-en-low", bandwidth=50_000))
    )
    assert render_index(twice, "fast") == render_index(EVENT, "fast")


def test_a_ladder_that_is_not_there() -> None:
    with pytest.raises(MalformedError) as caught:
        render_index(kit.COPY_EVENT, "slow")
    assert caught.value.code == "no-ladder"


def test_the_order_of_languages_is_that_of_the_event() -> None:
    farsi_first = replace(EVENT, languages=(Language("fa", "فارسی"), Language("en", "English")))
    lines = [
        line for line in render_index(farsi_first, "fast").decode().splitlines() if "EXT-X-MEDIA" in line
    ]
    assert ['LANGUAGE="fa",DEFAULT=YES' in lines[0], 'LANGUAGE="en",DEFAULT=NO' in lines[1]] == [True, True]
