"""roster.json: which mirrors exist, and who runs them (spec/documents.md, D48)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from huma.config import MAX_ADDRESSES, MAX_MIRRORS, METADATA_MAX_BYTES, URL_MAX_BYTES
from huma.errors import MalformedError
from huma.protocol.hosts import MirrorUrl, is_address, parse_mirror_url
from huma.protocol.names import is_digest
from huma.protocol.strictjson import Members, parse_members, parse_version, render_json

CLASSES: Final = ("cdn", "server", "home", "onion", "lan")
TIERS: Final = ("trusted", "volunteer")

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


@dataclass(frozen=True, slots=True)
class Mirror:
    """One mirror. Addresses are pinned IP addresses, `spki` the SHA-256 of keys that its certificate may have."""

    id: str
    url: str
    operator: str
    cls: str
    tier: str
    addresses: tuple[str, ...] = ()
    spki: tuple[str, ...] = ()

    @property
    def parts(self) -> MirrorUrl:
        """The parts of the URL."""
        return parse_mirror_url(self.url)


@dataclass(frozen=True, slots=True)
class Roster:
    """All mirrors of the event."""

    mirrors: tuple[Mirror, ...] = ()

    def mirror(self, mirror_id: str) -> Mirror | None:
        """The mirror of that id, if there is one."""
        return next((mirror for mirror in self.mirrors if mirror.id == mirror_id), None)


def parse_roster(data: bytes) -> Roster:
    """The roster that `data` holds, or one of our errors."""
    members = parse_members(data, METADATA_MAX_BYTES, "roster.json")
    parse_version(members)
    roster = Roster(tuple(_mirror(item) for item in members.objects("mirrors", MAX_MIRRORS)))
    ids = [mirror.id for mirror in roster.mirrors]
    if len(set(ids)) != len(ids):
        raise MalformedError("roster.json: two mirrors have one id")
    return roster


def render_roster(roster: Roster) -> bytes:
    """roster.json in its one spelling. What `parse_roster` would refuse is refused here too."""
    mirrors = [
        {
            "id": mirror.id,
            "url": mirror.url,
            "operator": mirror.operator,
            "class": mirror.cls,
            "tier": mirror.tier,
            "addresses": list(mirror.addresses),
            "spki": list(mirror.spki),
        }
        for mirror in roster.mirrors
    ]
    data = render_json({"v": 1, "mirrors": mirrors})
    parse_roster(data)
    return data


def is_mirror_id(text: str) -> bool:
    """Whether `text` may be the id of a mirror."""
    return _ID.fullmatch(text) is not None


def _mirror(members: Members) -> Mirror:
    mirror = Mirror(
        id=members.text("id", 32),
        url=members.text("url", URL_MAX_BYTES),
        operator=members.text("operator", 128),
        cls=members.choice("class", CLASSES),
        tier=members.choice("tier", TIERS),
        addresses=members.texts("addresses", MAX_ADDRESSES, 45),
        spki=members.texts("spki", MAX_ADDRESSES, 64),
    )
    if not is_mirror_id(mirror.id):
        members.refuse("id", "lower-case letters, digits and hyphens")
    if not all(map(is_address, mirror.addresses)) or not all(map(is_digest, mirror.spki)):
        members.refuse("addresses", "IP addresses, with SHA-256 digests as pins")
    zone = mirror.parts.zone
    if zone in {"private", "loopback"} and mirror.cls != "lan":
        raise MalformedError("an address in somebody's own network is for class lan", code="private-address")
    if (zone == "onion") != (mirror.cls == "onion"):
        raise MalformedError("onion addresses and class onion belong together", code="bad-url")
    return mirror
