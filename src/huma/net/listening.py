"""Why a port of this machine cannot be had, told the same way wherever somebody asks for one."""

from __future__ import annotations

import errno
import socket

from huma.errors import UsageError


def cannot_listen(host: str, port: int, error: OSError, option: str) -> UsageError:
    """What to say of a place to listen at that `option` of the command line has named."""
    place = f"{host or '*'}:{port}"
    if error.errno == errno.EADDRINUSE:
        return UsageError(
            f"port {port} is in use by another program, so nothing can listen at {place}",
            code="port-in-use",
            hint=f"Choose another port with {option}, or end that program.",
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return UsageError(
            f"you may not listen at {place}",
            code="port-forbidden",
            hint=f"Ports below 1024 are not for everybody: choose a higher one with {option}.",
        )
    why = error.strerror or type(error).__name__
    if error.errno == errno.EADDRNOTAVAIL or isinstance(error, socket.gaierror):
        why = "that is no address of this machine"
    return UsageError(
        f"nothing can listen at {place}: {why}",
        code="bad-address",
        hint="127.0.0.1 serves this machine alone, 0.0.0.0 everybody who can reach it.",
    )
