"""The units for systemd: their words are ours, their exit codes those of the table, and the program bears what they forbid."""

from __future__ import annotations

import ctypes.util
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from huma.cli.output import DEGRADED, FAILED, INTERRUPTED, OFF_AIR, REFUSED, USAGE
from huma.keys.creation import create
from huma.keys.eventtoml import EventConfig
from huma.keys.ladder import VideoRung
from tests.cli.running import HUMA, environment
from tests.deploy.sandbox import NOBODY, directives, is_chroot
from tests.keys.eventmaking import DAY_MS, LANGUAGES

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy/systemd"
UNITS = ("huma-live@.service", "huma-desk@.service")
LIVE, DESK = ((FOLDER / name).read_text() for name in UNITS)
EXPOSURE_MOST = 2.0

ANALYZE = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not on this machine")
needs_seccomp = pytest.mark.skipif(
    ANALYZE is None or platform.machine() != "x86_64" or not ctypes.util.find_library("seccomp"),
    reason="systemd-analyze and libseccomp of x86_64 are needed to forbid what the unit forbids",
)


@pytest.mark.parametrize("unit", UNITS)
@needs_systemd
def test_systemd_takes_every_line(tmp_path: Path, unit: str) -> None:
    assert ANALYZE is not None
    text = (FOLDER / unit).read_text()
    assert text.count("/opt/huma/bin/huma ") == 1
    for name in (unit, unit.replace("@", "@town-hall")):
        (tmp_path / name).write_text(text.replace("/opt/huma/bin/huma ", "/bin/true "))
        done = subprocess.run(
            [ANALYZE, "verify", str(tmp_path / name)], capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("unit", UNITS)
@needs_systemd
def test_systemd_finds_little_that_is_still_open(unit: str) -> None:
    assert ANALYZE is not None
    command = [ANALYZE, "security", "--offline=yes", "--no-pager", str(FOLDER / unit)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r"exposure level for .*: ([0-9.]+) ", done.stdout)
    assert found is not None, done.stdout + done.stderr
    assert float(found[1]) <= EXPOSURE_MOST, done.stdout


def words_of(unit: str) -> list[str]:
    """Every word that a unit gives to huma, in its command and in its example of the environment."""
    (command,) = directives(unit)["ExecStart"]
    examples = re.findall(r"^#\s+HUMA_(?:LIVE|DESK)=(.*)$", unit, re.MULTILINE)
    assert len(examples) == 1
    return [*shlex.split(command), *shlex.split(examples[0])]


@pytest.mark.parametrize(("unit", "command"), [(LIVE, "live"), (DESK, "desk")])
def test_every_option_that_a_unit_names_is_one_of_ours(home: Path, unit: str, command: str) -> None:
    words = words_of(unit)
    assert words[:2] == ["/opt/huma/bin/huma", command]
    shown = subprocess.run(
        [*HUMA, command, "--help"], capture_output=True, text=True, env=environment(home), check=True
    ).stdout
    known = set(re.findall(r"--[a-z-]+", shown))
    used = {word for word in words if word.startswith("--")}
    assert "--event" in used
    assert used <= known


def test_what_cannot_pass_by_itself_is_not_tried_again() -> None:
    for unit in (LIVE, DESK):
        found = directives(unit)
        assert found["Restart"] == ["on-failure"]  # 0, too, is never tried again
        (never,) = found["RestartPreventExitStatus"]
        assert {USAGE, REFUSED} <= set(map(int, never.split()))
        assert str(FAILED) not in never.split()
    (never,) = directives(LIVE)["RestartPreventExitStatus"]
    assert list(map(int, never.split())) == [USAGE, DEGRADED, OFF_AIR, REFUSED, INTERRUPTED]


def test_nothing_but_a_person_ends_an_event() -> None:
    """SIGTERM signs ENDED; so neither stopping nor a child that the kernel has killed may send it."""
    live = directives(LIVE)
    assert live["KillSignal"] == ["SIGKILL"]
    assert live["KillMode"] == ["control-group"]
    assert live["OOMPolicy"] == ["continue"]
    assert "ExecStop" not in live
    assert "KillSignal" not in directives(DESK), "the desk may finish what it writes"


def test_a_key_gets_into_no_core_file_and_no_swap() -> None:
    for unit in (LIVE, DESK):
        assert directives(unit)["LimitCORE"] == ["0"]
        assert directives(unit)["MemorySwapMax"] == ["0"]


def test_both_are_shut_in_alike() -> None:
    live, desk = (
        [line for line in unit.splitlines() if line and line[0] not in "#["] for unit in (LIVE, DESK)
    )
    apart = {"SystemCallFilter=landlock_create_ruleset landlock_add_rule landlock_restrict_self"}
    assert set(live[live.index("NoNewPrivileges=yes") :]) - set(desk) == apart
    assert set(desk[desk.index("NoNewPrivileges=yes") :]) <= set(live)


# -- the program within what the unit forbids ---------------------------------------------------------------


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that an account without rights can reach, with an event in it."""
    with tempfile.TemporaryDirectory(prefix="huma-unit-") as made:
        folder, now = Path(made), 1_795_000_000_000
        video = (VideoRung("v144", 256, 144, 120_000),)
        create(
            folder / "event",
            EventConfig({"en": "Try"}, now, now + 3650 * DAY_MS, LANGUAGES[:1], video=video),
            now=now,
        )
        if os.geteuid() == 0 and not is_chroot():
            for each in (folder, *folder.rglob("*")):
                os.chown(each, NOBODY, NOBODY)
        yield folder


def within(unit: str, place: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """A command within a unit. As root the file system and the account are those of the unit, too."""
    return subprocess.run(
        [sys.executable, "-m", "tests.deploy.sandbox", FOLDER / unit, place, "--", *command],
        cwd=ROOT,
        env=environment(place, XDG_STATE_HOME=str(place / "state")),
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


@needs_seccomp
@pytest.mark.system
def test_huma_live_works_within_its_unit(place: Path) -> None:
    done = within(
        UNITS[0], place, *HUMA, "live", "test", "--event", "event", "--to", "out", "--serve", "127.0.0.1:0",
        "--record", "recordings", "--also", "also.ts", "--console", "127.0.0.1:0", "--ntp", "none", "--for", "4s", "--stay", "0s",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Ended, and signed as ended." in done.stdout
    assert (place / "out/live/v144.m3u8").is_file()
    assert (place / "also.ts").stat().st_size > 10_000
    assert list((place / "recordings").glob("programme-*.mp4"))
    assert list((place / "state/huma").glob("*/live.sqlite"))


@needs_seccomp
@pytest.mark.system
def test_huma_desk_works_within_its_unit(place: Path) -> None:
    done = within(UNITS[1], place, *HUMA, "desk", "--event", "event", "--to", "out", "--once")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (place / "out/trust/timestamp.json").is_file()


@needs_seccomp
@pytest.mark.parametrize("unit", UNITS)
def test_the_sandbox_of_these_tests_forbids_what_it_should(place: Path, unit: str) -> None:
    script = """
import ctypes, mmap, os, socket
def denied(what):
    try:
        what()
    except OSError:
        return True
libc = ctypes.CDLL(None)
print(denied(lambda: mmap.mmap(-1, 4096, prot=7)), denied(lambda: socket.socket(socket.AF_VSOCK)),
      libc.unshare(0x10000000) == -1, denied(lambda: os.chroot("/")), not denied(lambda: open("mine", "w").close()),
      os.geteuid() == 0 or denied(lambda: open("/usr/mine", "w")), not denied(socket.socket))
"""
    done = within(unit, place, sys.executable, "-c", script)
    assert done.stdout.split() == ["True"] * 7, done.stdout + done.stderr
