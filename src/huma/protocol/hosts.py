"""Addresses of mirrors: one spelling, and which part of the world they are in.

The rules: spec/documents.md, D49, D50.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from huma.config import URL_MAX_BYTES
from huma.errors import MalformedError

Zone: TypeAlias = Literal["public", "onion", "loopback", "private"]

_URL = re.compile(
    r"(https?)://(\[[0-9a-f:]{2,39}\]|[a-z0-9.-]{1,253})(?::([1-9][0-9]{0,4}))?(/(?:[A-Za-z0-9._~-]+/)*)"
)
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_NUMBERLIKE = re.compile(r"[0-9]+|0x[0-9a-f]*")
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_IPV4 = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}")
_GROUP = re.compile(r"0|[1-9a-f][0-9a-f]{0,3}")
_ONION = re.compile(r"(?:[a-z0-9-]+\.)*[a-z2-7]{56}\.onion")

_PRIVATE_NAMES: Final = (
    "local",
    "internal",
    "lan",
    "home",
    "arpa",
    "localdomain",
    "intranet",
    "corp",
)
_PRIVATE_IPV4: Final = (
    ((0, 0, 0, 0), 8),
    ((10, 0, 0, 0), 8),
    ((100, 64, 0, 0), 10),
    ((169, 254, 0, 0), 16),
    ((172, 16, 0, 0), 12),
    ((192, 0, 0, 0), 24),
    ((192, 168, 0, 0), 16),
    ((198, 18, 0, 0), 15),
    ((224, 0, 0, 0), 3),
)


@dataclass(frozen=True, slots=True)
class MirrorUrl:
    """The parts of a mirror's URL."""

    scheme: Literal["http", "https"]
    host: str
    port: int
    path: str

    @property
    def zone(self) -> Zone:
        """Which part of the world the host is in."""
        return zone_of(self.host)

    @property
    def origin(self) -> str:
        """Scheme, host and port: who answers."""
        return f"{self.scheme}://{self.host}:{self.port}"


def parse_mirror_url(text: str) -> MirrorUrl:
    """The parts of `text`, which must be in our one spelling and end in a slash."""
    found = _URL.fullmatch(text)
    if found is None or len(text) > URL_MAX_BYTES:
        raise MalformedError(f"not the URL of a mirror: {text[:64]!r}", code="bad-url")
    scheme: Literal["http", "https"] = "https" if found[1] == "https" else "http"
    usual = 443 if scheme == "https" else 80
    port = int(found[3]) if found[3] else usual
    if port > 65535 or (found[3] and port == usual) or not is_host(found[2]):
        raise MalformedError(f"not the host or port of a mirror: {text[:64]!r}", code="bad-url")
    if any(part in {".", ".."} for part in found[4].split("/")):
        raise MalformedError(f"dots in the path of a mirror: {text[:64]!r}", code="bad-url")
    return MirrorUrl(scheme, found[2], port, found[4])


def is_host(host: str) -> bool:
    """Whether `host` is a domain name, a dotted IPv4 address, or an IPv6 address in brackets, in one spelling."""
    if host.startswith("["):
        return parse_ipv6(host[1:-1]) is not None
    labels = host.split(".")
    if _NUMBERLIKE.fullmatch(labels[-1]):
        return _IPV4.fullmatch(host) is not None
    return len(host) <= 253 and all(_LABEL.fullmatch(label) for label in labels)


def is_address(text: str) -> bool:
    """Whether `text` is an IPv4 or IPv6 address, without brackets, in one spelling."""
    return _IPV4.fullmatch(text) is not None or parse_ipv6(text) is not None


def parse_ipv6(text: str) -> tuple[int, ...] | None:
    """The eight groups of an IPv6 address in lower-case hexadecimal without embedded IPv4 or zone, or None."""
    head, gap, tail = text.partition("::")
    left = head.split(":") if head else []
    right = tail.split(":") if tail else []
    if not all(_GROUP.fullmatch(group) for group in left + right):
        return None
    missing = 8 - len(left) - len(right)
    if (gap and missing < 1) or (not gap and missing != 0):
        return None
    return (*(int(group, 16) for group in left), *([0] * missing), *(int(group, 16) for group in right))


def zone_of(host: str) -> Zone:
    """Where `host` is: names and addresses that lead into somebody's own network are told from public ones."""
    if host.startswith("["):
        return _zone_of_ipv6(parse_ipv6(host[1:-1]) or (0,) * 8)
    if _IPV4.fullmatch(host):
        return _zone_of_ipv4(tuple(int(part) for part in host.split(".")))
    labels = host.split(".")
    if labels[-1] == "localhost":
        return "loopback"
    if labels[-1] == "onion":
        return "onion" if _ONION.fullmatch(host) else "private"
    return "private" if len(labels) == 1 or labels[-1] in _PRIVATE_NAMES else "public"


def _zone_of_ipv4(octets: tuple[int, ...]) -> Zone:
    if octets[0] == 127:
        return "loopback"
    number = _number(octets)
    private = any(number >> (32 - bits) == _number(net) >> (32 - bits) for net, bits in _PRIVATE_IPV4)
    return "private" if private else "public"


def _number(octets: tuple[int, ...]) -> int:
    return octets[0] << 24 | octets[1] << 16 | octets[2] << 8 | octets[3]


def _zone_of_ipv6(groups: tuple[int, ...]) -> Zone:
    """Only 2000::/3 is public, without the parts of it that carry an IPv4 address or lead nowhere."""
    if groups == (0, 0, 0, 0, 0, 0, 0, 1):
        return "loopback"
    carries_ipv4 = groups[0] == 0x2002 or (groups[0] == 0x2001 and groups[1] == 0)
    return "public" if 0x2000 <= groups[0] <= 0x3FFF and not carries_ipv4 else "private"
