"""All rows together: quiet where all is right, each provoked, none asked on broken ground."""

from __future__ import annotations

from huma.check.finding import Level, worst
from huma.check.table import CHECKS
from tests.check import (
    test_event_checks,
    test_key_checks,
    test_mirror_checks,
    test_trust_checks,
    test_world_checks,
)
from tests.check.stage import Stage

ROOMS = (test_event_checks, test_key_checks, test_mirror_checks, test_trust_checks, test_world_checks)


def test_nothing_is_wrong_where_all_is_right(stage: Stage) -> None:
    rows = stage.rows()
    assert [(row.id, row.text) for row in rows if row.level is not Level.OK] == []
    assert {row.id for row in rows} == {check.id for check in CHECKS}
    assert worst(rows) is Level.OK
    assert all(not row.mend for row in rows)


def test_every_row_is_provoked() -> None:
    provoked = {check for each in ROOMS for check, *_ in each.PROVOCATIONS}
    assert provoked | {"threshold"} == {check.id for check in CHECKS}


def test_what_stands_on_broken_ground_is_left_out(stage: Stage) -> None:
    test_event_checks.lost_root(stage)
    ids = {row.id for row in stage.rows()}
    assert "expiry" not in ids
    assert {"documents", "event-toml", "key-modes", "stores", "clock"} <= ids


def test_ids_are_unique_and_every_row_says_how_it_looks() -> None:
    assert len({check.id for check in CHECKS}) == len(CHECKS)
    assert all(check.what and check.how and check.mend for check in CHECKS)
