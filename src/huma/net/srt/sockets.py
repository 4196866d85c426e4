"""libsrt's sockets: listen, accept, receive, measure. Sockets are libsrt's own numbers."""

from __future__ import annotations

import ctypes
import struct
from socket import AF_INET
from typing import TYPE_CHECKING, Any, Final

from huma.net.srt.admission import Knock
from huma.net.srt.library import Option
from huma.net.srt.limits import LATENCY_MAX_MS
from huma.net.srt.news import LineQuality

if TYPE_CHECKING:
    from collections.abc import Callable

    from huma.net.srt.order import Order

READABLE: Final = 0x1
BROKEN: Final = 0x8
_NOTHING_YET: Final = 6002  # SRT_EASYNCRCV
_STATUS_BROKEN: Final = 6
_SECURED: Final = 2
_LOG_CRITICAL: Final = 2
_OLDEST: Final = 0x010300
_PACKET: Final = 1472
_UDP_BUFFER: Final = 1024 * 1024
"""What waits here passed the sieve: handshakes that do cost libsrt fifty times as much memory."""
_BACKLOG: Final = 8
_EVENTS: Final = 16
_LARGEST_MESSAGE: Final = 1456

_MAPPED: Final = bytes(10) + b"\xff\xff"

_KNOCK_TYPE: Final = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p
)


def _members(*groups: tuple[str, Any]) -> list[tuple[str, Any]]:
    return [(name, kind) for names, kind in groups for name in names.split()]


class _Event(ctypes.Structure):
    _fields_ = (("socket", ctypes.c_int32), ("events", ctypes.c_int))


class _Statistics(ctypes.Structure):
    """CBytePerfMon of libsrt 1.5, as far as it is read here; later releases append, hence the room behind it."""

    _fields_ = (
        *_members(
            ("ms_time_stamp pkt_sent_total pkt_recv_total", ctypes.c_int64),
            ("snd_loss_total rcv_loss_total retrans_total sent_ack recv_ack sent_nak recv_nak", ctypes.c_int),
            ("snd_duration_total", ctypes.c_int64),
            ("snd_drop_total rcv_drop_total rcv_undecrypt_total", ctypes.c_int),
            ("byte_totals_1 byte_totals_2 byte_totals_3 byte_totals_4", ctypes.c_uint64),
            ("byte_totals_5 byte_totals_6 byte_totals_7", ctypes.c_uint64),
            ("pkt_sent pkt_recv", ctypes.c_int64),
            (
                "snd_loss rcv_loss retrans rcv_retrans sent_ack_2 recv_ack_2 sent_nak_2 recv_nak_2",
                ctypes.c_int,
            ),
            ("mbps_send_rate mbps_recv_rate", ctypes.c_double),
            ("snd_duration", ctypes.c_int64),
            ("reorder_distance", ctypes.c_int),
            ("rcv_avg_belated_time", ctypes.c_double),
            ("rcv_belated", ctypes.c_int64),
            ("snd_drop rcv_drop rcv_undecrypt", ctypes.c_int),
            ("byte_1 byte_2 byte_3 byte_4 byte_5 byte_6 byte_7", ctypes.c_uint64),
            ("snd_period", ctypes.c_double),
            ("flow_window congestion_window flight_size", ctypes.c_int),
            ("rtt_ms", ctypes.c_double),
        ),
        ("more", ctypes.c_char * 4096),
    )


class SrtFault(Exception):  # noqa: N818 - a fault of the library's, not an error for people
    """A call of libsrt's failed."""


