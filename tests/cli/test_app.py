from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from huma import __version__
from huma.cli import app, main
from huma.cli.output import INTERRUPTED, prefers_json
from huma.errors import HumaError, VerificationError
from tests.cli.running import HUMA, environment, huma

HEAVY = (
    "av",
    "numpy",
    "PIL",
    "tuf",
    "httpx",
    "granian",
    "cryptography",
    "securesystemslib",
    "segno",
    "sqlite3",
)


def test_help_is_quick_and_loads_nothing_heavy(home: Path) -> None:
    script = (
        "import sys\nfrom huma.cli import main\ncode = main(['--help'])\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], code, file=sys.stderr)"
    )
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=environment(home), check=True
    )
    assert done.stderr.strip() == "[] 0"
    assert time.monotonic() - began < 5
    for command in app.COMMANDS:
        assert f" {command.name} " in done.stdout


def test_help_works_where_everything_heavy_is_missing(home: Path) -> None:
    script = (
        "import sys\n"
        f"for name in {HEAVY!r}: sys.modules[name] = None\n"
        "from huma.cli import main\nsys.exit(main(sys.argv[1:]))"
    )

    def run(*args: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", script, *args],
            capture_output=True,
            text=True,
            env=environment(home),
            check=False,
        )

    assert run("--help").returncode == 0
    missing = run("desk", "--help")
    assert missing.returncode == 1
    assert "which is not installed" in missing.stderr
    assert "Traceback" not in missing.stderr


def test_version(home: Path) -> None:
    for flag in ("--version", "-V"):
        assert huma(flag, home=home).stdout == f"huma {__version__}\n"


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["nwe"], "No such command 'nwe'. Did you mean 'new'?"),
        (["new"], "Missing argument 'DIR'"),
        (["new", "x", "--bogus"], "No such option: --bogus"),
        (["new", "x", "--fps", "many"], "--fps': a whole number is wanted"),
        (["live", "test", "--rank", "0"], "--rank': the least is 1"),
        (["demo", "--port", "70000"], "--port': the most is 65535"),
        (["demo", "--for", "0s"], "'0s' is no time at all"),
        (["demo", "nowhere.mp4"], "there is no file nowhere.mp4"),
        ([""], "No such command ''"),
        (["live", ""], "a source without a name"),
        (["check", "/nowhere", "--only", "x"], "--only"),
        (["desk"], "Missing option '--event'"),
        (["check", "/nowhere"], "not the folder of an event"),
        (["link", "--event", "/nowhere"], "not the folder of an event"),
    ],
)
def test_wrong_arguments_are_told_in_two_lines(home: Path, args: list[str], says: str) -> None:
    done = huma(*args, home=home)
    assert done.returncode == 2
    assert done.stdout == ""
    what, hint = done.stderr.splitlines()
    assert what.startswith("Error: ")
    assert says in what
    assert hint.startswith("  → ")


def test_no_command_shows_the_help_and_is_a_usage_error(home: Path) -> None:
    done = huma(home=home)
    assert done.returncode == 2
    assert "Commands" in done.stdout


def test_errors_are_json_where_json_was_asked_for(home: Path) -> None:
    for args in (["check", "/nowhere", "--json"], ["--json", "check"], ["desk", "--json"]):
        done = huma(*args, home=home)
        assert done.returncode == 2
        assert done.stderr == ""
        (line,) = done.stdout.splitlines()
        told = json.loads(line)
        assert (told["v"], told["event"]) == (1, "error")
        assert set(told) == {"v", "event", "at", "code", "message", "hint"}


def test_json_behind_two_dashes_is_not_the_flag() -> None:
    assert prefers_json(["desk", "--json"])
    assert not prefers_json(["new", "--", "--json"])


def test_no_colour_when_asked_or_piped(home: Path) -> None:
    for more in ({"NO_COLOR": "1"}, {"NO_COLOR": "1", "FORCE_COLOR": ""}, {}):
        done = huma("nwe", home=home, **more)
        assert "\x1b" not in done.stdout + done.stderr


class _OddError(Exception):
    pass


def _raises(error: BaseException) -> object:
    def build() -> object:
        raise error

    return build


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (VerificationError("not what was signed"), 5, "not what was signed"),
        (HumaError("broken", hint="mend it"), 1, "mend it"),
        (_OddError("203.0.113.7 secret"), 1, "_OddError in huma itself"),
        (_OddError(), 1, "Take out names of folders and all addresses first."),
    ],
)
def test_every_error_is_told_and_none_shows_a_traceback(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: Exception,
    code: int,
    says: str,
) -> None:
    monkeypatch.delenv("HUMA_DEBUG", raising=False)
    monkeypatch.setattr(app, "build", _raises(error))
    assert main([]) == code
    told = capsys.readouterr().err
    assert says in told
    assert "Traceback" not in told
    assert "203.0.113.7" not in told


def test_debug_shows_where_a_bug_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUMA_DEBUG", "1")
    monkeypatch.setattr(app, "build", _raises(_OddError()))
    with pytest.raises(_OddError):
        main([])


def test_ctrl_c_is_no_error(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(app, "build", _raises(KeyboardInterrupt()))
    assert main([]) == INTERRUPTED == 130
    assert capsys.readouterr().err == ""


def test_a_reader_who_leaves_early_is_no_error(home: Path) -> None:
    command = f"{HUMA[0]} -c '{HUMA[2]}' --help | head -c 1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        capture_output=True,
        text=True,
        env=environment(home),
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr
