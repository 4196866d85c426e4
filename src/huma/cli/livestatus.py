"""What `huma live` says while it is on the air: one line that changes, or one JSON object a line."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from rich.live import Live
from rich.text import Text

from huma.cli.output import duration_words
from huma.protocol.clocktext import format_ms

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType
    from typing import Self

    from huma.broadcast.publisher import PublisherState
    from huma.broadcast.storeworker import StoreState
    from huma.cli.output import Output
    from huma.desk.desk import DeskTurn
    from huma.media.state import ProgrammeState

_PLAIN_EVERY_S: Final = 30.0
_STORES_EVERY_S: Final = 1.0
_BEHIND_SHOWN: Final = 3
_AWAY_AFTER_S: Final = 2.0
_QUIET_MS: Final = 15_000


class LiveStatus:
    """Takes what the parts say of themselves, and shows what has changed."""

    def __init__(self, output: Output, *, copy: bool) -> None:
        self._output = output
        self._copy = copy
        self._playing_at = time.monotonic()
        self._away_since_ms: int | None = None
        self._line: Live | None = None
        self._tick: int | None = None
        self._said: dict[str, Any] = {}
        self._plain_at = 0.0
        self._stores_at = 0.0
        self._messages: tuple[str, ...] = ()

    def __enter__(self) -> Self:
        if not self._output.as_json and self._output.console.is_terminal:
            self._line = Live(
                console=self._output.console, refresh_per_second=4, transient=True, redirect_stdout=False
            )
            self._line.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._line is not None:
            self._line.stop()

    def show(
        self,
        publisher: PublisherState,
        programme: ProgrammeState,
        stores: Sequence[StoreState],
        *,
        now_ms: int,
        tick_end_ms: int | None,
    ) -> None:
        """The state of everything, a few times a second."""
        delay_ms = (
            None if tick_end_ms is None or publisher.issued_ms is None else publisher.issued_ms - tick_end_ms
        )
        if publisher.tick is not None and publisher.tick != self._tick:
            first = self._tick is None
            self._tick = publisher.tick
            if first:
                self._output.event("state", state="live", tick=publisher.tick)
            self._say_tick(publisher, programme, delay_ms)
        self._say_changes(publisher, programme)
        if self._copy:
            self._say_source(publisher, programme, now_ms)
        self._say_stores(stores, now_ms)
        line = _line(publisher, programme, stores, delay_ms, copy=self._copy, away_ms=self._away_since_ms)
        if self._line is not None:
            self._line.update(line)
        elif not self._output.as_json and time.monotonic() - self._plain_at > _PLAIN_EVERY_S:
            self._plain_at = time.monotonic()
            if publisher.tick is not None:
                self._output.console.print(line)

    def desk(self, turn: DeskTurn) -> None:
        """What the desk inside has done; only what a person should know."""
        for warning in turn.warnings:
            self._change(f"desk {warning.code}", warning.message, hint=warning.hint, code=warning.code)

    def jumped(self, away_ms: int) -> None:
        """The machine's clock was set while we are on the air."""
        if away_ms:
            self._change(
                "clock",
                f"the clock of this machine was set by {away_ms / 1000:+.1f} s; ticks go on by the old one",
                hint="If it was wrong before, end and start again.",
                code="clock-jump",
            )

    def staying(self, seconds: float) -> None:
        """The end is out, and the server goes on for a moment: nothing is on the air any more."""
        if self._line is not None:
            self._line.stop()
            self._line = None
        self._output.say(f"Staying {seconds:g} s for viewers to see the end …", style="dim")

    def _say_source(self, publisher: PublisherState, programme: ProgrammeState, now_ms: int) -> None:
        """Where a source is copied nothing stands in for it: while it is away nothing is signed, and viewers are cut off."""
        if programme.source in ("playing", "ended"):
            self._playing_at = time.monotonic()
        issued_ms = publisher.issued_ms
        if issued_ms is None or programme.source == "ended":
            return
        lost = time.monotonic() - self._playing_at > _AWAY_AFTER_S
        if self._away_since_ms is not None:
            if issued_ms > self._away_since_ms:
                away_ms, self._away_since_ms = issued_ms - self._away_since_ms, None
                self._output.say(
                    f"The source is back: nothing was signed for {duration_words(away_ms)}.", style="green"
                )
                self._output.event("state", state="source-back", away_ms=away_ms)
        elif lost or now_ms - issued_ms > _QUIET_MS:
            self._away_since_ms = issued_ms
            self._output.say(
                f"The source is away: nothing is signed since {_clock(issued_ms)}, and viewers see nothing new. It is asked again.",
                style="bold yellow",
            )
            self._output.event("state", state="source-away", since=format_ms(issued_ms))

    def _say_tick(self, publisher: PublisherState, programme: ProgrammeState, delay_ms: int | None) -> None:
        self._output.event(
            "tick",
            tick=publisher.tick,
            segments=publisher.segments,
            delay_ms=delay_ms,
            latency_ms=round(publisher.latency_ms, 1),
            source=programme.source,
            origin=programme.origin,
            dropped_frames=programme.dropped,
            dropped_segments=publisher.dropped,
            late_ms=programme.late_ms,
        )

    def _say_changes(self, publisher: PublisherState, programme: ProgrammeState) -> None:
        if publisher.code:
            self._change("publisher", publisher.message, code=publisher.code)
        elif self._said.pop("publisher", None):
            self._output.say("Publishing goes on.", style="green")
            self._output.event("state", state="publishing")
        on_air = (programme.source, programme.origin)
        if on_air != self._said.get("source"):
            self._said["source"] = on_air
            self._output.event("state", state="source", source=programme.source, origin=programme.origin)
        for message in programme.messages:
            if message not in self._messages:
                self._output.say(f"  {message}", style="dim")
                self._output.event("state", state="message", message=message)
        self._messages = programme.messages

    def _say_stores(self, stores: Sequence[StoreState], now_ms: int) -> None:
        kinds = tuple((store.name, store.code, store.dropped) for store in stores)
        if time.monotonic() - self._stores_at < _STORES_EVERY_S or kinds == self._said.get("stores"):
            return
        self._stores_at = time.monotonic()
        before = {name: code for name, code, _ in self._said.get("stores", ())}
        self._said["stores"] = kinds
        for store in stores:
            if store.code and store.code != before.get(store.name):
                self._output.say(f"  {store.message}; the others go on", style="yellow")
            elif before.get(store.name) and not store.code:
                self._output.say(f"  {store.name} is back", style="green")
        self._output.event("state", state="stores", stores=[store_members(store, now_ms) for store in stores])

    def _change(self, what: str, text: str, *, hint: str = "", code: str) -> None:
        if self._said.get(what) != text:
            self._said[what] = text
            self._output.warn(text, hint=hint, code=code)


