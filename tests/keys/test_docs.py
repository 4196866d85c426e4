"""What people must know stands in the reference: every member of event.toml, every key, every variable."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from huma.cli.desk import desk
from huma.cli.output import DEGRADED, FAILED, INTERRUPTED, OFF_AIR, OK, REFUSED, USAGE
from huma.cli.passphrases import ALL, variable_of
from huma.errors import HumaError
from huma.keys.eventdir import EventDir
from huma.keys.eventtoml import _KNOWN, parse_config
from huma.keys.ladder import AudioRung, VideoRung
from huma.keys.template import render_config

DOCS = Path(__file__).parents[2] / "docs"
EVENT_TOML = (DOCS / "reference/event-toml.md").read_text()
KEYS = (DOCS / "how-to/keys.md").read_text()


def section(text: str, title: str) -> str:
    return re.split(r"^## ", text.split(f"## {title}\n", 1)[1], flags=re.MULTILINE)[0]


@pytest.mark.parametrize(
    ("title", "members"),
    [
        ("All members", sorted(_KNOWN)),
        ("`video`", [field.name for field in fields(VideoRung)]),
        ("`audio`", [field.name for field in fields(AudioRung)]),
        ("`mirrors`", ["id", "url", "operator", "class", "tier", "addresses", "spki"]),
    ],
)
def test_every_member_of_event_toml_is_explained(title: str, members: list[str]) -> None:
    rows = [line.split("|")[1] for line in section(EVENT_TOML, title).splitlines() if line.startswith("| `")]
    explained = {name for row in rows for name in re.findall(r"`([a-z_]+)`", row)}
    assert explained == set(members)


def test_every_rendition_of_the_default_ladders_is_listed(solo: EventDir) -> None:
    listed = section(EVENT_TOML, "The ladders of `huma new`")
    for rendition in solo.event.renditions:
        assert f"`{rendition.name}`" in listed


def test_every_key_file_is_listed(held: EventDir) -> None:
    table = section(KEYS, "What `huma new` makes")
    for file in held.keys.glob("*.pem"):
        name = re.sub(r"(root|targets)-\d", r"\1-1", file.stem)
        assert f"`{name}`" in table or name == "targets-1", name


def test_every_variable_and_option_of_a_bad_day_is_named() -> None:
    for variable in (ALL, variable_of("1"), variable_of("safe")):
        assert f"`{variable}`" in KEYS
    for name in desk.__annotations__:
        if name in ("pair", "resume", "sign_event", "revoke", "release_root", "add_live_key"):
            assert f"--{name.replace('_', '-')}" in KEYS


def test_exit_codes_are_those_of_the_code() -> None:
    table = (DOCS / "reference/exit-codes.md").read_text()
    listed = {int(code) for code in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)}
    used = {error.exit_code for error in everything_below(HumaError)}
    assert listed == {OK, FAILED, USAGE, DEGRADED, OFF_AIR, REFUSED, INTERRUPTED}
    assert used <= listed


def everything_below(kind: type[HumaError]) -> set[type[HumaError]]:
    return {kind}.union(*(everything_below(each) for each in kind.__subclasses__()))


def test_the_template_names_only_what_is_known(solo: EventDir) -> None:
    """Its commented examples, too: a person who takes away the # gets a file that is read."""
    text = render_config(solo.config).decode()
    examples = re.sub(
        r"^# (\[\[|at =|text =|id =|url =|operator =|class =|tier =|page =)", r"\1", text, flags=re.MULTILINE
    )
    found = parse_config(examples.encode())
    assert [mirror.id for mirror in found.mirrors] == ["m1"]
    assert len(found.schedule) == 1
    assert found.page == "https://event.example/"
