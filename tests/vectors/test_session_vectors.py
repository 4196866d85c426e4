"""Every script of a session is replayed to the letter, and all of them can be made again."""

from __future__ import annotations

import json

import pytest
from tests.simulator.script import replay
from vectors.make.session import FOLDER, scripts

MADE = scripts()


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.glob("*.json")))
def test_script_is_replayed_to_the_letter(name: str) -> None:
    replay(json.loads((FOLDER / name).read_text()))


@pytest.mark.parametrize("name", sorted(MADE))
def test_script_is_what_its_maker_makes(name: str) -> None:
    assert (FOLDER / f"{name}.json").read_bytes() == MADE[name]()


def test_there_is_no_script_without_a_maker() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == set(MADE)
