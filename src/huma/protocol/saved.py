"""What a client keeps of its belief over restarts (spec/client.md, B8). It only ever grows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from huma.config import MAX_INTEGER, MAX_LIVE_KEYS, MAX_RENDITIONS, MAX_REVOKED
from huma.errors import MalformedError
from huma.protocol.names import is_event_id, is_keyid, is_rendition_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_RANK: Final = re.compile(r"[1-9][0-9]{0,15}")


@dataclass(frozen=True, slots=True)
class SavedBelief:
    """The floors by rank and rendition, and the revoked keys."""

    event_id: str
    floors: Mapping[int, Mapping[str, int]]
    revoked: tuple[str, ...]

    @classmethod
    def of(
        cls, event_id: str, floors: Mapping[int, Mapping[str, int]], revoked: Iterable[str]
    ) -> SavedBelief:
        """No more than is read back: of more ranks the highest, of more keys the first."""
        ranks = sorted(floors)[-MAX_LIVE_KEYS:]
        return cls(event_id, {rank: floors[rank] for rank in ranks}, tuple(sorted(revoked)[:MAX_REVOKED]))

    def as_dict(self) -> dict[str, Any]:
        """As JSON keeps it."""
        floors = {str(rank): dict(sorted(self.floors[rank].items())) for rank in sorted(self.floors)}
        return {"v": 1, "event_id": self.event_id, "floors": floors, "revoked": list(self.revoked)}


def parse_saved(kept: object) -> SavedBelief:
    """What `as_dict` gave, read back from a place that others may have written to."""
    if not isinstance(kept, dict) or type(kept.get("v")) is not int or kept["v"] != 1:
        raise MalformedError("the saved state is not of version 1")
    event_id, floors, revoked = kept.get("event_id"), kept.get("floors"), kept.get("revoked")
    if not isinstance(event_id, str) or not is_event_id(event_id):
        raise MalformedError("the saved state names no event")
    if not isinstance(floors, dict) or not isinstance(revoked, list) or len(floors) > MAX_LIVE_KEYS:
        raise MalformedError("the saved state has no floors or revocations")
    if len(revoked) > MAX_REVOKED:
        raise MalformedError(
            f"the saved state revokes {len(revoked)} keys, at most {MAX_REVOKED} are allowed"
        )
    if not all(isinstance(keyid, str) and is_keyid(keyid) for keyid in revoked):
        raise MalformedError("a saved revocation names no key")
    return SavedBelief(event_id, {_rank(rank): _ticks(floors[rank]) for rank in floors}, tuple(revoked))


def _rank(text: object) -> int:
    if not isinstance(text, str) or not _RANK.fullmatch(text) or int(text) > MAX_INTEGER:
        raise MalformedError("a saved floor has no rank")
    return int(text)


def _ticks(ticks: object) -> dict[str, int]:
    if not isinstance(ticks, dict) or len(ticks) > MAX_RENDITIONS:
        raise MalformedError("a saved floor has no ticks")
    for name, tick in ticks.items():
        sound = isinstance(tick, int) and not isinstance(tick, bool) and 0 <= tick <= MAX_INTEGER
        if not isinstance(name, str) or not is_rendition_name(name) or not sound:
            raise MalformedError("a saved floor is no tick of a rendition")
    return dict(ticks)
