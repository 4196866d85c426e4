"""Every vector of the documents ends as it says, and all of them can be made again."""

from __future__ import annotations

import pytest
from tests.vectors.document_judges import FOLDER, JUDGES, load
from vectors.make import documents

from huma.errors import HumaError

CASES = [(noun, path.name) for noun in JUDGES for path in sorted((FOLDER / noun).glob("*.json"))]


@pytest.mark.parametrize(("noun", "name"), CASES, ids=[f"{noun}/{name}" for noun, name in CASES])
def test_vector_ends_as_it_says(noun: str, name: str) -> None:
    vector = load(noun, name)
    assert vector["why"]
    if vector["expect"] == "ok":
        JUDGES[noun](vector)
        return
    with pytest.raises(HumaError) as caught:
        JUDGES[noun](vector)
    assert caught.value.code == vector["expect"]


@pytest.mark.parametrize("noun", documents.NOUNS)
def test_vectors_are_what_their_maker_makes(noun: str) -> None:
    on_disk = {path.name: path.read_bytes() for path in (FOLDER / noun).iterdir()}
    assert on_disk == documents.files(noun)


def test_every_noun_is_judged() -> None:
    assert set(JUDGES) == set(documents.NOUNS)


def test_there_are_many_that_must_fail() -> None:
    refused = [(noun, name) for noun, name in CASES if load(noun, name)["expect"] != "ok"]
    assert len(refused) >= 50
    for noun in ("playlist", "chapter", "event", "roster", "steering", "link", "names", "publickey"):
        assert sum(1 for each, _ in refused if each == noun) >= 5, noun
