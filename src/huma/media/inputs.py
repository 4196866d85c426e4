"""Containers opened one after the other: files in a list, an address again and again, a caller at the door."""

from __future__ import annotations

import os
import threading
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import av
from av.error import FFmpegError

from huma.errors import HumaError, MediaError, TransportError, UsageError
from huma.media.allowance import OPEN_WITHIN_S
from huma.media.doors import admit
from huma.media.reach import Reach
from huma.media.streams import ByteStream, Door

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from av.container.input import InputContainer
    from av.packet import Packet

    from huma.media.address import Address
    from huma.media.bulletin import Bulletin
    from huma.media.doors import DoorSource, Form, GuardedBytes
    from huma.media.web import Web
    from huma.media.webfile import Readable

OPEN_TIMEOUT_S: Final = 15.0
READ_TIMEOUT_S: Final = 12.0
IDLE_S: Final = 6.0
_BACK_OFF_S: Final = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
_LIVE_PROBE_BYTES: Final = 1_000_000
_FILE_PROBE_BYTES: Final = 20_000_000
_SAME_PLACE_S: Final = 1.0
# A recording of known length that ends so much before it has been cut off on the way.
_SHORT_S: Final = 1.0
_ANALYSE_US: Final = 3_000_000
_LISTS: Final = (".m3u8", ".m3u")
# What is taken from the web, besides HLS. FFmpeg knows hundreds more, some of which open other files by themselves.
_WEB_FORMS: Final = (
    "mpegts,mov,matroska,flv,live_flv,mpeg,avi,asf,mxf,nut,ogg,mp3,aac,ac3,eac3,flac,wav,aiff,h264,hevc,m4v"
)
_RETURNING: Final = frozenset(("web", "tcp", "door"))


@dataclass(frozen=True, slots=True)
class Opened:
    """An open container. `live` means that it has no known end, `pushed` that its sender sets the pace."""

    container: InputContainer
    name: str
    live: bool
    pushed: bool
    web: Web | None = None

    def packets(self) -> Iterator[Packet[Any]]:
        """The packets, the empty ones at the end too.

        Raises:
            FFmpegError: It cannot be read further.
            HumaError: The same, with a reason that FFmpeg does not know.
        """
        packets = self.container.demux()
        if self.web is None:
            yield from packets
            return
        while True:
            with _from_web(self.web, READ_TIMEOUT_S):
                packet = next(packets, None)
            if packet is None:
                return
            yield packet

    def halt(self) -> None:
        """End what waits for the web, soon. From any thread."""
        if self.web is not None:
            self.web.halt()

    def close(self) -> None:
        """Close it; only when nobody reads any more."""
        if self.web is None:
            self.container.close()
        else:
            self.web.close()

    @property
    def ends_s(self) -> float:
        """Where a recording ends on its own clock, in seconds; minus infinity where it does not say."""
        container = self.container
        if self.live or not container.duration:
            return float("-inf")
        return (container.duration + max(container.start_time or 0, 0)) / 1_000_000

    def is_cut_short(self, newest_s: float) -> bool:
        """Whether a recording that ended after a packet of that time has more: FFmpeg may take a break for the end."""
        return newest_s < self.ends_s - _SHORT_S


