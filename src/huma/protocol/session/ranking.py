"""In which order mirrors are asked, and which three a viewer keeps to (spec/client.md, M1 to M3)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from huma.config import STICKY_MIRRORS
from huma.protocol.session.chance import Mulberry32, fnv1a

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from huma.protocol.session.config import SessionConfig
    from huma.protocol.session.events import Trust

LISTED: Final = 0
UNLISTED: Final = 1
WITHDRAWN: Final = 2
HINTS_VOICE: Final = "hints of a link"


@dataclass(frozen=True, slots=True)
class Listing:
    """A mirror that may be asked. `operator` spreads the set; `voice` is what counts as one operator in B3 and B6."""

    id: str
    url: str
    operator: str
    voice: str
    cls: str
    tier: str
    group: int
    score: float


def origin(url: str) -> str:
    """Scheme, host and port: the operator of whoever names none."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}".lower()


def is_onion(url: str, cls: str) -> bool:
    """Is this reached through Tor?"""
    host = origin(url).partition("://")[2].partition(":")[0]
    return cls == "onion" or host.endswith(".onion")


def rank_mirrors(trust: Trust, config: SessionConfig, seed: int) -> tuple[Listing, ...]:
    """M1: all mirrors that this client may ask, by group, then by weighted chance that holds over renewals."""
    listed = [_of_roster(trust, index, seed) for index in range(len(trust.mirrors))]
    known = {listing.url for listing in listed}
    hinted = [_of_hint(trust, url, seed) for url in dict.fromkeys(trust.hints) if url not in known]
    allowed = [listing for listing in (*listed, *hinted) if _may_ask(listing, config)]
    return tuple(sorted(allowed, key=lambda listing: (listing.group, listing.score, listing.id)))


def _of_roster(trust: Trust, index: int, seed: int) -> Listing:
    mirror = trust.mirrors[index]
    group = LISTED if not trust.weights or mirror.id in trust.weights else UNLISTED
    if mirror.id in trust.withdrawn:
        group = WITHDRAWN
    score = _score(seed, mirror.id, trust.weights.get(mirror.id, 1))
    return Listing(
        mirror.id, mirror.url, mirror.operator, mirror.operator, mirror.cls, mirror.tier, group, score
    )


def _of_hint(trust: Trust, url: str, seed: int) -> Listing:
    """Nobody signed a hint: it has no tier, and all hints of a link have one voice."""
    group = UNLISTED if trust.mirrors else LISTED
    return Listing(url, url, origin(url), HINTS_VOICE, "server", "hint", group, _score(seed, url, 1))


def _score(seed: int, name: str, weight: int) -> float:
    """Weighted rendezvous: a changed weight moves this mirror alone, whatever happens to the others."""
    chance = (Mulberry32(seed ^ fnv1a(name)).next() + 1) / 4294967297
    return -math.log(chance) / weight


def _may_ask(listing: Listing, config: SessionConfig) -> bool:
    if is_onion(listing.url, listing.cls) and not config.onion:
        return False
    scheme = listing.url.partition("://")[0].lower()
    return scheme in config.schemes and (config.volunteers or listing.tier != "volunteer")


def pick_set(ranked: tuple[Listing, ...], benched: AbstractSet[str]) -> list[Listing]:
    """M2: three of different operators, one of them trusted where there is one; fewer where there are fewer."""
    chosen: list[Listing] = []
    for listing in ranked:
        if len(chosen) == STICKY_MIRRORS or (listing.group == WITHDRAWN and chosen):
            break
        if listing.id not in benched and all(listing.operator != other.operator for other in chosen):
            chosen.append(listing)
    if chosen and all(listing.tier != "trusted" for listing in chosen):
        _include_trusted(chosen, ranked, benched)
    return chosen


def _include_trusted(chosen: list[Listing], ranked: tuple[Listing, ...], benched: AbstractSet[str]) -> None:
    for listing in ranked:
        if listing.tier != "trusted" or listing.group == WITHDRAWN or listing.id in benched:
            continue
        operators = [other.operator for other in chosen]
        if listing.operator in operators:
            chosen[operators.index(listing.operator)] = listing
        elif len(chosen) < STICKY_MIRRORS:
            chosen.append(listing)
        else:
            chosen[-1] = listing
        return
