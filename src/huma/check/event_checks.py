"""Checks of the event as people wrote it: readable, signed, translated, and at a time that can be."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Final

from huma.check.finding import Check, Finding, fail, ok, warn
from huma.protocol.clocktext import format_ms
from huma.protocol.event import FAST_TICKS, SLOW_TICKS, Event

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from huma.check.scene import Scene

_DAY_MS: Final = 24 * 3600 * 1000
_LONG_DAYS: Final = 14


def _readable(scene: Scene) -> Iterator[Finding]:
    config = scene.config
    yield ok(
        f"{len(config.renditions)} renditions, {len(config.languages)} languages, {len(config.mirrors)} mirrors"
    )


def _documents(scene: Scene) -> Iterator[Finding]:
    event = scene.event
    yield ok(f"root {scene.trusted.root.head.version}, {len(event.live_keys)} live keys")


def _signed(scene: Scene) -> Iterator[Finding]:
    held = scene.event
    wanted = scene.config.event(epoch_ms=held.epoch_ms, live_keys=held.live_keys)
    differ = [
        field.name for field in fields(Event) if getattr(held, field.name) != getattr(wanted, field.name)
    ]
    # huma live --copy signs what it finds in the source: to sign event.toml again would only be undone by it
    follows_source = held.copy and scene.solo and {"copy", "tick", "languages", "renditions"}
    if differ and follows_source and set(differ) <= follows_source:
        yield ok("event.json is as event.toml has it, but for the renditions of the source that is copied")
    elif differ:
        yield warn(f"event.toml says something else than event.json: {', '.join(differ)}")
    else:
        yield ok("event.json is as event.toml has it")


def _titles(scene: Scene) -> Iterator[Finding]:
    codes = [language.code for language in scene.event.languages]
    missing = [code for code in codes if code not in scene.event.title]
    unspoken = [code for code in scene.event.title if code not in codes]
    if missing:
        yield warn(f"no title in {', '.join(missing)}")
    if unspoken:
        yield ok(f"a title in {', '.join(unspoken)} too, which is not spoken")
    if not missing:
        yield ok(" · ".join(scene.event.title[code] for code in codes) or "a programme without languages")


def _schedule(scene: Scene) -> Iterator[Finding]:
    event = scene.event
    if not event.schedule:
        yield ok("none, which is allowed")
        return
    last = max(item.at_ms for item in event.schedule)
    outside = [item for item in event.schedule if not event.start_ms <= item.at_ms <= event.end_ms]
    codes = {language.code for language in event.languages}
    untold = [item for item in event.schedule if codes - set(item.text)]
    if last < scene.now:
        yield warn(f"all of it is in the past, the last at {format_ms(last)}")
    if outside:
        yield warn(f"{len(outside)} of {len(event.schedule)} lines are before the start or after the end")
    if untold:
        yield warn(f"{len(untold)} lines are not in every language: {_first_text(untold[0].text)!r}")
    if last >= scene.now and not outside and not untold:
        yield ok(f"{len(event.schedule)} lines, until {format_ms(last)}")


def _first_text(text: Mapping[str, str]) -> str:
    return next(iter(text.values()))[:40]


def _times(scene: Scene) -> Iterator[Finding]:
    event = scene.event
    span = f"{format_ms(event.start_ms)} to {format_ms(event.end_ms)}"
    if event.end_ms <= scene.now:
        yield fail(f"over since {format_ms(event.end_ms)}")
    elif event.end_ms - event.start_ms > _LONG_DAYS * _DAY_MS:
        yield warn(f"{span}: more than {_LONG_DAYS} days")
    else:
        yield ok(span)


def _ladders(scene: Scene) -> Iterator[Finding]:
    event = scene.event
    for name, ticks in (("fast", FAST_TICKS), ("slow", SLOW_TICKS)):
        rungs = event.ladder(ticks)
        spoken = {each.language for each in rungs if each.kind == "audio"}
        unspoken = [each.code for each in event.languages if each.code not in spoken]
        if not rungs and name == "slow" and event.copy:
            yield ok("slow: none, since the source is signed as it is")
        elif not rungs:
            yield warn(
                f"no {name} ladder: {'viewers on thin lines hear nothing' if name == 'slow' else 'only long segments'}"
            )
        elif unspoken:
            yield warn(f"{name}: no sound in {', '.join(unspoken)}")
        else:
            yield ok(f"{name}: {', '.join(each.name for each in rungs)}")


def _player(scene: Scene) -> Iterator[Finding]:
    listed = scene.trusted.targets.files.get("player.html") if scene.trusted.targets else None
    if listed is None:
        yield warn("no player is signed: a page that was once kept can never be replaced")
    elif scene.player is not None and len(scene.player) != listed.length:
        yield warn("the signed player is not the one of this installation")
    else:
        yield ok(f"signed, {listed.length} bytes")


EVENT_CHECKS: Final = (
    Check("event-toml", "event.toml can be read", "parsed, and held against every rule of event.json", "See docs/reference/event-toml.md.", _readable),
    Check("documents", "The trust documents verify", "the whole chain from the event id", "Take public/ from a backup or from any store: whatever comes is verified.", _documents),
    Check("event-signed", "What is signed is what is written", "event.toml against event.json", "huma desk --event DIR --sign-event --once (needs the targets keys), or undo the change.", _signed, frozenset({"config", "trust"})),
    Check("titles", "A title in every language", "title against languages", "Add it in event.toml, then sign it: huma desk --event DIR --sign-event --once", _titles, frozenset({"trust"})),
    Check("schedule", "The schedule can be", "its moments against start, end and now", "Mend it in event.toml, then sign it: huma desk --event DIR --sign-event --once", _schedule, frozenset({"trust"})),
    Check("times", "Start and end can be", "start and end against now", "Mend them in event.toml, then sign it: huma desk --event DIR --sign-event --once", _times, frozenset({"trust"})),
    Check("ladders", "Something for every line", "renditions of both ladders, languages of each", "Add the rungs in event.toml before the event, and make it anew.", _ladders, frozenset({"trust"})),
    Check("player", "The player is signed", "player.html among the targets", "huma desk --event DIR --sign-event --once signs the one of this installation, where its pages are built.", _player, frozenset({"trust"})),
)  # fmt: skip
