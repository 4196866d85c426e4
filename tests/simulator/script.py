"""A session as a script: what happened, when, and what was to be done. The same file is read by the TypeScript tests."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from huma.protocol.offered import OfferedPlaylist
from huma.protocol.saved import parse_saved
from huma.protocol.session import commands, events
from huma.protocol.session.config import SessionConfig
from huma.protocol.session.session import WatchSession

if TYPE_CHECKING:
    from huma.protocol.session.commands import Command, View
    from huma.protocol.session.events import Event
    from tests.simulator.shell import Shell

EVENTS: dict[str, type[Any]] = {
    "trust": events.Trust,
    "want_playlist": events.WantPlaylist,
    "want_file": events.WantFile,
    "unwant": events.Unwant,
    "first_byte": events.FirstByte,
    "progress": events.Progress,
    "playlist": events.PlaylistVerified,
    "file": events.FileVerified,
    "failed": events.Failed,
    "revoked": events.RevokedVerified,
    "timestamp": events.TimestampSeen,
    "root_seen": events.RootSeen,
    "wake": events.Wake,
    "suspended": events.Suspended,
}
COMMANDS: dict[type[Any], str] = {
    commands.Fetch: "fetch",
    commands.Cancel: "cancel",
    commands.Deliver: "deliver",
    commands.Forget: "forget",
    commands.GiveUp: "give_up",
    commands.WakeAt: "wake_at",
    commands.Note: "note",
    commands.RefreshTrust: "refresh_trust",
    commands.Save: "save",
}
NAMES = {made: name for name, made in EVENTS.items()}
Json = dict[str, Any]


def plain(value: Any) -> Any:
    """As JSON has it: members that are null are left out, `cls` is `class`."""
    if isinstance(value, dict):
        renamed = {"class" if key == "cls" else key: plain(each) for key, each in value.items()}
        return {key: each for key, each in renamed.items() if each is not None}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value


def event_to_json(event: Event) -> Json:
    return {"type": NAMES[type(event)], **plain(asdict(event))}


def command_to_json(command: Command) -> Json:
    if isinstance(command, commands.Save):
        return {"type": "save", "state": command.state.as_dict()}
    return {"type": COMMANDS[type(command)], **plain(asdict(command))}


def view_to_json(view: View) -> Json:
    return dict(plain(asdict(view)))


def event_from_json(given: Json) -> Event:
    members = {key: value for key, value in given.items() if key != "type"}
    made = EVENTS[given["type"]]
    if made is events.Trust:
        return trust_from_json(members)
    if made is events.PlaylistVerified:
        return events.PlaylistVerified(given["req"], offered_from_json(given["playlist"]))
    if made is events.RevokedVerified:
        members["keyids"] = tuple(members["keyids"])
    if made is events.Failed:
        members["how"] = events.Failure(members["how"])
    event: Event = made(**members)
    return event


def offered_from_json(given: Json) -> OfferedPlaylist:
    return OfferedPlaylist(**{**given, "uris": tuple(given["uris"])})


def trust_from_json(given: Json) -> events.Trust:
    mirrors = [{**each, "cls": each["class"]} for each in given["mirrors"]]
    made = {
        **given,
        "tick": tuple(given["tick"]),
        "renditions": tuple(events.RenditionPlan(**each) for each in given["renditions"]),
        "mirrors": tuple(
            events.MirrorListing(**{key: value for key, value in each.items() if key != "class"})
            for each in mirrors
        ),
        "hints": tuple(given["hints"]),
        "withdrawn": tuple(given["withdrawn"]),
        "live_keys": tuple(events.LiveKeyPlan(**each) for each in given["live_keys"]),
    }
    return events.Trust(**made)


def config_to_json(config: SessionConfig) -> Json:
    restored = None if config.restored is None else config.restored.as_dict()
    return {**plain(asdict(config)), "restored": restored}


def config_from_json(given: Json) -> SessionConfig:
    restored = None if given["restored"] is None else parse_saved(given["restored"])
    return SessionConfig(restored, given["volunteers"], tuple(given["schemes"]), given["onion"])


def script_of(shell: Shell, why: str, config: SessionConfig, seed: int) -> Json:
    """What a shell went through, so far."""
    steps = [
        [step.wall, step.mono, event_to_json(step.event), [command_to_json(each) for each in step.commands]]
        for step in shell.steps
    ]
    last = shell.steps[-1]
    view = view_to_json(shell.session.view(last.wall, last.mono))
    return {
        "why": why,
        "expect": "ok",
        "config": config_to_json(config),
        "seed": seed,
        "steps": steps,
        "view": view,
    }


def render(script: Json) -> bytes:
    """One step a line. Digests mean nothing to a session, so short names stand for them."""
    head = [f"{json.dumps(key)}: {json.dumps(script[key])}" for key in ("why", "expect", "config", "seed")]
    steps = ",\n  ".join(json.dumps(step, separators=(",", ":")) for step in script["steps"])
    text = "{\n " + ",\n ".join(
        [*head, f'"steps": [\n  {steps}\n ]', f'"view": {json.dumps(script["view"])}']
    )
    short: dict[str, str] = {}
    text = re.sub(r"[0-9a-f]{64}", lambda found: short.setdefault(found[0], f"x{len(short)}"), text)
    return (text + "\n}\n").encode()


def replay(script: Json) -> None:
    """Whatever happened must lead to the same commands, step by step, and to the same view."""
    session = WatchSession(config_from_json(script["config"]), script["seed"])
    wall = mono = 0
    for number, (wall, mono, event, expected) in enumerate(script["steps"]):
        given = [command_to_json(each) for each in session.handle(event_from_json(event), wall, mono)]
        assert given == expected, f"step {number} at {mono}: {event['type']}"
    assert view_to_json(session.view(wall, mono)) == script["view"]
