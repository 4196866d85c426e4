"""event.toml as `huma new` writes it: for people, with the reasons beside the lines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from huma.keys.ladder import AAC, SAMPLE_RATE, AudioRung, VideoRung
from huma.protocol.clocktext import format_ms

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from huma.keys.eventtoml import EventConfig

_HEAD = """\
# This event, for people. huma new signed what stands here into event.json; after a change, sign it again with
#     huma desk --event . --sign-event --once
# Only stores, page and origin are for this machine alone and may be changed at any time.
# Everything is explained in docs/reference/event-toml.md; huma check says what differs and what is missing.
v = 1
"""
_TIMES = """
# The planned time, for people: nothing stops by itself. Documents expire a year, live keys 30 days after the end.
"""
_RATE = """
# Frames a second, 25 or 30: it decides the length of a tick (0.96 s or 1.0667 s), so choose before the event.
"""
_COPY = """
# The source is signed as it is, without encoding it again.
copy = true
"""
_STORES = """
# Where huma live and huma desk put the signed files: folders, or URLs that take PUT. Never write a password here:
# it belongs into the environment or a netrc file (docs/how-to/stores.md).
"""
_PAGE = """
# The page that huma link leads to, if there is one.
"""
_ORIGIN = """
# Names or addresses of the machines on which huma live runs. They must never stand among the mirrors.
"""
_LANGUAGES = """
# The languages of the programme, by their own names; the first is played where a viewer has chosen none.
"""
_VIDEO = """
# Pictures. "slow" is the ladder for long, thin lines, with four ticks to a segment; v144s carries v144's very fragments.
"""
_AUDIO = """
# Sounds: each of these once for every language (a-en, a-fa, …).
"""
_SCHEDULE = """
# The programme, for people. One [[schedule]] for each line of it:
# [[schedule]]
# at = 2026-11-23T18:00:00Z
# text = { en = "Opening", fa = "گشایش" }
"""
_MIRRORS = """
# Who carries the stream. huma desk signs this list into the roster when it changes. One [[mirrors]] for each:
# [[mirrors]]
# id = "m1"
# url = "https://mirror.example/"        # ends in a slash
# operator = "Example"                   # two mirrors of one operator count as one witness
# class = "server"                       # cdn, server, home, onion or lan
# tier = "volunteer"                     # trusted (yours, a CDN) or volunteer
"""


def render_config(config: EventConfig) -> bytes:
    """The file for this configuration, with comments."""
    parts = [
        _HEAD,
        f"\ntitle = {_texts(config.title)}\n",
        _TIMES,
        f"start = {format_ms(config.start_ms)}\nend = {format_ms(config.end_ms)}\n",
        _RATE,
        f"fps = {config.fps}\n",
        _COPY if config.copy else "",
        _STORES,
        f"stores = {_list(config.stores)}\n",
        _PAGE,
        f"page = {_text(config.page)}\n" if config.page else '# page = "https://event.example/"\n',
        _ORIGIN,
        f"origin = {_list(config.origin)}\n",
        _LANGUAGES,
        _rows("languages", ({"code": each.code, "name": each.name} for each in config.languages)),
        _VIDEO if config.video else "\n# No picture: sound only.\n",
        _rows("video", map(_video, config.video)),
        _AUDIO,
        _rows("audio", map(_audio, config.audio)),
        _SCHEDULE,
        *(
            f"\n[[schedule]]\nat = {format_ms(item.at_ms)}\ntext = {_texts(item.text)}\n"
            for item in config.schedule
        ),
        _MIRRORS,
        *(
            f"\n[[mirrors]]\nid = {_text(mirror.id)}\nurl = {_text(mirror.url)}\n"
            f"operator = {_text(mirror.operator)}\nclass = {_text(mirror.cls)}\ntier = {_text(mirror.tier)}\n"
            f"addresses = {_list(mirror.addresses)}\nspki = {_list(mirror.spki)}\n"
            for mirror in config.mirrors
        ),
    ]
    return "".join(parts).encode()


def _video(rung: VideoRung) -> dict[str, Any]:
    row: dict[str, Any] = {
        "name": rung.name,
        "width": rung.width,
        "height": rung.height,
        "bitrate": rung.bitrate,
    }
    optional = {
        "ladder": rung.ladder if rung.ladder != "fast" else None,
        "codecs": rung.codecs,
        "frame_rate": list(rung.frame_rate) if rung.frame_rate else None,
    }
    return row | {name: value for name, value in optional.items() if value is not None}


def _audio(rung: AudioRung) -> dict[str, Any]:
    row: dict[str, Any] = {"name": rung.name, "bitrate": rung.bitrate, "channels": rung.channels}
    optional = {
        "ladder": rung.ladder if rung.ladder != "fast" else None,
        "codecs": rung.codecs if rung.codecs != AAC else None,
        "sample_rate": rung.sample_rate if rung.sample_rate != SAMPLE_RATE else None,
        "language": rung.language,
    }
    return row | {name: value for name, value in optional.items() if value is not None}


def _rows(name: str, rows: Iterable[Mapping[str, Any]]) -> str:
    lines = [
        f"  {{ {', '.join(f'{key} = {_value(value)}' for key, value in row.items())} }},\n" for row in rows
    ]
    return f"{name} = [\n{''.join(lines)}]\n"


def _value(value: Any) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return f"{value:_}" if isinstance(value, int) and value >= 10_000 else str(value)


def _texts(texts: Mapping[str, str]) -> str:
    return "{ " + ", ".join(f"{_key(code)} = {_text(text)}" for code, text in texts.items()) + " }"


def _key(code: str) -> str:
    return code if code.replace("-", "").isalnum() else _text(code)


def _text(text: str) -> str:
    """A TOML basic string. JSON escapes all that TOML wants escaped, but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _list(texts: Iterable[str]) -> str:
    return "[" + ", ".join(map(_text, texts)) + "]"
