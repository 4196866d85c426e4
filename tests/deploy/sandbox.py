"""Runs a command within what a unit of ours forbids, on a machine without systemd's own daemon.

    python -m tests.deploy.sandbox UNIT WRITABLE -- COMMAND…

What seccomp does (system calls, address families, memory that is written and run, namespaces) is done by libseccomp, as
systemd does it. As root it also makes the file system read-only but for WRITABLE, hides homes and other processes, and goes
on as a user without rights.
"""

from __future__ import annotations

import ctypes
import os
import platform
import socket
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from errno import EAFNOSUPPORT, ENOSYS, EPERM
from pathlib import Path

NOBODY = 60_123
ALLOW, ERRNO = 0x7FFF0000, 0x00050000
MASKED_EQ, EQ = 7, 4
PROT_EXEC, PROT_WRITE, SHM_EXEC = 4, 2, 0o100000
NAMESPACES = (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000)
MS_RDONLY, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 32, 4096, 16384, 1 << 18
CLONE_NEWNS = 0x00020000


class Compare(ctypes.Structure):
    _fields_ = [
        ("arg", ctypes.c_uint), ("op", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64),
    ]  # fmt: skip


def directives(unit: str) -> dict[str, list[str]]:
    """Every directive of a unit with its values, in their order."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in unit.splitlines():
        if line and line[0] not in "#;[":
            name, _, value = line.partition("=")
            found[name].append(value)
    return found


def allowed_calls(filters: list[str]) -> set[str]:
    """The system calls of `SystemCallFilter=` lines, with systemd's own groups."""
    calls: set[str] = set()
    for line in filters:
        names = {call for word in line.removeprefix("~").split() for call in _members(word)}
        calls = calls - names if line.startswith("~") else calls | names
    return calls


def _members(word: str) -> Iterator[str]:
    if not word.startswith("@"):
        yield word
        return
    listed = subprocess.run(
        ["systemd-analyze", "syscall-filter", word], capture_output=True, text=True, check=True
    )
    for line in listed.stdout.splitlines()[1:]:
        name = line.strip()
        if name and not name.startswith("#"):
            yield from _members(name)


class Filter:
    """One seccomp filter."""

    def __init__(self, library: ctypes.CDLL, otherwise: int) -> None:
        self._library = library
        library.seccomp_init.restype = ctypes.c_void_p
        self._context = ctypes.c_void_p(library.seccomp_init(otherwise))

    def rule(self, action: int, call: str, *compares: Compare) -> None:
        number = self._library.seccomp_syscall_resolve_name(call.encode())
        array = (Compare * len(compares))(*compares)
        done = self._library.seccomp_rule_add_array(
            self._context, ctypes.c_uint32(action), number, len(compares), array
        )
        assert done == 0 or number < 0, (call, done)

    def load(self) -> None:
        done = self._library.seccomp_load(self._context)
        assert done == 0, done


def confine(found: Mapping[str, list[str]]) -> None:
    """What of a unit seccomp does."""
    library = ctypes.CDLL("libseccomp.so.2")
    if found["RestrictAddressFamilies"]:
        allowed = {getattr(socket, name) for name in found["RestrictAddressFamilies"][0].split()}
        families = Filter(library, ALLOW)
        for family in set(range(46)) - allowed:
            families.rule(ERRNO | EAFNOSUPPORT, "socket", Compare(0, EQ, family, 0))
        families.load()
    if found["MemoryDenyWriteExecute"] == ["yes"]:
        memory = Filter(library, ALLOW)
        both = PROT_EXEC | PROT_WRITE
        memory.rule(ERRNO | EPERM, "mmap", Compare(2, MASKED_EQ, both, both))
        for call in ("mprotect", "pkey_mprotect"):
            memory.rule(ERRNO | EPERM, call, Compare(2, MASKED_EQ, PROT_EXEC, PROT_EXEC))
        memory.rule(ERRNO | EPERM, "shmat", Compare(2, MASKED_EQ, SHM_EXEC, SHM_EXEC))
        memory.load()
    if found["RestrictNamespaces"] == ["yes"]:
        names = Filter(library, ALLOW)
        names.rule(ERRNO | ENOSYS, "clone3")
        names.rule(ERRNO | EPERM, "setns")
        for flag in NAMESPACES:
            for call in ("clone", "unshare"):
                names.rule(ERRNO | EPERM, call, Compare(0, MASKED_EQ, flag, flag))
        names.load()
    if found["SystemCallFilter"]:
        calls = Filter(library, ERRNO | EPERM)
        for call in allowed_calls(found["SystemCallFilter"]):
            calls.rule(ALLOW, call)
        calls.load()


def is_chroot() -> bool:
    """Whether `/` is no mount of its own: then no file system can be shut in, and the account stays what it is."""
    mounts = Path("/proc/self/mountinfo").read_text().splitlines()
    return "/" not in [line.split()[4] for line in mounts]


def shut_in(writable: Path) -> None:
    """ProtectSystem=strict, ProtectHome, PrivateTmp but for `writable`, ProtectProc, ProcSubset, User: for root only."""
    libc = ctypes.CDLL(None, use_errno=True)

    def mount(what: str, place: str, flags: int, options: str = "") -> None:
        done = libc.mount(what.encode(), place.encode(), what.encode(), flags, options.encode() or None)
        assert done == 0, (place, os.strerror(ctypes.get_errno()))

    if is_chroot() or libc.unshare(CLONE_NEWNS) != 0:
        return  # nor where root is one in name only: what seccomp does is left
    mount("none", "/", MS_REC | MS_PRIVATE)
    mount(str(writable), str(writable), MS_BIND | MS_REC)
    mount("/", "/", MS_BIND | MS_REC)
    os.chroot("/")
    os.chdir("/")
    subprocess.run(["/bin/mount", "-o", "remount,bind,ro", "/"], check=True)
    subprocess.run(["/bin/mount", "-o", "remount,bind,rw", str(writable)], check=True)
    interpreter = Path(sys.base_prefix)
    handle = os.open(interpreter, os.O_PATH)
    for home in ("/root", "/home"):
        mount("tmpfs", home, 0, "mode=711")
        if interpreter.is_relative_to(home):  # of a developer; on the real machine it stands in /usr
            interpreter.mkdir(parents=True)
            mount(f"/proc/self/fd/{handle}", str(interpreter), MS_BIND | MS_REC)
    mount("proc", "/proc", 0, "hidepid=invisible,subset=pid")
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def main() -> None:
    unit, writable, command = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[4:]
    found = directives(unit.read_text())
    if os.geteuid() == 0:
        shut_in(writable)
    assert ctypes.CDLL(None).prctl(38, 1, 0, 0, 0) == 0  # no new privileges
    confine(found)
    os.chdir(writable)
    os.execvp(command[0], command)  # noqa: S606 - the command is the test's own


if __name__ == "__main__":
    assert platform.machine() == "x86_64"
    main()
