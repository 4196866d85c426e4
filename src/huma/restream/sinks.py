"""The far end of a sender process: a container that FFmpeg writes, and what stands behind it."""

from __future__ import annotations

import os
import ssl
from typing import TYPE_CHECKING, Any, Final, Protocol

import av

from huma.restream.srt import SrtCaller

if TYPE_CHECKING:
    from av.container.output import OutputContainer

    from huma.restream.order import Order

IO_TIMEOUT_S: Final = 8
_TS_OPTIONS: Final = {"flush_packets": "1", "pat_period": "0.5"}


class _Writer(Protocol):
    def write(self, data: bytes, /) -> int: ...

    def close(self) -> None: ...


class Counted:
    """A file as PyAV takes it, that counts."""

    def __init__(self, writer: _Writer) -> None:
        self._writer = writer
        self.sent = 0
        self.fault: Exception | None = None

    def write(self, data: Any) -> int:
        """Write all of it. FFmpeg forgets what went wrong: here it is kept."""
        try:
            self._writer.write(bytes(data))
        except Exception as error:
            self.fault = error
            raise
        self.sent += len(data)
        return len(data)

    def close(self) -> None:
        """Let go of it."""
        self._writer.close()


class _Handle:
    """An open file, pipe or FIFO."""

    def __init__(self, handle: int) -> None:
        self._handle = handle

    def write(self, data: bytes) -> int:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._handle, rest) :]
        return len(data)

    def close(self) -> None:
        os.close(self._handle)


def open_sink(order: Order) -> tuple[OutputContainer, Counted | None]:
    """The container to mux into. Connecting to a platform waits until its header is written."""
    if order.kind == "rtmp":
        return av.open(_tee(order.url), "w", format="tee"), None
    writer: _Writer
    if order.kind == "srt":
        host, _, port = order.url.partition("\n")
        writer = SrtCaller(host, int(port), order.options)
    elif order.kind == "file":
        # a sender that comes after one that died goes on in its file
        writer = _Handle(os.open(order.url, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644))
    else:
        writer = _Handle(order.handle)
    counted = Counted(writer)
    return av.open(counted, "w", format="mpegts", options=_TS_OPTIONS), counted


def _tee(url: str) -> str:
    """RTMP behind FFmpeg's tee: PyAV opens an address without options, and the tee hands them on."""
    options = {"f": "flv", "flvflags": "no_duration_filesize", "rw_timeout": str(IO_TIMEOUT_S * 1_000_000)}
    if url.lower().startswith("rtmps:"):
        # without these FFmpeg speaks to whoever answers
        options |= {"tls_verify": "1", "ca_file": _authorities()}
    listed = ":".join(
        f"{name}={_escaped(_escaped(value, _IN_OPTIONS), _IN_NAME)}" for name, value in options.items()
    )
    return f"[{listed}]{_escaped(url, _IN_NAME)}"


_IN_OPTIONS: Final = "\\':]"
_IN_NAME: Final = "\\'|"


def _escaped(text: str, special: str) -> str:
    return "".join(f"\\{letter}" if letter in special else letter for letter in text)


def _authorities() -> str:
    """The certificates that this machine trusts; SSL_CERT_FILE names others."""
    found = ssl.get_default_verify_paths().cafile
    if found is None:
        import certifi  # noqa: PLC0415 - only where the machine has none of its own

        return certifi.where()
    return found
