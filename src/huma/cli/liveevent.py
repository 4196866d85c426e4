"""The event of a broadcast: the one that was named, or one made for a source on the spot."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from huma.cli.output import Output, now_ms, refuse
from huma.cli.passphrases import TerminalPassphrases
from huma.cli.places import state_folder
from huma.keys.eventdir import EventDir

if TYPE_CHECKING:
    from collections.abc import Sequence

    from huma.media.probe import ProbedStream

_TITLES: Final = {"en": "Live", "fa": "پخش زنده"}
_TRIAL_MS: Final = 7 * 24 * 3600 * 1000


def find_event(output: Output, folder: Path | None, sources: Sequence[str], *, copy: bool) -> EventDir:
    """The event in `folder`; without one, the event of an earlier run of this source, or a new one of one person."""
    if folder is not None:
        return EventDir(folder, TerminalPassphrases())
    place = own_place(sources, copy=copy)
    if (place / "event.toml").is_file():
        output.say(f"No --event: using {place}, made for this source before.", style="dim")
        return EventDir(place)
    made = _make(place)
    output.say(f"No --event: made {place}, an event of one person, for trials.", style="dim")
    return made


def own_place(sources: Sequence[str], *, copy: bool) -> Path:
    """Where the event of a source stands that was put on the air without one."""
    text = "\n".join(["copy" if copy else "encode", *sources])
    return state_folder("solo") / hashlib.sha256(text.encode()).hexdigest()[:16]


def fit_to_source(output: Output, eventdir: EventDir, sources: Sequence[str]) -> tuple[EventDir, float]:
    """Make the event's renditions those of the source that is signed as it is; gives its longest key-frame distance."""
    if sources[0] == "-" or sources[0].startswith("tcp:"):
        if not eventdir.event.copy:
            raise refuse(
                "what comes once only cannot be looked at beforehand",
                "Make the event from a recording of it: huma new DIR --copy-from FILE",
            )
        return eventdir, 0.0
    from huma.media.probe import probe_source

    output.say("Looking at the source …", style="dim")
    streams = probe_source(list(sources))
    distance = max(
        (float(each.key_frame_distance) for each in streams if each.key_frame_distance), default=0.0
    )
    if eventdir.is_solo:
        _sign_renditions(output, eventdir, streams)
    elif not eventdir.event.copy:
        raise refuse(
            f"{eventdir.path} is an event that is encoded, not copied",
            "Make one for this source: huma new DIR --copy-from SOURCE",
        )
    return eventdir, distance


def _make(place: Path) -> EventDir:
    from huma.cli.new import installed_player
    from huma.keys.creation import Holders, create
    from huma.keys.eventtoml import EventConfig
    from huma.keys.languagenames import language_of

    now = now_ms()
    config = EventConfig(
        title=_TITLES,
        start_ms=now // 1000 * 1000,
        end_ms=now // 1000 * 1000 + _TRIAL_MS,
        languages=tuple(language_of(code) for code in _TITLES),
    )
    player = installed_player()
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    targets = {} if player is None else {"player.html": player}
    return create(place, config, now=now, holders=Holders(), extra_targets=targets)


def _sign_renditions(output: Output, eventdir: EventDir, streams: Sequence[ProbedStream]) -> None:
    """With all keys in one hand, event.json follows the source."""
    from huma.keys import repository
    from huma.keys.copyladder import copied_config

    held = eventdir.event
    wanted = copied_config(eventdir.config, streams)
    event = wanted.event(epoch_ms=held.epoch_ms, live_keys=held.live_keys)
    if (event.renditions, event.languages, event.copy, event.tick) == (
        held.renditions,
        held.languages,
        held.copy,
        held.tick,
    ):
        return
    repository.resign_event(eventdir, event, now_ms())
    found = ", ".join(f"{each.name} ({each.codecs})" for each in event.renditions)
    output.say(f"Signed event.json for what the source holds: {found}.", style="dim")
