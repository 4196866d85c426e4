"""Debian's libsrt through ctypes. Numbers are those of its 1.5 header."""

from __future__ import annotations

import ctypes
from enum import IntEnum
from typing import Final

LIBRARIES: Final = ("libsrt-gnutls.so.1.5", "libsrt-openssl.so.1.5", "libsrt.so.1.5", "libsrt.so.1")
PACKAGE: Final = "libsrt1.5-gnutls"
PAYLOAD: Final = 1316
"""Seven packets of MPEG-TS: what one datagram carries."""


class Option(IntEnum):
    """What can be set on a socket (SRTO_…)."""

    RCVSYN = 2
    FC = 4
    RCVBUF = 6
    UDP_RCVBUF = 9
    SNDTIMEO = 13
    SENDER = 21
    LATENCY = 23
    PASSPHRASE = 26
    PBKEYLEN = 27
    CONNTIMEO = 36
    RCVKMSTATE = 41
    RCVLATENCY = 43
    MINVERSION = 45
    STREAMID = 46
    ENFORCEDENCRYPTION = 53
    PEERIDLETIMEO = 55


class SrtMissingError(Exception):
    """libsrt is not installed."""


def load_library() -> ctypes.CDLL:
    """Debian's libsrt, whichever flavour is there."""
    for name in LIBRARIES:
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    raise SrtMissingError
