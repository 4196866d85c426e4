"""Run every benchmark, or the ones named: `python -m bench`, `python -m bench serve`.

A benchmark is a module of this package with a `main()`; each runs in a process of its own, so that none warms
up or slows down the next.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ONLY_BY_NAME = frozenset({"soak"})
"""What takes more than some minutes."""


def benchmarks(folder: Path = HERE) -> dict[str, str]:
    """The benchmarks by name, with the first line of what each says of itself."""
    found = {}
    for path in sorted(folder.glob("*.py")):
        if path.stem.startswith("_"):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if any(isinstance(node, ast.FunctionDef) and node.name == "main" for node in tree.body):
            found[path.stem] = (ast.get_docstring(tree) or "").partition("\n")[0]
    return found


def main(names: list[str]) -> int:
    """Run them one after another; 1 when a goal was missed or one broke."""
    known = benchmarks()
    if unknown := [name for name in names if name not in known]:
        print(f"no benchmark is called {', '.join(unknown)}. There are:", file=sys.stderr)
        for name, what in known.items():
            print(f"  {name:<10} {what}", file=sys.stderr)
        return 2
    failed = []
    for name in names or [each for each in known if each not in ONLY_BY_NAME]:
        print(f"── {name}", flush=True)
        code = subprocess.run(
            [sys.executable, "-m", f"bench.{name}"], cwd=HERE.parent, check=False
        ).returncode
        if code != 0:
            failed.append(name)
        print(flush=True)
    if failed:
        print(f"goals missed, or broken: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
