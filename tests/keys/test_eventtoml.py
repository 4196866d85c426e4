from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huma.errors import UsageError
from huma.keys.eventtoml import EventConfig, parse_config
from huma.keys.ladder import AudioRung, VideoRung, h264_codec
from huma.keys.template import render_config
from huma.protocol.clocktext import format_ms
from huma.protocol.event import Language, ScheduleItem
from huma.protocol.roster import Mirror
from tests.keys.eventmaking import DAY_MS, LANGUAGES, NOW

FULL = EventConfig(
    title={"en": 'A "title"', "fa": "عنوان", "zh-Hant": "題"},
    start_ms=NOW,
    end_ms=NOW + DAY_MS,
    languages=(*LANGUAGES, Language("zh-Hant", "中文")),
    fps=25,
    video=(
        VideoRung("v720", 1280, 720, 1_800_000),
        VideoRung("x", 640, 360, 1000, "slow", "avc1.64001e", (24000, 1001)),
    ),
    audio=(AudioRung("a", 96_000, 2), AudioRung("solo", 64_000, 1, "slow", "mp4a.40.5", 44_100, "fa")),
    schedule=(ScheduleItem(NOW, {"en": "Opening", "fa": "گشایش"}),),
    mirrors=(Mirror("m1", "https://a.example/", "A", "cdn", "trusted", ("192.0.2.1",), ("ab" * 32,)),),
    stores=("https://store.example/x/", "/srv/www"),
    page="https://page.example/",
    origin=("203.0.113.9",),
)


def test_what_is_written_is_read_back(config: EventConfig) -> None:
    for each in (
        config,
        FULL,
        replace(config, video=()),
        replace(FULL, copy=True, audio=(), video=FULL.video[:1]),
    ):
        assert parse_config(render_config(each)) == each


@given(st.text(min_size=1, max_size=60))
def test_any_title_that_may_be_signed_survives_the_file(title: str) -> None:
    try:
        config = replace(FULL, title={"en": title}).checked()
    except UsageError:
        return
    assert parse_config(render_config(config)).title == {"en": title}


def test_the_default_ladder_is_that_of_the_protocol(config: EventConfig) -> None:
    found = {
        each.name: (each.ticks_per_segment, each.codecs, each.bandwidth, each.language or each.height)
        for each in config.renditions
    }
    assert found == {
        "v720": (1, "avc1.64001f", 1_900_000, 720),
        "v360": (1, "avc1.64001e", 633_400, 360),
        "v144": (1, "avc1.64000c", 126_700, 144),
        "a-en": (1, "mp4a.40.2", 100_000, "en"),
        "a-fa": (1, "mp4a.40.2", 100_000, "fa"),
        "v144s": (4, "avc1.64000c", 126_700, 144),
        "n-en": (4, "mp4a.40.2", 25_000, "en"),
        "n-fa": (4, "mp4a.40.2", 25_000, "fa"),
    }
    assert config.bitrates["v720"] == 1_800_000
    assert config.bitrates["n-fa"] == 24_000
    assert config.tick == (16, 15)
    assert replace(config, fps=25).tick == (24, 25)
    assert replace(config, fps=25).renditions[0].frame_rate == (25, 1)


def test_a_segment_never_reaches_its_limit(config: EventConfig) -> None:
    for each in config.renditions:
        average = each.bandwidth * 16 / 15 * each.ticks_per_segment / 8
        assert each.max_bytes >= 5 * average or each.max_bytes == 8 * 1024 * 1024
        assert each.max_bytes >= 65536


@pytest.mark.parametrize(
    ("size", "rate", "codec"),
    [((256, 144), 30, "avc1.64000c"), ((1280, 720), 60, "avc1.640020"), ((1920, 1080), 30, "avc1.640028")],
)
def test_the_level_is_the_lowest_that_holds_the_picture(size: tuple[int, int], rate: int, codec: str) -> None:
    from fractions import Fraction

    assert h264_codec(*size, Fraction(rate)) == codec


GOOD = render_config(FULL).decode()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("v = 1\n", "v = 2\n", "v of"),
        ("fps = 25", "fps = 24", "25 or 30"),
        ("fps = 25", "fbs = 25", "'fbs' is not known"),
        ("start = 2026", "start = 2036", "ends before it starts"),
        ('code = "en", name', 'code = "fa", name', "language stands twice"),
        ("bitrate = 96_000", "bitrat = 96_000", "'bitrat' is not known"),
        ('name = "v720"', 'name = "V 720"', "rendition's name"),
        ("width = 1280", "width = 0", "width"),
        ("width = 1280", "width = 12.5", "width"),
        ('url = "https://a.example/"', 'url = "https://a.example"', "URL of a mirror"),
        ('url = "https://a.example/"', 'url = "http://192.168.1.1/"', "own network"),
        ('tier = "trusted"', 'tier = "best"', "tier"),
        ('ladder = "slow"', 'ladder = "medium"', "fast, slow"),
        ("title = {", "title = [", "not TOML"),
        ('language = "fa"', 'language = "de"', "not listed"),
        (f"start = {format_ms(NOW)}", f"start = {format_ms(NOW)[:-1]}", "in which zone"),
    ],
)
def test_what_is_wrong_is_said_in_words(old: str, new: str, says: str) -> None:
    assert old in GOOD
    with pytest.raises(UsageError, match=says) as refused:
        parse_config(GOOD.replace(old, new, 1).encode())
    assert "event.json" not in refused.value.message
    assert refused.value.hint


@given(st.binary(max_size=200))
def test_any_bytes_end_in_a_config_or_in_an_error_of_ours(data: bytes) -> None:
    try:
        parse_config(data)
    except UsageError:
        return


@given(st.integers(0, len(GOOD) - 1), st.text(max_size=3))
def test_any_slip_of_the_pen_ends_in_a_config_or_in_an_error_of_ours(where: int, what: str) -> None:
    try:
        parse_config((GOOD[:where] + what + GOOD[where + 1 :]).encode(errors="surrogateescape"))
    except (UsageError, UnicodeEncodeError):
        return


def test_a_moment_may_have_an_offset(config: EventConfig) -> None:
    old = f"start = {format_ms(config.start_ms)}"
    new = f"start = {format_ms(config.start_ms + 12_600_000)[:-1]}+03:30"
    text = render_config(config).decode()
    assert old in text
    assert parse_config(text.replace(old, new).encode()) == config
