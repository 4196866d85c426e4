"""Doors to push at, encoders that push, and patience that does not depend on the machine."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from huma.net.srt.arrival import Arrival
from huma.net.srt.door import SrtDoor
from huma.net.srt.limits import LIMITS, Limits

HOME = Path(__file__).parents[3]
PASSPHRASE = "correct-horse-battery-staple"
FFMPEG = ("ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-y")
FILM = (
    *("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25"),
    *("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"),
)
CODED = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-threads", "1", "-c:a", "aac")
PATIENT = replace(
    LIMITS,
    takeover_ms=600_000,
    mute_ms=600_000,
    idle_ms=600_000,
    peer_idle_ms=60_000,
    read_ms=600_000,
    arrival_ms=600_000,
    hung_ms=600_000,
    start_ms=100_000,
    tell_ms=50,
)
"""Nothing here may depend on how fast the machine is: whoever tests a time limit sets it."""


@contextmanager
def opened(limits: Limits = PATIENT, passphrase: str = PASSPHRASE, **more: object) -> Iterator[SrtDoor]:
    door = SrtDoor("main", port=0, passphrase=passphrase, limits=limits, **more)  # type: ignore[arg-type]
    try:
        door.start()
        yield door
    finally:
        door.stop()
        while _LINES:
            _LINES.pop().close()


def until(holds: Callable[[], bool], what: Callable[[], object] | str = "") -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline, what if isinstance(what, str) else what()
        time.sleep(0.01)


def admit(door: SrtDoor) -> Arrival:
    """The next publication."""
    given_up = threading.Event()
    timer = threading.Timer(60, given_up.set)
    timer.start()
    arrival = door.open_next(given_up)
    timer.cancel()
    assert arrival is not None, "nobody came"
    return arrival


def drain(arrival: Arrival) -> bytes:
    """All of it, to its end."""
    return b"".join(iter(lambda: arrival.read(65536), b""))


def address(door: SrtDoor, passphrase: str = PASSPHRASE, **options: object) -> str:
    options |= {"passphrase": passphrase} if passphrase else {}
    return f"srt://127.0.0.1:{door.port}?" + "&".join(f"{name}={value}" for name, value in options.items())


def push(
    door: SrtDoor, *arguments: str | Path, passphrase: str = PASSPHRASE, **options: object
) -> subprocess.Popen[str]:
    """Debian's ffmpeg, pushing. Told to linger, it waits until its last packets are there."""
    target = address(door, passphrase, linger=3, **options)
    return subprocess.Popen([*FFMPEG, *arguments, "-f", "mpegts", target], stderr=subprocess.PIPE, text=True)


def packets(first: int, count: int) -> bytes:
    """Numbered packets of MPEG-TS."""
    return b"".join(
        b"\x47\x1f\xff\x10" + number.to_bytes(8) + bytes(176) for number in range(first, first + count)
    )


class LineCutError(Exception):
    """The door has hung up."""


class LineRefusedError(Exception):
    """The door does not take us."""


class Place(Protocol):
    """Where to send to."""

    @property
    def port(self) -> int: ...


_LINES: list[Line] = []


class Line:
    """A connection of our own by libsrt, in a process of its own, which sends numbered packets evenly."""

    def __init__(self, door: Place, passphrase: str = PASSPHRASE, **options: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.net.srt.line"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            cwd=HOME,
        )  # fmt: skip
        self._sent = 0
        _LINES.append(self)
        self._ask(json.dumps([door.port, {"passphrase": passphrase, **options}]))

    @property
    def sent(self) -> bytes:
        """All that was sent."""
        return packets(0, self._sent)

    def send(self, payloads: int, rest_s: float = 0.002) -> None:
        """So many datagrams of seven numbered packets."""
        self._ask(json.dumps([self._sent, payloads, rest_s]))
        self._sent += payloads * 7

    def babble(self, payloads: int) -> None:
        """So many datagrams of something else."""
        self._ask(json.dumps([-1, payloads, 0.001]))

    def close(self) -> None:
        """Hang up."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()

    def _ask(self, line: str) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline().strip()
        if answer == "refused":
            raise LineRefusedError
        if answer == "cut":
            raise LineCutError
        assert answer == "done", answer


def offspring(pid: int) -> list[int]:
    """The children of a process, and theirs."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            if parent == pid:
                found += [int(folder.name), *offspring(int(folder.name))]
    return found


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def python(program: str, *arguments: str) -> subprocess.Popen[str]:
    """A Python of its own that finds what we find."""
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=HOME,
    )  # fmt: skip