class Inputs:
    """Gives one container after the other, and waits longer after each failure."""

    def __init__(
        self,
        addresses: list[Address],
        *,
        loop: bool,
        bulletin: Bulletin,
        doors: Mapping[str, DoorSource] | None = None,
        reach: Reach | None = None,
    ) -> None:
        self._addresses = addresses
        self._loop = loop
        self._bulletin = bulletin
        self._next = 0
        self._failures = 0
        self._played = self._finished = False
        self._last_error: HumaError | None = None
        self._reached = 0.0
        self._cut_at = float("-inf")
        first = addresses[0]
        self._door = Door(first) if first.kind == "tcp" else None
        self._source = _find_door(first, doors or {})
        self._publication: GuardedBytes | None = None
        self._reach = reach or (Reach(first.host) if first.kind == "web" else None)
        self._web: Web | None = None
        self.waiting = False

    def prepare(self) -> None:
        """Do now what may fail at once."""
        if self._door is not None:
            self._door.open()

    @property
    def port(self) -> int:
        """The port that a listening source is waiting on."""
        return 0 if self._door is None else self._door.port

    def open_next(self, stop: threading.Event) -> Opened | None:
        """The next container, or None at the end of everything."""
        while not stop.is_set():
            address = self._choose()
            if address is None:
                return None
            self._wait(stop)
            # Whoever has been lost once is away until he is back, however long opening takes.
            self.waiting = address.kind in _RETURNING and (self._failures > 0 or self._played)
            try:
                opened = self._open(address, stop)
            except HumaError as error:
                if stop.is_set():
                    return None
                self._failures += 1
                self._bulletin.tell(f"{address.shown}: {error.message}")
                self._last_error = error
                if address.kind == "stdin":
                    raise
                continue
            finally:
                self.waiting = False
            if opened is not None:
                return opened
            if address.kind == "door":
                return None
        return None

    def open_once(self, stop: threading.Event) -> Opened:
        """The first container, or what is wrong with it."""
        opened = self._open(self._addresses[0], stop)
        if opened is None:
            raise TransportError("nothing came in time", code="source-lost")
        return opened

    def report(self, *, played: bool, finished: bool, reached: float = 0.0, cut_short: bool = False) -> None:
        """Say how the last container went.

        Args:
            played: Whether it gave anything.
            finished: Whether it has an end and came to it.
            reached: How far it came, in seconds.
            cut_short: Whether it said that it was at its end, earlier than it had said before. If it does so twice
                at the same place, that is its end.
        """
        if cut_short:
            finished = abs(reached - self._cut_at) < _SAME_PLACE_S
            self._cut_at = reached
        self._finished = finished and played
        self._reached = 0.0 if finished or not played else reached
        self._failures = 0 if played else self._failures + 1
        self._played = self._played or played
        self.hang_up()

    def hang_up(self) -> None:
        """End the present call, publication or connection; the door stays open."""
        if self._door is not None:
            self._door.hang_up()
        if self._publication is not None:
            self._publication.close()
            self._publication = None
        if self._web is not None:
            self._web.halt()
            self._web = None

    def close(self) -> None:
        """Let go of the door."""
        self.hang_up()
        if self._door is not None:
            self._door.close()

    def _choose(self) -> Address | None:
        """Files in turn; anything else is tried again and again, standard input once."""
        place, count = self._next, len(self._addresses)
        kind = self._addresses[0].kind
        if (kind == "stdin" and place) or (kind == "web" and self._finished and not self._loop):
            return None
        if kind == "file" and place >= count:
            if self._loop and self._failures >= count:
                raise self._hopeless()
            if not self._loop:
                if not self._played:
                    raise self._hopeless()
                return None
        self._next += 1
        return self._addresses[place % count]

    def _wait(self, stop: threading.Event) -> None:
        if self._failures and self._addresses[0].kind in _RETURNING:
            self.waiting = True
            stop.wait(_BACK_OFF_S[min(self._failures, len(_BACK_OFF_S)) - 1])

    def _hopeless(self) -> HumaError:
        """What to say when no file gave anything: of a single one, what was wrong with it."""
        if len(self._addresses) == 1 and self._last_error is not None:
            return self._last_error
        return MediaError("no picture and no sound could be read", code="source-unusable")

    def _open(self, address: Address, stop: threading.Event) -> Opened | None:
        if address.kind == "file":
            return open_file(address)
        if address.kind == "web":
            opened = open_web(address, stop, self._reach)
            self._web = opened.web
            return _forward(opened, self._reached)
        stream = self._stream(stop)
        if stream is None:
            return None
        return open_stream(stream, address, "mpegts" if self._source is None else self._source.form)

    def _stream(self, stop: threading.Event) -> ByteStream | GuardedBytes | None:
        before, self.waiting = self.waiting, True
        try:
            if self._source is not None:
                self.hang_up()
                self._publication = admit(self._source, stop)
                return self._publication
            return ByteStream(0, stop, None) if self._door is None else self._door.admit(stop, IDLE_S)
        finally:
            self.waiting = before


def _find_door(address: Address, doors: Mapping[str, DoorSource]) -> DoorSource | None:
    if address.kind != "door":
        return None
    if address.text not in doors:
        known = ", ".join(sorted(doors)) or "none"
        raise UsageError(
            f"there is no door {address.text}", code="source-door", hint=f"The doors that are open: {known}."
        )
    return doors[address.text]


