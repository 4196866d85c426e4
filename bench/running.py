"""`huma demo` as a benchmark sees it: started like anybody's, spoken to over HTTP, stopped by Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, Queue
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator

START_WITHIN_S = 60.0
STOP_WITHIN_S = 20.0


@dataclass(slots=True)
class RunningDemo:
    """A demo that is on the air."""

    process: subprocess.Popen[str]
    address: str
    token: str
    mirrors: dict[str, str]
    lines: list[dict[str, Any]] = field(default_factory=list)

    def switch(self, mirror: str, kind: str) -> None:
        """Press a switch of the strip."""
        answer = httpx.post(
            f"{self.address}fault/{mirror}/{kind}", headers={"X-Huma-Token": self.token}, timeout=5
        )
        answer.raise_for_status()

    def restore_all(self) -> None:
        """Let every mirror be honest."""
        for mirror in self.mirrors:
            self.switch(mirror, "restore")

    def stop(self) -> int:
        """Ctrl-C; gives the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(STOP_WITHIN_S)


@contextmanager
def running_demo(*arguments: str, temp: Path | None = None) -> Iterator[RunningDemo]:
    """`huma demo --json` with these arguments, until the block ends; `temp` is where it makes its folder."""
    command = [
        str(Path(sys.executable).with_name("huma")),
        "demo",
        "--json",
        "--no-browser",
        "--port",
        "0",
        *arguments,
    ]
    environment = os.environ if temp is None else {**os.environ, "TMPDIR": str(temp)}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )
    lines: Queue[dict[str, Any]] = Queue()
    kept: list[dict[str, Any]] = []
    complaints: list[str] = []
    assert process.stdout is not None
    assert process.stderr is not None
    reading = threading.Thread(target=_read, args=(process.stdout, lines, kept), daemon=True)
    listening = threading.Thread(target=complaints.extend, args=(process.stderr,), daemon=True)
    reading.start()
    listening.start()
    try:
        ready = _ready(process, lines, complaints)
        mirrors = {mirror["id"]: mirror["url"] for mirror in ready["mirrors"]}
        yield RunningDemo(process, ready["address"], ready["token"], mirrors, kept)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()
        reading.join(5)
        listening.join(5)
        process.stdout.close()
        process.stderr.close()


def _read(stream: Any, lines: Queue[dict[str, Any]], kept: list[dict[str, Any]]) -> None:
    for text in stream:
        line = json.loads(text)
        kept.append(line)
        lines.put(line)


def _ready(
    process: subprocess.Popen[str], lines: Queue[dict[str, Any]], complaints: list[str]
) -> dict[str, Any]:
    while process.poll() is None:
        try:
            line = lines.get(timeout=START_WITHIN_S)
        except Empty:
            break
        if line.get("code") == "ready":
            return line
    raise RuntimeError(f"the demo did not start: {''.join(complaints)[-2000:]} {list(lines.queue)[-1:]}")
