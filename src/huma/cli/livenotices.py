"""What is told of inputs, doors, alarms, the recording and the outputs while a broadcast is on the air."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING, Final

from huma.cli.output import duration_words
from huma.media.intake import Intake

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from huma.cli.livedoors import DoorLook
    from huma.cli.output import Output
    from huma.errors import HumaError
    from huma.media.intake import IntakeState
    from huma.media.state import Programme
    from huma.media.watchers import Code
    from huma.record.recorder import RecorderState
    from huma.restream.output import OutputState

_SOON_FULL_S: Final = 3600.0
_KNOCKING_S: Final = 60.0
_ALARMS: Final = {
    "silence": "silence",
    "black": "the picture is black",
    "frozen": "the picture does not move",
    "slow": "encoding is slower than the clock",
}
_NOT_SAID: Final = "slate"
"""The line of the status says it already."""
_REFUSED: Final = {
    "wrong-key": "somebody came with a wrong stream key",
    "expired-key": "somebody came with a stream key that is over",
    "passphrase": "somebody came with a wrong passphrase",
    "already-publishing": "a second encoder came with the same stream key",
    "busy": "a second encoder came to a door that is in use",
    "codec": "an encoder came with codecs that are not taken: H.264 and AAC are",
}


class LiveNotices:
    """Says what has changed, and nothing twice."""

    def __init__(self, output: Output, mono: Callable[[], float] = time.monotonic) -> None:
        self._output = output
        self._on_air: str | None = None
        self._alarms: dict[tuple[Code, str], None] = {}
        self._doors: dict[str, bool] = {}
        self._refused: dict[str, tuple[int, float]] = {}
        self._mono = mono
        self._outputs: dict[str, tuple[bool, str]] = {}
        self._told: set[str] = set()
        self._recording: tuple[str, bool] | None = None

    def once(self, error: HumaError) -> None:
        """Something that goes wrong each time it is tried, and is told once."""
        if error.code not in self._told:
            self._told.add(error.code)
            self._output.warn(error.message, hint=error.hint, code=error.code)

    def programme(self, programme: Programme) -> None:
        """The inputs and alarms of a programme that is encoded here."""
        if isinstance(programme, Intake):
            state = programme.overview()
            self._say_inputs(state)
            self._say_alarms(state)

    def doors(self, doors: Sequence[DoorLook], refused: Mapping[str, int]) -> None:
        """Who sends, and who was sent away."""
        for door in doors:
            sends = door.open
            if sends != self._doors.get(door.name, False):
                self._doors[door.name] = sends
                self._output.say(
                    f"  door {door.name}: {'an encoder sends' if sends else 'nobody sends'}", style="dim"
                )
                self._output.event("state", state="door", door=door.name, open=sends)
        total = Counter(refused)
        for door in doors:
            total.update(door.refused)
        self._say_refused(total)

    def recording(self, state: RecorderState | None) -> None:
        """The recording, when it begins, fails, goes on, or will soon find no room."""
        if state is None or (state.since_ms is None and not state.code):
            return
        soon = state.full_in_s is not None and state.full_in_s < _SOON_FULL_S
        before, self._recording = self._recording, (state.code, soon)
        if before == self._recording:
            return
        self._output.event(
            "state",
            state="recording",
            code=state.code,
            seconds=round(state.seconds, 1),
            bytes=state.bytes,
            dropped=state.dropped,
            full_in_s=None if state.full_in_s is None else round(state.full_in_s),
        )
        if state.code:
            self._output.say(f"  Recording: {state.message}; the programme goes on", style="yellow")
        elif soon and state.full_in_s is not None:
            left = duration_words(int(state.full_in_s * 1000))
            self._output.say(f"  Recording: the disk will be full in {left}", style="yellow")
        elif before is None or before[0]:
            self._output.say(
                f"  Recording {'goes on' if before else 'runs'}", style="green" if before else "dim"
            )

    def outputs(self, states: Sequence[OutputState]) -> None:
        """The outputs beside the signed path: which are taken, which are called again."""
        for place, state in enumerate(states):
            now = (state.connected, state.code)
            if now == self._outputs.get(f"{place}", (False, "")):
                continue
            self._outputs[f"{place}"] = now
            self._output.event(
                "state",
                state="output",
                output=state.label,
                to=state.kind,
                connected=state.connected,
                code=state.code,
                reconnects=state.reconnects,
                dropped=state.dropped,
            )
            if state.connected:
                self._output.say(f"  {state.label}: sends", style="green" if state.reconnects else "dim")
            else:
                self._output.say(
                    f"  {state.label}: {state.message or 'not connected'}; it is called again", style="yellow"
                )

    def _say_inputs(self, state: IntakeState) -> None:
        if state.on_air == self._on_air:
            return
        self._on_air = state.on_air  # people read of it in the programme's messages
        self._output.event(
            "state", state="input", input=state.on_air, held=state.held, switches=state.switches
        )

    def _say_alarms(self, state: IntakeState) -> None:
        now = {(each.code, each.where): None for each in state.output.alarms}
        for code, where in now:
            if (code, where) not in self._alarms:
                self._tell_alarm(code, where)
        for code, where in self._alarms.keys() - now.keys():
            self._output.event("state", state="alarm", alarm=code, where=where, on=False)
            if code != _NOT_SAID:
                self._output.say(f"  Over: {_words(code, where)}", style="green")
        self._alarms = now

    def _tell_alarm(self, code: str, where: str) -> None:
        self._output.event("state", state="alarm", alarm=code, where=where, on=True)
        if code != _NOT_SAID:
            self._output.say(f"  ALARM: {_words(code, where)}", style="bold red")

    def _say_refused(self, refused: Mapping[str, int]) -> None:
        """Who is sent away with something that a person here may mend; one who knocks for ever is told of each minute."""
        for reason, words in _REFUSED.items():
            told, at = self._refused.get(reason, (0, float("-inf")))
            count = refused.get(reason, 0)
            if count <= told or self._mono() - at < _KNOCKING_S:
                continue
            self._refused[reason] = (count, self._mono())
            self._output.say(
                f"  {words}" + (f" ({count - told} times)" if count - told > 1 else ""), style="yellow"
            )
            self._output.event("state", state="door-refused", reason=reason, count=count)


def _words(code: str, where: str) -> str:
    words = _ALARMS.get(code, code)
    return f"{words} ({where})" if code == "silence" else words
