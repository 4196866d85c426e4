"""Parsers and writers of bytes: whatever comes in, a value or our error comes out."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from huma.errors import MediaError, UsageError
from huma.media.aac import is_adts, parse_config, split_adts
from huma.media.address import parse_address, parse_addresses
from huma.media.boxes import box, descriptor, iter_boxes
from huma.media.fmp4 import AudioTrack, Sample, VideoTrack, fragment, init_segment
from huma.media.h264 import (
    avcc_record,
    is_annexb,
    join_avcc,
    parameters_in,
    parameters_of_record,
    parse_sps,
    split_annexb,
    split_avcc,
)
from huma.media.languages import two_letters
from tests.media.reading import fragments

if TYPE_CHECKING:
    from pathlib import Path

# x264's own: 1280×720 at level 3.1, and 1920×1080 with cropping at level 4
SPS_720 = bytes.fromhex("6764001facd9405005ba10000003001000000303c0f1831960")
SPS_1080 = bytes.fromhex("67640028acd940780227e5c05a808080a0000003002000000791e30632c0")
PPS = bytes.fromhex("68efbcb0")


@pytest.mark.parametrize(
    ("unit", "codecs", "size"),
    [(SPS_720, "avc1.64001f", (1280, 720)), (SPS_1080, "avc1.640028", (1920, 1080))],
)
def test_a_parameter_set_is_read(unit: bytes, codecs: str, size: tuple[int, int]) -> None:
    picture = parse_sps(unit)
    assert (picture.codecs, (picture.width, picture.height)) == (codecs, size)


@given(st.binary(max_size=80))
@example(b"\x67" + b"\xff" * 40)
@example(b"\x67" + b"\0" * 40)
def test_any_parameter_set_ends_in_a_value_or_our_error(unit: bytes) -> None:
    with contextlib.suppress(MediaError):
        assert 0 < parse_sps(unit).width <= 16384


@given(st.binary(max_size=80))
def test_any_record_ends_in_a_value_or_our_error(record: bytes) -> None:
    with contextlib.suppress(MediaError):
        parameters_of_record(record)


def test_a_record_is_read_back() -> None:
    sps, pps, size = parameters_of_record(avcc_record([SPS_720], [PPS, PPS]))
    assert (sps, pps, size) == ([SPS_720], [PPS, PPS], 4)


def test_a_record_without_parameters_is_refused() -> None:
    for sps, pps in (([], [PPS]), ([SPS_720], [])):
        with pytest.raises(MediaError):
            avcc_record(sps, pps)


UNITS = st.lists(
    st.binary(min_size=1, max_size=40).filter(
        lambda unit: b"\0\0" not in unit and unit[-1] and unit[0] & 31 not in (7, 8, 9, 12)
    ),
    min_size=1,
    max_size=6,
)


@given(UNITS, st.booleans())
def test_start_codes_and_length_fields_say_the_same(units: list[bytes], long: bool) -> None:
    stream = b"".join((b"\0\0\0\1" if long else b"\0\0\1") + unit for unit in units)
    assert is_annexb(stream)
    assert split_annexb(stream) == units
    assert split_avcc(join_avcc(split_annexb(stream)), 4) == units


@given(st.binary(max_size=200), st.sampled_from([1, 2, 4]))
def test_any_bytes_can_be_split(data: bytes, size: int) -> None:
    assert sum(len(unit) for unit in split_avcc(data, size)) <= len(data)
    assert sum(len(unit) for unit in split_annexb(data)) <= len(data)


def test_what_the_init_segment_holds_is_left_out_of_samples() -> None:
    stream = b"".join(b"\0\0\0\1" + unit for unit in (b"\x09\x10", SPS_720, PPS, b"\x65\x88"))
    assert parameters_in(split_annexb(stream)) == ([SPS_720], [PPS])
    assert join_avcc(split_annexb(stream)) == b"\0\0\0\2\x65\x88"


def adts(payload: bytes, *, rate: int = 3, channels: int = 2) -> bytes:
    size = len(payload) + 7
    return (
        bytes(
            (
                0xFF,
                0xF1,
                0x40 | rate << 2 | channels >> 2,
                (channels & 3) << 6 | size >> 11,
                size >> 3 & 255,
                (size & 7) << 5 | 31,
                0xFC,
            )
        )
        + payload
    )


@given(st.lists(st.binary(min_size=1, max_size=300), min_size=1, max_size=5))
def test_adts_frames_are_cut_out(payloads: list[bytes]) -> None:
    stream = b"".join(adts(payload) for payload in payloads)
    assert is_adts(stream)
    config, frames = split_adts(stream)
    assert frames == payloads
    assert (config.codecs, config.sample_rate, config.channels) == ("mp4a.40.2", 48_000, 2)
    assert parse_config(config.raw) == config


@given(st.binary(max_size=60))
@example(b"\xff\xf1" + b"\xff" * 20)
def test_any_sound_ends_in_a_value_or_our_error(data: bytes) -> None:
    is_adts(data)
    for parse in (split_adts, parse_config):
        with contextlib.suppress(MediaError):
            parse(data)


@given(st.binary(max_size=300))
def test_boxes_of_anything_stay_inside_it(data: bytes) -> None:
    assert all(8 <= start <= end <= len(data) for _, start, end in iter_boxes(data))


@given(st.binary(max_size=20_000))
def test_a_descriptor_says_its_length(content: bytes) -> None:
    data = descriptor(5, content)
    length = 0
    for byte in data[1:5]:
        length = length << 7 | byte & 127
    assert data[5:] == content
    assert length == len(content)


SAMPLES = st.lists(
    st.builds(
        Sample,
        data=st.binary(min_size=1, max_size=30),
        duration=st.integers(1, 9000),
        offset=st.integers(-9000, 9000),
        key=st.booleans(),
    ),
    min_size=1,
    max_size=40,
)


@given(SAMPLES, st.integers(0, 2**60), st.integers(0, 2**40))
def test_a_fragment_is_read_back_by_other_rules(samples: list[Sample], base: int, sequence: int) -> None:
    data = fragment(sequence, base, samples)
    (run,) = fragments(data)
    assert run.base == base
    assert run.samples == [(each.duration, len(each.data), each.offset, each.key) for each in samples]
    kinds = iter_boxes(data)
    assert [kind for kind, _, _ in kinds] == [b"moof", b"mdat"]
    assert kinds[-1][2] == len(data)
    assert data[kinds[1][1] :] == b"".join(each.data for each in samples)


def test_the_data_offset_points_at_the_first_sample() -> None:
    data = fragment(1, 0, [Sample(b"abc", 10), Sample(b"de", 10, key=False)])
    at = data.index(b"trun") + 12
    assert data[int.from_bytes(data[at : at + 4]) :] == b"abcde"


def test_init_segments_name_the_language() -> None:
    persian = init_segment(AudioTrack(48_000, 2, 48_000, b"\x11\x90", language="fa"))
    assert b"elng\0\0\0\0fa\0" in persian
    assert b"elng" not in init_segment(VideoTrack(90_000, 16, 16, b"", bt709=True))


def test_box_lengths() -> None:
    assert box(b"free", b"ab", b"c") == b"\0\0\0\x0bfreeabc"


@pytest.mark.parametrize(
    ("code", "short"),
    [
        ("eng", "en"),
        ("per", "fa"),
        ("fas", "fa"),
        ("fa-IR", "fa"),
        ("en_GB", "en"),
        ("ckb", "ckb"),
        (None, ""),
        ("", ""),
    ],
)
def test_languages_by_two_letters(code: str | None, short: str) -> None:
    assert two_letters(code) == short


@pytest.mark.parametrize(
    ("text", "kind", "shown"),
    [
        ("test", "test", "test"),
        ("-", "stdin", "standard input"),
        ("https://me:secret@example.org/a.m3u8?key=1#x", "web", "https://example.org/a.m3u8"),
        ("https://example.org/live/t0k3n/stream.m3u8", "web", "https://example.org/…/stream.m3u8"),
        ("https://example.org/live/9f8e7d6c5b4a.m3u8", "web", "https://example.org/…"),
        ("https://example.org/live/t0k3n/", "web", "https://example.org/…"),
        ("https://example.org", "web", "https://example.org/"),
        ("HTTP://example.org/a", "web", "http://example.org/…"),
        ("tcp://127.0.0.1:9000?listen=1", "tcp", "tcp://127.0.0.1:9000"),
        ("tcp://[::1]:9000", "tcp", "tcp://::1:9000"),
    ],
)
def test_sources_by_name(text: str, kind: str, shown: str) -> None:
    address = parse_address(text)
    assert (address.kind, address.shown) == (kind, shown)
    assert address.listen == ("listen" in text)


@pytest.mark.parametrize(
    "text",
    [
        "rtmp://example.org/live/key",
        "srt://example.org:9000",
        "tcp://example.org",
        "tcp://:9000",
        "tcp://host:port",
        "nothing.mp4",
        "",
        "gopher://x",
        "concat:a|b",
    ],
)
def test_what_is_no_source_is_the_callers_mistake(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_address(text)
    assert caught.value.hint


def test_a_list_holds_files_only(tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    film.touch()
    assert len(parse_addresses([str(film), str(film)])) == 2
    for source in ([str(film), "test"], []):
        with pytest.raises(UsageError):
            parse_addresses(source)


@given(st.text(max_size=60))
def test_any_text_is_a_source_or_the_callers_mistake(text: str) -> None:
    with contextlib.suppress(UsageError):
        parse_address(text)
    with contextlib.suppress(UsageError):
        parse_address("tcp://" + text)
