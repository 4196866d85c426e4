"""Checks of the mirrors: enough of them, in different hands, and never the origin itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from huma.check.finding import Check, Finding, fail, ok, warn
from huma.errors import HumaError
from huma.protocol.hosts import is_address

if TYPE_CHECKING:
    from collections.abc import Iterator

    from huma.check.scene import Scene
    from huma.protocol.roster import Mirror

_ENOUGH: Final = 2


def _roster(scene: Scene) -> Iterator[Finding]:
    mirrors = scene.roster.mirrors
    if not mirrors:
        yield warn("the roster is empty: viewers have only the link's hints")
        return
    operators = {mirror.operator for mirror in mirrors}
    if len(mirrors) < _ENOUGH:
        yield warn("one mirror: when it falls, everybody falls")
    elif len(operators) < _ENOUGH:
        yield warn(
            f"all {len(mirrors)} mirrors are {next(iter(operators))}'s: one phone call ends them",
            "Ask another operator to carry it.",
        )
    else:
        yield ok(f"{len(mirrors)} mirrors of {len(operators)} operators")
    if not any(mirror.tier == "trusted" for mirror in mirrors):
        yield warn(
            "none is trusted: revocations may reach viewers late",
            'Give one of your own, or a CDN, tier = "trusted".',
        )
    plain = [
        mirror.id
        for mirror in mirrors
        if mirror.url.startswith("http:") and mirror.cls not in ("onion", "lan")
    ]
    if plain:
        yield warn(
            f"without https: {', '.join(plain)}: pages on https cannot use them",
            "Give them a certificate: Caddy in front gets one by itself.",
        )


def _roster_signed(scene: Scene) -> Iterator[Finding]:
    if scene.config.roster == scene.roster:
        yield ok("the roster is as event.toml has it")
    else:
        yield warn(
            f"event.toml lists {len(scene.config.mirrors)} mirrors, the roster {len(scene.roster.mirrors)}, or others"
        )


def _origin(scene: Scene) -> Iterator[Finding]:
    origin = _origin_addresses(scene)
    hit = [
        mirror
        for mirror in scene.roster.mirrors
        if mirror.cls != "lan" and _addresses(scene, mirror) & origin
    ]
    for mirror in hit:
        yield fail(f"{mirror.id} ({mirror.url}) is the origin: whoever reads the roster knows what to attack")
    if hit:
        return
    if scene.roster.mirrors and not scene.config.origin:
        yield warn(
            "event.toml does not say where the origin is, so only this machine was looked for",
            'Add origin = ["name or address"] to event.toml; it stays on this machine.',
        )
    else:
        yield ok("the origin is not among the mirrors")


def _origin_addresses(scene: Scene) -> set[str]:
    """Names and addresses of the origin: as written, and this machine's own if it holds a live key."""
    found = {each.lower() for each in scene.config.origin}
    for name in scene.config.origin:
        if not is_address(name):
            found |= set(scene.resolve(name))
    if scene.eventdir.has_key("live-a"):
        found |= scene.own_addresses()
    return found


def _addresses(scene: Scene, mirror: Mirror) -> set[str]:
    host = mirror.parts.host.strip("[]")
    try:
        resolved = () if is_address(host) or mirror.cls == "onion" else scene.resolve(host)
    except HumaError:
        resolved = ()
    return {host, *mirror.addresses, *resolved}


MIRROR_CHECKS: Final = (
    Check("roster", "Enough mirrors, in different hands", "number, operators, tiers and URLs in the roster", "Ask more people to carry public/ on any web server, and list them in event.toml.", _roster, frozenset({"trust"})),
    Check("roster-signed", "The roster is the list that is written", "mirrors of event.toml against the roster", "Leave huma desk running: it signs the list. To empty it, sign an empty roster.", _roster_signed, frozenset({"config", "trust"})),
    Check("origin", "The origin is not among the mirrors", "addresses of the origin against those of the roster", "Take it out of event.toml, and move the origin to another address.", _origin, frozenset({"config", "trust"})),
)  # fmt: skip
