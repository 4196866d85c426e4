"""What a client remembers of the trust documents over restarts: version counters and nothing else (spec/trust.md, T9)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from huma.config import MAX_INTEGER, MAX_REMEMBERED
from huma.errors import MalformedError
from huma.protocol.names import is_event_id
from huma.protocol.strictjson import Json, as_members

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class TrustState:
    """The highest versions ever believed. `versions` holds those that stand under root version `root`."""

    event_id: str
    root: int = 1
    versions: Mapping[str, int] = field(default_factory=dict)


def parse_state(value: Json) -> TrustState:
    """The state in a JSON value that was stored; one that was tampered with or cut off is refused."""
    members = as_members(value, "stored state")
    versions = members.inner("versions")
    if len(versions.members) > MAX_REMEMBERED:
        raise MalformedError("stored state lists too many documents")
    event_id = members.text("event", 52)
    if not is_event_id(event_id):
        raise MalformedError("stored state is of no event")
    return TrustState(
        event_id=event_id,
        root=members.integer("root", 1, MAX_INTEGER),
        versions={name: versions.integer(name, 1, MAX_INTEGER) for name in versions.members},
    )


def render_state(state: TrustState) -> dict[str, Any]:
    """The state as a JSON value."""
    return {"event": state.event_id, "root": state.root, "versions": dict(state.versions)}
