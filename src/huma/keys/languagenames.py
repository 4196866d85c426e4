"""Languages by their own names, for those that are asked for by code alone."""

from __future__ import annotations

from typing import Final

from huma.protocol.event import Language

_NAMES: Final = {
    "ar": "العربية",
    "az": "Azərbaycanca",
    "de": "Deutsch",
    "en": "English",
    "es": "Español",
    "fa": "فارسی",
    "fr": "Français",
    "it": "Italiano",
    "ku": "Kurdî",
    "pt": "Português",
    "ru": "Русский",
    "tr": "Türkçe",
    "uk": "Українська",
    "zh": "中文",
}


def language_of(code: str) -> Language:
    """The language of that code; one that we cannot name is named by its code."""
    return Language(code, _NAMES.get(code, code))
