"""Requests to answers: a look-up, and nothing that a stranger could make expensive."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Protocol

from huma.net.ranges import ByteRange, parse_range
from huma.net.window import CORS, Answer, Headers, Shown, matches, takes_gzip

if TYPE_CHECKING:
    from collections.abc import Mapping

    from huma.net.attic import Attic, OldFile

_NOT_FOUND: Final[Headers] = [("cache-control", "no-store"), *CORS]
_WRONG_METHOD: Final[Headers] = [("allow", "GET, HEAD, OPTIONS"), *_NOT_FOUND]
_PREFLIGHT: Final[Headers] = [
    ("access-control-allow-methods", "GET, HEAD"),
    ("access-control-allow-headers", "if-none-match, range"),
    ("access-control-max-age", "86400"),
    ("cache-control", "no-store"),
    *CORS,
]

_gzip_for = lru_cache(maxsize=256)(takes_gzip)


class Scope(Protocol):
    """What granian tells of a request (RSGI). The client's address stands there too: we never read it."""

    proto: str
    method: str
    path: str
    headers: Any


class Responder(Protocol):
    """How granian takes an answer (RSGI)."""

    def response_empty(self, status: int, headers: Headers) -> None:
        """No body."""

    def response_bytes(self, status: int, headers: Headers, body: bytes) -> None:
        """A body."""

    def response_file(self, status: int, headers: Headers, file: str) -> None:
        """A file as body."""

    def response_file_range(self, status: int, headers: Headers, file: str, start: int, end: int) -> None:
        """A part of a file as body; `end` is excluded."""


class Application:
    """Shows the files of a window; `files` may change at any moment. The attic holds what has left it."""

    def __init__(self, files: Mapping[str, Shown], attic: Attic | None = None) -> None:
        self._files = files
        self._attic = attic

    def answer(self, scope: Scope, responder: Responder) -> None:
        """Answer one request. It never waits for anything."""
        shown = self._files.get(scope.path)
        if scope.method == "GET" and shown is not None:
            _get(shown, scope.headers, responder)
        elif scope.method not in ("GET", "HEAD", "OPTIONS"):
            responder.response_empty(405, _WRONG_METHOD)
        elif scope.method == "OPTIONS":
            responder.response_empty(204, _PREFLIGHT)
        elif shown is None:
            self._answer_old(scope, responder)
        else:
            _head(shown, scope.headers, responder)

    def _answer_old(self, scope: Scope, responder: Responder) -> None:
        old = self._attic.find(scope.path) if self._attic is not None else None
        if old is None:
            responder.response_empty(404, _NOT_FOUND)
        else:
            _old(old, scope, responder)


def _get(shown: Shown, asked: Any, responder: Responder) -> None:
    answer = _choose(shown, asked)
    condition = asked.get("if-none-match")
    if condition is not None and matches(condition, answer.etag):
        responder.response_empty(304, answer.unchanged)
        return
    if shown.ranged:
        wanted = asked.get("range")
        if wanted is not None and _same_file(asked, answer.etag):
            _get_range(answer, wanted, responder)
            return
    responder.response_bytes(200, answer.headers, answer.body)


def _get_range(answer: Answer, wanted: str, responder: Responder) -> None:
    match parse_range(wanted, len(answer.body)):
        case ByteRange() as part:
            headers = [*answer.headers, ("content-range", part.content_range)]
            responder.response_bytes(206, headers, answer.body[part.start : part.last + 1])
        case "unsatisfiable":
            headers = [*_NOT_FOUND, ("content-range", f"bytes */{len(answer.body)}")]
            responder.response_empty(416, headers)
        case None:
            responder.response_bytes(200, answer.headers, answer.body)


def _head(shown: Shown, asked: Any, responder: Responder) -> None:
    answer = _choose(shown, asked)
    condition = asked.get("if-none-match")
    if condition is not None and matches(condition, answer.etag):
        responder.response_empty(304, answer.unchanged)
        return
    responder.response_empty(200, [*answer.headers, ("content-length", str(len(answer.body)))])


def _old(old: OldFile, scope: Scope, responder: Responder) -> None:
    condition = scope.headers.get("if-none-match")
    if condition is not None and matches(condition, old.etag):
        responder.response_empty(304, old.headers)
        return
    whole = [*old.headers, ("content-length", str(old.size))]
    if scope.method == "HEAD":
        responder.response_empty(200, whole)
        return
    wanted = scope.headers.get("range")
    part = None
    if wanted is not None and _same_file(scope.headers, old.etag):
        part = parse_range(wanted, old.size)
    match part:
        case ByteRange():
            headers = [
                *old.headers,
                ("content-range", part.content_range),
                ("content-length", str(part.last - part.start + 1)),
            ]
            responder.response_file_range(206, headers, old.place, part.start, part.last + 1)
        case "unsatisfiable":
            responder.response_empty(416, [*_NOT_FOUND, ("content-range", f"bytes */{old.size}")])
        case None:
            responder.response_file(200, whole, old.place)


def _choose(shown: Shown, asked: Any) -> Answer:
    if shown.packed is not None and _gzip_for(asked.get("accept-encoding", "")):
        return shown.packed
    return shown.plain


def _same_file(asked: Any, etag: str) -> bool:
    """Whether a range may be sent (RFC 9110, 13.1.5): strong comparison, and no date is a validator of ours."""
    condition = asked.get("if-range")
    return condition is None or condition.strip() == etag
