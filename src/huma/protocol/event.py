"""event.json: what the event is, which renditions it has, and which keys may sign it.

The rules: spec/documents.md, D45 to D47.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from huma.config import (
    MAX_INTEGER,
    MAX_LANGUAGES,
    MAX_LIVE_KEYS,
    MAX_RENDITIONS,
    MAX_SCHEDULE,
    MAX_TICK_PART,
    MAX_TICKS_PER_SEGMENT,
    SEGMENT_MAX_BYTES,
    TARGET_MAX_BYTES,
    TEXT_MAX_BYTES,
    TICK_MAX_MS,
    TICK_MIN_MS,
)
from huma.errors import MalformedError
from huma.protocol.clocktext import format_ms
from huma.protocol.grid import Grid
from huma.protocol.names import is_rendition_name
from huma.protocol.signature import LiveKey, PublicKey
from huma.protocol.strictjson import Members, parse_members, parse_version, render_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from fractions import Fraction

FAST_TICKS: Final = 1
SLOW_TICKS: Final = 4

_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")
_CODECS = re.compile(r"[A-Za-z0-9.]{1,40}(?:,[A-Za-z0-9.]{1,40}){0,3}")


@dataclass(frozen=True, slots=True)
class Language:
    """A language that is spoken in the programme, by its own name."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class ScheduleItem:
    """A line of the programme, for people. It gates nothing."""

    at_ms: int
    text: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rendition:
    """One way in which the programme is encoded. A video has a size and a rate, an audio a language and channels."""

    name: str
    kind: Literal["video", "audio"]
    ticks_per_segment: int
    max_bytes: int
    codecs: str
    bandwidth: int
    width: int | None = None
    height: int | None = None
    frame_rate: tuple[int, int] | None = None
    language: str | None = None
    channels: int | None = None
    sample_rate: int | None = None

    def duration(self, event: Event) -> Fraction | None:
        """How long each segment is, in seconds; None in a copy, where the source decides."""
        return None if event.copy else event.grid.duration * self.ticks_per_segment


@dataclass(frozen=True, slots=True)
class Event:
    """The event, as its targets role signed it."""

    title: Mapping[str, str]
    schedule: tuple[ScheduleItem, ...]
    start_ms: int
    end_ms: int
    tick: tuple[int, int]
    epoch_ms: int
    copy: bool
    languages: tuple[Language, ...]
    renditions: tuple[Rendition, ...]
    live_keys: tuple[LiveKey, ...]

    @property
    def grid(self) -> Grid:
        """The tick grid of the event."""
        return Grid(self.tick, self.epoch_ms)

    def rendition(self, name: str) -> Rendition | None:
        """The rendition of that name, if there is one."""
        return next((rendition for rendition in self.renditions if rendition.name == name), None)

    def live_key(self, keyid: str) -> LiveKey | None:
        """The live key of that id, if the event lists it."""
        return next((key for key in self.live_keys if key.keyid == keyid), None)

    def ladder(self, ticks_per_segment: int) -> tuple[Rendition, ...]:
        """The renditions whose segments are that long: 1 is the fast ladder, 4 the slow one."""
        return tuple(each for each in self.renditions if each.ticks_per_segment == ticks_per_segment)


def parse_event(data: bytes) -> Event:
    """The event that `data` holds, or one of our errors."""
    members = parse_members(data, TARGET_MAX_BYTES, "event.json")
    parse_version(members)
    event = Event(
        title=_texts(members, "title"),
        schedule=tuple(
            ScheduleItem(item.moment("at"), _texts(item, "text"))
            for item in members.objects("schedule", MAX_SCHEDULE)
        ),
        start_ms=members.moment("start"),
        end_ms=members.moment("end"),
        tick=members.ratio("tick", MAX_TICK_PART),
        epoch_ms=members.moment("epoch"),
        copy=members.flag("copy"),
        languages=tuple(_language(item) for item in members.objects("languages", MAX_LANGUAGES)),
        renditions=tuple(_rendition(item) for item in members.objects("renditions", MAX_RENDITIONS)),
        live_keys=tuple(_live_key(item) for item in members.objects("live_keys", MAX_LIVE_KEYS)),
    )
    _refuse_contradictions(event)
    return event


def render_event(event: Event) -> bytes:
    """event.json in its one spelling. What `parse_event` would refuse is refused here too."""
    data = render_json(
        {
            "v": 1,
            "title": dict(event.title),
            "schedule": [{"at": format_ms(item.at_ms), "text": dict(item.text)} for item in event.schedule],
            "start": format_ms(event.start_ms),
            "end": format_ms(event.end_ms),
            "tick": list(event.tick),
            "epoch": format_ms(event.epoch_ms),
            "copy": event.copy,
            "languages": [{"code": language.code, "name": language.name} for language in event.languages],
            "renditions": [_rendition_members(rendition) for rendition in event.renditions],
            "live_keys": [_live_key_members(key) for key in event.live_keys],
        }
    )
    parse_event(data)
    return data


