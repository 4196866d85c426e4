"""JSON: any bytes end in a value or in our error, at a price that does not depend on who wrote them."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.protocol.document_strategies import json_values

from huma.config import JSON_MAX_DEPTH, MIB
from huma.errors import HumaError, MalformedError
from huma.protocol.strictjson import Members, parse_json, render_json


def depth_of(value: Any) -> int:
    if isinstance(value, dict):
        value = list(value.values())
    return 1 + max(map(depth_of, value), default=0) if isinstance(value, list) else 0


@given(json_values)
def test_what_is_rendered_is_read_back(value: object) -> None:
    if depth_of(value) <= JSON_MAX_DEPTH:
        assert parse_json(render_json(value), MIB) == value


@given(st.binary(max_size=200))
@example(b'"\\')
@example(b'"\\u12')
@example(b"[" * 200)
@example(b'{"a":' * 100)
def test_arbitrary_bytes_end_in_a_value_or_our_error(data: bytes) -> None:
    try:
        value = parse_json(data, MIB)
    except MalformedError:
        return
    assert json.loads(data) == value


@given(st.text(alphabet='[]{}",:\\u0019-.eE truefalsn', max_size=60))
def test_what_json_does_not_accept_we_do_not(text: str) -> None:
    try:
        value = parse_json(text.encode(), MIB)
    except MalformedError:
        return
    assert json.loads(text) == value


@pytest.mark.parametrize(
    "data",
    [
        b"[" * MIB,
        b'{"a":' * (MIB // 5),
        b'"' * MIB,
        b'"\\' * (MIB // 2),
        b"9" * MIB,
        b"[" + b"1," * (MIB // 2 - 1),
        b'["' + b"\\" * (MIB - 2),
        b'{"a":{"a":[' * (MIB // 11),
        b"-" * MIB,
        b" " * MIB,
    ],
    ids=lambda data: data[:6].decode(),
)
def test_a_bomb_of_a_mebibyte_is_cheap(data: bytes) -> None:
    start = time.process_time()
    with pytest.raises(HumaError):
        parse_json(data, MIB)
    assert time.process_time() - start < 2


def test_the_size_is_judged_first() -> None:
    with pytest.raises(HumaError) as caught:
        parse_json(b"\xff" * 11, 10)
    assert caught.value.code == "too-large"


@pytest.mark.parametrize("value", [None, 1.5, "", "\x00", "\u2028", "\ud800", [], {}, 1, True, "x" * 11])
def test_a_text_is_a_text(value: Any) -> None:
    with pytest.raises(MalformedError):
        Members({"a": value}, "it").text("a", 10)


@pytest.mark.parametrize("value", [None, "1", 1.0, True, False, [], -1, 11])
def test_an_integer_is_an_integer(value: Any) -> None:
    with pytest.raises(MalformedError):
        Members({"a": value}, "it").integer("a", 0, 10)


def test_a_missing_member_is_refused_by_name() -> None:
    with pytest.raises(MalformedError, match="it has no b"):
        Members({"a": 1}, "it").get("b")


def test_rendering_is_sorted_and_ends_in_a_line_feed() -> None:
    assert render_json({"b": 1, "a": "ه"}) == '{"a":"ه","b":1}\n'.encode()
