"""The event of a broadcast: the one that was named, or one made for a source on the spot."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from huma.cli.output import Output, now_ms, refuse
from huma.cli.passphrases import TerminalPassphrases
from huma.cli.places import state_folder
from huma.cli.sourcelook import cannot_look, check_files, comes_once, look_at, read_sources
from huma.keys.eventdir import EventDir
from huma.keys.eventtoml import EVENT_TOML, EventConfig

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from huma.media.address import Address
    from huma.media.probe import ProbedStream
    from huma.protocol.event import Rendition

_TITLES: Final = {"en": "Live", "fa": "پخش زنده"}
_TRIAL_MS: Final = 7 * 24 * 3600 * 1000
_SAME_RATE: Final = 4


@dataclass(frozen=True, slots=True)
class FoundEvent:
    """The event of a broadcast, and what its source holds where that was looked at to make it."""

    eventdir: EventDir
    streams: tuple[ProbedStream, ...] = ()


def find_event(
    output: Output,
    folder: Path | None,
    sources: Sequence[str],
    *,
    copy: bool,
    before_making: Callable[[], None],
) -> FoundEvent:
    """The event in `folder`; without one, the event of an earlier run of this source, or a new one of one person.

    A new one is made when the source makes sense, so that a slip of the pen leaves nothing behind.
    """
    addresses = read_sources(sources)
    if folder is not None:
        return FoundEvent(EventDir(folder, TerminalPassphrases()))
    place = own_place(addresses, copy=copy)
    if (place / EVENT_TOML).is_file():
        output.say(f"No --event: using {place}, made for this source before.", style="dim")
        return FoundEvent(EventDir(place))
    before_making()
    config = _trial_config()
    streams = _look_before_making(output, addresses, config, copy=copy)
    made = _make(place, config)
    output.say(f"No --event: made {place}, an event of one person, for trials.", style="dim")
    return FoundEvent(made, streams)


def own_place(addresses: Sequence[Address], *, copy: bool) -> Path:
    """Where the event of a source stands that was put on the air without one: the same for every spelling of a file."""
    texts = (str(Path(each.text).resolve()) if each.kind == "file" else each.text for each in addresses)
    text = "\n".join(["copy" if copy else "encode", *texts])
    return state_folder("solo") / hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()[:16]


def fit_to_source(output: Output, found: FoundEvent, sources: Sequence[str]) -> float:
    """Make the event's renditions those of the source that is signed as it is; gives its longest key-frame distance."""
    eventdir = found.eventdir
    if comes_once(read_sources(sources)):
        if not eventdir.event.copy:
            raise cannot_look()
        return 0.0
    streams = found.streams or look_at(output, sources)
    if eventdir.is_solo:
        _sign_renditions(output, eventdir, streams)
    elif not eventdir.event.copy:
        raise refuse(
            f"{eventdir.path} is an event that is encoded, not copied",
            "Make one for this source: huma new DIR --copy-from SOURCE",
        )
    return max((float(each.key_frame_distance) for each in streams if each.key_frame_distance), default=0.0)


def _look_before_making(
    output: Output, addresses: Sequence[Address], config: EventConfig, *, copy: bool
) -> tuple[ProbedStream, ...]:
    """What a source to be copied holds; of one to be encoded, only whether a file can be opened at all.

    A source that is encoded and comes over a line may be away now: the slate fills in for it.
    """
    if copy:
        from huma.keys.copyladder import copied_config

        if comes_once(addresses):
            raise cannot_look()
        streams = look_at(output, [addresses[0].text])
        copied_config(config, streams).checked("this source")
        return streams
    check_files(addresses)
    return ()


def _trial_config() -> EventConfig:
    from huma.keys.languagenames import language_of

    now = now_ms() // 1000 * 1000
    return EventConfig(
        title=_TITLES,
        start_ms=now,
        end_ms=now + _TRIAL_MS,
        languages=tuple(language_of(code) for code in _TITLES),
    )


def _make(place: Path, config: EventConfig) -> EventDir:
    from huma.cli.new import installed_player
    from huma.keys.creation import Holders, create

    player = installed_player()
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    targets = {} if player is None else {"player.html": player}
    return create(place, config, now=now_ms(), holders=Holders(), extra_targets=targets)


def _sign_renditions(output: Output, eventdir: EventDir, streams: Sequence[ProbedStream]) -> None:
    """With all keys in one hand, event.json follows the source."""
    from huma.keys import repository
    from huma.keys.copyladder import copied_config

    held = eventdir.event
    wanted = copied_config(eventdir.config, streams)
    event = wanted.event(epoch_ms=held.epoch_ms, live_keys=held.live_keys)
    if (_as_measured_before(event.renditions, held.renditions), event.languages, event.copy, event.tick) == (
        held.renditions,
        held.languages,
        held.copy,
        held.tick,
    ):
        return
    repository.resign_event(eventdir, event, now_ms())
    found = ", ".join(f"{each.name} ({each.codecs})" for each in event.renditions)
    output.say(f"Signed event.json for what the source holds: {found}.", style="dim")


def _as_measured_before(found: Sequence[Rendition], held: Sequence[Rendition]) -> tuple[Rendition, ...]:
    """The same renditions with the bandwidths that are signed: each look measures another one, by a quarter at most."""
    before = {each.name: each.bandwidth for each in held}
    return tuple(
        replace(each, bandwidth=old)
        if (old := before.get(each.name)) is not None and abs(each.bandwidth - old) * _SAME_RATE <= old
        else each
        for each in found
    )
