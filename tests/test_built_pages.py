"""The rule by which an installation takes the built pages as they are: never stale ones."""

from __future__ import annotations

import os
import runpy
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[1] / ".ci/pages.py"
RULE = runpy.run_path(str(SCRIPT))


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone whose pages have just been built."""
    for path, text in {
        "web/src/main.ts": "let a = 1",
        "web/package-lock.json": "{}",
        "web/node_modules/x/index.js": "x",
        "src/huma/pages/index.html": "<p>a = 1",
        "src/huma/pages/assets/a.js": "a = 1",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    (tmp_path / ".ci").mkdir()
    shutil.copy2(SCRIPT, tmp_path / ".ci/pages.py")
    (tmp_path / ".pages.stamp").write_text(printed(tmp_path, printed(tmp_path).strip()))
    return tmp_path


def printed(clone: Path, *words: str) -> str:
    command = [sys.executable, str(clone / ".ci/pages.py"), *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_pages_of_these_sources_are_current_whatever_the_clocks_say(clone: Path) -> None:
    assert RULE["are_current"](clone)
    os.utime(clone / "web/src/main.ts")
    os.utime(clone / "src/huma/pages/index.html", (0, 0))
    (clone / "web/node_modules/x/index.js").write_text("another")
    assert RULE["are_current"](clone)


def edit(path: str, text: str = "other") -> Callable[[Path], object]:
    return lambda clone: (clone / path).write_text(text)


@pytest.mark.parametrize(
    "change",
    [
        edit("web/src/main.ts"),
        edit("web/src/new.ts"),
        edit("web/package-lock.json"),
        edit("src/huma/pages/assets/a.js"),
        edit("src/huma/pages/assets/left.js"),
        edit(".pages.stamp", ""),
        lambda clone: (clone / "web/src/main.ts").unlink(),
        lambda clone: (clone / "web/src/main.ts").rename(clone / "web/src/other.ts"),
        lambda clone: (clone / "src/huma/pages/index.html").unlink(),
        lambda clone: shutil.rmtree(clone / "src/huma/pages"),
        lambda clone: (clone / ".pages.stamp").unlink(),
    ],
)
def test_whatever_else_is_found_they_are_built_again(clone: Path, change: Callable[[Path], object]) -> None:
    change(clone)
    assert not RULE["are_current"](clone)


def test_sources_that_change_during_a_build_leave_its_pages_stale(clone: Path) -> None:
    before = printed(clone).strip()
    edit("web/src/main.ts")(clone)
    (clone / ".pages.stamp").write_text(printed(clone, before))
    assert not RULE["are_current"](clone)