def open_file(address: Address) -> Opened:
    """A file on this machine. What it refers to must be files too, unless it is a playlist."""
    local = "file,crypto,data"
    protocols = f"{local},http,https,tcp,tls" if address.text.lower().endswith(_LISTS) else local
    options = {"protocol_whitelist": protocols, "probesize": str(_FILE_PROBE_BYTES)}
    # A path that FFmpeg could take for something else is told to be one.
    container = _open(f"file:{os.fspath(address.text)}", options, (OPEN_TIMEOUT_S, READ_TIMEOUT_S))
    return Opened(container, address.shown, live=False, pushed=False)


def open_web(address: Address, stop: threading.Event | None = None, reach: Reach | None = None) -> Opened:
    """A file or an HLS stream on a web server. Nothing that it refers to is read from this machine or its network."""
    from huma.media.web import Web  # noqa: PLC0415 - httpx is heavy, and only for sources like this

    web = Web(reach or Reach(address.host), stop or threading.Event())
    options = {
        # FFmpeg asks `web` for everything: what it tries to open by itself it must not have
        "protocol_whitelist": "none",
        "probesize": str(_FILE_PROBE_BYTES // 4),
        "analyzeduration": str(_ANALYSE_US),
        # FFmpeg keeps the connections of its own HTTP only, and ends the process where it finds none
        "http_persistent": "0",
        "http_multiple": "0",
    }
    try:
        with _from_web(web, OPEN_WITHIN_S):
            first = web.look(address.text)
            form = "hls" if first.is_playlist else None
            options["format_whitelist"] = f"hls,{_WEB_FORMS}" if first.is_playlist else _WEB_FORMS
            container = _open(first.url, options, (OPEN_WITHIN_S, READ_TIMEOUT_S), form, web.open)
            web.keep(container)
    except BaseException as error:
        web.close()
        if isinstance(error, HumaError):
            raise _unopened(error) from None
        raise
    return Opened(container, address.shown, live=not container.duration, pushed=False, web=web)


@contextmanager
def _from_web(web: Web, seconds: float) -> Iterator[None]:
    """What FFmpeg does with a web source, within so many seconds; told is the reason that FFmpeg cannot know."""
    try:
        with web.reading(seconds):
            yield
    except (FFmpegError, HumaError):
        web.check()
        raise
    except Exception as error:
        web.check()
        raise MediaError(f"cannot be read further: {type(error).__name__}", code="source-lost") from error
    web.check()


def _unopened(error: HumaError) -> HumaError:
    """An error of the way, as one of opening."""
    if error.code != "source-lost":
        return error
    return type(error)(f"cannot be opened: {error.message}", code="source-unusable", hint=error.hint)


def _forward(opened: Opened, seconds: float) -> Opened:
    """A recording that was lost on the way goes on near where it was."""
    if seconds and not opened.live:
        with suppress(FFmpegError), ExitStack() as stack:
            if opened.web is not None:
                stack.enter_context(opened.web.reading(READ_TIMEOUT_S))
            opened.container.seek(int(seconds * 1e6))
    return opened


def open_stream(stream: ByteStream | GuardedBytes, address: Address, form: Form = "mpegts") -> Opened:
    """MPEG-TS or FLV that is sent to us."""
    options = {"probesize": str(_LIVE_PROBE_BYTES), "analyzeduration": str(_ANALYSE_US)}
    container = _open(stream, options, None, form=form)
    return Opened(container, address.shown, live=True, pushed=True)


def _open(
    what: Any,
    options: dict[str, str],
    timeout: tuple[float, float] | None,
    form: str | None = None,
    io_open: Callable[..., Readable] | None = None,
) -> InputContainer:
    try:
        container: InputContainer = av.open(
            what, "r", form, options, timeout=timeout, metadata_errors="replace", io_open=io_open
        )
    except FFmpegError as error:
        kind = (
            TransportError
            if isinstance(error, (av.error.HTTPError, ConnectionError, TimeoutError))
            else MediaError
        )
        raise kind(f"cannot be opened: {reason(error)}", code="source-unusable") from None
    except (ValueError, OSError) as error:
        raise MediaError(f"cannot be opened: {error}", code="source-unusable") from None
    if not container.streams.video and not container.streams.audio:
        container.close()
        raise MediaError("has neither pictures nor sound", code="source-unusable")
    return container


def reason(error: Exception) -> str:
    """What FFmpeg says, without the address in it."""
    if isinstance(error, av.error.ExitError):
        return "it takes too long"
    if isinstance(error, av.error.ArgumentError):
        return "it is of a form that is not taken"
    return getattr(error, "strerror", None) or type(error).__name__
