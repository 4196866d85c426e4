from __future__ import annotations

import errno
import socket

import pytest

from huma.net.listening import cannot_listen


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (OSError(errno.EADDRINUSE, "Address already in use"), "port-in-use", "--serve"),
        (PermissionError(errno.EACCES, "Permission denied"), "port-forbidden", "--serve"),
        (OSError(errno.EADDRNOTAVAIL, "Cannot assign requested address"), "bad-address", "127.0.0.1"),
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "bad-address", "127.0.0.1"),
        (OSError(errno.EAFNOSUPPORT, "Address family not supported"), "bad-address", "everybody"),
    ],
)
def test_why_nothing_can_listen_there(error: OSError, code: str, says: str) -> None:
    told = cannot_listen("example.org", 80, error, "--serve HOST:PORT")
    assert (told.code, told.exit_code) == (code, 2)
    assert "example.org:80" in told.message
    assert says in told.hint
