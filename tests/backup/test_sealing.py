from __future__ import annotations

import io

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from huma.backup.sealing import HEADER_BYTES, MAGIC, PIECE_BYTES, TAG_BYTES, SealedReader, stretch
from huma.errors import KeyStoreError
from tests.backup.packing import SALT, WORDS, quick, sealed

BLOCK = PIECE_BYTES + TAG_BYTES
PLAIN = bytes(n % 251 for n in range(2 * PIECE_BYTES + 1000))
SEALED = sealed(PLAIN)


def opened(data: bytes, size: int = len(PLAIN), passphrase: str = WORDS) -> bytes:
    reader = SealedReader(io.BytesIO(data), lambda salt: quick(passphrase, salt))
    plain = reader.read(size)
    reader.finish()
    return plain


def refused(data: bytes, size: int = len(PLAIN)) -> KeyStoreError:
    with pytest.raises(KeyStoreError) as caught:
        opened(data, size)
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize("size", [1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 2 * PIECE_BYTES, 132_000])
def test_what_was_sealed_opens_whatever_its_size(size: int) -> None:
    data = sealed(PLAIN[:size])
    assert opened(data, size) == PLAIN[:size]
    assert len(data) == HEADER_BYTES + size + TAG_BYTES * -(-size // PIECE_BYTES)


@given(st.lists(st.binary(max_size=100_000), min_size=1, max_size=4).filter(any))
def test_it_does_not_matter_how_it_was_written(pieces: list[bytes]) -> None:
    assert sealed(*pieces) == sealed(b"".join(pieces))


@settings(max_examples=300)
@given(st.integers(0, len(SEALED) - 1), st.integers(1, 255))
def test_any_flipped_byte_is_refused(at: int, flip: int) -> None:
    spoilt = bytearray(SEALED)
    spoilt[at] ^= flip
    wanted = (
        {"backup-unknown", "backup-version", "backup-passphrase"}
        if at < HEADER_BYTES + BLOCK
        else {"backup-damaged"}
    )
    assert refused(bytes(spoilt)).code in wanted


@settings(max_examples=300)
@given(st.integers(0, len(SEALED) - 1))
def test_any_cut_is_refused(length: int) -> None:
    assert refused(SEALED[:length]).code.startswith("backup-")


@pytest.mark.parametrize("pieces", [1, 2])
def test_a_cut_between_two_pieces_is_told_as_what_it_is(pieces: int) -> None:
    assert "its end is missing" in refused(SEALED[: HEADER_BYTES + pieces * BLOCK]).message


@pytest.mark.parametrize("more", [b"x", b"x" * BLOCK, SEALED[HEADER_BYTES : HEADER_BYTES + BLOCK]])
def test_what_is_added_is_refused(more: bytes) -> None:
    assert refused(SEALED + more).code == "backup-damaged"


def test_pieces_that_change_places_are_refused() -> None:
    first, second = (SEALED[at : at + BLOCK] for at in (HEADER_BYTES, HEADER_BYTES + BLOCK))
    swapped = SEALED[:HEADER_BYTES] + second + first + SEALED[HEADER_BYTES + 2 * BLOCK :]
    assert refused(swapped).code == "backup-passphrase"


def test_a_piece_that_is_left_out_is_refused() -> None:
    assert (
        refused(SEALED[: HEADER_BYTES + BLOCK] + SEALED[HEADER_BYTES + 2 * BLOCK :]).code == "backup-damaged"
    )


def test_reading_too_much_or_too_little_is_refused() -> None:
    assert "less than it says" in refused(SEALED, len(PLAIN) + 1).message
    assert "more than it says" in refused(SEALED, len(PLAIN) - 1).message
    assert "more than it says" in refused(SEALED, PIECE_BYTES).message


def test_empty_pieces_made_by_hand_do_not_go_on_for_ever() -> None:
    key = AESGCM(quick(WORDS, SALT))
    empty = b"".join(key.encrypt(n.to_bytes(11, "big") + b"\0", b"", MAGIC + SALT) for n in range(9000))
    assert refused(MAGIC + SALT + empty, 1).code == "backup-passphrase"


def test_another_passphrase_does_not_open_it() -> None:
    with pytest.raises(KeyStoreError) as caught:
        opened(SEALED, passphrase="correct horse batterz")
    assert caught.value.code == "backup-passphrase"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "backup-unknown"),
        (b"PK\x03\x04" * 100, "backup-unknown"),
        (b"huma-backup 2\n" + b"x" * 100, "backup-version"),
        (MAGIC, "backup-damaged"),
        (MAGIC + SALT, "backup-passphrase"),
    ],
)
def test_other_files_are_told_as_what_they_are(data: bytes, code: str) -> None:
    assert refused(data).code == code


def test_the_key_is_that_of_rfc_7914_with_the_stated_cost() -> None:
    """Written down once: whoever changes it makes old back-ups unreadable."""
    assert stretch(WORDS, SALT).hex() == "aff2f7e8dc8c4c07b101996c1d01817a0f7814ce7a11d3b8a0c4c93800ab17e5"
    assert stretch(WORDS, SALT[::-1]).hex() != stretch(WORDS, SALT).hex()


def test_a_short_passphrase_is_refused() -> None:
    with pytest.raises(KeyStoreError) as caught:
        stretch("1234567", SALT)
    assert caught.value.code == "passphrase-short"


def test_a_passphrase_in_a_terminals_odd_bytes_is_taken() -> None:
    assert stretch("caf\udce9 caf\udce9 caf\udce9", SALT)