def store_members(store: StoreState, now_ms: int) -> dict[str, Any]:
    """One store in `--json`."""
    return {
        "name": store.name,
        "ok": store.ok,
        "code": store.code,
        "message": store.message,
        "behind": store.behind,
        "dropped": store.dropped,
        "tick": store.newest_tick,
        "age_ms": None if store.newest_ms is None else now_ms - store.newest_ms,
    }


def _line(
    publisher: PublisherState,
    programme: ProgrammeState,
    stores: Sequence[StoreState],
    delay_ms: int | None,
    *,
    copy: bool,
    away_ms: int | None,
) -> Text:
    line = Text(no_wrap=True, overflow="ellipsis")
    if publisher.tick is None:
        return line.append("○ waiting for the first segment", style="dim")
    if away_ms is not None:
        line.append(f"○ SOURCE AWAY  nothing is signed since {_clock(away_ms)}", style="bold yellow")
    elif copy or programme.origin == "programme":
        line.append("● ON AIR", style="bold red")
    else:
        line.append("● ON AIR", style="bold yellow").append(" slate", style="yellow")
    line.append(f"  {duration_words(int(publisher.programme_s * 1000))}  tick {publisher.tick}")
    if delay_ms is not None:
        line.append(f"  delay {max(0, delay_ms) / 1000:.1f} s", style="dim")
    line.append(f"  {publisher.segments} segments {publisher.media_bytes / 1e6:.1f} MB", style="dim")
    if programme.dropped:
        line.append(f"  {programme.dropped} frames left out", style="yellow")
    for store in stores:
        style = "green" if store.ok and store.behind <= _BEHIND_SHOWN * 8 else "yellow" if store.ok else "red"
        line.append(f"  {store.name}", style=style)
        if not store.ok:
            line.append(f" {store.code}", style=style)
        if store.behind > _BEHIND_SHOWN * 8:
            line.append(f" {store.behind} behind", style=style)
    if publisher.code:
        line.append(f"  {publisher.message}", style="bold red")
    return line


def _clock(at_ms: int) -> str:
    """The time of day, as whoever reads it anywhere can compare it."""
    return f"{format_ms(at_ms)[11:19]} UTC"
