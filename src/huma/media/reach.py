"""Which machines a web source may lead to: none of a private network, unless the person who named it lives there."""

from __future__ import annotations

import queue
import socket
import threading
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Final

from huma.errors import TransportError
from huma.media.allowance import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

RESOLVE_WITHIN_S: Final = 5.0
_NAT64: Final = ip_network("64:ff9b::/96")
_MINE: Final = frozenset(("localhost", "ip6-localhost"))
ASTRAY: Final = "source-astray"
_ASTRAY_HINT: Final = (
    "Whoever runs that server wants something from this network. If it is yours, name the machine behind it."
)


def is_public(address: str) -> bool:
    """Whether an IP address is one of the internet, and not of this machine, its network, or a group."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address):
        carried = ip.ipv4_mapped or ip.sixtofour
        if carried is None and ip in _NAT64:
            carried = IPv4Address(int(ip) & 0xFFFF_FFFF)
        if ip.is_site_local:
            return False
        ip = carried or ip
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def resolve(host: str) -> tuple[str, ...]:
    """The IP addresses of a name, or none in time."""
    answers: queue.SimpleQueue[tuple[str, ...]] = queue.SimpleQueue()

    def ask() -> None:
        found: tuple[str, ...] = ()
        with suppress(OSError, UnicodeError):
            lines = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            found = tuple(dict.fromkeys(str(address[0]) for *_, address in lines))
        answers.put(found)

    # getaddrinfo has no time limit of its own
    threading.Thread(target=ask, name="huma-resolve", daemon=True).start()
    try:
        return answers.get(timeout=RESOLVE_WITHIN_S)
    except queue.Empty:
        return ()


class Reach:
    """Says where the connections of one web source may go, for as long as its programme runs.

    What the person typed may be anywhere. If it is at a public address, whatever it leads to must be at one too: that
    is decided when it is first looked up, so that a name which moves into our network later does not take us with it.
    """

    def __init__(
        self,
        typed: str,
        *,
        is_public: Callable[[str], bool] = is_public,
        resolve: Callable[[str], tuple[str, ...]] = resolve,
    ) -> None:
        self._typed = typed
        self._is_public = is_public
        self._resolve = resolve
        self._anywhere: bool | None = None

    def addresses(self, host: str) -> tuple[str, ...]:
        """The IP addresses of `host` that may be called.

        Raises:
            TransportError: There is no such host.
            RefusedError: It may not be called.
        """
        found = (host,) if _is_address(host) else self._resolve(host)
        if not found:
            raise TransportError(f"the name {host[:80]} leads nowhere", code="source-lost")
        public = tuple(each for each in found if self._is_public(each))
        if self._may_be_called(host, private=not public):
            return public or found
        raise _astray(host)

    def check_name(self, host: str) -> None:
        """Refuse what is private by its name, where somebody else looks names up: a proxy."""
        private = host in _MINE or (_is_address(host) and not self._is_public(host))
        if not self._may_be_called(host, private=private):
            raise _astray(host)

    def _may_be_called(self, host: str, *, private: bool) -> bool:
        if self._anywhere is None and host == self._typed:
            self._anywhere = private
        return not private or self._anywhere is True


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _astray(host: str) -> RefusedError:
    return RefusedError(f"leads to {host[:80]}, in a private network", code=ASTRAY, hint=_ASTRAY_HINT)
