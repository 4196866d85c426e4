"""Which addresses a name has, and which this machine has."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from contextlib import suppress
from typing import Final

from huma.errors import TransportError

RESOLVE_WITHIN_S: Final = 4.0

_OUTSIDE: Final = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))
"""Addresses that nobody has: a datagram socket that is pointed there sends nothing, and learns our own address."""


def resolve(host: str, within_s: float = RESOLVE_WITHIN_S) -> tuple[str, ...]:
    """The addresses of a name."""
    pool = ThreadPoolExecutor(1, thread_name_prefix="resolve")
    try:
        found = pool.submit(socket.getaddrinfo, host, None, type=socket.SOCK_STREAM).result(within_s)
    except (OSError, UnicodeError, Late):
        raise TransportError(f"the name {host} leads nowhere", code="unresolved") from None
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return tuple(dict.fromkeys(_plain(str(address[0])) for *_, address in found))


def own_addresses() -> frozenset[str]:
    """The addresses under which this machine reaches the world, and those of its own name; loopback is left out."""
    found = set()
    for family, outside in _OUTSIDE:
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as door:
                door.connect((outside, 9))
                found.add(_plain(str(door.getsockname()[0])))
        except OSError:
            continue
    with suppress(TransportError):
        found |= set(resolve(socket.gethostname()))
    return frozenset(each for each in found if not each.startswith("127.") and each not in ("::1", "0.0.0.0"))  # noqa: S104 - it is left out


def _plain(address: str) -> str:
    """Without the name of an interface behind it."""
    return address.partition("%")[0]
