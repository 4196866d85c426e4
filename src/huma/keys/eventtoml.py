"""event.toml: the event as people write it, and the event.json that follows from it (docs/reference/event-toml.md)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from huma.config import (
    MAX_LANGUAGES,
    MAX_MIRRORS,
    MAX_RENDITIONS,
    MAX_SCHEDULE,
    TEXT_MAX_BYTES,
    URL_MAX_BYTES,
)
from huma.errors import HumaError, MalformedError, UsageError
from huma.keys.ladder import (
    AAC,
    DEFAULT_AUDIO,
    DEFAULT_VIDEO,
    SAMPLE_RATE,
    TICKS,
    AudioRung,
    Ladder,
    VideoRung,
    audio_renditions,
    video_rendition,
)
from huma.protocol.clocktext import format_ms
from huma.protocol.event import Event, Language, Rendition, ScheduleItem, render_event
from huma.protocol.roster import Mirror, Roster, render_roster
from huma.protocol.strictjson import Members

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from huma.protocol.signature import LiveKey

EVENT_TOML: Final = "event.toml"
EVENT_TOML_MAX_BYTES: Final = 1024 * 1024

_KNOWN: Final = frozenset(
    {
        "v",
        "start",
        "end",
        "fps",
        "copy",
        "stores",
        "page",
        "origin",
        "title",
        "languages",
        "video",
        "audio",
        "schedule",
        "mirrors",
    }
)


@dataclass(frozen=True, slots=True)
class EventConfig:
    """What event.toml says. Only `stores`, `page` and `origin` are for this machine; all else is signed."""

    title: Mapping[str, str]
    start_ms: int
    end_ms: int
    languages: tuple[Language, ...]
    fps: int = 30
    copy: bool = False
    video: tuple[VideoRung, ...] = DEFAULT_VIDEO
    audio: tuple[AudioRung, ...] = DEFAULT_AUDIO
    schedule: tuple[ScheduleItem, ...] = ()
    mirrors: tuple[Mirror, ...] = ()
    stores: tuple[str, ...] = ()
    page: str | None = None
    origin: tuple[str, ...] = ()

    @property
    def tick(self) -> tuple[int, int]:
        """The tick that fits the frame rate."""
        return TICKS[self.fps]

    @property
    def renditions(self) -> tuple[Rendition, ...]:
        """The renditions: the fast ladder's pictures and sounds, then the slow one's."""
        found = [video_rendition(rung, self.tick, self.fps, copy=self.copy) for rung in self.video]
        for rung in self.audio:
            found += audio_renditions(rung, self.languages, self.tick, copy=self.copy)
        return tuple(sorted(found, key=lambda each: (each.ticks_per_segment, each.kind == "audio")))

    @property
    def bitrates(self) -> dict[str, int]:
        """By rendition, the bits a second that its encoder is asked for."""
        rates = {rung.name: rung.bitrate for rung in self.video}
        for rung in self.audio:
            rates |= {each.name: rung.bitrate for each in audio_renditions(rung, self.languages, self.tick)}
        return rates

    @property
    def roster(self) -> Roster:
        """The mirrors, as the roster lists them."""
        return Roster(self.mirrors)

    def event(self, *, epoch_ms: int, live_keys: tuple[LiveKey, ...]) -> Event:
        """The event.json that follows, with what no person chooses: tick 0, and the keys."""
        return Event(
            title=self.title,
            schedule=self.schedule,
            start_ms=self.start_ms,
            end_ms=self.end_ms,
            tick=self.tick,
            epoch_ms=epoch_ms,
            copy=self.copy,
            languages=self.languages,
            renditions=self.renditions,
            live_keys=live_keys,
        )

    def checked(self, what: str = EVENT_TOML) -> EventConfig:
        """Return this, or say what is wrong with it."""
        try:
            render_event(_with_some_key(self))
            render_roster(self.roster)
        except MalformedError as error:
            raise _told(error, what) from None
        return self


def read_config(path: Path) -> EventConfig:
    """Read and check event.toml."""
    try:
        with path.open("rb") as file:
            data = file.read(EVENT_TOML_MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(
            f"{path}: {error.strerror}",
            hint="Check the path. huma new DIR makes an event, with its event.toml.",
        ) from None
    return parse_config(data)


def parse_config(data: bytes) -> EventConfig:
    """The configuration that `data` holds, or a UsageError that says what to mend."""
    if len(data) > EVENT_TOML_MAX_BYTES:
        raise UsageError(f"event.toml is larger than {EVENT_TOML_MAX_BYTES} bytes")
    try:
        members = Members(_plain(tomllib.loads(data.decode())), "event.toml")
    except (ValueError, OverflowError, RecursionError) as error:  # TOML, UTF-8, endless numbers, year 0
        raise UsageError(
            f"event.toml is not TOML: {error}", hint="Mend that line; # begins a comment."
        ) from None
    unknown = sorted(set(members.members) - _KNOWN)
    if unknown:
        raise UsageError(f"event.toml: {unknown[0]!r} is not known", hint="See docs/reference/event-toml.md.")
    try:
        return _config(members).checked()
    except MalformedError as error:
        raise _told(error) from None


def _config(members: Members) -> EventConfig:
    have = members.members.__contains__
    if members.integer("v", 1, 1) and members.integer("fps", 1, 240) not in TICKS:
        members.refuse("fps", "25 or 30")
    return EventConfig(
        title={
            code: members.inner("title").text(code, TEXT_MAX_BYTES) for code in members.inner("title").members
        },
        start_ms=members.moment("start"),
        end_ms=members.moment("end"),
        languages=tuple(
            Language(item.text("code", 32), item.text("name", 64))
            for item in members.objects("languages", MAX_LANGUAGES)
        ),
        fps=members.integer("fps", 1, 240),
        copy=have("copy") and members.flag("copy"),
        video=tuple(map(_video, members.objects("video", MAX_RENDITIONS))) if have("video") else (),
        audio=tuple(map(_audio, members.objects("audio", MAX_RENDITIONS))) if have("audio") else (),
        schedule=tuple(map(_schedule, members.objects("schedule", MAX_SCHEDULE))) if have("schedule") else (),
        mirrors=tuple(map(_mirror, members.objects("mirrors", MAX_MIRRORS))) if have("mirrors") else (),
        stores=members.texts("stores", 64, 1024) if have("stores") else (),
        page=members.text("page", URL_MAX_BYTES) if have("page") else None,
        origin=members.texts("origin", 64, 253) if have("origin") else (),
    )


def _video(members: Members) -> VideoRung:
    _only(members, "name", "width", "height", "bitrate", "ladder", "codecs", "frame_rate")
    have = members.members.__contains__
    return VideoRung(
        name=members.text("name", 32),
        width=members.integer("width", 2, 16384),
        height=members.integer("height", 2, 16384),
        bitrate=members.integer("bitrate", 1000, 10**9),
        ladder=_ladder(members),
        codecs=members.text("codecs", 128) if have("codecs") else None,
        frame_rate=members.ratio("frame_rate", 100_000) if have("frame_rate") else None,
    )


def _audio(members: Members) -> AudioRung:
    _only(members, "name", "bitrate", "channels", "ladder", "codecs", "sample_rate", "language")
    have = members.members.__contains__
    return AudioRung(
        name=members.text("name", 32),
        bitrate=members.integer("bitrate", 1000, 10**7),
        channels=members.integer("channels", 1, 64),
        ladder=_ladder(members),
        codecs=members.text("codecs", 128) if have("codecs") else AAC,
        sample_rate=members.integer("sample_rate", 1, 768_000) if have("sample_rate") else SAMPLE_RATE,
        language=members.text("language", 32) if have("language") else None,
    )


def _ladder(members: Members) -> Ladder:
    if "ladder" not in members.members:
        return "fast"
    return "slow" if members.choice("ladder", ("fast", "slow")) == "slow" else "fast"


def _schedule(members: Members) -> ScheduleItem:
    _only(members, "at", "text")
    texts = members.inner("text")
    return ScheduleItem(
        members.moment("at"), {code: texts.text(code, TEXT_MAX_BYTES) for code in texts.members}
    )


def _mirror(members: Members) -> Mirror:
    _only(members, "id", "url", "operator", "class", "tier", "addresses", "spki")
    have = members.members.__contains__
    return Mirror(
        id=members.text("id", 32),
        url=members.text("url", URL_MAX_BYTES),
        operator=members.text("operator", 128),
        cls=members.text("class", 16) if have("class") else "server",
        tier=members.text("tier", 16) if have("tier") else "volunteer",
        addresses=members.texts("addresses", 8, 45) if have("addresses") else (),
        spki=members.texts("spki", 8, 64) if have("spki") else (),
    )


def _only(members: Members, *known: str) -> None:
    """A misspelt word must not be passed over in silence: it would not do what the person wrote."""
    for name in members.members:
        if name not in known:
            raise UsageError(
                f"event.toml: {name!r} is not known in {members.what}",
                hint="See docs/reference/event-toml.md.",
            )


def _plain(value: Any) -> Any:
    """TOML's moments in the documents' spelling; tables and arrays as they are."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise UsageError(
                f"event.toml: {value.isoformat()} does not say in which zone",
                hint="End it with Z for UTC, or with an offset such as +03:30.",
            )
        return format_ms(round(value.astimezone(UTC).timestamp() * 1000))
    return value


def _with_some_key(config: EventConfig) -> Event:
    """The event with a key that stands for those to come, so that every rule of event.json is asked."""
    from huma.protocol.signature import Ed25519Signer, LiveKey  # noqa: PLC0415 - only here

    public = Ed25519Signer.from_seed(bytes(32)).public
    return config.event(epoch_ms=config.start_ms, live_keys=(LiveKey(public.keyid, public, 1, 0, 1),))


def _told(error: HumaError, what: str = EVENT_TOML) -> UsageError:
    text = error.message.replace("event.json", EVENT_TOML).removeprefix(f"{EVENT_TOML}: ")
    return UsageError(f"{what}: {text}", hint="See docs/reference/event-toml.md.")


def with_mirrors(config: EventConfig, mirrors: tuple[Mirror, ...]) -> EventConfig:
    """The same event with other mirrors."""
    return replace(config, mirrors=mirrors)
