"""Which of a source's sound streams speaks which language of the event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from av.stream import Disposition

if TYPE_CHECKING:
    from collections.abc import Sequence

    from av.audio.stream import AudioStream

# ISO 639-2, both of its spellings, to the two letters of ISO 639-1 that events use.
_TWO_LETTERS: Final = {
    "ara": "ar", "arm": "hy", "aze": "az", "chi": "zh", "deu": "de", "dut": "nl", "eng": "en", "fas": "fa",
    "fra": "fr", "fre": "fr", "ger": "de", "heb": "he", "hye": "hy", "ita": "it", "kur": "ku", "nld": "nl",
    "per": "fa", "por": "pt", "pus": "ps", "rus": "ru", "spa": "es", "sqi": "sq", "swe": "sv", "tur": "tr",
    "ukr": "uk", "urd": "ur", "zho": "zh",
}  # fmt: skip


def two_letters(code: str | None) -> str:
    """The primary language of a tag, by its two letters where it has some."""
    primary = (code or "").lower().replace("_", "-").partition("-")[0]
    return _TWO_LETTERS.get(primary, primary)


def choose_sound(
    streams: Sequence[AudioStream], languages: Sequence[str], beside: int = 0
) -> dict[str, AudioStream]:
    """A stream for each language: the one that says so, else the one that stands in for all.

    Of several that would do, the one that stands nearest to the pictures' stream `beside`: the variants of an HLS stream
    bring their sound along, and fetching two variants for one programme would be a waste.
    """
    usable = [stream for stream in streams if cast("Any", stream.codec_context) is not None]
    if not usable:
        return {}
    near = sorted(usable, key=lambda stream: (stream.index < beside, abs(stream.index - beside)))
    spoken = {two_letters(stream.language): stream for stream in reversed(near)}
    stand_in = next((stream for stream in near if stream.disposition & Disposition.default), near[0])
    return {code: spoken.get(two_letters(code), stand_in) for code in languages}
