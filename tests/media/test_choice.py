"""The rules by which an input goes on the air."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huma.media.choice import Choice, choose_input

NOTHING, MAIN, BACKUP = Choice(), Choice("main"), Choice("backup")
HELD = Choice("backup", held=True)


@pytest.mark.parametrize(
    ("before", "main", "backup", "told", "after", "expected"),
    [
        (NOTHING, 0, 0, None, None, NOTHING),
        (NOTHING, 1, 1, None, None, MAIN),
        (NOTHING, 0, 1, None, None, BACKUP),
        (MAIN, 9, 9, None, None, MAIN),
        (MAIN, 0, 9, None, None, BACKUP),
        (MAIN, 0, 0, None, None, MAIN),
        (BACKUP, 999, 1, None, None, BACKUP),
        (BACKUP, 29, 1, None, 30, BACKUP),
        (BACKUP, 30, 1, None, 30, MAIN),
        (MAIN, 30, 30, None, 30, MAIN),
        (HELD, 99, 1, None, 30, HELD),
        (HELD, 99, 0, None, 30, MAIN),
        (HELD, 0, 0, None, 30, BACKUP),
        (MAIN, 9, 9, "backup", 30, HELD),
        (MAIN, 9, 0, "backup", 30, MAIN),
        (HELD, 9, 9, "main", None, Choice("main", held=True)),
    ],
)
def test_the_table(  # noqa: PLR0917 - the columns of the table
    before: Choice, main: int, backup: int, told: str | None, after: int | None, expected: Choice
) -> None:
    assert choose_input(before, {"main": main, "backup": backup}, told, after) == expected


@given(
    before=st.builds(Choice, st.sampled_from([None, "a", "b", "c"]), st.booleans()),
    well=st.fixed_dictionaries({name: st.integers(0, 5) for name in "abc"}),
    told=st.sampled_from([None, "a", "b", "c", "z"]),
    after=st.none() | st.integers(1, 5),
)
def test_one_that_is_well_is_never_passed_over_for_one_that_is_not(
    before: Choice, well: dict[str, int], told: str | None, after: int | None
) -> None:
    after_it = choose_input(before, well, told, after)
    if any(well.values()):
        assert after_it.on_air is not None
        assert well[after_it.on_air]
    else:
        assert after_it == Choice(before.on_air)
    if told is None and before.held and before.on_air is not None and well[before.on_air]:
        assert after_it == before
