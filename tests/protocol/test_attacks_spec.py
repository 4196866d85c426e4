"""The list of attacks names tests: each of them must exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_named_test_and_vector_exists() -> None:
    named = re.findall(r"`((?:tests|vectors|web)/[^`]+)`", (ROOT / "spec" / "attacks.md").read_text("utf-8"))
    assert len(named) > 30
    assert [path for path in named if not (ROOT / path).exists()] == []
