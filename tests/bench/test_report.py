"""Benchmarks say what they measured, and never call a missed goal met."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from bench.report import Comparison, Goal, Report, Series, percentile

from bench import __main__ as runner

if TYPE_CHECKING:
    from pathlib import Path


def series(name: str, *values: float) -> Series:
    return Series(name, "s", values, {"rounds": len(values)})


def test_a_percentile_is_a_value_that_was_measured() -> None:
    assert percentile([3.0, 1.0, 2.0, 10.0], 0.95) == 10.0
    assert percentile([3.0, 1.0, 2.0, 10.0], 0.5) == 2.0
    assert percentile([7.0], 0.99) == 7.0


@pytest.mark.parametrize(
    ("goal", "met"),
    [
        (Goal(2.0), True),
        (Goal(1.9), False),
        (Goal(2.9, statistic="worst"), False),
        (Goal(3.0, statistic="worst"), True),
        (Goal(0.5, of="ratio", at_least=True), True),
        (Goal(0.51, of="ratio", at_least=True), False),
    ],
)
def test_goals(goal: Goal, met: bool) -> None:
    row = Comparison("case", series("ours", 1, 2, 3), series("peer", 4, 4, 4), goal)
    assert goal.met(row) is met


def test_a_ratio_goal_without_a_peer_is_neither_met_nor_missed() -> None:
    report = Report("x", "y", [Comparison("case", series("ours", 1), None, Goal(1, of="ratio"))])
    assert report.as_dict()["results"][0]["met"] is None
    assert report.met


def test_a_missed_goal_makes_the_run_fail(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report("stalls", "how long", [Comparison("hung", series("huma", 0, 3, 3), None, Goal(0))])
    assert report.show() == 1
    printed = capsys.readouterr().out.splitlines()
    assert any("MISSED" in line for line in printed)
    last = json.loads(printed[-1])
    assert (last["event"], last["name"], last["met"]) == ("benchmark", "stalls", False)
    assert last["results"][0]["ours"]["values"] == [0, 3, 3]


def test_the_settings_of_both_sides_are_printed() -> None:
    ours = Series("huma", "s", (1.0,), {"buffer": "3 s"})
    peer = Series("hls.js", "s", (2.0,), {"version": "1.7.4"})
    text = "\n".join(Report("x", "y", [Comparison("case", ours, peer)]).lines())
    assert "huma: buffer 3 s" in text
    assert "hls.js: version 1.7.4" in text
    assert "ratio 0.5" in text


def test_only_modules_with_a_main_are_benchmarks(tmp_path: Path) -> None:
    (tmp_path / "quick.py").write_text(
        '"""Something quick.\n\nMore."""\n\ndef main() -> int:\n    return 0\n'
    )
    (tmp_path / "report.py").write_text('"""No benchmark."""\n')
    assert runner.benchmarks(tmp_path) == {"quick": "Something quick."}


def test_an_unknown_name_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert runner.main(["no-such"]) == 2
    assert "no-such" in capsys.readouterr().err
