"""Languages that come in at doors of their own: each laid over one picture, earlier or later as it is told.

A language whose door is away is silent, or has the sound of the floor where that was asked for; it is never opened to
the floor by itself.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from huma.errors import HumaError, UsageError
from huma.media.cuts import Cuts
from huma.media.feed import silence
from huma.media.tap import Tap, ahead_samples, fade_samples

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from av.video.frame import VideoFrame
    from numpy.typing import NDArray

    from huma.media.bulletin import Bulletin
    from huma.media.feed import Feed
    from huma.media.timeline import Timeline

Fallback = Literal["silence", "floor"]
# What is heard: a fallback, or the language's own door so many samples later than it came.
_Heard = Fallback | int

OFFSET_LIMIT_MS: Final = 5000
_KEPT_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class VoiceState:
    """How one language's door is doing.

    Attributes:
        status: waiting | playing | stalled | reconnecting | ended.
        offset_ms: How much later than the picture it is laid; negative: earlier.
        earliest_ms: The least offset there is, which depends on how much later the picture is held back.
        heard: What is on the air in this language.
    """

    status: str
    offset_ms: int
    earliest_ms: int
    heard: Literal["own", "silence", "floor"]


class _Voice:
    """One language's feed and where it stands."""

    def __init__(self, feed: Feed, language: str, rate: int, lead_ms: int, fallback: Fallback) -> None:
        self.feed = feed
        self.tap = Tap(feed, language, rate=rate, kept_s=(OFFSET_LIMIT_MS + lead_ms) / 1000 + _KEPT_S)
        self.cuts: Cuts[_Heard] = Cuts(fallback, fade_samples(rate))
        self.offset_ms = 0
        self.over = False

    @property
    def status(self) -> str:
        return "ended" if self.over else self.feed.status()

    def settle(self, slot: int, sound_until: int) -> str | None:
        """Have the sound that may be asked for with that slot; gives what has just gone wrong for good."""
        if self.over:
            return None
        try:
            self.over = self.feed.ended(slot)
            self.feed.picture(slot)
            self.tap.draw(sound_until)
        except HumaError as error:
            self.over = True
            return error.message
        return "is at its end" if self.over else None


class LanguagesFeed:
    """A feed of a picture's feed and others for single languages. `lay` may be called from any thread."""

    def __init__(
        self,
        floor: Feed,
        voices: Mapping[str, Feed],
        timeline: Timeline,
        bulletin: Bulletin,
        *,
        fallback: Fallback = "silence",
        lead_ms: int = 0,
    ) -> None:
        """Set it up.

        Args:
            floor: Gives the picture, and the sound of every language that has no feed of its own.
            voices: A feed for each language that has one.
            timeline: Where slots and samples stand.
            bulletin: Where losses and returns are told.
            fallback: What a language has while its feed is away.
            lead_ms: By how much the floor is held back against the voices: so much earlier can a language be laid.
        """
        rate = timeline.sample_rate
        self._floor = floor
        self._timeline = timeline
        self._bulletin = bulletin
        self._fallback: Fallback = fallback
        self._lead_ms = lead_ms
        self._voices = {code: _Voice(feed, code, rate, lead_ms, fallback) for code, feed in voices.items()}
        self._ahead = ahead_samples(rate)
        self._slot: int | None = None
        self._sounded = 0

    def lay(self, language: str, offset_ms: int) -> int:
        """Lay a language so much later than the picture (negative: earlier); gives the offset that it got.

        Raises:
            UsageError: The language has no door of its own.
        """
        if language not in self._voices:
            raise UsageError(
                f"{language} has no door of its own",
                code="language-unknown",
                hint=f"These have: {', '.join(self._voices)}.",
            )
        got = max(self._earliest_ms, min(OFFSET_LIMIT_MS, offset_ms))
        self._voices[language].offset_ms = got
        return got

    def state(self) -> Mapping[str, VoiceState]:
        """How each language that has a door is doing."""
        return {
            code: VoiceState(
                voice.status,
                voice.offset_ms,
                self._earliest_ms,
                "own" if isinstance(voice.cuts.last, int) else voice.cuts.last,
            )
            for code, voice in self._voices.items()
        }

    def start(self) -> None:
        """Begin to read all of them."""
        self._floor.start()
        for voice in self._voices.values():
            voice.feed.start()

    def stop(self) -> None:
        """Let go of all of them."""
        for feed in (self._floor, *(voice.feed for voice in self._voices.values())):
            with suppress(HumaError):
                feed.stop()

    def picture(self, slot: int) -> VideoFrame | None:
        """The floor's picture."""
        picture = self._floor.picture(slot)
        self._settle(slot)
        return picture

    def sound(self, language: str, start: int, count: int) -> NDArray[np.float32] | None:
        """A language's own sound where it is there, and its fallback where it is not."""
        self._sounded = max(self._sounded, start + count)
        voice = self._voices.get(language)
        floor = (
            self._floor.sound(language, start, count) if voice is None or self._fallback == "floor" else None
        )
        if voice is None:
            return floor
        sources = voice.cuts.sources(start, count)
        if floor is None and not any(isinstance(each, int) for each in sources):
            return None
        voice.tap.draw(start + count)
        under = silence(count) if floor is None else floor

        def read(heard: _Heard, at: int, length: int) -> NDArray[np.float32]:
            if isinstance(heard, int):
                return voice.tap.read(at - heard, length)
            return under[:, at - start : at - start + length] if heard == "floor" else silence(length)

        return voice.cuts.render(start, count, read)

    def ended(self, slot: int) -> bool:
        """Whether the floor is over: its picture is the programme."""
        return self._floor.ended(slot)

    def status(self) -> str:
        """How the floor is doing."""
        return self._floor.status()

    @property
    def _earliest_ms(self) -> int:
        return -min(self._lead_ms, OFFSET_LIMIT_MS)

    def _settle(self, slot: int) -> None:
        """Decide once what each language has from that slot on."""
        if slot == self._slot:
            return
        self._slot = slot
        # What the encoders have already been given stays as it is.
        seam = max(self._timeline.sample_of_slot(slot), self._sounded)
        until = self._timeline.sample_of_slot(slot + 1) + self._ahead
        for code, voice in self._voices.items():
            if (wrong := voice.settle(slot, until)) is not None:
                self._bulletin.tell(f"language {code}: {wrong}")
            later = (self._lead_ms + voice.offset_ms) * self._timeline.sample_rate // 1000
            before = voice.cuts.last
            voice.cuts.cut(seam, later if voice.tap.sounds(seam - later) else self._fallback)
            self._tell(code, before, voice.cuts.last)

    def _tell(self, code: str, before: _Heard, now: _Heard) -> None:
        if isinstance(before, int) != isinstance(now, int):
            what = "is on the air" if isinstance(now, int) else f"is away: {now} in its place"
            self._bulletin.tell(f"language {code} {what}")
