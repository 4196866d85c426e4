"""Keys and signatures: our own laws, and the edge cases that others collected."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vectors.make import kit

from huma.errors import BugError, HumaError, MalformedError, SignatureError
from huma.protocol.curve import ORDER, P, is_sound_point
from huma.protocol.signature import (
    Ed25519Signer,
    PublicKey,
    parse_signature,
    render_signature,
    sign,
    verify,
    verify_bytes,
)

DATA = Path(os.environ.get("HUMA_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))
ABSENT = f"the collection is not here; HUMA_TEST_DATA names its folder (asked: {DATA.name}/)"
SPECCHECK = DATA / "ed25519-speccheck" / "cases.json"
WYCHEPROOF = DATA / "wycheproof" / "ed25519_test.json"


@given(st.binary(max_size=100), st.sampled_from(["live", "chapter", "checkpoint", "revoke", "packet"]))
def test_what_is_signed_verifies_for_its_purpose_alone(data: bytes, purpose: Any) -> None:
    signature = sign(purpose, data, kit.A)
    assert verify(purpose, data, signature, kit.A.public) is data
    for other in {"live", "chapter", "checkpoint", "revoke", "packet"} - {purpose}:
        with pytest.raises(SignatureError):
            verify(other, data, signature, kit.A.public)  # type: ignore[arg-type]


@given(st.binary(min_size=64, max_size=64))
def test_signatures_are_read_back(raw: bytes) -> None:
    assert parse_signature(render_signature(raw)) == raw


@given(st.text(min_size=80, max_size=90) | st.from_regex(r"[A-Za-z0-9_-]{86}", fullmatch=True))
def test_a_signature_has_one_spelling(text: str) -> None:
    try:
        raw = parse_signature(text)
    except MalformedError:
        return
    assert render_signature(raw) == text


@given(st.binary(max_size=70), st.binary(max_size=70))
def test_arbitrary_keys_and_signatures_end_in_our_errors(key: bytes, signature: bytes) -> None:
    with pytest.raises(HumaError):
        verify("live", b"data", signature, PublicKey(key))


@given(st.binary(min_size=32, max_size=32))
def test_every_honest_key_is_accepted(seed: bytes) -> None:
    public = Ed25519Signer.from_seed(seed).public
    assert PublicKey.from_hex(public.hex) == public


def test_the_points_of_small_order_are_those_that_eight_makes_nothing_of() -> None:
    """The list of small orders against arithmetic: y of order 1, 2, 4 and 8, and no other that we try."""
    for y in (0, 1, P - 1, *range(2, 40), *(P - n for n in range(2, 20))):
        encoded = y.to_bytes(32, "little")
        if _on_curve(y):
            assert is_sound_point(encoded) != _is_small(y)
    for encoded in (kit.A.public.raw, kit.B.public.raw):
        assert not _is_small(int.from_bytes(encoded, "little") % 2**255)
    eight = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
    assert _is_small(eight)
    assert _is_small(P - eight)


_D = -121665 * pow(121666, -1, P) % P


def _on_curve(y: int) -> bool:
    square = (y * y - 1) * pow(_D * y * y + 1, -1, P) % P
    return square == 0 or pow(square, (P - 1) // 2, P) == 1


def _is_small(y: int) -> bool:
    """Double three times by the formula for y alone: (0, 1) must come out."""
    for _ in range(3):
        x2 = (y * y - 1) * pow(_D * y * y + 1, -1, P) % P
        y = (y * y + x2) * pow(1 - _D * x2 * y * y, -1, P) % P
    return y == 1


def test_a_signer_that_answers_nonsense_signs_nothing() -> None:
    class Broken:
        public = kit.A.public

        def sign(self, data: bytes, /) -> bytes:
            return data[:64]

    with pytest.raises(BugError):
        sign("live", b"x" * 100, Broken())


def test_a_key_in_memory_does_not_show_itself() -> None:
    seed = bytes(range(32))
    signer = Ed25519Signer.from_seed(seed)
    assert seed.hex() not in repr(signer)
    assert str(seed) not in repr(signer)


def judge(public: str, message: str, signature: str) -> bool:
    try:
        verify_bytes(bytes.fromhex(message), bytes.fromhex(signature), PublicKey(bytes.fromhex(public)))
    except HumaError:
        return False
    return True


@pytest.mark.skipif(not SPECCHECK.exists(), reason=ABSENT)
def test_the_twelve_edge_cases_of_speccheck() -> None:
    """Small keys (0, 1, 10, 11), small R (2, 8, 9), large S (6, 7), cofactored alone (4, 5): only 3 is a signature."""
    cases = json.loads(SPECCHECK.read_text())
    accepted = [
        n for n, each in enumerate(cases) if judge(each["pub_key"], each["message"], each["signature"])
    ]
    assert len(cases) == 12
    assert accepted == [3]


@pytest.mark.skipif(not WYCHEPROOF.exists(), reason=ABSENT)
def test_all_cases_of_wycheproof() -> None:
    groups = json.loads(WYCHEPROOF.read_text())["testGroups"]
    cases = [(group["publicKey"]["pk"], each) for group in groups for each in group["tests"]]
    wrong = [
        each["tcId"]
        for key, each in cases
        if judge(key, each["msg"], each["sig"]) != (each["result"] == "valid")
    ]
    assert len(cases) > 100
    assert wrong == []


def test_s_just_below_the_order_is_a_matter_of_the_equation() -> None:
    good = sign("live", b"data", kit.A)
    with pytest.raises(SignatureError, match="not signed"):
        verify("live", b"data", good[:32] + (ORDER - 1).to_bytes(32, "little"), kit.A.public)