class Sockets:
    """One listener, and whoever it has accepted. `knock` is asked in a thread of libsrt's: a code refuses."""

    def __init__(self, library: ctypes.CDLL, order: Order, knock: Callable[[int, Knock], int]) -> None:
        self._library = _with_types(library)
        library.srt_startup()
        library.srt_setloglevel(_LOG_CRITICAL)  # its messages hold addresses
        self._events = (_Event * _EVENTS)()
        self._ask = knock
        self._knock = _KNOCK_TYPE(self._on_knock)  # libsrt keeps no reference
        self._secured = bool(order.passphrase)
        self._eid = self._checked(library.srt_epoll_create())
        self.listener: int = self._checked(library.srt_create_socket())
        self._set_options(order)
        self._checked(library.srt_bind_acquire(self.listener, order.socket))
        self._checked(library.srt_listen_callback(self.listener, self._knock, None))
        self._checked(library.srt_listen(self.listener, _BACKLOG))
        self._watch(self.listener)

    def wait(self, timeout_ms: int) -> list[tuple[int, int]]:
        """Sockets with something to say, and what."""
        count = self._library.srt_epoll_uwait(self._eid, self._events, _EVENTS, timeout_ms)
        return [(each.socket, each.events) for each in self._events[: max(0, min(count, _EVENTS))]]

    def accept(self) -> int | None:
        """The next caller; one without the passphrase has not come so far."""
        socket: int = self._library.srt_accept(self.listener, None, None)
        if socket < 0:
            return None
        if self._secured and self._get(socket, Option.RCVKMSTATE) != _SECURED:
            self.close(socket)
            return None
        self._watch(socket)
        return socket

    def receive(self, socket: int, buffer: ctypes.Array[ctypes.c_char]) -> tuple[int, bool]:
        """Fill the buffer with what has come; gives how many bytes, and whether the line still stands."""
        size = 0
        while size + _LARGEST_MESSAGE <= len(buffer):
            came = self._library.srt_recvmsg(socket, ctypes.byref(buffer, size), len(buffer) - size)
            if came <= 0:
                return size, came < 0 and self._library.srt_getlasterror(None) == _NOTHING_YET
            size += came
        return size, True

    def is_gone(self, socket: int) -> bool:
        """Whether it is broken, closed, or forgotten."""
        return bool(self._library.srt_getsockstate(socket) >= _STATUS_BROKEN)

    def latency(self, socket: int) -> int:
        """For how many ms libsrt keeps what came: the other side may ask for more than we, within reason."""
        return min(max(0, self._get(socket, Option.RCVLATENCY)), LATENCY_MAX_MS)

    def measure(self, socket: int) -> LineQuality | None:
        """The line as it is; None where it is gone."""
        found = _Statistics()
        if self._library.srt_bistats(socket, ctypes.byref(found), 0, 1) < 0:
            return None
        return LineQuality(
            latency_ms=self.latency(socket),
            round_trip_ms=round(max(0.0, found.rtt_ms), 1),
            lost=max(0, found.rcv_loss_total),
            dropped=max(0, found.rcv_drop_total),
            retransmitted=max(0, found.rcv_retrans),
        )

    def unwatch(self, socket: int) -> None:
        """Hear no more of it by `wait`."""
        self._library.srt_epoll_remove_usock(self._eid, socket)

    def close(self, socket: int) -> None:
        """Hang up; the other side is told."""
        self.unwatch(socket)
        self._library.srt_close(socket)

    def _on_knock(self, _: Any, socket: int, version: int, peer: int, streamid: bytes | None) -> int:
        """Called by libsrt; where this raised, its answer would be what lies on the stack."""
        try:
            code = self._ask(socket, Knock(version, streamid or b"", _origin(peer)))
        except Exception:  # noqa: BLE001
            return -1
        if code:
            self._library.srt_setrejectreason(socket, code)
            return -1
        return 0

    def _set_options(self, order: Order) -> None:
        limits = order.limits
        buffer = limits.receive_buffer(order.latency_ms)
        numbers = {
            Option.FC: buffer // _PACKET + 1,  # before the buffer, which it bounds
            Option.RCVBUF: buffer,
            Option.UDP_RCVBUF: _UDP_BUFFER,
            Option.RCVLATENCY: order.latency_ms,
            Option.PEERIDLETIMEO: limits.peer_idle_ms,
            Option.MINVERSION: _OLDEST,
        }
        for option, number in numbers.items():
            self._set(option, struct.pack("i", number))
        for option, on in ((Option.RCVSYN, False), (Option.ENFORCEDENCRYPTION, True)):
            self._set(option, struct.pack("?", on))
        if order.passphrase:
            self._set(Option.PASSPHRASE, order.passphrase.encode())

    def _set(self, option: Option, value: bytes) -> None:
        self._checked(self._library.srt_setsockflag(self.listener, option, value, len(value)))

    def _get(self, socket: int, option: Option) -> int:
        value, size = ctypes.c_int(-1), ctypes.c_int(4)
        if (
            self._library.srt_getsockflag(socket, option, ctypes.byref(value), ctypes.byref(size)) < 0
        ):  # gone meanwhile
            return -1
        return value.value

    def _watch(self, socket: int) -> None:
        events = ctypes.c_int(READABLE | BROKEN)
        self._checked(self._library.srt_epoll_add_usock(self._eid, socket, ctypes.byref(events)))

    def _checked(self, answer: int) -> int:
        if answer < 0:
            raise SrtFault
        return answer


def _origin(address: int) -> bytes:
    """Whose network a socket address is of: an IPv4 address, or the first half of an IPv6 one."""
    (family,) = struct.unpack("=H", ctypes.string_at(address, 2))
    if family == AF_INET:
        return ctypes.string_at(address + 4, 4)
    host = ctypes.string_at(address + 8, 16)
    return host[12:] if host.startswith(_MAPPED) else host[:8]


def _with_types(library: ctypes.CDLL) -> ctypes.CDLL:
    """What ctypes would otherwise guess wrong: 64-bit numbers and pointers."""
    library.srt_epoll_uwait.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_int64)
    library.srt_listen_callback.argtypes = (ctypes.c_int, _KNOCK_TYPE, ctypes.c_void_p)
    library.srt_bistats.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_int)
    return library
