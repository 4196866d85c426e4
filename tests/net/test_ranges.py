from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huma.net.ranges import ByteRange, parse_range


@pytest.mark.parametrize(
    ("text", "expect"),
    [
        ("bytes=0-0", (0, 0)), ("bytes=0-", (0, 99)), ("bytes=10-19", (10, 19)), ("bytes=90-1000", (90, 99)),
        ("bytes=-10", (90, 99)), ("bytes=-1000", (0, 99)), (" bytes=99-99 ", (99, 99)),
        ("bytes=100-", "unsatisfiable"), ("bytes=-0", "unsatisfiable"), ("bytes=100-200", "unsatisfiable"),
        ("bytes=5-4", None), ("bytes=0-1,3-4", None), ("bytes=", None), ("bytes=-", None), ("items=0-1", None),
        ("bytes=a-b", None), ("bytes=0x1-2", None), ("", None), ("bytes=" + "9" * 400 + "-", None),
        ("bytes=١-٢", None), ("bytes=1 - 2", None), ("bytes=--1", None),
    ],
)  # fmt: skip
def test_a_range(text: str, expect: object) -> None:
    found = parse_range(text, 100)
    assert ((found.start, found.last) if isinstance(found, ByteRange) else found) == expect


def test_an_empty_file_has_no_range() -> None:
    assert parse_range("bytes=0-", 0) == "unsatisfiable"
    assert parse_range("bytes=-5", 0) == "unsatisfiable"


@given(
    st.text(max_size=30) | st.from_regex(r"bytes=[0-9]{0,6}-[0-9]{0,6}", fullmatch=True), st.integers(0, 5000)
)
def test_whatever_is_asked_lies_inside(text: str, size: int) -> None:
    found = parse_range(text, size)
    if isinstance(found, ByteRange):
        assert 0 <= found.start <= found.last < size
        assert found.content_range == f"bytes {found.start}-{found.last}/{size}"
