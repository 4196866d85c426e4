"""docs/reference/backup.md: its codes are those of the code, and its lines open a back-up without huma."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from huma.backup.making import make_backup
from huma.backup.sealing import HEADER_BYTES, MAGIC, PIECE_BYTES, TAG_BYTES
from huma.keys.eventdir import EventDir
from tests.backup.packing import files_of, words
from tests.keys.eventmaking import NOW

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/reference/backup.md").read_text()


def test_a_backup_opens_without_huma(solo: EventDir, tmp_path: Path) -> None:
    make_backup(solo, tmp_path / "backup", words, now_ms=NOW)
    (script,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    script = script.replace("getpass.getpass()", "sys.stdin.read()")
    subprocess.run(
        [sys.executable, "-I", "-c", script, tmp_path / "backup", tmp_path / "back"],
        input=words(),
        text=True,
        check=True,
    )
    assert files_of(tmp_path / "back") == files_of(solo.path)
    assert "huma" not in re.findall(r"^(?:from|import) .*", script, re.MULTILINE)


def test_the_layout_is_that_of_the_code() -> None:
    assert (len(MAGIC), HEADER_BYTES, PIECE_BYTES, PIECE_BYTES + TAG_BYTES) == (14, 46, 65536, 65552)


def test_every_code_is_explained() -> None:
    sources = "".join(file.read_text() for file in (ROOT / "src/huma/backup").glob("*.py"))
    used = set(re.findall(r'code="([a-z-]+)"', sources))
    table = TEXT.split("## When something is wrong")[1].split("## The file")[0]
    assert used <= set(re.findall(r"`([a-z-]+)`", table))
    assert len(used) > 12
