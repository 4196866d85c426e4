"""Rows about the mirrors and the origin."""

from __future__ import annotations

from dataclasses import replace

from huma.errors import TransportError
from huma.keys.eventtoml import with_mirrors
from tests.check.conftest import MIRRORS
from tests.check.stage import FAIL, WARN, Provocation, Stage, bring, provoked, roster


def unsigned_roster(stage: Stage) -> None:
    stage.write(with_mirrors(stage.event.config, MIRRORS[:1]))


def origin_by_name(stage: Stage) -> None:
    addresses = {"studio.example": ("198.51.100.7",), "a.example": ("198.51.100.7",)}
    stage.options["resolve"] = lambda host: addresses.get(host, ())
    stage.write(replace(stage.event.config, origin=("studio.example",)))


def origin_by_pin(stage: Stage) -> None:
    roster(replace(MIRRORS[0], addresses=("203.0.113.9",)), MIRRORS[1])(stage)


def origin_is_here(stage: Stage) -> None:
    bring(stage, "live-a")
    stage.options["own_addresses"] = lambda: frozenset({"198.51.100.1"})


def origin_unknown(stage: Stage) -> None:
    stage.write(replace(stage.event.config, origin=()))


def unresolvable(stage: Stage) -> None:
    def nowhere(host: str) -> tuple[str, ...]:
        raise TransportError(f"{host} leads nowhere")

    stage.options["resolve"] = nowhere
    stage.write(replace(stage.event.config, origin=("studio.example",)))


PROVOCATIONS: list[Provocation] = [
    ("roster", WARN, "the roster is empty", roster()),
    ("roster", WARN, "one mirror", roster(MIRRORS[0])),
    ("roster", WARN, "one phone call", roster(MIRRORS[0], replace(MIRRORS[1], operator="A"))),
    ("roster", WARN, "none is trusted", roster(*(replace(each, tier="volunteer") for each in MIRRORS))),
    ("roster", WARN, "without https: m2", roster(MIRRORS[0], replace(MIRRORS[1], url="http://b.example/"))),
    ("roster-signed", WARN, "event.toml lists 1 mirrors, the roster 2", unsigned_roster),
    ("origin", FAIL, "m1 (https://a.example/) is the origin", origin_by_name),
    ("origin", FAIL, "m1 (https://a.example/) is the origin", origin_by_pin),
    ("origin", FAIL, "m2 (https://b.example/) is the origin", origin_is_here),
    ("origin", WARN, "does not say where the origin is", origin_unknown),
    ("origin", FAIL, "leads nowhere", unresolvable),
]  # fmt: skip


test_what_is_wrong_is_said_with_its_mend = provoked(PROVOCATIONS)
