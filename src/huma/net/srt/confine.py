"""Holds the listener in: whoever takes it over by what he sends shall find nothing, reach nothing, and not outlive us.

Landlock (Linux 5.13) takes away all files, and with them the memory of other processes and every program; its later
versions also TCP connections and signals to others. Where the kernel has none, the rest still holds. Whatever Python
loads later is a file, too: it must have been loaded before.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import struct
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_NO_NEW_PRIVS: Final = 38
_LANDLOCK_CREATE_RULESET: Final = 444
_LANDLOCK_RESTRICT_SELF: Final = 446
_ASK_VERSION: Final = 1
_FILE_RIGHTS: Final = {1: 13, 2: 14, 3: 15, 5: 16}
"""How many kinds of access to files each version of Landlock knows."""
_NET_VERSION, _NET_RIGHTS = 4, 0b11
_SCOPE_VERSION, _SCOPES = 6, 0b11


def settle_in() -> None:
    """Leave no trace of the passphrase, ignore Ctrl-C, and do not outlive the one who started us."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)


class Memory:
    """What this process holds. A library that got no memory may go on without doing its work: better to end before."""

    def __init__(self, most: int) -> None:
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
        self._enough = most * 3 // 4
        self._handle = os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)  # while there are files

    @property
    def is_short(self) -> bool:
        """Whether so much is held that the rest may not do."""
        resident = int(os.pread(self._handle, 100, 0).split()[1])
        return resident * resource.getpagesize() > self._enough


def confine() -> bool:
    """Give up files, programs and other processes, for this thread and those it starts later; whether the kernel did so."""
    libc = ctypes.CDLL(None)
    version = libc.syscall(_LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), _ASK_VERSION)
    if version < 1:
        return False
    files = (1 << max(count for since, count in _FILE_RIGHTS.items() if since <= version)) - 1
    rules = struct.pack("=Q", files)
    if version >= _NET_VERSION:
        rules += struct.pack("=Q", _NET_RIGHTS)
    if version >= _SCOPE_VERSION:
        rules += struct.pack("=Q", _SCOPES)
    handle = libc.syscall(_LANDLOCK_CREATE_RULESET, rules, ctypes.c_size_t(len(rules)), 0)
    if handle < 0:
        return False
    try:
        if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
            return False
        return bool(libc.syscall(_LANDLOCK_RESTRICT_SELF, handle, 0) == 0)
    finally:
        os.close(handle)
