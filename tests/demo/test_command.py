"""`huma demo` as a person starts and stops it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from bench.running import running_demo

HUMA = str(Path(sys.executable).with_name("huma"))
PAGES = Path(__file__).resolve().parents[2] / "src/huma/pages/demo.html"

pytestmark = [
    pytest.mark.skipif(not PAGES.exists(), reason="the pages have not been built: make pages"),
    pytest.mark.timeout(90),
]


def run(*arguments: str, temp: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "TMPDIR": str(temp)}
    command = [HUMA, "demo", "--no-browser", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)


def listens(url: str) -> bool:
    place = urlsplit(url)
    try:
        socket.create_connection((place.hostname or "", place.port or 0), timeout=2).close()
    except OSError:
        return False
    return True


def children_of(pid: int) -> set[int]:
    found = set()
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = place.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.add(int(place.parent.name))
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_and_leaves_nothing_behind(tmp_path: Path, number: int) -> None:
    with running_demo(temp=tmp_path) as demo:
        urls = [demo.address, *demo.mirrors.values()]
        assert all(map(listens, urls))
        assert [place.name.startswith("huma-demo-") for place in tmp_path.iterdir()] == [True]
        children = children_of(demo.process.pid)
        demo.process.send_signal(number)
        assert demo.process.wait(15) == 0
        assert not any(map(listens, urls))
        assert list(tmp_path.iterdir()) == []
        assert not any(Path(f"/proc/{child}").exists() for child in children)


@pytest.mark.parametrize(
    ("arguments", "seen", "pause"),
    [
        ((), "Making an event", 0.3),
        ((), "Going on the air", 0.0),
        ((), "Going on the air", 1.5),
        (("--light",), "Making an event", 1.0),
        ((), "Open ", 1.0),
    ],
)
def test_it_is_stopped_calmly_at_any_moment(
    arguments: tuple[str, ...], seen: str, pause: float, tmp_path: Path
) -> None:
    command = [HUMA, "demo", "--no-browser", "--port", "0", *arguments]
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )
    assert process.stdout is not None
    said = ""
    while seen not in said:
        line = process.stdout.readline()
        assert line, said
        said += line
    time.sleep(pause)
    process.send_signal(signal.SIGINT)
    rest, complaints = process.communicate(timeout=30)
    assert process.returncode == (0 if "Open " in said + rest else 130)
    assert complaints == ""
    assert rest.endswith("Stopping …\n")
    assert list(tmp_path.iterdir()) == []


def test_for_ends_it_after_so_much_programme(tmp_path: Path) -> None:
    done = run("--for", "5s", "--json", "--port", "0", temp=tmp_path)
    assert done.returncode == 0, done.stderr
    lines: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.splitlines()]
    assert {"ready"} <= {line.get("code") for line in lines}
    assert all(line["v"] == 1 and line["event"] and line["at"] for line in lines)
    assert len([line for line in lines if line["event"] == "tick"]) >= 5
    assert list(tmp_path.iterdir()) == []


def test_light_uses_what_was_prepared(tmp_path: Path) -> None:
    done = run("--for", "7s", "--json", "--light", "--port", "0", temp=tmp_path)
    assert done.returncode == 0, done.stderr
    assert '"code":"ready"' in done.stdout


def test_a_taken_port_is_told_and_nothing_is_left(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run("--port", str(taken.getsockname()[1]), temp=tmp_path)
    assert done.returncode == 2, "as in huma live"
    assert "in use by another program" in done.stderr
    assert "--port (0 takes any)" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_film_is_named_before_anything_begins(tmp_path: Path) -> None:
    (tmp_path / "list.mp4").write_text("no film\n" * 100)
    done = run("--port", "0", str(tmp_path / "list.mp4"), temp=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: list.mp4: ")
    assert done.stdout == ""


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    done = run("--port", "0", str(tmp_path / "nothing.mp4"), temp=tmp_path)
    assert done.returncode in {1, 2}
    assert "nothing.mp4" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []
