"""A container read ahead by a thread of its own: no further than a few seconds, and so many bytes."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Any, Final

from av.error import FFmpegError

from huma.errors import HumaError, TransportError
from huma.media.inputs import reason

if TYPE_CHECKING:
    from av.packet import Packet

    from huma.media.inputs import Opened

_PACKETS: Final = 256
_BYTES: Final = 32 * 1024 * 1024
_LOOK_S: Final = 0.2


class ReadAhead:
    """Reads from when it is made until `end`.

    Attributes:
        reached_s: The time of the last packet that was taken, on the container's own clock.
        cut_short: Whether it ended before it had said that it would.
    """

    def __init__(self, opened: Opened) -> None:
        self.reached_s = 0.0
        self.cut_short = False
        self._opened = opened
        self._changed = threading.Condition()
        self._line: deque[Packet[Any] | HumaError | None] = deque()
        self._bytes = 0
        self._unwanted = False
        self._thread = threading.Thread(target=self._read, name="huma-demux", daemon=True)
        self._thread.start()

    def take(self) -> Packet[Any] | HumaError | None:
        """What comes next: a packet, what is wrong, or None at the end.

        Raises:
            TimeoutError: Nothing yet.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._line, _LOOK_S):
                raise TimeoutError
            item = self._line.popleft()
            self._bytes -= _size(item)
            self._changed.notify_all()
        self.reached_s = _time(item, self.reached_s)
        return item

    def leave(self) -> None:
        """Want no more."""
        with self._changed:
            self._unwanted = True
            self._changed.notify_all()
        self._opened.halt()

    def end(self, within_s: float) -> None:
        """Close the container; a thread that stays in FFmpeg for longer is left to its limits."""
        self.leave()
        self._thread.join(within_s)
        if not self._thread.is_alive():
            self._opened.close()

    def _read(self) -> None:
        newest = float("inf")
        try:
            for packet in self._opened.packets():
                newest = _time(packet, newest)
                if packet.size and not self._put(packet):
                    return
            if self._opened.is_cut_short(newest):
                self.cut_short = True
                told = f"ended {self._opened.ends_s - newest:.0f} s before its end"
                self._put(TransportError(told, code="source-lost"))
        except HumaError as error:
            self._put(error)
        except FFmpegError as error:
            self._put(TransportError(f"cannot be read further: {reason(error)}", code="source-lost"))
        except Exception as error:  # noqa: BLE001 - whatever it is, nobody shall wait for this thread for ever
            told = f"cannot be carried further: {type(error).__name__}: {error}"
            self._put(TransportError(told, code="source-lost"))
        self._put(None)

    def _put(self, item: Packet[Any] | HumaError | None) -> bool:
        """Put it into the line when there is room; whether more is wanted."""
        with self._changed:
            self._changed.wait_for(lambda: self._unwanted or self._has_room)
            self._line.append(item)
            self._bytes += _size(item)
            self._changed.notify_all()
            return not self._unwanted

    @property
    def _has_room(self) -> bool:
        return len(self._line) < _PACKETS and self._bytes < _BYTES


def _size(item: Packet[Any] | HumaError | None) -> int:
    return 0 if item is None or isinstance(item, HumaError) else item.size


def _time(item: Packet[Any] | HumaError | None, before: float) -> float:
    """When it is decoded, in seconds; `before` if it does not say."""
    if item is None or isinstance(item, HumaError):
        return before
    stamp = item.dts if item.dts is not None else item.pts
    return before if stamp is None else float(stamp * item.time_base)