def is_language(code: str) -> bool:
    """Whether `code` has the form of a language tag."""
    return _LANGUAGE.fullmatch(code) is not None


def _texts(members: Members, name: str) -> dict[str, str]:
    """A text in one or more languages."""
    texts = members.inner(name)
    if not 1 <= len(texts.members) <= MAX_LANGUAGES or not all(map(is_language, texts.members)):
        members.refuse(name, "a text for each of 1 to 64 languages")
    return {code: texts.text(code, TEXT_MAX_BYTES) for code in texts.members}


def _language(members: Members) -> Language:
    code = members.text("code", 32)
    name = members.text("name", 64)
    if not is_language(code) or '"' in name:
        members.refuse("code", "a language tag, with a name without quotation marks")
    return Language(code, name)


def _rendition(members: Members) -> Rendition:
    name, codecs = members.text("name", 32), members.text("codecs", 128)
    if not is_rendition_name(name) or not _CODECS.fullmatch(codecs):
        members.refuse("name", "a rendition's name, with codecs as in RFC 6381")
    ticks = members.integer("ticks_per_segment", 1, MAX_TICKS_PER_SEGMENT)
    max_bytes = members.integer("max_bytes", 1, SEGMENT_MAX_BYTES)
    bandwidth = members.integer("bandwidth", 1, MAX_INTEGER)
    if members.choice("kind", ("video", "audio")) == "video":
        return Rendition(
            name,
            "video",
            ticks,
            max_bytes,
            codecs,
            bandwidth,
            width=members.integer("width", 1, 16384),
            height=members.integer("height", 1, 16384),
            frame_rate=members.ratio("frame_rate", MAX_TICK_PART),
        )
    return Rendition(
        name,
        "audio",
        ticks,
        max_bytes,
        codecs,
        bandwidth,
        language=members.text("language", 32),
        channels=members.integer("channels", 1, 64),
        sample_rate=members.integer("sample_rate", 1, 768_000),
    )


def _rendition_members(rendition: Rendition) -> dict[str, Any]:
    members = {
        "name": rendition.name,
        "kind": rendition.kind,
        "ticks_per_segment": rendition.ticks_per_segment,
        "max_bytes": rendition.max_bytes,
        "codecs": rendition.codecs,
        "bandwidth": rendition.bandwidth,
        "width": rendition.width,
        "height": rendition.height,
        "frame_rate": list(rendition.frame_rate) if rendition.frame_rate else None,
        "language": rendition.language,
        "channels": rendition.channels,
        "sample_rate": rendition.sample_rate,
    }
    return {name: value for name, value in members.items() if value is not None}


def _live_key(members: Members) -> LiveKey:
    public = PublicKey.from_hex(members.text("public", 64))
    key = LiveKey(
        keyid=members.text("keyid", 16),
        public=public,
        rank=members.integer("rank", 1, MAX_INTEGER),
        not_before_ms=members.moment("not_before"),
        not_after_ms=members.moment("not_after"),
    )
    if key.keyid != public.keyid or key.not_before_ms > key.not_after_ms:
        members.refuse("keyid", "the id of its public key, with a time that begins before it ends")
    return key


def _live_key_members(key: LiveKey) -> dict[str, Any]:
    return {
        "keyid": key.keyid,
        "public": key.public.hex,
        "rank": key.rank,
        "not_before": format_ms(key.not_before_ms),
        "not_after": format_ms(key.not_after_ms),
    }


def _refuse_contradictions(event: Event) -> None:
    codes = [language.code for language in event.languages]
    spoken = {rendition.language for rendition in event.renditions} - {None}
    seconds, parts = event.tick
    rules = (
        (event.start_ms < event.end_ms, "it ends before it starts"),
        (TICK_MIN_MS * parts <= seconds * 1000 <= TICK_MAX_MS * parts, "its tick is too short or too long"),
        (bool(event.renditions), "it has no rendition"),
        (bool(event.live_keys), "it has no live key"),
        (_distinct(codes), "a language stands twice"),
        (spoken <= set(codes), "a rendition speaks a language that is not listed"),
        (_distinct([each.name for each in event.renditions]), "two renditions have one name"),
        (_distinct([key.keyid for key in event.live_keys]), "a live key stands twice"),
        (_distinct([key.rank for key in event.live_keys]), "two live keys have one rank"),
        (
            not event.copy or all(each.ticks_per_segment == 1 for each in event.renditions),
            "a copy has long segments",
        ),
    )
    for holds, wrong in rules:
        if not holds:
            raise MalformedError(f"event.json: {wrong}")


def _distinct(values: list[Any]) -> bool:
    return len(set(values)) == len(values)
