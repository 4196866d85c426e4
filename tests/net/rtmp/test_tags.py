from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huma.errors import HumaError, MediaError
from huma.net.rtmp.limits import LIMITS
from huma.net.rtmp.messages import AUDIO, VIDEO
from huma.net.rtmp.tags import parse_tag


@pytest.mark.parametrize(
    ("kind", "payload", "role"),
    [
        (VIDEO, "1700000000 0164", "header"),
        (VIDEO, "1701000000 00", "key"),
        (VIDEO, "2701000050 00", "other"),
        (VIDEO, "2701fffff0 00", "other"),
        (VIDEO, "1702000000", "aside"),
        (VIDEO, "1701000000", "aside"),
        (VIDEO, "5700", "aside"),
        (VIDEO, "", "aside"),
        (VIDEO, "90 61766331 0164", "header"),
        (VIDEO, "91 61766331 000000 00", "key"),
        (VIDEO, "a1 61766331 000050 00", "other"),
        (VIDEO, "a3 61766331 00", "other"),
        (VIDEO, "92 61766331", "aside"),
        (VIDEO, "94 61766331 00", "aside"),
        (VIDEO, "d1 61766331 00", "aside"),
        (AUDIO, "af00 1190", "header"),
        (AUDIO, "af01 21", "key"),
        (AUDIO, "af01", "aside"),
        (AUDIO, "af00", "aside"),
        (AUDIO, "", "aside"),
    ],
)
def test_what_a_tag_is_for(kind: int, payload: str, role: str) -> None:
    tag = parse_tag(kind, 7, bytes.fromhex(payload), LIMITS)
    assert (tag.role, tag.timestamp, tag.payload) == (role, 7, bytes.fromhex(payload))


@pytest.mark.parametrize(
    ("kind", "payload", "name"),
    [
        (VIDEO, b"\x1c\0\0\0\0h", "HEVC"),
        (VIDEO, b"\x90hvc1\1", "HEVC"),
        (VIDEO, b"\x90av01\1", "AV1"),
        (VIDEO, b"\x90vp09\1", "VP9"),
        (VIDEO, b"\x96\x10avc1\0", "several tracks"),
        (VIDEO, b"\x12", "Sorenson"),
        (VIDEO, b"\x1fxxxx", "unknown"),
        (AUDIO, b"\x2f\xff\xfb", "MP3"),
        (AUDIO, b"\xb6", "Speex"),
        (AUDIO, b"\x90Opus", "enhanced"),
    ],
)
def test_other_codecs_are_refused_with_what_to_set_in_obs(kind: int, payload: bytes, name: str) -> None:
    with pytest.raises(MediaError) as refused:
        parse_tag(kind, 0, payload, LIMITS)
    assert name in refused.value.message
    assert "OBS" in refused.value.hint
    assert ("H.264" if kind == VIDEO else "AAC") in refused.value.hint


@pytest.mark.parametrize(
    ("kind", "payload"),
    [(VIDEO, b"\x17\1"), (VIDEO, b"\x90av"), (VIDEO, b"\x91avc1\0"), (AUDIO, b"\xaf")],
)
def test_cut_off_headers_are_refused(kind: int, payload: bytes) -> None:
    with pytest.raises(HumaError) as refused:
        parse_tag(kind, 0, payload, LIMITS)
    assert refused.value.code == "rtmp-malformed"


def test_a_sequence_header_is_small() -> None:
    with pytest.raises(HumaError) as refused:
        parse_tag(VIDEO, 0, bytes.fromhex("1700000000") + bytes(LIMITS.header_bytes), LIMITS)
    assert refused.value.code == "rtmp-too-large"


@given(kind=st.sampled_from([AUDIO, VIDEO]), payload=st.binary(max_size=40))
def test_any_payload_is_a_tag_or_our_error(kind: int, payload: bytes) -> None:
    with contextlib.suppress(HumaError):
        assert parse_tag(kind, 0, payload, LIMITS).payload == payload
