"""The listener's process: it dies, hangs, lies and is missing; it outlives nobody, and knows of nothing but its order."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from huma.errors import TransportError, UsageError
from huma.net.srt import process
from huma.net.srt.door import SrtDoor
from tests.net.srt.pushing import (
    PASSPHRASE,
    PATIENT,
    Line,
    LineRefusedError,
    admit,
    drain,
    offspring,
    opened,
    packets,
    python,
    runs,
    until,
)

pytestmark = pytest.mark.system


def test_one_that_is_killed_is_started_again_at_the_same_port() -> None:
    with opened() as door:
        port, line = door.port, Line(door)
        line.send(50)
        arrival, killed = admit(door), door.pid
        until(lambda: door.state.bytes == len(line.sent))
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        assert drain(arrival) == line.sent
        until(lambda: door.state.listening and door.pid not in (None, killed), lambda: door.state)
        assert (door.state.restarts, door.state.in_use, door.state.code, door.port) == (1, False, "", port)
        line.close()
        again = Line(door)
        again.send(20)
        assert admit(door).read(188) == packets(0, 1)
        until(lambda: door.state.publications == 2)


def test_while_it_is_away_nobody_else_can_have_the_port() -> None:
    with opened(replace(PATIENT, first_pause_ms=60_000)) as door:
        assert door.pid is not None
        os.kill(door.pid, signal.SIGKILL)
        until(lambda: door.state.code == "srt-crashed", lambda: door.state)
        with pytest.raises(UsageError):
            SrtDoor("other", port=door.port, passphrase=PASSPHRASE)
        began = time.monotonic()
    assert time.monotonic() - began < 5  # nor does its pause hold up the stop


def test_what_others_were_refused_is_not_forgotten_with_it() -> None:
    with opened() as door:
        for _ in range(2):
            with pytest.raises(LineRefusedError):
                Line(door, "not-the-passphrase")
        until(lambda: door.state.refused.get("passphrase", 0) >= 2)
        before, killed = dict(door.state.refused), door.pid
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        until(lambda: door.state.listening and door.state.restarts == 1)
        assert door.state.refused == before


def test_one_that_hangs_is_ended_and_started_again() -> None:
    with opened(replace(PATIENT, hung_ms=2_000)) as door:
        hung = door.pid
        assert hung is not None
        os.kill(hung, signal.SIGSTOP)
        until(lambda: door.state.restarts >= 1 and door.state.listening, lambda: door.state)
        assert not runs(hung)


@pytest.mark.parametrize("how", ["well", "hung", "dead", "publishing"])
def test_a_stop_takes_a_moment_only(how: str) -> None:
    with opened() as door:
        pid = door.pid
        assert pid is not None
        line = Line(door) if how == "publishing" else None
        if line is not None:
            line.send(10)
        if how in ("hung", "dead"):
            os.kill(pid, signal.SIGSTOP if how == "hung" else signal.SIGKILL)
        waiting = threading.Thread(target=door.open_next, args=(threading.Event(),))
        waiting.start()
        began = time.monotonic()
        door.stop()
        assert time.monotonic() - began < 8
        waiting.join(5)
        assert not waiting.is_alive()
        until(lambda: not runs(pid))


PARENT = """
import os, sys, time
from tests.net.srt.pushing import PASSPHRASE, Line, admit, offspring, opened
if __name__ == "__main__":
    with opened() as door:
        line = Line(door)
        line.send(20)
        admit(door)
        print(door.pid, flush=True)
        while True:
            line.send(10)
