"""What a codec is called."""

from __future__ import annotations

from typing import Any


def codec_name(stream: Any) -> str:
    """The codec of a stream by its own name, such as mp3: not by that of the decoder that reads it (mp3float)."""
    context = stream.codec_context
    return str(context.codec.canonical_name) if context is not None else "unknown"
