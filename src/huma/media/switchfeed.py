"""Main and backup: the first input that is well is on the air, and another the moment that it is not.

All inputs are kept running, so that a switch is at once. It happens between two pictures, with the sound at the
same place; over the seam the sound of both is faded for 20 ms.
"""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from huma.errors import HumaError, UsageError
from huma.media.choice import Choice, choose_input
from huma.media.cuts import Cuts
from huma.media.feed import silence
from huma.media.tap import Tap, ahead_samples, fade_samples

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from av.video.frame import VideoFrame
    from numpy.typing import NDArray

    from huma.media.bulletin import Bulletin
    from huma.media.feed import Feed
    from huma.media.timeline import Timeline

_KEPT_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class SwitchState:
    """What a switch shows of itself.

    Attributes:
        on_air: The input that is on the air, None before any was.
        held: Whether it was chosen by hand, and is kept while it lives.
        switches: How often the input on the air has changed.
        inputs: Each input's status, in the order of preference.
        stable_s: How long each input has been well; 0 while it is not.
    """

    on_air: str | None
    held: bool
    switches: int
    inputs: Mapping[str, str]
    stable_s: Mapping[str, float]


class _Input:
    """One input, settled slot by slot. What fails in it is its end, not the programme's."""

    def __init__(self, name: str, feed: Feed, languages: Sequence[str], rate: int) -> None:
        self.name = name
        self.feed = feed
        self.taps = {code: Tap(feed, code, rate=rate, kept_s=_KEPT_S) for code in languages}
        self.fault: HumaError | None = None
        self.over = False
        self.picture: VideoFrame | None = None
        self.well_for = 0

    @property
    def status(self) -> str:
        return "ended" if self.over else self.feed.status()

    def settle(self, slot: int, sound_until: int) -> None:
        """Have that slot's picture, and the sound that may be asked for with it."""
        self.picture = None
        if not self.over:
            try:
                self.over = self.feed.ended(slot)
                self.picture = None if self.over else self.feed.picture(slot)
                self.draw(sound_until)
            except HumaError as error:
                self.fault, self.over, self.picture = error, True, None
        well = self.picture is not None and self.feed.status() == "playing"
        self.well_for = self.well_for + 1 if well else 0

    def draw(self, until: int) -> None:
        """Have the sound before sample `until`."""
        for tap in self.taps.values():
            if not self.over:
                tap.draw(until)


