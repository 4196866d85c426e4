"""Holds the listener in: whoever takes it over by what he sends shall find nothing, reach nothing, and not outlive us.

Landlock (Linux 5.13) takes away all files, and with them the memory of other processes and every program; its later
versions also TCP connections and signals to others. Where the kernel has none, the rest still holds.
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


def bound_memory(size: int) -> None:
    """Rather die than grow."""
    resource.setrlimit(resource.RLIMIT_DATA, (size, size))


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
