"""A programme of several inputs, with the controls of the technician who minds them.

main, backup … → SwitchFeed → LanguagesFeed ← a door for each language → SlateFeed → encoders, meters, alarms
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from huma.errors import UsageError
from huma.media.address import parse_addresses
from huma.media.bulletin import Bulletin
from huma.media.clock import RealClock
from huma.media.encoded import EncodedProgramme
from huma.media.inlet import Setting, open_inlet
from huma.media.languagesfeed import OFFSET_LIMIT_MS, Fallback, LanguagesFeed
from huma.media.onair import OnAir
from huma.media.slatefeed import SlateFeed
from huma.media.switchfeed import SwitchFeed
from huma.media.timeline import open_timeline

if TYPE_CHECKING:
    from collections.abc import Mapping

    from huma.media.clock import Clock
    from huma.media.doors import DoorSource
    from huma.media.feed import Feed
    from huma.media.inlet import Inlet, InputState
    from huma.media.languagesfeed import VoiceState
    from huma.media.onair import OnAirState
    from huma.media.segment import Sink
    from huma.media.state import ProgrammeState
    from huma.protocol.event import Event

MAIN: Final = "main"
_LANGUAGE: Final = "language-"


@dataclass(frozen=True, slots=True)
class IntakePlan:
    """What comes in, and how.

    Attributes:
        main: The source, or a list of files, as for `open_programme`.
        backups: Further sources by name, in the order in which they stand in.
        languages: A source for each language that has one of its own.
        loop: Whether files of `main` begin again at their end.
        return_after_s: After so long main, or an earlier backup, takes over again; None: only when told.
        fallback: What a language has while its own source is away.
        lead_ms: How much the pictures are held back, so that languages can be laid earlier.
        delay_s: How long everything is held between its arrival and the air.
    """

    main: str | list[str]
    backups: Mapping[str, str] = field(default_factory=dict)
    languages: Mapping[str, str] = field(default_factory=dict)
    loop: bool = False
    return_after_s: float | None = None
    fallback: Fallback = "silence"
    lead_ms: int = 0
    delay_s: float = 0.0


@dataclass(frozen=True, slots=True)
class IntakeState:
    """All that a technician's page shows of pictures and sound, as one value.

    Attributes:
        programme: Source, ticks, encoder.
        inputs: Each input by name; that of a language is called `language-` and its code.
        on_air: The input whose picture is on the air; None before the first.
        held: Whether a person chose it.
        switches: How often the input on the air has changed.
        languages: The languages that have a source of their own.
        slate: Whether the slate is shown by command.
        delay_s: How long everything is held.
        output: Levels and alarms of what goes out.
    """

    programme: ProgrammeState
    inputs: Mapping[str, InputState]
    on_air: str | None
    held: bool
    switches: int
    languages: Mapping[str, VoiceState]
    slate: bool
    delay_s: float
    output: OnAirState


class Intake:
    """A programme, and its controls. They may be used from any thread."""

    def __init__(
        self,
        plan: IntakePlan,
        inlets: Mapping[str, Inlet],
        voices: Mapping[str, Inlet],
        setting: Setting,
        lead_ms: int,
    ) -> None:
        languages = [each.code for each in setting.event.languages]
        timeline, bulletin = setting.timeline, setting.bulletin
        self._inlets, self._voices = dict(inlets), dict(voices)
        self._lead_s = lead_ms / 1000
        self._delay_s = plan.delay_s
        self._switch = SwitchFeed(
            {name: inlet.feed for name, inlet in inlets.items()},
            timeline,
            languages,
            bulletin,
            return_after_s=plan.return_after_s,
        )
        feeds: Mapping[str, Feed] = {code: inlet.feed for code, inlet in voices.items()}
        self._languages = LanguagesFeed(
            self._switch, feeds, timeline, bulletin, fallback=plan.fallback, lead_ms=lead_ms
        )
        self._slate = SlateFeed(self._languages, timeline)
        self._on_air = OnAir(languages, timeline.sample_rate)
        self._programme = EncodedProgramme(
            self._slate, setting.event, timeline, setting.clock, bulletin, on_air=self._on_air
        )

    def run(self, sink: Sink) -> None:
        """Fill segments until every input has ended or `stop` is called."""
        self._programme.run(sink)

    def stop(self, at_tick: int | None = None) -> None:
        """End now, or before tick `at_tick`. Never blocks."""
        self._programme.stop(at_tick)

    def state(self) -> ProgrammeState:
        """How the programme is doing."""
        return self._programme.state()

    def choose(self, name: str) -> None:
        """Put an input on the air and keep it there while it lives; raises UsageError where that cannot be."""
        self._switch.choose(name)

    def slate(self, *, on: bool) -> None:
        """Show the slate from the next picture on, or no more."""
        self._slate.slate(on=on)

    def lay(self, language: str, offset_ms: int) -> int:
        """Lay a language so much later than the picture (negative: earlier); gives the offset that it got."""
        return self._languages.lay(language, offset_ms)

    def dump(self, *, refill: bool = True) -> None:
        """Throw away all that is held; the slate shows until the delay is filled again, or what comes goes on at once."""
        for inlet in (*self._inlets.values(), *self._voices.values()):
            inlet.dump()
        if not refill:
            self.delay(0.0)

    def delay(self, seconds: float) -> None:
        """Hold everything for so long; raises UsageError for a delay that cannot be."""
        for inlet in self._inlets.values():
            inlet.hold(seconds + self._lead_s)
        for inlet in self._voices.values():
            inlet.hold(seconds)
        self._delay_s = seconds

    def overview(self) -> IntakeState:
        """All that a technician's page shows."""
        switch = self._switch.state()
        named = {**self._inlets, **{_LANGUAGE + code: inlet for code, inlet in self._voices.items()}}
        return IntakeState(
            programme=self._programme.state(),
            inputs={name: inlet.state() for name, inlet in named.items()},
            on_air=switch.on_air,
            held=switch.held,
            switches=switch.switches,
            languages=self._languages.state(),
            slate=self._slate.on,
            delay_s=self._delay_s,
            output=self._on_air.state(),
        )


