"""What a benchmark says at its end: both sides, median and spread, the ratio, the settings, one JSON line.

report = Report("faults", "longest stall while one mirror of three misbehaves")
report.add(Comparison("hung", ours=Series("huma", "s", values), peer=Series("hls.js", "s", others)))
report.show()
"""

from __future__ import annotations

import json
import math
import os
import platform
import statistics
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MIN_ROUNDS = 5

Statistic = Literal["median", "p95", "p99", "worst"]


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of all values do not exceed (nearest rank, no interpolation)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


@dataclass(frozen=True, slots=True)
class Series:
    """One side's measurements, a value for each round."""

    name: str
    unit: str
    values: tuple[float, ...]
    settings: Mapping[str, object] = field(default_factory=dict)

    @property
    def median(self) -> float:
        """The middle value."""
        return statistics.median(self.values)

    def pick(self, statistic: Statistic) -> float:
        """The statistic that a goal is about."""
        match statistic:
            case "median":
                return self.median
            case "p95":
                return percentile(self.values, 0.95)
            case "p99":
                return percentile(self.values, 0.99)
            case "worst":
                return max(self.values)

    def as_dict(self) -> dict[str, Any]:
        """For the JSON line."""
        return {
            "name": self.name,
            "unit": self.unit,
            "rounds": len(self.values),
            "median": _rounded(self.median),
            "min": _rounded(min(self.values)),
            "max": _rounded(max(self.values)),
            "p95": _rounded(self.pick("p95")),
            "settings": dict(self.settings),
            **({"values": [_rounded(value) for value in self.values]} if len(self.values) <= 64 else {}),
        }


@dataclass(frozen=True, slots=True)
class Goal:
    """What was promised of a measurement."""

    limit: float
    of: Literal["ours", "ratio"] = "ours"
    statistic: Statistic = "median"
    at_least: bool = False

    def met(self, comparison: Comparison) -> bool | None:
        """Whether it holds; None where there is nothing to compare with."""
        value = comparison.ratio if self.of == "ratio" else comparison.ours.pick(self.statistic)
        if value is None:
            return None
        return value >= self.limit if self.at_least else value <= self.limit

    def __str__(self) -> str:
        """As the table of measures writes it."""
        what = "ratio" if self.of == "ratio" else self.statistic
        return f"{what} {'≥' if self.at_least else '≤'} {self.limit:g}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One row: ours, the peer where there is one, and the goal."""

    name: str
    ours: Series
    peer: Series | None = None
    goal: Goal | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Median of ours over median of the peer."""
        if self.peer is None or self.peer.median == 0:
            return None
        return self.ours.median / self.peer.median

    def as_dict(self) -> dict[str, Any]:
        """For the JSON line."""
        return {
            "case": self.name,
            "ours": self.ours.as_dict(),
            "peer": None if self.peer is None else self.peer.as_dict(),
            "ratio": None if self.ratio is None else _rounded(self.ratio),
            "goal": None if self.goal is None else str(self.goal),
            "met": None if self.goal is None else self.goal.met(self),
            "note": self.note,
        }


@dataclass(slots=True)
class Report:
    """All rows of one benchmark."""

    name: str
    what: str
    rows: list[Comparison] = field(default_factory=list)

    def add(self, row: Comparison) -> None:
        """Add a row."""
        self.rows.append(row)

    @property
    def met(self) -> bool:
        """Whether no goal was missed."""
        return all(row.goal is None or row.goal.met(row) is not False for row in self.rows)

    def lines(self) -> Iterable[str]:
        """The report for people."""
        yield f"{self.name}: {self.what}"
        yield f"  on {machine()}"
        for series in _sides(self.rows):
            settings = ", ".join(f"{key} {value}" for key, value in series.settings.items())
            yield f"  {series.name}: {settings}"
        for row in self.rows:
            yield f"  {row.name:<34} {_side(row.ours)}" + (f"   beside {_side(row.peer)}" if row.peer else "")
            yield from _verdict(row)

    def show(self) -> int:
        """Print the report and its JSON line; 0 when every goal was met, else 1."""
        for line in self.lines():
            print(line)
        print(json.dumps(self.as_dict(), ensure_ascii=False, separators=(",", ":")), flush=True)
        return 0 if self.met else 1

    def as_dict(self) -> dict[str, Any]:
        """For the JSON line."""
        return {
            "v": 1,
            "event": "benchmark",
            "name": self.name,
            "what": self.what,
            "machine": machine(),
            "met": self.met,
            "results": [row.as_dict() for row in self.rows],
        }


def machine() -> str:
    """What it was measured on, as far as it matters and names nobody."""
    return (
        f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {sys.version.split()[0]}"
    )


def _sides(rows: Sequence[Comparison]) -> list[Series]:
    """Each differing set of settings once."""
    found: dict[tuple[str, str], Series] = {}
    for row in rows:
        for series in (row.ours, row.peer):
            if series is not None and series.settings:
                found.setdefault((series.name, repr(sorted(series.settings.items()))), series)
    return list(found.values())


def _side(series: Series) -> str:
    spread = f"{min(series.values):.4g}…{max(series.values):.4g}"
    return f"{series.name} {series.median:.4g} {series.unit} ({spread}, n={len(series.values)})"


def _verdict(row: Comparison) -> Iterable[str]:
    parts = []
    if row.ratio is not None:
        parts.append(f"ratio {row.ratio:.3g}")
    if row.goal is not None:
        met = row.goal.met(row)
        parts.append(f"goal {row.goal}: {'no peer' if met is None else 'met' if met else 'MISSED'}")
    if row.note:
        parts.append(row.note)
    if parts:
        yield " " * 37 + "; ".join(parts)


def _rounded(value: float) -> float:
    return float(f"{value:.6g}")
