"""The exact set of files that a server shows, each with its answers made beforehand.

Answers are made once, when a file is put, so that a request costs one look-up: a flood of requests for names
that do not exist finds nothing to do.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass
from typing import Final, TypeAlias

Headers: TypeAlias = list[tuple[str, str]]

GZIP_LEVEL: Final = 6
_GZIP_MIN_BYTES: Final = 200
_COMPRESSIBLE = re.compile(
    r"(?:text/(?!vtt)|application/(?:json|manifest\+json|vnd\.apple\.mpegurl)|image/svg\+xml).*"
)
_ETAG = re.compile(r'(?:W/)?("[!#-~]*")')

CORS: Final = (
    ("access-control-allow-origin", "*"),
    ("access-control-expose-headers", "content-range, date, etag"),
    ("cross-origin-resource-policy", "cross-origin"),
    ("x-content-type-options", "nosniff"),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """One way to send a file: its bytes, and the headers of a 200 and of a 304."""

    body: bytes
    etag: str
    headers: Headers
    unchanged: Headers


@dataclass(frozen=True, slots=True)
class Shown:
    """A file as it is shown: plain, and compressed where that is smaller. Media have ranges, others have gzip."""

    plain: Answer
    packed: Answer | None
    ranged: bool


def show(
    data: bytes, *, content_type: str, cache_control: str, extra: tuple[tuple[str, str], ...] = ()
) -> Shown:
    """Make the answers for one file."""
    packable = _COMPRESSIBLE.fullmatch(content_type) is not None
    packed = gzip.compress(data, GZIP_LEVEL, mtime=0) if packable and len(data) >= _GZIP_MIN_BYTES else b""
    digest = hashlib.sha256(data).hexdigest()[:24]
    common: Headers = [
        ("content-type", content_type),
        ("cache-control", cache_control),
        *CORS,
        *extra,
    ]
    if packable:
        common.append(("vary", "accept-encoding"))
    else:
        common.append(("accept-ranges", "bytes"))
    plain = _answer(data, f'"{digest}"', common)
    if not packed or len(packed) >= len(data):
        return Shown(plain, None, ranged=not packable)
    return Shown(
        plain,
        _answer(packed, f'"{digest}-gz"', [*common, ("content-encoding", "gzip")]),
        ranged=False,
    )


def _answer(body: bytes, etag: str, common: Headers) -> Answer:
    headers = [*common, ("etag", etag)]
    unchanged = [header for header in headers if header[0] not in ("content-type", "content-encoding")]
    return Answer(body, etag, headers, unchanged)


def matches(if_none_match: str, etag: str) -> bool:
    """Whether an If-None-Match header names `etag` (weak comparison)."""
    if if_none_match == etag:
        return True
    return if_none_match.strip() == "*" or etag in _ETAG.findall(if_none_match[:2048])


def takes_gzip(accept_encoding: str) -> bool:
    """Whether an Accept-Encoding header allows gzip."""
    allowed = False
    for item in accept_encoding[:512].lower().split(","):
        coding, _, parameter = item.partition(";")
        name = coding.strip()
        if name not in ("gzip", "x-gzip", "*"):
            continue
        weight = parameter.replace(" ", "")
        refused = re.fullmatch(r"q=0(?:\.0{0,3})?", weight) is not None
        if name != "*":
            return not refused
        allowed = not refused
    return allowed
