"""Asking others what time it is: web servers by their Date header, and NTP. Each answer bounds how far we are off."""

from __future__ import annotations

import secrets
import socket
import struct
import time
from typing import Final

import httpx

from huma.net.clock import ClockReading, read_clock

ASK_WITHIN_S: Final = 3.0

_NTP_PORT: Final = 123
_NTP_TO_UNIX_S: Final = 2_208_988_800
_ERA_S: Final = 2**32
_PACKET: Final = struct.Struct(">BBbb11I")
_CLIENT: Final = 0x23
"""Version 4, mode 3."""


def ask_http(url: str, within_s: float = ASK_WITHIN_S) -> ClockReading | None:
    """How far our clock is off by the Date of whoever answers at `url`; None where nobody does."""
    try:
        with httpx.Client(timeout=within_s, follow_redirects=False, trust_env=False) as client:
            asked = time.time()
            with client.stream("HEAD", url) as response:
                return read_clock(asked, time.time(), response.headers.get("date"))
    except (httpx.HTTPError, httpx.InvalidURL, OSError):
        return None


def ask_ntp(host: str, port: int = _NTP_PORT, within_s: float = ASK_WITHIN_S) -> ClockReading | None:
    """How far our clock is off by an NTP server; None where none answers properly."""
    try:
        families = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
    except OSError:
        return None
    for family, kind, protocol, _, address in families[:2]:
        try:
            with socket.socket(family, kind, protocol) as door:
                door.settimeout(within_s)
                door.connect(address)
                return _exchange(door)
        except OSError:
            continue
    return None


def _exchange(door: socket.socket) -> ClockReading | None:
    """One question. Its mark is random, so that nobody off the path can answer it, and tells nobody our time."""
    mark = (secrets.randbits(32), secrets.randbits(32))
    asked = time.time()
    door.send(_PACKET.pack(_CLIENT, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, *mark))
    data = door.recv(512)
    answered = time.time()
    if len(data) < _PACKET.size:
        return None
    first, stratum, _, _, *words = _PACKET.unpack_from(data)
    synchronised = first >> 6 != 3 and 1 <= stratum <= 15
    if first & 7 != 4 or not synchronised or tuple(words[5:7]) != mark:
        return None
    received, sent = _unix(words[7], words[8]), _unix(words[9], words[10])
    if sent < received:
        return None
    return ClockReading(asked - received, answered - sent)


def _unix(seconds: int, fraction: int) -> float:
    """An NTP moment as Unix seconds; the first half of the numbers belongs to the era that begins in 2036."""
    era = 0 if seconds >= _ERA_S // 2 else _ERA_S
    return seconds + era - _NTP_TO_UNIX_S + fraction / _ERA_S
