"""The Containerfile, as far as it can be tried without an engine: every path, command and option in it is there."""

from __future__ import annotations

import fnmatch
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from huma.cli.app import COMMANDS
from huma.config import SERVE_PORT

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "deploy/Containerfile").read_text()
HOW_TO = (ROOT / "docs/how-to/container.md").read_text()
OPERATE = (ROOT / "docs/how-to/operate.md").read_text()
UV = ROOT / ".boot/bin/uv"


def instructions() -> list[tuple[str, str]]:
    """Each instruction with its words, continued lines joined."""
    lines = re.sub(r"^\s*#.*\n", "", TEXT, flags=re.MULTILINE).replace("\\\n", " ").splitlines()
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in lines if line.strip()]


def all_of(name: str) -> list[str]:
    return [words for kind, words in instructions() if kind == name]


def copied() -> list[str]:
    """What is copied from the checkout."""
    found = [words.split() for words in all_of("COPY") if not words.startswith("--from")]
    return [source for words in found for source in words[:-1]]


def in_context(path: str) -> bool:
    """Whether .dockerignore lets a path in: the last line that matches decides."""
    kept = True
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        if line and not line.startswith("#"):
            pattern = line.removeprefix("!")
            above = [path, *map(str, Path(path).parents)]
            parts = Path(path).parts if pattern.startswith("**/") else above
            if any(fnmatch.fnmatchcase(part, pattern.removeprefix("**/")) for part in parts):
                kept = line.startswith("!")
    return kept


def test_what_is_copied_is_there_and_let_in() -> None:
    assert "src" in copied()
    assert "uv.lock" in copied()
    for source in copied():
        assert (ROOT / source).exists(), source
        assert in_context(source), source


@pytest.mark.parametrize(
    "path",
    ["my-event/keys/root-1.pem", ".git/config", ".venv/bin/python", "web/node_modules/x", "src/huma/pages/index.html",
     "src/huma/__pycache__/x", "backup.huma", ".env", "event.toml"],
)  # fmt: skip
def test_nothing_else_gets_near_the_image(path: str) -> None:
    assert not in_context(path)


def test_the_package_can_be_built_from_what_is_copied() -> None:
    """Whatever the build reads by name: the readme, the licences, the hook and what the hook reads."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    needed = {
        project["project"]["readme"], *project["project"]["license-files"],
        project["tool"]["hatch"]["build"]["hooks"]["custom"]["path"], ".ci/pages.py", "src", "web",
    }  # fmt: skip
    assert needed <= set(copied())


def test_the_environment_is_made_where_it_is_taken_from_and_run() -> None:
    (sync,) = re.findall(r"UV_PROJECT_ENVIRONMENT=(\S+) (\S+) sync (.*?)\s+&&", " ".join(all_of("RUN")))
    assert sync[:2] == ("/opt/huma", ".boot/bin/uv")
    assert ".boot/bin/pip install" in (ROOT / ".ci/venv").read_text()
    (taken,) = [words for words in all_of("COPY") if words.startswith("--from=build")]
    assert taken == "--from=build /opt/huma /opt/huma"
    assert all_of("ENTRYPOINT") == ['["/opt/huma/bin/huma"]']
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"] == {
        "huma": "huma.cli:main"
    }


def options(text: str) -> set[str]:
    """The options of every `uv sync` in a text."""
    return {
        word for words in re.findall(r"uv sync (.*)", text) for word in words.split() if word.startswith("--")
    }


@pytest.mark.skipif(not UV.exists(), reason="uv is not here: make env")
@pytest.mark.parametrize("text", [TEXT, OPERATE], ids=["Containerfile", "operate.md"])
def test_uv_knows_every_option(text: str) -> None:
    shown = subprocess.run([UV, "sync", "--help"], capture_output=True, text=True, check=True).stdout
    assert {"--frozen", "--no-dev", "--no-editable"} <= options(text) <= set(re.findall(r"--[a-z-]+", shown))


def test_it_runs_as_nobody_special_without_a_shell() -> None:
    assert all_of("USER") == ["10001:10001"]
    assert instructions().index(("USER", "10001:10001")) > len(instructions()) - 6
    assert "--uid 10001" in all_of("RUN")[-1]
    for kind in ("ENTRYPOINT", "CMD"):
        assert all(words.startswith('["') for words in all_of(kind)), "a form that needs no shell"


def test_stopping_it_does_not_end_an_event() -> None:
    assert all_of("STOPSIGNAL") == ["SIGKILL"]
    assert "podman kill --signal TERM" in HOW_TO


def test_ports_and_places_are_ours() -> None:
    assert all_of("EXPOSE") == [f"{SERVE_PORT}/tcp 1935/tcp 9000/udp"]
    (environment,) = all_of("ENV")
    assert "XDG_STATE_HOME=/var/lib" in environment.split()
    assert all_of("VOLUME") == ["/var/lib/huma"]


def test_every_command_of_the_how_to_is_one_of_ours() -> None:
    known = {command.name for command in COMMANDS}
    used = set(re.findall(r"(?:run.* huma|bin/huma) ([a-z]+)", HOW_TO))
    assert used
    assert used <= known
