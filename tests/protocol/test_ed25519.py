from __future__ import annotations

import json
from pathlib import Path

import pytest
from vectors.make import ed25519 as maker

from huma.errors import HumaError
from huma.protocol.signature import PublicKey
from huma.protocol.trust.metadata import Head, Role, verify_signed

VECTORS = sorted((Path(__file__).parents[2] / "vectors" / "ed25519").glob("*.json"))


def verify(key: bytes, message: bytes, signature: bytes) -> None:
    head = Head("timestamp", 1, 0, "0" * 64, message, {"a" * 64: signature})
    verify_signed(head, Role(1, {"a" * 64: PublicKey(key)}))


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_vector(path: Path) -> None:
    vector = json.loads(path.read_text())
    key, message, signature = (bytes.fromhex(vector[name]) for name in ("key", "message", "signature"))
    if vector["expect"] == "ok":
        verify(key, message, signature)
    else:
        with pytest.raises(HumaError) as caught:
            verify(key, message, signature)
        assert caught.value.code in {"bad-key", "bad-signature"}


def test_vectors_are_up_to_date() -> None:
    assert {path.name: path.read_bytes() for path in VECTORS} == maker.make()