"""


@pytest.mark.parametrize("how", ["well", "hung"])
def test_it_does_not_outlive_us(how: str) -> None:
    parent = python(PARENT)
    assert parent.stdout is not None
    assert parent.stderr is not None
    child = int(parent.stdout.readline())
    try:
        assert runs(child)
        if how == "hung":
            os.kill(child, signal.SIGSTOP)
        parent.kill()
        parent.wait(10)
        until(lambda: not runs(child))
    finally:
        parent.kill()
        parent.stdout.close()
        parent.stderr.close()
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


def test_neither_passphrase_nor_our_environment_stands_where_others_can_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HUMA_TEST_SECRET", "the-key-to-everything")
    with opened(streamid="s3cret-stream-id") as door:
        mine = [pid for pid in offspring(os.getpid()) if runs(pid)]
        assert door.pid in mine
        for pid in mine:
            told = b"".join((Path(f"/proc/{pid}") / name).read_bytes() for name in ("cmdline", "environ"))
            for secret in (PASSPHRASE, "the-key-to-everything", "s3cret-stream-id"):
                assert secret.encode() not in told
        handles = [str(each.readlink()) for each in Path(f"/proc/{door.pid}/fd").iterdir()]
        files = {each for each in handles if each.startswith("/")}
        assert files == {
            "/dev/null",
            f"/proc/{door.pid}/statm",
        }  # its errors go nowhere; it knows how large it is


def program(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(process, "PROGRAM", (sys.executable, "-c", text))


def refused(limits: float = 5) -> tuple[str, str]:
    """What is said of a door that does not open."""
    door = SrtDoor(
        "main", port=0, passphrase=PASSPHRASE, limits=replace(PATIENT, start_ms=int(limits * 1000))
    )
    with pytest.raises((UsageError, TransportError)) as caught:
        door.start()
    SrtDoor("other", port=door.port, passphrase=PASSPHRASE).stop()  # it is free again
    assert not offspring(os.getpid())
    return caught.value.code, caught.value.hint


def test_where_the_library_is_missing_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    program(
        monkeypatch,
        "from huma.net.srt import library, listener\n"
        "library.LIBRARIES = ('libnot-there.so.1',)\n"
        "raise SystemExit(listener.main())",
    )
    assert refused(60) == ("srt-missing", "apt install libsrt1.5-gnutls")


@pytest.mark.parametrize(
    "text",
    [
        "raise SystemExit(1)",
        "print('{}')",
        "print('x' * 100_000)",
        "import sys; sys.stdout.buffer.write(bytes(range(256)) * 100)",
        "import os, json; order = json.loads(os.read(0, 9999)[4:]); os.write(order['media'], b'\\xff' * 64); os.read(0, 1)",
    ],
)
def test_one_that_says_what_no_listener_says_is_not_believed(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    program(monkeypatch, text)
    assert refused(2)[0] == "srt-crashed"


CONFINED = """
import ctypes, os, socket, sys
from huma.net.srt.confine import confine
held = open(sys.argv[1], "rb")
version = ctypes.CDLL(None).syscall(444, None, ctypes.c_size_t(0), 1)
if not confine():
    print("none"); raise SystemExit
def tried(what):
    try:
        what()
    except PermissionError:
        return "refused"
    except OSError as error:
        return error.strerror
    return "done"
print(
    tried(lambda: open(sys.argv[1], "rb")), tried(lambda: open(sys.argv[1] + ".new", "wb")),
    tried(lambda: open(f"/proc/{os.getppid()}/mem", "rb")), tried(lambda: os.listdir("/")),
    tried(lambda: os.execv(sys.executable, ["python"])), tried(lambda: held.read()),
    tried(lambda: socket.create_connection(("127.0.0.1", int(sys.argv[2])))) if version >= 4 else "refused",
    tried(lambda: os.kill(os.getppid(), 0)) if version >= 6 else "refused",
)
"""


def test_whoever_takes_it_over_finds_no_files_and_no_programs(tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    key.write_text("secret")
    with socket.create_server(("127.0.0.1", 0)) as server:
        child = python(CONFINED, str(key), str(server.getsockname()[1]))
        said, wrong = child.communicate(timeout=60)
    if said == "none\n":
        pytest.skip("this kernel has no Landlock")
    assert said.split() == ["refused"] * 5 + ["done"] + ["refused"] * 2, wrong
    with opened() as door:
        until(lambda: door.state.confined, lambda: door.state)
