"""What runs beside the signed path: the recorder, and outputs to other places. Neither can delay or stop it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huma.cli.output import refuse
from huma.restream.address import parse_output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from huma.cli.live import LiveOptions
    from huma.cli.output import Output
    from huma.media.segment import Segment
    from huma.protocol.event import Event
    from huma.record.recorder import RecorderState
    from huma.restream.address import OutputAddress
    from huma.restream.output import OutputState


def read_outputs(texts: Sequence[str]) -> tuple[OutputAddress, ...]:
    """The places of `--also`; UsageError where one makes no sense."""
    outputs = tuple(parse_output(text) for text in texts)
    if sum(each.kind == "pipe" for each in outputs) > 1:
        raise refuse("--also: standard output can be given once only")
    return outputs


def takes_stdout(outputs: Sequence[OutputAddress], *, as_json: bool) -> bool:
    """Whether the programme itself goes to standard output, so that words must not."""
    taken = any(each.kind == "pipe" for each in outputs)
    if taken and as_json:
        raise refuse("--json and --also - both want standard output", "Send the programme to a FIFO instead.")
    return taken


def warn_of_keys(output: Output, outputs: Sequence[OutputAddress]) -> None:
    """A key that was typed stands in process lists and in the shell's history."""
    for each in outputs:
        if each.key_in_sight:
            output.warn(
                f"--also: the key of {each.label} can be read in process lists",
                hint="Keep it in a file: --also 'rtmp://host/app#key-file=PATH'. docs/how-to/restream.md",
                code="output-key-in-sight",
            )


class Beside:
    """The recorder and the outputs of a broadcast, each where it was asked for."""

    def __init__(self, options: LiveOptions, event: Event) -> None:
        self._recorder = self._outputs = None
        if options.record is not None:
            from huma.record.recorder import Recorder

            self._recorder = Recorder(event, options.record)
        if options.also:
            from huma.restream.outputs import Outputs

            self._outputs = Outputs(event, options.also)
        self._started = False

    @property
    def recording(self) -> RecorderState | None:
        """How the recording is doing; None where nothing is recorded."""
        return None if self._recorder is None else self._recorder.state

    @property
    def outputs(self) -> list[OutputState]:
        """How each output is doing."""
        return [] if self._outputs is None else self._outputs.states

    def start(self) -> None:
        """Begin, before the first segment is made; StoreError where the recording's folder cannot be written."""
        if self._recorder is not None:
            self._recorder.start()
        self._started = True
        if self._outputs is not None:
            self._outputs.start()

    def take(self, segment: Segment) -> None:
        """Take a segment; this never waits and never fails."""
        if self._recorder is not None:
            self._recorder.take(segment)
        if self._outputs is not None:
            self._outputs.take(segment)

    def close(self, timeout: float) -> bool:
        """Write and send what waits; whether all of it was, within about so many seconds."""
        if not self._started:
            return True
        sent = self._outputs is None or self._outputs.close(timeout / 2)
        return (self._recorder is None or self._recorder.close(timeout)) and sent
