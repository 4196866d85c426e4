from __future__ import annotations

from pathlib import Path

from huma.check.table import CHECKS

DOCS = Path(__file__).parents[2] / "docs"


def test_the_table_of_checks_is_that_of_the_code() -> None:
    rows = "".join(f"| `{check.id}` | {check.what} | {check.how} |\n" for check in CHECKS)
    text = (DOCS / "reference/check.md").read_text()
    assert text.endswith(rows), f"the table should be:\n{rows}"
