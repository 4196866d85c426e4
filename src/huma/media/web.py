"""A web source: every file that FFmpeg opens for it comes through here, and none that it should not have."""

from __future__ import annotations

import atexit
import base64
import io
import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_to_bytes

import httpx

from huma.errors import HumaError, MediaError, TransportError
from huma.media.allowance import (
    INITS_MAX_BYTES,
    LISTS_MAX,
    PLAYLIST_MAX_BYTES,
    REDIRECTS_MAX,
    TOO_LARGE,
    TOO_LARGE_HINT,
    URL_MAX_CHARS,
    Allowance,
    DeclinedError,
    OverdueError,
    RefusedError,
)
from huma.media.m3u8 import HEAD, read_playlist
from huma.media.reach import ASTRAY, Reach
from huma.media.webfile import AGAIN_S, Answer, Deciphered, WebFile
from huma.media.webline import WebClient, plain_host

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from av.container.input import InputContainer

    from huma.media.webfile import Readable

_CLOSE_WITHIN_S: Final = 1.0
_MOVED: Final = frozenset((301, 302, 303, 307, 308))
_DRAINED_MAX_BYTES: Final = 16_384
_CONTENT_RANGE: Final = re.compile(r"bytes (\d{1,18})-\d{1,18}/(\d{1,18}|\*)")
_WRITE_FLAG: Final = 2
_CRYPTO: Final = re.compile(r"crypto[+:](.*)", re.DOTALL)
_DATA: Final = re.compile(r"data:[^,]*,", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Beginning:
    """The first file of a source: where it was found, and whether it is an HLS playlist."""

    url: str
    is_playlist: bool


class Web:
    """What FFmpeg opens of one source, for as long as one container is open.

    `open` is what FFmpeg calls. It and the files that it gives never raise: what went wrong is kept, and told by `check`.
    """

    def __init__(self, reach: Reach, stop: threading.Event) -> None:
        self._allowance = Allowance(stop)
        self._client = WebClient(reach, self._allowance)
        self._first: tuple[str, Readable] | None = None
        self._fault: BaseException | None = None
        self._lost: HumaError | None = None
        self._lists = self._inits_bytes = 0
        self._playlists: set[str] = set()
        self._at_work = threading.Lock()
        self._closed = False
        self._container: InputContainer | None = None

    def look(self, address: str) -> Beginning:
        """Ask for the first file, and keep it for FFmpeg.

        Raises:
            HumaError: What is wrong with it.
        """
        file, where, is_playlist = self._fetch(_parse(address), {}, first=True)
        self._first = where, file
        self._playlists.add(where)
        return Beginning(where, is_playlist)

    def open(self, url: str, flags: int, options: Mapping[str, str]) -> Readable:
        """The file that FFmpeg asks for, or an empty one."""
        try:
            return io.BytesIO() if flags & _WRITE_FLAG else self._open(url, options)
        except BaseException as error:  # noqa: BLE001 - above this stands FFmpeg: nothing may go through it
            (self._note_lost if url in self._playlists else self._note)(error)
            return io.BytesIO()

    @contextmanager
    def reading(self, seconds: float) -> Iterator[None]:
        """FFmpeg is at work, until its next packet at most."""
        with self._at_work:
            if self._closed:
                raise OverdueError("is closed", code="source-lost")
            self._allowance.renew(seconds)
            self._lost = None
            yield

    def check(self) -> None:
        """Say what FFmpeg could not be told.

        Raises:
            HumaError: Why nothing more can be read.
        """
        fault = self._fault or self._lost
        if fault is None:
            return
        if isinstance(fault, HumaError) or not isinstance(fault, Exception):
            raise fault
        raise MediaError(f"cannot be read further: {type(fault).__name__}", code="source-lost") from fault

    def keep(self, container: InputContainer) -> None:
        """Hold the container that reads from here until it is closed.

        PyAV frees what such a container has open a second time if the garbage collector finds it.
        """
        self._container = container
        _KEPT.add(self)

    def halt(self) -> None:
        """End what waits, soon. From any thread."""
        self._allowance.halt()

    def close(self) -> None:
        """Close the container and all connections, as soon as nobody reads; whoever reads for too long is left alone."""
        self.halt()
        if not self._at_work.acquire(timeout=_CLOSE_WITHIN_S):
            return
        try:
            self._closed = True
            if self._container is not None:
                self._container.close()
            self._client.close()
            _KEPT.discard(self)
        finally:
            self._at_work.release()

    def _open(self, url: str, options: Mapping[str, str]) -> Readable:
        first, self._first = self._first, None
        if first is not None and first[0] == url:
            return first[1]
        if (ciphered := _CRYPTO.fullmatch(url)) is not None:
            key, iv = (bytes.fromhex(options.get(name, "")) for name in ("key", "iv"))
            return Deciphered(self._open(ciphered[1], options), key, iv)
        if _DATA.match(url):
            data = _read_data(url)
            return self._listed(data, url, moved=False) if data.startswith(HEAD) else io.BytesIO(data)
        file, _, is_playlist = self._fetch(_parse(url), options)
        if is_playlist and len(self._playlists) <= LISTS_MAX:
            self._playlists.add(url)
        return file

    def _fetch(
        self, url: httpx.URL, options: Mapping[str, str], *, first: bool = False
    ) -> tuple[Readable, str, bool]:
        """A file, where it was found, and whether it is a playlist. A connection that fails is tried again."""
        for delay in AGAIN_S:
            try:
                return self._fetch_once(url, options, first=first)
            except (DeclinedError, OverdueError):
                raise
            except TransportError:
                self._allowance.pause(delay)
        return self._fetch_once(url, options, first=first)

    def _fetch_once(
        self, url: httpx.URL, options: Mapping[str, str], *, first: bool
    ) -> tuple[Readable, str, bool]:
        start, end = int(options.get("offset", "0")), int(options.get("end_offset", "0")) or None

        def ask(start: int, end: int | None) -> Answer:
            return self._ask(url, start, end, seek=first)

        note = self._note_lost if first else self._note
        file = WebFile(ask, note, self._allowance.pause, start, end)
        where = file.first.url
        try:
            if file.peek(len(HEAD)) != HEAD:
                return file, str(where), False
            data = file.peek(PLAYLIST_MAX_BYTES + 1)
        except BaseException:
            file.close()
            raise
        file.close()
        if len(data) > PLAYLIST_MAX_BYTES:
            raise RefusedError("has a playlist without an end", code=TOO_LARGE, hint=TOO_LARGE_HINT)
        return self._listed(data, str(where), moved=where != url and not first), str(where), True

    def _listed(self, data: bytes, base: str, *, moved: bool) -> io.BytesIO:
        """A playlist, counted in with all others of this source."""
        playlist = read_playlist(data, base, moved=moved)
        self._lists += playlist.lists
        self._inits_bytes += playlist.inits_bytes
        if self._lists > LISTS_MAX or self._inits_bytes > INITS_MAX_BYTES:
            raise RefusedError("has too many playlists in its playlists", code=TOO_LARGE, hint=TOO_LARGE_HINT)
        return io.BytesIO(playlist.data)

    def _ask(self, url: httpx.URL, start: int, end: int | None, *, seek: bool) -> Answer:
        """Ask a server for a part of a file, and whoever it sends us on to."""
        headers = {"Range": f"bytes={start}-{'' if end is None else end - 1}"} if seek or start or end else {}
        for _ in range(REDIRECTS_MAX + 1):
            self._allowance.left_s()
            response = self._client.get(url, headers)
            if response.status_code not in _MOVED:
                return _answer(response, url, start)
            url = _parse(response.headers.get("Location", ""), url)
            _drain(response)
        raise RefusedError(f"is sent on more than {REDIRECTS_MAX} times", code=ASTRAY)

    def _note(self, error: BaseException) -> None:
        """Keep what ends the source: not that one of its segments is missing."""
        if self._fault is None and (isinstance(error, OverdueError) or not isinstance(error, TransportError)):
            self._fault = error
            self.halt()

    def _note_lost(self, error: BaseException) -> None:
        """Keep what ends the source's only file, too."""
        self._note(error)
        if isinstance(error, HumaError):
            self._lost = error


_KEPT: Final[set[Web]] = set()


@atexit.register
def _close_kept() -> None:
    for web in tuple(_KEPT):
        web.close()


def _parse(address: str, base: httpx.URL | None = None) -> httpx.URL:
    """An address on the web; all others are refused."""
    try:
        url = httpx.URL(address) if base is None else base.join(address)
        _ = url.host  # an international name is decoded, and refused, only now
    except (httpx.InvalidURL, ValueError):
        raise RefusedError("leads to an address that makes no sense", code=ASTRAY) from None
    if url.scheme not in ("http", "https") or not url.host:
        raise RefusedError(f"leads to {url.scheme[:20] or 'nothing'}, which is not on the web", code=ASTRAY)
    if len(str(url)) > URL_MAX_CHARS:
        raise RefusedError(f"leads to an address of more than {URL_MAX_CHARS} characters", code=TOO_LARGE)
    return url


def _answer(response: httpx.Response, url: httpx.URL, start: int) -> Answer:
    """What a server gives of the file that was asked for from `start` on."""
    length = response.headers.get("Content-Length", "")
    size = int(length) if re.fullmatch(r"[0-9]{1,18}", length) else None
    if response.status_code == 200:
        ranged = "bytes" in response.headers.get("Accept-Ranges", "")
        return Answer(response, url, 0, size, ranged)
    told = _CONTENT_RANGE.match(response.headers.get("Content-Range", ""))
    if response.status_code != 206:
        _drain(response)
        raise DeclinedError(f"{plain_host(url)} answered {response.status_code}", code="source-lost")
    if told is None:
        return Answer(response, url, start, None if size is None else start + size, ranged=False)
    whole = int(told[2]) if told[2] != "*" else None
    return Answer(response, url, int(told[1]), whole, ranged=True)


def _drain(response: httpx.Response) -> None:
    """Read a short body that nobody wants, so that the connection can be used again."""
    length = response.headers.get("Content-Length", "")
    try:
        if length.isdecimal() and len(length) < 8 and int(length) <= _DRAINED_MAX_BYTES:
            for _ in response.iter_raw():
                pass
    finally:
        response.close()


def _read_data(url: str) -> bytes:
    """What a `data:` address holds."""
    head, _, text = url.partition(",")
    data = unquote_to_bytes(text)
    return base64.b64decode(data) if head.lower().endswith(";base64") else data
