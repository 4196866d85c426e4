"""The command line as a person runs it: a process of its own, or a terminal of its own."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

HUMA = [
    sys.executable,
    "-c",
    'import sys; sys.modules["boto3"] = None; from huma.cli import main; sys.exit(main())',
]
"""As it is installed: boto3 comes with the tests' S3 server, and where it is there, python-tuf loads it whole."""
_CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(("HUMA_", "XDG_"))}


def environment(home: Path, **more: str) -> dict[str, str]:
    return {**_CLEAN, "HOME": str(home), "COLUMNS": "120", **more}


def huma(*args: str, home: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*HUMA, *args],
        capture_output=True,
        text=True,
        env=environment(home, **more),
        stdin=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )


@cache
def options_of(command: str) -> frozenset[str]:
    """Every option that the help of a command shows; asked once."""
    with TemporaryDirectory() as home:
        done = huma(command, "--help", home=Path(home))
    assert done.returncode == 0, done.stderr
    return frozenset(re.findall(r"--[a-z-]+", done.stdout))


def lines(done: subprocess.CompletedProcess[str]) -> list[Any]:
    """Standard output as JSON, each line by itself."""
    return [json.loads(line) for line in done.stdout.splitlines()]


def at_a_terminal(
    args: Sequence[str], answers: Sequence[tuple[str, str]], *, home: Path, **more: str
) -> tuple[int, str]:
    """Run at a real terminal, answering each prompt that matches; gives the exit code and all that was shown."""
    child, door = pty.fork()
    if child == 0:  # pragma: no cover - another process
        os.execve(HUMA[0], [*HUMA, *args], environment(home, **more))  # noqa: S606 - it is what a terminal does
    shown, waiting, deadline = "", list(answers), time.monotonic() + 60
    from_here = 0
    while time.monotonic() < deadline:
        ready, _, _ = select.select([door], [], [], 0.1)
        if ready:
            try:
                data = os.read(door, 4096)
            except OSError:
                break
            if not data:
                break
            shown += data.decode(errors="replace")
        if waiting:
            found = re.search(waiting[0][0], shown[from_here:])
            if found:
                from_here += found.end()
                os.write(door, waiting.pop(0)[1].encode())
    _, status = os.waitpid(child, 0)
    os.close(door)
    assert not waiting, shown
    return os.waitstatus_to_exitcode(status), shown
