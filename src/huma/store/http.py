"""HTTP PUT as a store: WebDAV servers, and whatever else takes PUT (docs/how-to/stores.md)."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import httpx

from huma.errors import StoreError, UsageError
from huma.store.credentials import Credentials, credentials_for
from huma.store.port import checked_path, too_large

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHUNK: Final = 64 * 1024
_ANSWER_MAX_BYTES: Final = 64 * 1024
_AUTH_HINT: Final = "Set the credentials for this host: see docs/how-to/stores.md."
_FULL_HINT: Final = "Free space there; what is missing is filled in by itself."

# what servers answer to a PUT into a folder that is not there: 409 by the book, 500 nginx
_NO_FOLDER: Final = frozenset((404, 409, 500))
_STATUS_CODES: Final = {
    401: ("store-refused", _AUTH_HINT),
    403: ("store-refused", _AUTH_HINT),
    405: ("store-no-put", "That server takes no PUT at this place."),
    413: ("store-too-large", "Raise the server's limit (nginx: client_max_body_size)."),
    429: ("store-busy", None),
    503: ("store-busy", None),
    501: ("store-no-put", "That server takes no PUT."),
    507: ("store-full", _FULL_HINT),
}


@dataclass(frozen=True, slots=True)
class HttpTimes:
    """How long anything may take, in seconds."""

    connect: float = 5.0
    idle: float = 15.0
    whole: float = 60.0


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    body: bytes = field(default=b"", repr=False)
    length: int | None = None


class HttpStore:
    """Files below one URL, written with PUT. Redirects are never followed."""

    def __init__(
        self,
        url: str,
        *,
        credentials: Credentials | None = None,
        times: HttpTimes | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        base = _parse_base(url)
        self._times = times or HttpTimes()
        self._base = base.copy_with(username=None, password=None)
        self._client = httpx.Client(
            auth=(credentials or credentials_for(base)).auth(),
            timeout=httpx.Timeout(self._times.idle, connect=self._times.connect),
            limits=httpx.Limits(max_connections=16, keepalive_expiry=30),
            follow_redirects=False,
            transport=transport,
            headers={"User-Agent": "huma", "Accept-Encoding": "identity"},
        )

    @property
    def name(self) -> str:
        """The URL without user and password."""
        return str(self._base)

    @property
    def url(self) -> str:
        """The URL without user and password."""
        return str(self._base)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def put(self, path: str, data: bytes, *, content_type: str, cache_control: str) -> None:
        """PUT; where the server misses the folder, make it (MKCOL) and PUT again."""
        headers = {"Content-Type": content_type, "Cache-Control": cache_control}
        answer = self._send("PUT", path, data, headers)
        folder = checked_path(path).rpartition("/")[0]
        if answer.status in _NO_FOLDER and folder:
            self._make_folders(folder)
            answer = self._send("PUT", path, data, headers)
        self._check(answer, path)

    def get(self, path: str, max_bytes: int) -> bytes | None:
        """GET, with a limit on bytes and time."""
        answer = self._send("GET", path, max_bytes=max_bytes)
        if answer.status in (404, 410):
            return None
        self._check(answer, path)
        return answer.body

    def has(self, path: str, size: int) -> bool:
        """HEAD."""
        answer = self._send("HEAD", path)
        return answer.status == 200 and answer.length == size

    def delete(self, path: str) -> None:
        """DELETE."""
        answer = self._send("DELETE", path)
        if answer.status not in (404, 410):
            self._check(answer, path)

    def _make_folders(self, folder: str) -> None:
        parts = folder.split("/")
        for depth in range(1, len(parts) + 1):
            place = "/".join(parts[:depth])
            # nginx makes a folder only with the slash; 405 = it is there already; a refusal shows at the PUT
            self._send("MKCOL", place, slash="/")

    def _send(
        self,
        method: str,
        path: str,
        data: bytes | None = None,
        headers: dict[str, str] | None = None,
        *,
        max_bytes: int = _ANSWER_MAX_BYTES,
        slash: str = "",
    ) -> _Answer:
        url = self._base.join(checked_path(path) + slash)
        until = time.monotonic() + self._times.whole
        sent = dict(headers or {})
        content: Iterator[bytes] | None = None
        if data is not None:
            sent["Content-Length"] = str(len(data))
            content = self._chunks(data, until)
        try:
            with self._client.stream(method, url, content=content, headers=sent) as response:
                body = self._read(response, path, max_bytes, until) if method == "GET" else b""
                length = response.headers.get("Content-Length", "")
                return _Answer(response.status_code, body, int(length) if length.isdecimal() else None)
        except httpx.HTTPError as error:
            raise self._told(error) from None

    def _chunks(self, data: bytes, until: float) -> Iterator[bytes]:
        for start in range(0, len(data), _CHUNK):
            if time.monotonic() > until:
                raise self._slow()
            yield data[start : start + _CHUNK]

    def _read(self, response: httpx.Response, path: str, max_bytes: int, until: float) -> bytes:
        body = bytearray()
        if response.status_code != 200:
            return b""
        # unsized: a chunk size would let httpx gather a drip for as long as it likes before we see it
        for chunk in response.iter_raw():
            body += chunk
            if len(body) > max_bytes:
                raise too_large(self.name, path, max_bytes)
            if time.monotonic() > until:
                raise self._slow()
        return bytes(body)

    def _check(self, answer: _Answer, path: str) -> None:
        if 200 <= answer.status < 300:
            return
        code, hint = _STATUS_CODES.get(answer.status, ("store-status", None))
        raise StoreError(f"{self.name} answered {answer.status} for {path}", code=code, hint=hint)

    def _slow(self) -> StoreError:
        return StoreError(f"{self.name} takes too long", code="store-slow")

    def _told(self, error: httpx.HTTPError) -> StoreError:
        if isinstance(error, httpx.TimeoutException) and not isinstance(error, httpx.ConnectTimeout):
            return self._slow()
        if isinstance(error, httpx.ConnectTimeout | httpx.ConnectError):
            return StoreError(f"{self.name} cannot be reached", code="store-unreachable")
        return StoreError(f"{self.name} broke off", code="store-broken")


def _parse_base(url: str) -> httpx.URL:
    try:
        base = httpx.URL(url)
        _ = base.host  # an international name is decoded, and refused, only now
    except (httpx.InvalidURL, ValueError):
        raise UsageError("a store's URL does not parse") from None
    if base.scheme not in ("http", "https") or not base.host or base.query or base.fragment:
        raise UsageError("a store's URL is https://host/folder/ without query or fragment")
    path = base.path if base.path.endswith("/") else base.path + "/"
    return base.copy_with(path=path)
