"""What a check is, and what it finds."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from huma.errors import BugError, HumaError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from huma.check.scene import Scene


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was seen. `mend` stands in for the check's own where it can be more exact."""

    level: Level
    text: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """A row of the table. `needs` names what must be readable first: event.toml, or the trust documents."""

    id: str
    what: str
    how: str
    mend: str
    look: Callable[[Scene], Iterable[Finding]]
    needs: frozenset[Literal["config", "trust"]] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Row:
    """What a person reads."""

    id: str
    what: str
    level: Level
    text: str
    mend: str


def ok(text: str) -> Finding:
    """All is well."""
    return Finding(Level.OK, text)


def warn(text: str, mend: str = "") -> Finding:
    """It works, and should be better."""
    return Finding(Level.WARN, text, mend)


def fail(text: str, mend: str = "") -> Finding:
    """It will go wrong."""
    return Finding(Level.FAIL, text, mend)


def look_at(scene: Scene, checks: Sequence[Check]) -> Iterator[Row]:
    """Every check in turn. What cannot be looked at, because its ground is broken, is left out: that row says it all."""
    for check in checks:
        if check.needs <= scene.readable:
            for finding in _found(scene, check):
                mend = finding.mend or check.mend if finding.level is not Level.OK else ""
                yield Row(check.id, check.what, finding.level, finding.text, mend)


def worst(rows: Iterable[Row]) -> Level:
    """The worst level of all."""
    levels = {row.level for row in rows}
    return next((level for level in (Level.FAIL, Level.WARN) if level in levels), Level.OK)


def _found(scene: Scene, check: Check) -> list[Finding]:
    try:
        found = list(check.look(scene))
    except HumaError as error:
        return [fail(error.message, error.hint)]
    if not found:
        raise BugError(f"the check {check.id} found nothing to say")
    return found
