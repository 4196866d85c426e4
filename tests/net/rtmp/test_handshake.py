from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huma.errors import BugError, TransportError
from huma.net.rtmp.handshake import Handshake
from tests.net.rtmp.cutting import cut, cuts

RANDOM = bytes(range(191)) * 8
HELLO = b"\3" + b"\0\0\0\1\x80\0\7\2" + b"client" * 254 + b"...."
DATA = HELLO + bytes(1536) + b"first chunk"


def talk(pieces: list[bytes]) -> tuple[bytes, bytes]:
    handshake = Handshake(RANDOM)
    replies, rests = zip(*map(handshake.feed, pieces), strict=True)
    assert handshake.done
    return b"".join(replies), b"".join(rests)


@given(places=cuts)
def test_the_client_hears_its_own_greeting_and_nothing_behind_it_is_lost(places: list[int]) -> None:
    reply, rest = talk(cut(DATA, places))
    assert reply == b"\3" + bytes(8) + RANDOM + HELLO[1:]
    assert rest == b"first chunk"


def test_nothing_is_said_before_the_client_has_said_all() -> None:
    handshake = Handshake(RANDOM)
    assert handshake.feed(HELLO[:-1]) == (b"", b"")
    assert handshake.feed(HELLO[-1:])[0]
    assert not handshake.done


@pytest.mark.parametrize("data", [b"GET / HTTP/1.1\r\n", b"\x16\x03\x01\x02\0\1", b"\6", b"SSH-2.0-x"])
def test_other_protocols_are_known_by_their_first_byte(data: bytes) -> None:
    with pytest.raises(TransportError, match="not RTMP"):
        Handshake(RANDOM).feed(data)


@given(data=st.binary(max_size=4000), places=cuts)
def test_any_bytes_give_an_answer_or_our_error(data: bytes, places: list[int]) -> None:
    handshake = Handshake(RANDOM)
    with contextlib.suppress(TransportError):
        for piece in cut(data, places):
            handshake.feed(piece)


def test_too_little_randomness_is_our_own_mistake() -> None:
    with pytest.raises(BugError):
        Handshake(b"4")
