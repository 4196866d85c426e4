"""What stands in the documents is what the program does: every option, every code, every state."""

from __future__ import annotations

import re
from pathlib import Path

import typer

from huma.cli.live import live

ROOT = Path(__file__).parents[2]
DOCS = {
    name: (ROOT / "docs" / f"{name}.md").read_text()
    for name in ("reference/live", "reference/json-events", "reference/console", "how-to/stores")
}
ALL = "\n".join(DOCS.values())
SOURCES = [*(ROOT / "src/huma/broadcast").glob("*.py"), *(ROOT / "src/huma/store").glob("*.py"), *(ROOT / "src/huma/cli").glob("live*.py"),
           ROOT / "src/huma/net/server.py"]  # fmt: skip


def test_every_option_is_described() -> None:
    app = typer.Typer(add_completion=False)
    app.command()(live)
    options = [
        name for each in typer.main.get_command(app).params for name in each.opts if name.startswith("--")
    ]
    assert len(options) > 12
    assert [name for name in options if f"`{name}" not in DOCS["reference/live"]] == []


def test_every_code_is_described() -> None:
    codes = set()
    for source in SOURCES:
        text = source.read_text()
        codes |= set(re.findall(r'\bcode ?= ?"([a-z-]+)"', text)) | set(
            re.findall(r'\("(store-[a-z-]+)"', text)
        )
    assert len(codes) > 25
    assert sorted(code for code in codes if f"`{code}`" not in ALL) == []


def test_every_state_is_described() -> None:
    states = set()
    for source in SOURCES:
        states |= set(re.findall(r'"state",\s*state="([a-z-]+)"', source.read_text()))
    assert len(states) >= 6
    assert sorted(state for state in states if f"`{state}`" not in DOCS["reference/json-events"]) == []


def test_every_member_of_a_tick_is_described() -> None:
    text = (ROOT / "src/huma/cli/livestatus.py").read_text()
    body = text[text.index('"tick",\n') :]
    members = re.findall(r"^\s+([a-z_]+)=", body[: body.index(")\n\n")], re.MULTILINE)
    assert len(members) >= 8
    assert sorted(name for name in members if f"`{name}`" not in DOCS["reference/json-events"]) == []
