from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huma.errors import TransportError
from huma.net.rtmp import refusals
from huma.net.rtmp.amf0 import Value, parse_values, render_values
from huma.net.rtmp.chunks import ChunkReader
from huma.net.rtmp.description import Description
from huma.net.rtmp.handshake import RANDOM_BYTES
from huma.net.rtmp.limits import LIMITS, Limits
from huma.net.rtmp.messages import (
    ACKNOWLEDGEMENT,
    AGGREGATE,
    AUDIO,
    COMMAND,
    COMMAND_AMF3,
    DATA,
    PING,
    USER_CONTROL,
    VIDEO,
    WINDOW_SIZE,
    Message,
    control,
    render_message,
    user_control,
)
from huma.net.rtmp.refusals import Refusal
from huma.net.rtmp.session import Act, Began, Left, Refused, Reply, Session
from huma.net.rtmp.tags import Tag
from tests.net.rtmp.cutting import cut, cuts
from tests.net.rtmp.encoder import KEY_FRAME, PICTURE_HEADER, SOUND_HEADER

KEY = "the-right-key"
GREETING = b"\3" + bytes(1536) + bytes(1536)


class Porter:
    """Knows one key."""

    def __init__(self) -> None:
        self.shown: list[str] = []

    def admit(self, key: str) -> Refusal | None:
        self.shown.append(key)
        return None if key == KEY else refusals.WRONG_KEY


def say(*values: Value, kind: int = COMMAND) -> bytes:
    payload = (b"\0" if kind == COMMAND_AMF3 else b"") + render_values(*values)
    return render_message(Message(kind, 0, 0, payload), 3, 128)


def tag(kind: int, timestamp: int, payload: bytes) -> bytes:
    return render_message(Message(kind, 1, timestamp, payload), 6, 128)


CONNECT = say("connect", 1, {"app": "live"})
PUBLISH = say("publish", 5, None, KEY, "live")
MEDIA = (
    tag(VIDEO, 0, PICTURE_HEADER)
    + tag(AUDIO, 0, SOUND_HEADER)
    + say("@setDataFrame", "onMetaData", {"framerate": 25}, kind=DATA)
    + tag(VIDEO, 40, KEY_FRAME)
)
ALL = GREETING + CONNECT + say("createStream", 4, None) + PUBLISH + MEDIA + say("deleteStream", 6, None, 1)


def run(pieces: Sequence[bytes], limits: Limits = LIMITS) -> tuple[list[Act], str]:
    """Everything that was done, and the code of the error at its end."""
    session, acts = Session(Porter(), limits, bytes(RANDOM_BYTES)), []
    try:
        for piece in pieces:
            for act in session.receive(piece):
                acts.append(act)  # noqa: PERF402 - those before an error count
            if session.over:
                break
    except TransportError as error:
        return acts, error.code
    return acts, ""


def replies(acts: Sequence[Act], *, greeted: bool = True) -> list[Message]:
    said = b"".join(act.data for act in acts if isinstance(act, Reply))
    return list(ChunkReader(LIMITS, 100_000).feed(said[3073:] if greeted else said))


def told(acts: Sequence[Act]) -> list[list[Value]]:
    return [parse_values(each.payload, LIMITS) for each in replies(acts) if each.kind == COMMAND]


def code_of(values: list[Value]) -> Value:
    status = values[3]
    return status["code"] if isinstance(status, dict) else None


def test_a_whole_stream_from_hello_to_good_bye() -> None:
    acts, code = run([ALL])
    assert code == ""
    media = [act for act in acts if not isinstance(act, Reply)]
    assert [type(act) for act in media] == [Began, Tag, Tag, Description, Tag, Left]
    assert [(act.role, act.timestamp) for act in media if isinstance(act, Tag)] == [
        ("header", 0),
        ("header", 0),
        ("key", 40),
    ]
    assert [(values[0], code_of(values)) for values in told(acts)] == [
        ("_result", "NetConnection.Connect.Success"),
        ("_result", None),
        ("onStatus", "NetStream.Publish.Start"),
        ("onStatus", "NetStream.Unpublish.Success"),
    ]


@given(places=cuts)
def test_it_does_not_matter_how_the_bytes_are_cut(places: list[int]) -> None:
    assert run(cut(ALL, places)) == run([ALL])


def test_amf3_commands_are_heard_as_well() -> None:
    connect = say("connect", 1, {"app": "live"}, kind=COMMAND_AMF3)
    acts, _ = run([GREETING + connect + say("publish", 5, None, KEY, kind=COMMAND_AMF3)])
    assert Began() in acts


