from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huma.errors import TransportError
from huma.net.rtmp.amf0 import Value, render_values
from huma.net.rtmp.description import parse_description
from huma.net.rtmp.limits import LIMITS
from huma.net.rtmp.messages import DATA, DATA_AMF3, Message

MEMBERS: dict[str, Value] = {
    "videocodecid": 7,
    "framerate": 29.97,
    "width": 1280,
    "height": 720,
    "encoder": "x",
}
ON_META_DATA = render_values("onMetaData", MEMBERS)


@pytest.mark.parametrize(
    "message",
    [
        Message(DATA, 1, 0, render_values("@setDataFrame") + ON_META_DATA),
        Message(DATA, 1, 0, ON_META_DATA),
        Message(DATA_AMF3, 1, 0, b"\0" + render_values("@setDataFrame") + ON_META_DATA),
    ],
    ids=["set", "bare", "amf3"],
)
def test_metadata_are_kept_as_they_came(message: Message) -> None:
    told = parse_description(message, LIMITS)
    assert told is not None
    assert told.script == ON_META_DATA
    assert (told.has_picture, told.has_sound) == (True, False)
    assert (told.frame_rate, told.width, told.height) == (29.97, 1280, 720)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1.0, 1e300, "30", True, None])
def test_a_frame_rate_that_cannot_be_is_not_shown(value: Value) -> None:
    told = parse_description(
        Message(DATA, 1, 0, render_values("onMetaData", {"framerate": value, "width": value})), LIMITS
    )
    assert told is not None
    assert (told.frame_rate, told.width) == (0, 0)


@pytest.mark.parametrize("values", [("onTextData", {}), ("onMetaData",), ("onMetaData", "x"), (), (1.0, {})])
def test_other_data_are_left_alone(values: tuple[Value, ...]) -> None:
    assert parse_description(Message(DATA, 1, 0, render_values(*values)), LIMITS) is None


@given(kind=st.sampled_from([DATA, DATA_AMF3]), payload=st.binary(max_size=200))
def test_any_data_give_a_description_or_our_error(kind: int, payload: bytes) -> None:
    with contextlib.suppress(TransportError):
        parse_description(Message(kind, 1, 0, payload), LIMITS)
