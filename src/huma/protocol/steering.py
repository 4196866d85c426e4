"""steering.json: how much of the audience each mirror should get, and which are withdrawn.

The rules: spec/documents.md, D51.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from huma.config import MAX_MIRRORS, METADATA_MAX_BYTES
from huma.errors import MalformedError
from huma.protocol.roster import is_mirror_id
from huma.protocol.strictjson import as_members, parse_members, parse_version, render_json

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Hint:
    """Seen from this network, these mirrors do not work."""

    network: str
    avoid: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Steering:
    """Weights 1 to 100 by mirror id. It knows no URL: whoever steals its key cannot send a viewer anywhere new."""

    weights: Mapping[str, int] = field(default_factory=dict)
    withdrawn: tuple[str, ...] = ()
    hints: tuple[Hint, ...] = ()


def parse_steering(data: bytes) -> Steering:
    """The steering that `data` holds, or one of our errors."""
    members = parse_members(data, METADATA_MAX_BYTES, "steering.json")
    parse_version(members)
    weights = as_members(members.get("weights"), "weights")
    steering = Steering(
        weights={mirror: weights.integer(mirror, 1, 100) for mirror in weights.members},
        withdrawn=members.texts("withdrawn", MAX_MIRRORS, 32),
        hints=tuple(
            Hint(item.text("network", 64), item.texts("avoid", MAX_MIRRORS, 32))
            for item in members.objects("hints", MAX_MIRRORS)
        ),
    )
    named = [
        *steering.weights,
        *steering.withdrawn,
        *(mirror for hint in steering.hints for mirror in hint.avoid),
    ]
    if len(steering.weights) > MAX_MIRRORS or not all(map(is_mirror_id, named)):
        raise MalformedError("steering.json names something that is not a mirror's id, or too many")
    if len(set(steering.withdrawn)) != len(steering.withdrawn):
        raise MalformedError("steering.json withdraws a mirror twice")
    return steering


def render_steering(steering: Steering) -> bytes:
    """steering.json in its one spelling. What `parse_steering` would refuse is refused here too."""
    members: dict[str, Any] = {
        "v": 1,
        "weights": dict(steering.weights),
        "withdrawn": list(steering.withdrawn),
        "hints": [{"network": hint.network, "avoid": list(hint.avoid)} for hint in steering.hints],
    }
    data = render_json(members)
    parse_steering(data)
    return data
