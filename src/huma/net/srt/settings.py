"""What a door may be opened with, and its port."""

from __future__ import annotations

import ipaddress
import socket
from typing import Final

from huma.errors import UsageError
from huma.net.listening import cannot_listen
from huma.net.srt.limits import LATENCY_MAX_MS, LATENCY_MIN_MS, PASSPHRASE_MAX, PASSPHRASE_MIN, STREAMID_MAX

UNFIT: Final = "srt-passphrase"
BAD_SETTING: Final = "srt-setting"
_HOW: Final = "Make one: openssl rand -hex 16"


def check_settings(host: str, passphrase: str, latency_ms: int, streamid: str | None) -> None:
    """Refuse what libsrt would not take, and a door that anybody could push to.

    Raises:
        UsageError: The passphrase is missing or unfit, or a number is out of bounds. It is never repeated.
    """
    if not passphrase and not is_loopback(host):
        raise UsageError("an SRT door that others can reach needs a passphrase", code=UNFIT, hint=_HOW)
    if passphrase and not (PASSPHRASE_MIN <= len(passphrase) <= PASSPHRASE_MAX and _is_plain(passphrase)):
        raise UsageError(
            f"an SRT passphrase has {PASSPHRASE_MIN} to {PASSPHRASE_MAX} letters, digits and signs, without spaces",
            code=UNFIT,
            hint=_HOW,
        )
    if not LATENCY_MIN_MS <= latency_ms <= LATENCY_MAX_MS:
        raise UsageError(
            f"an SRT latency of {latency_ms} ms is not possible",
            code=BAD_SETTING,
            hint=f"Give {LATENCY_MIN_MS} to {LATENCY_MAX_MS} ms: four times the round trip is usual.",
        )
    if streamid is not None and not (streamid and _is_plain(streamid) and len(streamid) <= STREAMID_MAX):
        raise UsageError(
            f"an SRT stream id has 1 to {STREAMID_MAX} letters, digits and signs, without spaces",
            code=BAD_SETTING,
            hint="Leave it out, and any stream id is taken.",
        )


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach that place. A name other than localhost is not asked about."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def bind(host: str, port: int, option: str) -> socket.socket:
    """A UDP socket that nobody else can have beside us; `option` is what named the place on the command line.

    Raises:
        UsageError: It cannot be had.
    """
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_DGRAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        made = socket.socket(family, kind, protocol)
    except OSError as error:
        raise cannot_listen(host, port, error, option) from None
    try:
        made.bind(address)
    except OSError as error:
        made.close()
        raise cannot_listen(host, port, error, option) from None
    return made


def _is_plain(text: str) -> bool:
    return all(0x20 < ord(letter) < 0x7F for letter in text)
