"""The table of longer tests names what is there, and leaves something of every file to `make test`."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.longer import LONGER, is_longer

HERE = Path(__file__).parent
WHOLE = {
    "browser/test_thin_line.py": "the line's rules are tried in web/src/player/line.test.ts",
    "restream/test_rtmps.py": "restream/test_output.py sends by RTMP, with everything but TLS",
    "browser/test_newsroom.py": "system/test_studio.py is the same without a viewer",
    "media/test_in_browsers.py": "browser/test_playing.py plays what is encoded, cli/test_liveevent.py signs what is copied",
    "restream/test_beside.py": "system/test_studio.py looks for a hole while it sends on",
    "system/test_three_stores.py": "system/test_webdav.py and store/test_objects.py try each kind alone",
}
"""Files of which nothing is left to `make test`, and what stands for them there."""


def functions(file: str) -> set[str]:
    tree = ast.parse((HERE / file).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("file", LONGER)
def test_every_name_is_there_and_some_test_is_left(file: str) -> None:
    there = {name for name in functions(file) if name.startswith("test_")}
    named = {name.partition("[")[0] for name in LONGER[file]}
    assert named <= there
    whole = {name for name in LONGER[file] if "[" not in name}
    assert bool(there - whole) != (file in WHOLE)


def test_a_case_is_named_alone_or_with_its_function() -> None:
    assert is_longer("system/test_kill.py", "test_killed_at_any_moment_it_never_contradicts_itself[50]")
    assert not is_longer("system/test_kill.py", "test_killed_at_any_moment_it_never_contradicts_itself[10]")
    assert is_longer("net/srt/test_encoders.py", "test_a_stream_id")
    assert not is_longer("net/rtmp/test_encoders.py", "test_a_stream_id")
