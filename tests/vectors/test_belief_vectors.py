"""Every vector of belief ends as it says, and all of them can be made again."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import pytest
from tests.simulator.script import offered_from_json
from vectors.make.belief import FOLDER, files

from huma.protocol.belief import Belief, believe
from huma.protocol.grid import Grid
from huma.protocol.saved import parse_saved

VECTORS = sorted(FOLDER.glob("*.json"))


@pytest.mark.parametrize("name", [path.name for path in VECTORS])
def test_every_verdict_is_the_one_written(name: str) -> None:
    vector = json.loads((FOLDER / name).read_text())
    grid = Grid((vector["tick"][0], vector["tick"][1]), vector["epoch_ms"])
    restored = None if vector["restored"] is None else parse_saved(vector["restored"])
    belief = Belief.begin(vector["event_id"], grid, vector["ticks_per_segment"], restored)
    for step in vector["steps"]:
        belief = _take(belief, step)
    assert belief.rank == vector["rank"]
    assert belief.two_versions == vector["two_versions"]
    assert (None if belief.confirmed is None else belief.confirmed.mono) == vector["confirmed_mono"]
    assert belief.saved().as_dict() == vector["saved"]


def _take(belief: Belief, step: dict[str, Any]) -> Belief:
    if "revoke" in step:
        return belief.revoke(frozenset(step["revoke"]))
    if "woken" in step:
        return belief.woken(step["wall"], step["mono"])
    offered = offered_from_json(step["see"])
    belief, outcome = believe(
        belief, offered, operator=step["operator"], wall=step["wall"], mono=step["mono"]
    )
    assert outcome.verdict == step["verdict"], step
    assert (None if outcome.proof is None else asdict(outcome.proof)) == step.get("proof")
    assert belief.floor(offered.rendition, offered.rank) == step["floor"]
    return belief


def test_vectors_are_what_their_maker_makes() -> None:
    assert {path.name: path.read_bytes() for path in VECTORS} == files()