class SwitchFeed:
    """A feed of several feeds. `choose` may be called from any thread; everything else is the programme's."""

    def __init__(
        self,
        inputs: Mapping[str, Feed],
        timeline: Timeline,
        languages: Sequence[str],
        bulletin: Bulletin,
        *,
        return_after_s: float | None = None,
    ) -> None:
        rate = timeline.sample_rate
        self._inputs = {name: _Input(name, feed, languages, rate) for name, feed in inputs.items()}
        self._timeline = timeline
        self._bulletin = bulletin
        self._return_slots = (
            None if return_after_s is None else max(1, round(return_after_s * timeline.frame_rate))
        )
        self._slot: int | None = None
        self._choice = Choice()
        self._told: deque[str] = deque()
        self._switches = 0
        self._sounded = 0
        self._ahead = ahead_samples(rate)
        self._cuts: Cuts[str | None] = Cuts(None, fade_samples(rate))

    def start(self) -> None:
        """Begin to read all of them."""
        for each in self._inputs.values():
            each.feed.start()

    def stop(self) -> None:
        """Let go of all of them."""
        for each in self._inputs.values():
            with suppress(HumaError):
                each.feed.stop()

    def choose(self, name: str) -> None:
        """Put that input on the air with the next picture, and keep it there while it lives.

        Raises:
            UsageError: There is no such input, or it has nothing to show.
        """
        if name not in self._inputs:
            raise UsageError(
                f"there is no input {name}",
                code="input-unknown",
                hint=f"There are: {', '.join(self._inputs)}.",
            )
        if not self._inputs[name].well_for:
            raise UsageError(
                f"{name} has nothing to show: it is {self._inputs[name].status}",
                code="input-away",
                hint="Wait until it is playing.",
            )
        self._told.append(name)

    def state(self) -> SwitchState:
        """What is on the air, and how every input is doing."""
        rate = self._timeline.frame_rate
        return SwitchState(
            self._choice.on_air,
            self._choice.held,
            self._switches,
            {name: each.status for name, each in self._inputs.items()},
            {name: float(each.well_for / rate) for name, each in self._inputs.items()},
        )

    def picture(self, slot: int) -> VideoFrame | None:
        """The picture of the input that is on the air."""
        self._settle(slot)
        on_air = self._on_air
        return None if on_air is None else on_air.picture

    def sound(self, language: str, start: int, count: int) -> NDArray[np.float32] | None:
        """The sound of the input that is on the air; over the seam it comes from both."""
        until = start + count
        for each in self._inputs.values():
            each.draw(until)
        self._sounded = max(self._sounded, until)
        if not any(self._sounds(name, language, start, count) for name in self._cuts.sources(start, count)):
            return None
        return self._cuts.render(
            start, count, lambda name, at, length: self._read(name, language, at, length)
        )

    def ended(self, slot: int) -> bool:
        """Whether every input is played out.

        Raises:
            HumaError: Every input has failed; this is what was wrong with the first.
        """
        self._settle(slot)
        faults = [each.fault for each in self._inputs.values()]
        if faults[0] is not None and all(faults):
            raise faults[0]
        return all(each.over for each in self._inputs.values())

    def status(self) -> str:
        """How the input that is on the air is doing; before any was, how the first is."""
        if all(each.over for each in self._inputs.values()):
            return "ended"
        on_air = self._on_air
        if on_air is None:
            return "waiting"
        return "reconnecting" if on_air.over else on_air.status

    @property
    def _on_air(self) -> _Input | None:
        name = self._choice.on_air
        return None if name is None else self._inputs[name]

    def _settle(self, slot: int) -> None:
        """Decide once what is on the air in that slot."""
        if slot == self._slot:
            return
        self._slot = slot
        until = self._timeline.sample_of_slot(slot + 1) + self._ahead
        for each in self._inputs.values():
            was_over = each.over
            each.settle(slot, until)
            if each.over and not was_over:
                self._bulletin.tell(f"{each.name}: {each.fault.message if each.fault else 'is at its end'}")
        told = None
        while self._told:
            told = self._told.popleft()
        before = self._choice
        well = {name: each.well_for for name, each in self._inputs.items()}
        self._choice = choose_input(before, well, told, self._return_slots)
        if self._choice.on_air != before.on_air:
            self._switch(slot, before.on_air, told)
        if told is not None and self._choice.on_air != told:
            self._bulletin.tell(f"{told} could not go on the air: it is {self._inputs[told].status}")

    def _switch(self, slot: int, before: str | None, told: str | None) -> None:
        now = self._choice.on_air
        # What the encoders have already been given stays as it is.
        self._cuts.cut(max(self._timeline.sample_of_slot(slot), self._sounded), now)
        if before is None:
            self._bulletin.tell(f"{now} is on the air")
            return
        self._switches += 1
        if told == now:
            why = "as told"
        else:
            why = f"{before} is lost" if not self._inputs[before].well_for else "it has been stable"
        self._bulletin.tell(f"{now} is on the air instead of {before}: {why}")

    def _tap(self, name: str | None, language: str) -> Tap | None:
        return None if name is None else self._inputs[name].taps.get(language)

    def _sounds(self, name: str | None, language: str, start: int, count: int) -> bool:
        tap = self._tap(name, language)
        return tap is not None and tap.sounds(start, count)

    def _read(self, name: str | None, language: str, start: int, count: int) -> NDArray[np.float32]:
        tap = self._tap(name, language)
        return silence(count) if tap is None else tap.read(start, count)
