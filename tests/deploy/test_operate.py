"""docs/how-to/operate.md: what it tells people to type is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from huma.check.table import CHECKS
from huma.cli.app import COMMANDS
from tests.cli.running import options_of
from tests.deploy.sandbox import directives

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/how-to/operate.md").read_text()
UNIT = (ROOT / "deploy/systemd/huma-live@.service").read_text()


def commands() -> list[tuple[str, set[str]]]:
    """Every huma command of the page, with the options behind it."""
    found = re.findall(
        r"(?:as_huma|\bhuma) (live|desk|new|check|link|status|backup|restore)\b([^`\n]*)", TEXT
    )
    return [(name, set(re.findall(r"--[a-z-]+", rest.split(" #")[0]))) for name, rest in found]


def test_every_option_is_one_of_ours() -> None:
    used: dict[str, set[str]] = {}
    for name, words in commands():
        used.setdefault(name, set()).update(words)
    assert (
        {"live", "check", "backup", "restore", "status", "link"}
        <= set(used)
        <= {each.name for each in COMMANDS}
    )
    for name, words in used.items():
        assert words <= options_of(name), name


def test_every_row_of_check_is_one_of_ours() -> None:
    known = {check.id for check in CHECKS}
    used = set(re.findall(r"--only ([a-z-]+)", TEXT))
    assert used
    assert used <= known


def test_every_number_that_is_watched_is_told() -> None:
    told = set(re.findall(r'"(huma_[a-z_]+)"', (ROOT / "src/huma/console/metrics.py").read_text()))
    watched = set(re.findall(r"\b(huma_(?!live|desk)[a-z_]+)\b", TEXT.split("## What to watch")[1]))
    assert len(watched) > 7
    assert {name.removesuffix("_total") for name in watched} <= told


def test_the_unit_and_the_page_mean_the_same_places() -> None:
    found = directives(UNIT)
    assert found["User"] == ["huma"]
    for place in ("/var/lib/huma/events", "/etc/huma", "/opt/huma", "/srv/huma"):
        assert place in TEXT
        assert place in UNIT
    assert "systemctl kill --signal=SIGTERM --kill-whom=main huma-live@NAME" in TEXT
    assert "systemctl kill --signal=SIGTERM --kill-whom=main huma-live@NAME" in UNIT
    (never,) = found["RestartPreventExitStatus"]
    *first, last = never.split()
    assert f"ended with {', '.join(first)} or {last}" in TEXT


@pytest.mark.parametrize("page", ["operate.md", "container.md"])
def test_every_link_leads_somewhere(page: str) -> None:
    text = (ROOT / "docs/how-to" / page).read_text()
    for link in re.findall(r"\]\(([^)]+)\)", text):
        path, _, part = link.partition("#")
        target = (ROOT / "docs/how-to" / path) if path else ROOT / "docs/how-to" / page
        assert target.is_file(), link
        headings = re.findall(r"^#+ (.*)$", target.read_text(), re.MULTILINE)
        assert not part or part in {anchor(heading) for heading in headings}, link


def anchor(heading: str) -> str:
    """The name that a heading gets on a page."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
