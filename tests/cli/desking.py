"""`huma desk` in a process of its own, and what its console says and does."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx

from huma.cli.consoleword import read_word
from huma.keys.eventdir import EventDir
from tests.cli.running import HUMA, environment


@dataclass
class Desk:
    """A running `huma desk`, and its console."""

    event: EventDir
    store: Path
    home: Path
    more: tuple[str, ...] = ()

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            [*HUMA, "desk", "--event", str(self.event.path), "--to", str(self.store), *self.more, "--json"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(self.home),
        )  # fmt: skip
        self.said: list[dict[str, Any]] = []
        assert self.process.stdout is not None
        while not any(line.get("state") == "console" for line in self.said):
            self.said.append(json.loads(self.process.stdout.readline()))
        self.word = read_word(self.home / ".local/state/huma" / self.event.event_id / "desk.json")
        return self

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGINT)
        out, err = self.process.communicate(timeout=30)
        assert self.word["token"] not in json.dumps(self.said) + out + err

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        return httpx.request(
            method,
            self.word["url"] + path,
            json=body,
            headers={"x-huma-token": self.word["token"]},
            trust_env=False,
        )

    def state(self) -> dict[str, Any]:
        answer = self.ask("GET", "/state")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def do(self, command: str, **members: Any) -> dict[str, Any]:
        answer = self.ask("POST", f"/do/{command}", members)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def refused(self, command: str, **members: Any) -> str:
        answer = self.ask("POST", f"/do/{command}", members)
        assert answer.status_code in (400, 409), answer.text
        return str(answer.json()["code"])

    def until(self, what: Any) -> dict[str, Any]:
        end = time.monotonic() + 45
        while not what(found := self.state()):
            assert time.monotonic() < end, found
            time.sleep(0.1)
        return found
