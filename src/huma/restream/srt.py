"""SRT out, by Debian's libsrt. Its tools take a passphrase on their command line only, where every process list shows it."""

from __future__ import annotations

import socket
import struct
from typing import TYPE_CHECKING, Final

from huma.net.srt.library import PAYLOAD, Option, load_library

if TYPE_CHECKING:
    from collections.abc import Mapping

CONNECT_MS: Final = 5000
_REFUSED: Final = 1002  # SRT_ECONNREJ


class SrtRefusedError(ConnectionError):
    """The other side does not take us: a wrong passphrase or stream id."""


class SrtCaller:
    """A connection that we called for. What is written leaves in datagrams of whole MPEG-TS packets."""

    def __init__(self, host: str, port: int, options: Mapping[str, str]) -> None:
        self._library = load_library()
        self._waiting = bytearray()
        self._library.srt_startup()
        self._socket = self._library.srt_create_socket()
        try:
            self._set_options(options)
            self._connect(host, port)
        except BaseException:
            self.close()
            raise

    def write(self, data: bytes) -> int:
        """Take bytes; whole payloads leave at once."""
        self._waiting += data
        while len(self._waiting) >= PAYLOAD:
            payload = bytes(self._waiting[:PAYLOAD])
            del self._waiting[:PAYLOAD]
            if self._library.srt_send(self._socket, payload, len(payload)) < 0:
                raise ConnectionResetError
        return len(data)

    def close(self) -> None:
        """Send what waits, and hang up."""
        if self._waiting:
            rest, self._waiting = bytes(self._waiting), bytearray()
            self._library.srt_send(self._socket, rest, len(rest))
        self._library.srt_close(self._socket)
        self._library.srt_cleanup()

    def _set_options(self, options: Mapping[str, str]) -> None:
        self._set(Option.SENDER, struct.pack("i", 1))
        self._set(Option.CONNTIMEO, struct.pack("i", CONNECT_MS))
        self._set(Option.SNDTIMEO, struct.pack("i", CONNECT_MS))
        for name, option in (("latency", Option.LATENCY), ("pbkeylen", Option.PBKEYLEN)):
            if name in options:
                self._set(option, struct.pack("i", int(options[name])))
        for name, option in (("passphrase", Option.PASSPHRASE), ("streamid", Option.STREAMID)):
            if options.get(name):
                self._set(option, options[name].encode())

    def _set(self, option: Option, value: bytes) -> None:
        if self._library.srt_setsockflag(self._socket, option, value, len(value)) < 0:
            raise ValueError

    def _connect(self, host: str, port: int) -> None:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
        family, _, _, _, place = found[0]
        address = _sockaddr(family, str(place[0]), int(place[1]))
        if self._library.srt_connect(self._socket, address, len(address)) < 0:
            code = self._library.srt_getlasterror(None)
            raise SrtRefusedError if code == _REFUSED else ConnectionRefusedError


def _sockaddr(family: int, host: str, port: int) -> bytes:
    """A socket address as C has it."""
    packed = socket.inet_pton(family, host.partition("%")[0])
    if family == socket.AF_INET6:
        return struct.pack("=H", family) + struct.pack(">HI", port, 0) + packed + struct.pack("=I", 0)
    return struct.pack("=H", family) + struct.pack(">H", port) + packed + bytes(8)
