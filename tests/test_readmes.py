"""README.md and README.fa.md say the same: the same parts, the same commands, the same figures."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENGLISH = (ROOT / "README.md").read_text()
FARSI = (ROOT / "README.fa.md").read_text()


def section(text: str, number: int) -> str:
    return re.split(r"^## ", text, flags=re.MULTILINE)[number]


def figures(text: str) -> list[float]:
    """Every number in a table, whichever digits it is written in."""
    rows = [line for line in text.splitlines() if line.startswith("|")]
    plain = "".join(str(unicodedata.digit(each, each)) for each in "\n".join(rows)).replace("٫", ".")
    return sorted(float(each) for each in re.findall(r"[0-9]+(?:\.[0-9]+)?", plain))


def test_they_have_the_same_parts() -> None:
    assert len(re.findall(r"^## ", ENGLISH, re.MULTILINE)) == len(re.findall(r"^## ", FARSI, re.MULTILINE))


def test_they_show_the_same_commands() -> None:
    blocks = re.compile(r"```\n(.*?)```", re.DOTALL)
    assert blocks.findall(ENGLISH) == blocks.findall(FARSI)


def test_they_give_the_same_figures() -> None:
    measured = [
        n for n, part in enumerate(re.split(r"^## ", ENGLISH, flags=re.MULTILINE)) if "`make bench`" in part
    ]
    assert len(measured) == 1
    assert figures(section(ENGLISH, measured[0])) == figures(section(FARSI, measured[0]))
    assert len(figures(section(ENGLISH, measured[0]))) > 10


def test_they_lead_to_the_same_pages() -> None:
    links = re.compile(r"\]\(((?!README)[^)]+)\)")
    assert set(links.findall(ENGLISH)) == set(links.findall(FARSI)) | {"https://theupdateframework.io/"}
    for link in {*links.findall(ENGLISH), *links.findall(FARSI)}:
        assert link.startswith("https://") or (ROOT / link).exists(), link
