"""The state of a broadcast as one value: what the console, /metrics and `huma status` show. No address, no key."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from huma.cli.livestatus import store_members
from huma.cli.livetrouble import alarm, troubles
from huma.cli.trustages import TrustAges
from huma.media.intake import MAIN, Intake
from huma.protocol.clocktext import format_ms

if TYPE_CHECKING:
    from huma.cli.livedoors import DoorLook
    from huma.cli.liverun import OnAir
    from huma.media.intake import IntakeState
    from huma.media.loudness import Loudness
    from huma.protocol.event import Event

_LANGUAGE: Final = "language-"
_SILENT: Final = {"momentary": None, "short_term": None, "integrated": None, "true_peak": None}


class Overview:
    """Looks at all parts of a broadcast."""

    def __init__(self, air: OnAir) -> None:
        self._air = air
        self._trust = TrustAges(air.plan.eventdir)
        self._known: dict[tuple[str, str], int] = {}

    def look(self) -> dict[str, Any]:
        """The state as JSON can hold it; docs/reference/console.md names every member."""
        air = self._air
        now = air.plan.clock.wall()
        programme = air.programme
        intake = programme.overview() if isinstance(programme, Intake) else None
        state: dict[str, Any] = {
            "v": 1,
            "at": format_ms(now),
            "event": _event(air.plan.event, air.plan.event_id),
            "rank": air.plan.signer.rank,
            "copy": air.plan.event.copy,
            "programme": _programme(air),
            "publisher": _publisher(air, now),
            "inputs": [] if intake is None else _inputs(intake, air.plan.doors.states, now),
            "input": _input(intake),
            "refused": dict(air.plan.doors.refused),
            "languages": _languages(air.plan.event, intake),
            "slate": intake is not None and intake.slate,
            "delay_s": 0.0 if intake is None else intake.delay_s,
            "stores": _stores(air, now),
            "outputs": [asdict(each) | {"message": each.message} for each in air.beside.outputs],
            "recording": None if air.beside.recording is None else asdict(air.beside.recording),
            "trust": self._trust.rows(now),
            "alarms": []
            if intake is None
            else [alarm(each.code, each.where, since_ms=each.since_ms) for each in intake.output.alarms],
        }
        state["alarms"] = self._since(troubles(state), now)
        return state

    def _since(self, found: list[dict[str, Any]], now: int) -> list[dict[str, Any]]:
        """Since when each trouble is known, where nobody has measured it."""
        self._known = {
            (each["code"], each["where"]): each["since_ms"]
            or self._known.get((each["code"], each["where"]), now)
            for each in found
        }
        return [each | {"since_ms": self._known[each["code"], each["where"]]} for each in found]


def _event(event: Event, event_id: str) -> dict[str, Any]:
    return {
        "id": event_id,
        "title": dict(event.title),
        "start_ms": event.start_ms,
        "end_ms": event.end_ms,
        "tick_ms": round(float(event.grid.duration) * 1000),
    }


def _programme(air: OnAir) -> dict[str, Any]:
    state = asdict(air.programme.state())
    speed = state["speed"]
    return state | {"messages": list(state["messages"]), "speed": None if speed is None else round(speed, 3)}


def _publisher(air: OnAir, now: int) -> dict[str, Any]:
    state, grid = air.publisher.state, air.plan.event.grid
    known = state.tick is not None and state.issued_ms is not None and not air.plan.event.copy
    delay = state.issued_ms - grid.start_ms(state.tick + 1) if known else None  # type: ignore[operator]
    return {
        **asdict(state),
        "latency_ms": round(state.latency_ms, 1),
        "delay_ms": delay,
        "age_ms": None if state.issued_ms is None else now - state.issued_ms,
    }


def _inputs(intake: IntakeState, doors: list[DoorLook], now: int) -> list[dict[str, Any]]:
    known = {door.name: door for door in doors}
    return [
        {
            "name": name.removeprefix(_LANGUAGE),
            "language": name.removeprefix(_LANGUAGE) if name.startswith(_LANGUAGE) else None,
            "protocol": each.protocol,
            "status": each.status,
            "on_air": name == intake.on_air,
            **asdict(each.arriving),
            "delay_s": each.delay_s,
            "held_s": round(each.held_s, 2),
            "held_bytes": each.held_bytes,
            "door": _door(known.get(name.removeprefix(_LANGUAGE).lower()), now),
        }
        for name, each in intake.inputs.items()
    ]


def _door(door: DoorLook | None, now: int) -> dict[str, Any] | None:
    if door is None:
        return None
    return {
        "open": door.open,
        "streams": door.streams,
        "lost": door.lost,
        "round_trip_ms": door.round_trip_ms,
        "refused": dict(door.refused),
        "code": door.code,
        "key_left_s": (door.not_after_ms - now) // 1000,
    }


def _input(intake: IntakeState | None) -> dict[str, Any]:
    if intake is None:
        return {"on_air": MAIN, "held": False, "switches": 0}
    return {"on_air": intake.on_air, "held": intake.held, "switches": intake.switches}


def _languages(event: Event, intake: IntakeState | None) -> list[dict[str, Any]]:
    rows = []
    for language in event.languages:
        levels = None if intake is None else intake.output.levels.get(language.code)
        own = None if intake is None else intake.languages.get(language.code)
        rows.append(
            {
                "code": language.code,
                "name": language.name,
                "levels": dict(_SILENT) if levels is None else _levels(levels),
                "own": None if own is None else asdict(own),
            }
        )
    return rows


def _levels(levels: Loudness) -> dict[str, float | None]:
    return {name: None if value is None else round(value, 1) for name, value in asdict(levels).items()}


def _stores(air: OnAir, now: int) -> list[dict[str, Any]]:
    """Stores by the place in which they were named: a name may be long, or twice the same."""
    return [
        {"place": str(place), **store_members(each, now)}
        for place, each in enumerate(air.delivery.states, start=1)
    ]