@pytest.mark.parametrize(
    ("conversation", "refusal", "method"),
    [
        (say("connect", 1, {"app": "vod"}), refusals.WRONG_APPLICATION, "_error"),
        (say("connect", 1, None), refusals.WRONG_APPLICATION, "_error"),
        (say("connect", 1, {"app": "live/" + KEY}), refusals.WRONG_APPLICATION, "_error"),
        (CONNECT + say("publish", 5, None, "guess"), refusals.WRONG_KEY, "onStatus"),
        (CONNECT + say("publish", 5, None, ""), refusals.MISSING_KEY, "onStatus"),
        (CONNECT + say("publish", 5, None), refusals.MISSING_KEY, "onStatus"),
        (CONNECT + say("publish", 5, None, 7), refusals.MISSING_KEY, "onStatus"),
        (CONNECT + say("play", 5, None, KEY), refusals.PLAY, "onStatus"),
    ],
)
def test_who_is_refused_is_told_why_and_not_what_he_said(
    conversation: bytes, refusal: Refusal, method: str
) -> None:
    acts, code = run([GREETING + conversation + PUBLISH + MEDIA])
    assert code == ""
    assert acts[-1] == Refused(refusal)
    last = told(acts)[-1]
    assert (last[0], code_of(last)) == (method, refusal.status)
    assert not any(word in str(last) for word in (KEY, "guess"))


def test_other_codecs_end_it_with_what_to_set() -> None:
    acts, _ = run([GREETING + CONNECT + PUBLISH + tag(VIDEO, 0, b"\x90hvc1\1")])
    refused = acts[-1]
    assert isinstance(refused, Refused)
    assert refused.refusal.reason == "codec"
    assert "HEVC" in refused.refusal.words
    assert "H.264" in refused.refusal.words


@pytest.mark.parametrize(
    ("conversation", "code"),
    [
        (PUBLISH, "rtmp-malformed"),
        (CONNECT + CONNECT, "rtmp-malformed"),
        (CONNECT + PUBLISH + PUBLISH, "rtmp-malformed"),
        (CONNECT + PUBLISH + tag(AGGREGATE, 0, b"a"), "rtmp-malformed"),
        (say(1, 1), "rtmp-malformed"),
        (say("connect"), "rtmp-malformed"),
        (say("connect", True), "rtmp-malformed"),
        (say("connect", "1"), "rtmp-malformed"),
        (render_message(Message(COMMAND_AMF3, 0, 0, b"\x11"), 3, 128), "rtmp-malformed"),
        (CONNECT + tag(VIDEO, 0, KEY_FRAME), "rtmp-too-large"),
        (CONNECT + say("getStreamLength", 2, None) * 100, "rtmp-too-large"),
        (CONNECT + say("x", 2, "y" * 9_000), "rtmp-too-large"),
    ],
)
def test_who_does_not_keep_to_the_rules_is_cut(conversation: bytes, code: str) -> None:
    assert run([GREETING + conversation])[1] == code


def test_a_stranger_may_not_go_on_for_ever() -> None:
    waiting = [render_message(Message(99, 0, 0, bytes(4_000)), 3, 128)] * 5
    assert run([GREETING, *waiting])[1] == "rtmp-too-large"
    assert run([GREETING + CONNECT + PUBLISH, *waiting])[1] == ""


def test_the_calls_that_encoders_make_are_answered() -> None:
    calls = [
        say("releaseStream", 2, None, KEY),
        say("FCPublish", 3, None, KEY),
        say("getStreamLength", 4, None, KEY),
        say("createStream", 5, None),
        say("FCUnpublish", 6, None, KEY),
        say("_checkbw", 7, None),
    ]
    acts, code = run([GREETING + CONNECT + b"".join(calls)])
    assert code == ""
    assert [(each[0], each[1]) for each in told(acts)[1:]] == [
        ("_result", 2),
        ("onFCPublish", 0),
        ("_result", 4),
        ("_result", 5),
        ("onFCUnpublish", 0),
    ]


def test_pings_are_answered() -> None:
    acts, _ = run([GREETING + CONNECT + user_control(PING, 77)])
    assert Message(USER_CONTROL, 0, 0, bytes([0, 7, 0, 0, 0, 77])) in replies(acts)


def test_what_was_received_is_acknowledged() -> None:
    window = control(WINDOW_SIZE, 100_000)
    pictures = b"".join(tag(VIDEO, step, KEY_FRAME + bytes(1000)) for step in range(200))
    acts, _ = run([GREETING + CONNECT + PUBLISH + window, *cut(pictures, range(0, len(pictures), 4_000))])
    numbers = [int.from_bytes(each.payload, "big") for each in replies(acts) if each.kind == ACKNOWLEDGEMENT]
    assert len(numbers) >= 3
    assert numbers == sorted(numbers)
    assert all(after - before >= 50_000 for before, after in pairwise(numbers))


@given(
    rest=st.lists(
        st.one_of(
            st.sampled_from([CONNECT, PUBLISH, MEDIA, say("deleteStream", 6, None), control(WINDOW_SIZE, 0)]),
            st.binary(max_size=80),
            st.builds(
                lambda kind, payload: render_message(Message(kind, 1, 0, payload), 5, 128),
                st.integers(0, 30),
                st.binary(max_size=300),
            ),
        ),
        max_size=8,
    ),
    places=cuts,
)
def test_any_conversation_ends_in_acts_or_our_error(rest: list[bytes], places: list[int]) -> None:
    whole = GREETING + b"".join(rest)
    assert run(cut(whole, places)) == run([whole])
