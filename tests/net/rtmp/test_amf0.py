from __future__ import annotations

import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huma.errors import TransportError
from huma.net.rtmp.amf0 import Value, parse_values, render_values
from huma.net.rtmp.limits import LIMITS, Limits

names = st.text(max_size=20).filter(bool)
simple = st.one_of(
    st.none(), st.booleans(), st.text(max_size=50), st.floats(allow_nan=False), st.just("long" * 20_000)
)
anything: st.SearchStrategy[Value] = st.recursive(
    simple,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(names, inner, max_size=4)),
    max_leaves=12,
)
ROOMY = Limits(script_bytes=10_000_000, amf_depth=64)


@given(values=st.lists(anything, max_size=4))
def test_what_is_rendered_reads_back(values: list[Value]) -> None:
    assert parse_values(render_values(*values), ROOMY) == values


@given(data=st.binary(max_size=400))
def test_any_bytes_give_values_or_our_error(data: bytes) -> None:
    with contextlib.suppress(TransportError):
        parse_values(data, LIMITS)


@given(values=st.lists(anything, max_size=3), where=st.integers(min_value=0), byte=st.integers(0, 255))
def test_damaged_values_give_values_or_our_error(values: list[Value], where: int, byte: int) -> None:
    data = bytearray(render_values(*values))
    if data:
        data[where % len(data)] = byte
    with contextlib.suppress(TransportError):
        parse_values(bytes(data), ROOMY)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\x0a\xff\xff\xff\xff" * 1000, "rtmp-too-large"),
        (b"\x0a\xff\xff\xff\xff" + b"\x05" * 5000, "rtmp-too-large"),
        (b"\x03\x00\x01a" * 1000, "rtmp-too-large"),
        (b"\x05" * 5000, "rtmp-too-large"),
        (b"\x05" * 70_000, "rtmp-too-large"),
        (b"\x0c\xff\xff\xff\xffa", "rtmp-malformed"),
        (b"\x07\x00\x01", "rtmp-malformed"),
        (b"\x11\x0a\x0b\x01", "rtmp-malformed"),
        (b"\x08\x00\x00\x00\x00\x00\x00", "rtmp-malformed"),
    ],
    ids=[
        "nested arrays",
        "long array",
        "nested objects",
        "many",
        "large",
        "short",
        "reference",
        "amf3",
        "endless",
    ],
)
def test_bombs_are_refused(data: bytes, code: str) -> None:
    with pytest.raises(TransportError) as refused:
        parse_values(data, LIMITS)
    assert refused.value.code == code


def test_the_rarer_types_are_understood() -> None:
    date = b"\x0b" + render_values(1.5)[1:] + b"\0\0"
    typed = b"\x10\x00\x01T" + render_values({"a": True})[1:]
    array = b"\x08\x00\x00\x00\x63" + render_values({"b": 2})[1:]
    assert parse_values(date + typed + array + b"\x06\x0d", LIMITS) == [
        1.5,
        {"a": True},
        {"b": 2.0},
        None,
        None,
    ]


def test_a_number_that_is_none_is_only_a_number() -> None:
    (value,) = parse_values(b"\0" + b"\xff" * 8, LIMITS)
    assert isinstance(value, float)
    assert math.isnan(value)
