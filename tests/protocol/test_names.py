"""Names, moments and ticks."""

from __future__ import annotations

import base64
import hashlib
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.protocol.document_strategies import digests, integers, moments, names_

from huma.errors import DigestError, HumaError, MalformedError
from huma.protocol import clocktext, names
from huma.protocol.grid import Grid
from huma.protocol.words import event_digits, event_words


@given(st.binary(min_size=32, max_size=32))
def test_an_event_id_has_one_spelling(raw: bytes) -> None:
    text = names.render_event_id(raw)
    assert len(text) == 52
    assert names.parse_event_id(text) == raw
    assert text == base64.b32encode(raw).decode().rstrip("=").lower()


@given(st.text(max_size=60))
@example("a" * 51 + "b")
def test_arbitrary_text_is_refused_as_a_name(text: str) -> None:
    for parse in (names.parse_event_id, names.parse_integer, clocktext.parse_ms):
        try:
            parse(text)
        except MalformedError:
            continue
        assert text.isascii()
    with pytest.raises(MalformedError):
        names.parse_media_uri(text, 1)
    assert isinstance(names.is_valid_path(text), bool)


@given(integers)
def test_integers_are_read_back(n: int) -> None:
    assert names.parse_integer(str(n)) == n


@given(digests, st.sampled_from(["m4s", "mp4", "vtt"]), st.integers(0, 3))
def test_media_uris_are_read_back(digest: str, ext: names.MediaExt, up: int) -> None:
    ref = names.MediaRef(digest, ext)
    assert names.parse_media_uri(names.render_media_uri(ref, up), up) == ref
    assert names.is_valid_path(ref.path)


@given(names_, integers, integers)
def test_every_path_that_we_write_is_valid(rendition: str, rank: int, n: int) -> None:
    assert names.is_valid_path(names.live_path(rendition))
    assert names.is_valid_path(names.chapter_path(rendition, rank, n))
    assert names.is_valid_path(names.checkpoint_path(rank))


def test_a_wrong_media_name_cannot_be_made() -> None:
    with pytest.raises(MalformedError):
        names.MediaRef("A" * 64, "m4s")


def test_a_file_is_what_its_name_says() -> None:
    data = b"the speech"
    assert names.verify_digest(data, hashlib.sha256(data).hexdigest()) is data
    with pytest.raises(DigestError):
        names.verify_digest(data + b"!", names.sha256_hex(data))


@given(st.binary(min_size=1, max_size=100), st.integers(min_value=0), st.integers(0, 7))
def test_one_flipped_bit_is_always_another_name(data: bytes, where: int, bit: int) -> None:
    forged = bytearray(data)
    forged[where % len(data)] ^= 1 << bit
    with pytest.raises(DigestError):
        names.verify_digest(bytes(forged), names.sha256_hex(data))


@given(moments)
def test_moments_are_read_back(ms: int) -> None:
    assert clocktext.parse_ms(clocktext.format_ms(ms)) == ms


@pytest.mark.parametrize("ms", [-1, clocktext.MAX_MS + 1, 10**30])
def test_moments_outside_the_calendar_cannot_be_written(ms: int) -> None:
    with pytest.raises(HumaError):
        clocktext.format_ms(ms)


ticks = st.tuples(st.integers(1, 1000), st.integers(1, 1000)).filter(
    lambda tick: 0.2 <= tick[0] / tick[1] <= 10
)


@given(ticks, moments, st.integers(-(10**6), 10**9))
def test_the_start_of_a_tick_is_in_that_tick(tick: tuple[int, int], epoch: int, n: int) -> None:
    grid = Grid(tick, epoch)
    start = grid.start_ms(n)
    assert grid.tick_at(start) == n
    assert grid.tick_at(start - 1) == n - 1
    assert 0 <= epoch + n * Fraction(*tick) * 1000 - start < 1


@given(ticks, moments, moments)
def test_every_moment_is_in_one_tick(tick: tuple[int, int], epoch: int, wall: int) -> None:
    grid = Grid(tick, epoch)
    n = grid.tick_at(wall)
    assert grid.start_ms(n) <= wall < grid.start_ms(n + 1)


@given(ticks, st.integers(0, 10**9))
def test_whole_ticks_within_a_time(tick: tuple[int, int], ms: int) -> None:
    n = Grid(tick, 0).ticks_within(ms)
    assert n * Fraction(*tick) * 1000 <= ms < (n + 1) * Fraction(*tick) * 1000


@given(st.binary(min_size=32, max_size=32))
def test_words_and_digits_are_the_same_128_bits(raw: bytes) -> None:
    from mnemonic import Mnemonic

    event = names.render_event_id(raw)
    assert bytes(Mnemonic("english").to_entropy(" ".join(event_words(event)))) == raw[:16]
    assert int("".join(event_digits(event))).to_bytes(16, "big") == raw[:16]


def test_the_word_list_is_that_of_bip_39() -> None:
    from mnemonic import Mnemonic

    from huma.protocol.wordlist import ENGLISH

    assert list(ENGLISH) == Mnemonic("english").wordlist
