"""An event id as people compare it: twelve words, or the same bits as digits (spec/documents.md, D4, D5)."""

from __future__ import annotations

import hashlib
from typing import Final

from huma.protocol.names import parse_event_id
from huma.protocol.wordlist import ENGLISH

WORDS: Final = 12
DIGITS: Final = 39
_COMPARED_BYTES: Final = 16
_BITS_A_WORD: Final = 11
_CHECKSUM_BITS: Final = 4


def event_words(event_id: str) -> tuple[str, ...]:
    """The first 128 bits of the event id as 12 words of BIP-39; the last word carries a checksum."""
    compared = parse_event_id(event_id)[:_COMPARED_BYTES]
    checksum = hashlib.sha256(compared).digest()[0] >> (8 - _CHECKSUM_BITS)
    bits = int.from_bytes(compared, "big") << _CHECKSUM_BITS | checksum
    shifts = range((WORDS - 1) * _BITS_A_WORD, -1, -_BITS_A_WORD)
    return tuple(ENGLISH[bits >> shift & 2**_BITS_A_WORD - 1] for shift in shifts)


def event_digits(event_id: str) -> tuple[str, ...]:
    """The same 128 bits as one decimal number of 39 digits, in 13 groups of 3. A page shows them in its own digits."""
    number = int.from_bytes(parse_event_id(event_id)[:_COMPARED_BYTES], "big")
    digits = f"{number:0{DIGITS}d}"
    return tuple(digits[at : at + 3] for at in range(0, DIGITS, 3))
