"""The three places that hold the limits agree: config.py, limits.ts, spec/limits.md."""

from __future__ import annotations

import ast
import operator
import re
from pathlib import Path

from huma import config

ROOT = Path(__file__).parents[2]
_OPERATIONS = {ast.Mult: operator.mul, ast.Pow: operator.pow, ast.Sub: operator.sub, ast.Add: operator.add}


def value_of(node: ast.expr, known: dict[str, float]) -> float:
    """The value of a product, power or difference of numbers and names: what both languages spell alike."""
    match node:
        case ast.Constant(value=int() | float() as number):
            return number
        case ast.Name(id=name):
            return known[name]
        case ast.BinOp(left=left, op=op, right=right):
            found: float = _OPERATIONS[type(op)](value_of(left, known), value_of(right, known))
            return found
    raise AssertionError(ast.dump(node))


def in_python() -> dict[str, float]:
    return {name: value for name, value in vars(config).items() if name.isupper()}


def in_typescript() -> dict[str, float]:
    known: dict[str, float] = {}
    text = (ROOT / "web/src/protocol/limits.ts").read_text()
    for name, value in re.findall(r"^export const (\w+) = (.+);$", text, re.MULTILINE):
        known[name] = value_of(ast.parse(value, mode="eval").body, known)
    return known


def in_spec() -> dict[str, tuple[float, str]]:
    rows = re.findall(
        r"^\| ([A-Z0-9_]+) \| ([0-9.,]+) \| \S+ \| (.+) \|$",
        (ROOT / "spec/limits.md").read_text(),
        re.MULTILINE,
    )
    return {name: (float(value.replace(",", "")), why) for name, value, why in rows}


def test_typescript_has_the_limits_of_python() -> None:
    assert in_typescript() == in_python()


def test_the_spec_has_the_limits_of_python() -> None:
    assert {name: value for name, (value, _) in in_spec().items()} == in_python()


def test_every_limit_has_a_reason() -> None:
    assert all(len(why) > 3 for _, why in in_spec().values())


def test_there_are_limits() -> None:
    assert len(in_python()) > 60
