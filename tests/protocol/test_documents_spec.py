"""spec/documents.md against the code: its rules are numbered without a gap, and its table has every code."""

from __future__ import annotations

import json
import re
from pathlib import Path

from vectors.make.documents import NOUNS

ROOT = Path(__file__).parents[2]
SPEC = (ROOT / "spec/documents.md").read_text()
RULES = [int(number) for number in re.findall(r"^- \*\*D(\d+)\.\*\*", SPEC, re.MULTILINE)]
CODES = set(re.findall(r"^\| `([a-z0-9-]+)` \| (?:them|you)", SPEC, re.MULTILINE))
MODULES = [
    "chapter",
    "checkpoint",
    "clocktext",
    "event",
    "grid",
    "header",
    "hosts",
    "link",
    "multivariant",
    "names",
    "playlist",
    "revocation",
    "roster",
    "segments",
    "signature",
    "signedtext",
    "steering",
    "strictjson",
    "words",
]


def sources() -> list[str]:
    python = [ROOT / f"src/huma/protocol/{module}.py" for module in MODULES]
    typescript = [ROOT / f"web/src/protocol/{module}.ts" for module in MODULES]
    return [path.read_text() for path in (*python, *typescript) if path.exists()]


def test_the_rules_are_numbered_without_a_gap() -> None:
    assert list(range(1, len(RULES) + 1)) == RULES


def test_every_rule_that_code_cites_exists() -> None:
    cited = {int(number) for text in sources() for number in re.findall(r"\bD(\d{1,2})\b", text)}
    assert cited
    assert cited <= set(RULES)


def test_every_code_that_is_raised_stands_in_the_table() -> None:
    raised = {code for text in sources() for code in re.findall(r'code="([a-z0-9-]+)"', text)}
    raised |= {code for text in sources() for code in re.findall(r"new HumaError\('([a-z0-9-]+)'", text)}
    assert len(raised) > 10
    assert raised | {"malformed", "bad-signature", "digest-mismatch"} == CODES


def test_every_code_of_a_vector_stands_in_the_table() -> None:
    expected = {
        json.loads(path.read_bytes())["expect"]
        for noun in NOUNS
        for path in (ROOT / "vectors" / noun).glob("*.json")
    }
    assert expected - {"ok"} == CODES - {"no-ladder"}
