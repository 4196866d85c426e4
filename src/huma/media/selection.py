"""Which renditions make a whole programme for those who take only one picture and one sound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from huma.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from huma.protocol.event import Event, Rendition


@dataclass(frozen=True, slots=True)
class Selection:
    """A picture and a sound that belong together; one of them may be missing."""

    video: Rendition | None
    audio: Rendition | None

    @property
    def names(self) -> tuple[str, ...]:
        """The renditions' names, the picture's first."""
        return tuple(each.name for each in (self.video, self.audio) if each is not None)


def best(renditions: Iterable[Rendition]) -> Rendition | None:
    """The one with the shortest segments, and of those the largest and richest."""
    return min(
        renditions,
        key=lambda each: (each.ticks_per_segment, -(each.height or 0), -each.bandwidth),
        default=None,
    )


def select(event: Event, *, language: str | None = None, rendition: str | None = None) -> Selection:
    """The picture named `rendition`, or the best, with the sound of `language`, or the first of the event.

    A rendition of sound is taken alone.

    Raises:
        UsageError: The event has no such language or rendition.
    """
    chosen = None if rendition is None else event.rendition(rendition)
    if rendition is not None and chosen is None:
        names = ", ".join(each.name for each in event.renditions)
        raise UsageError(f"the event has no rendition {rendition}", hint=f"It has {names}.")
    if chosen is not None and chosen.kind == "audio":
        return Selection(None, chosen)
    video = chosen or best(each for each in event.renditions if each.kind == "video")
    return Selection(video, sound_of(event, language, beside=video))


def sound_of(event: Event, language: str | None, *, beside: Rendition | None = None) -> Rendition | None:
    """The sound of a language (the event's first by default) in segments as long as those of `beside`, where there is one."""
    codes = [each.code for each in event.languages]
    if language is not None and language not in codes:
        raise UsageError(
            f"the event is not spoken in {language!r}", hint=f"Its languages are {', '.join(codes)}."
        )
    sounds = [each for each in event.renditions if each.kind == "audio"]
    for code in codes if language is None else [language]:
        spoken = [each for each in sounds if each.language == code]
        fitting = [each for each in spoken if beside and each.ticks_per_segment == beside.ticks_per_segment]
        if spoken:
            return best(fitting or spoken)
    return None
