"""Doors that others open: whatever brings a container as bytes, one publication after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

from huma.errors import HumaError, TransportError

if TYPE_CHECKING:
    import threading

Form = Literal["flv", "mpegts"]


class ByteSource(Protocol):
    """The bytes of one publication."""

    def read(self, size: int) -> bytes:
        """Up to `size` bytes, waited for within a time limit of the source's own; none at the end."""

    def close(self) -> None:
        """Let go of it; a `read` that waits returns soon. May be called again, and from any thread."""


class DoorSource(Protocol):
    """Where publications come in. It was opened by whoever made it, and is closed by him too."""

    @property
    def name(self) -> str:
        """What it is called by `door:NAME`; no address, no key."""

    @property
    def protocol(self) -> str:
        """What it speaks, for people: rtmp, srt and so on."""

    @property
    def form(self) -> Form:
        """The container in which publications come."""

    def open_next(self, stop: threading.Event) -> ByteSource | None:
        """Wait for the next publication; None when stopped, or when none will come any more."""


class GuardedBytes:
    """A byte source as FFmpeg reads it: nothing that goes wrong in it gets further than an end."""

    def __init__(self, source: ByteSource, stop: threading.Event) -> None:
        self._source = source
        self._stop = stop

    def read(self, size: int) -> bytes:
        """Up to `size` bytes; none at the end, when stopped, and when the source fails."""
        try:
            return b"" if self._stop.is_set() else self._source.read(size)
        except (HumaError, OSError, ValueError):
            return b""

    def close(self) -> None:
        """Let go of the source."""
        try:
            self._source.close()
        except (HumaError, OSError, ValueError):
            return


def admit(door: DoorSource, stop: threading.Event) -> GuardedBytes | None:
    """The next publication at a door, or None when there will be none."""
    try:
        source = door.open_next(stop)
    except OSError as error:
        raise TransportError(f"the door failed: {error.strerror or type(error).__name__}") from None
    return None if source is None else GuardedBytes(source, stop)