def open_intake(
    plan: IntakePlan,
    *,
    event: Event,
    first_tick: int,
    clock: Clock | None = None,
    doors: Mapping[str, DoorSource] | None = None,
) -> Intake:
    """The programme that `plan` makes for `event`, its first segments starting at `first_tick`.

    Raises:
        UsageError: A source's name makes no sense, or a language is not the event's.
        MediaError: The event's renditions cannot be made.
    """
    clock, spoken = clock or RealClock(), [each.code for each in event.languages]
    _refuse_unusable(plan, spoken)
    setting = Setting(event, open_timeline(event, first_tick), clock, Bulletin(), doors or {})
    sources: dict[str, str | list[str]] = {MAIN: plan.main, **plan.backups}
    addresses = {name: parse_addresses(source) for name, source in sources.items()}
    can_lead = clock.paced and all(each[0].kind != "test" for each in addresses.values())
    lead_ms = plan.lead_ms if can_lead and plan.languages else 0
    inlets = {
        name: open_inlet(
            each, setting, loop=plan.loop and name == MAIN, delay_s=plan.delay_s + lead_ms / 1000
        )
        for name, each in addresses.items()
    }
    voices = {
        code: open_inlet(parse_addresses(source), setting, delay_s=plan.delay_s, language=code)
        for code, source in plan.languages.items()
    }
    return Intake(plan, inlets, voices, setting, lead_ms)


def _refuse_unusable(plan: IntakePlan, spoken: list[str]) -> None:
    if MAIN in plan.backups:
        raise UsageError(
            "a backup cannot be called main", code="input-name", hint="Call it backup, or by its place."
        )
    for code in plan.languages:
        if code not in spoken:
            raise UsageError(
                f"{code} is no language of the event",
                code="language-unknown",
                hint=f"Its languages are {', '.join(spoken)}; event.toml names them.",
            )
    if not 0 <= plan.lead_ms <= OFFSET_LIMIT_MS:
        raise UsageError(
            f"languages cannot be laid {plan.lead_ms} ms earlier",
            code="delay",
            hint=f"Give 0 to {OFFSET_LIMIT_MS} ms.",
        )
