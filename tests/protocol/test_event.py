"""event.json: what is written is read back, and nothing else gets through."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.protocol.document_strategies import events, json_values
from vectors.make import kit

from huma.config import TARGET_MAX_BYTES
from huma.errors import HumaError, MalformedError
from huma.protocol.event import Event, parse_event, render_event
from huma.protocol.strictjson import render_json


@given(events())
def test_what_is_rendered_is_read_back(event: Event) -> None:
    assert parse_event(render_event(event)) == event


@given(st.binary(max_size=300))
@example(b"")
@example(kit.EVENT_TEXT.encode()[:-2])
def test_arbitrary_bytes_end_in_our_errors(data: bytes) -> None:
    with pytest.raises(HumaError):
        parse_event(data)


@given(st.sampled_from(sorted(json.loads(kit.EVENT_TEXT))), json_values)
def test_any_member_may_hold_anything(name: str, value: object) -> None:
    members = json.loads(kit.EVENT_TEXT) | {name: value}
    try:
        event = parse_event(render_json(members))
    except HumaError:
        return
    assert parse_event(render_event(event)) == event


def test_rendering_keeps_farsi_as_letters() -> None:
    assert "یک گردهمایی".encode() in render_event(kit.EVENT)


def test_the_exact_bytes_are_canonical() -> None:
    data = render_event(kit.EVENT)
    assert data.endswith(b"}\n")
    assert b": " not in data
    assert data.startswith(b'{"copy":false,')


def test_a_mebibyte_and_a_byte_is_too_much() -> None:
    with pytest.raises(HumaError) as caught:
        parse_event(kit.EVENT_TEXT.encode().ljust(TARGET_MAX_BYTES + 1))
    assert caught.value.code == "too-large"
    assert parse_event(kit.EVENT_TEXT.encode().ljust(TARGET_MAX_BYTES)) == kit.EVENT


@pytest.mark.parametrize(
    "event",
    [
        replace(kit.EVENT, end_ms=kit.EVENT.start_ms),
        replace(kit.EVENT, renditions=()),
        replace(kit.EVENT, live_keys=()),
        replace(kit.EVENT, title={}),
        replace(kit.EVENT, title={"en": ""}),
        replace(kit.EVENT, tick=(0, 1)),
        replace(kit.EVENT, copy=True),
        replace(kit.EVENT, epoch_ms=-1),
    ],
)
def test_what_cannot_be_read_is_not_written(event: Event) -> None:
    with pytest.raises(MalformedError):
        render_event(event)


def test_keys_and_renditions_are_found_by_name() -> None:
    assert kit.EVENT.live_key(kit.B.public.keyid) == kit.live_key(kit.B, 2)
    assert kit.EVENT.live_key("0" * 16) is None
    found = kit.EVENT.rendition("n-fa")
    assert found is not None
    assert found.duration(kit.EVENT) == 4 * kit.TICK
    assert found.duration(kit.COPY_EVENT) is None
    assert [each.name for each in kit.EVENT.ladder(4)] == ["n-fa"]
