from __future__ import annotations

from huma.protocol.event import Language

NOW = 1_795_000_000_000
DAY_MS = 24 * 3600 * 1000
LANGUAGES = (Language("en", "English"), Language("fa", "فارسی"))


def passphrase(owner: str, *, new: bool) -> str:
    return f"correct horse {owner}"
