"""A filter in the kernel, before the UDP socket: handshakes of those who knock too often never reach libsrt.

Classic BPF, as any process may set on a socket of its own. Media and everything else of a connection pass untouched, and
so does a handshake's first step, which costs no memory. Of its second step a share passes, by lot, and none that asks for
buffers out of measure: libsrt makes them before it looks at the passphrase, as large as the stranger says.
"""

from __future__ import annotations

import ctypes
import socket
import struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from huma.net.srt.crowd import Passage

_SO_ATTACH_FILTER: Final = 26
_LOAD_WORD, _LOAD_HALF, _LOAD_BYTE = 0x20, 0x28, 0x30
_JUMP_EQUAL, _JUMP_ABOVE, _JUMP_FROM = 0x15, 0x25, 0x35
_AND: Final = 0x54
_RETURN: Final = 0x06
_NET: Final = 0x100000000 - 0x100000
_RANDOM: Final = 0x100000000 - 0x1000 + 56
_UDP: Final = 8
_HANDSHAKE: Final = 0x8000
_PACKET_SIZE: Final = _UDP + 16 + 12
_WINDOW: Final = _UDP + 16 + 16
_REQUEST: Final = _UDP + 16 + 20
_INDUCTION: Final = 1
_ALL: Final = 0xFFFFFFFF
LEAST_PACKET, MOST_PACKET = 400, 9216
MOST_WINDOW: Final = 65_536
"""Packets in flight. libsrt asks for 25,600 by itself; here it takes 24 bytes for each."""

_Step = tuple[int, int, str, str]
"""An instruction: what, a number, and where to go on if it holds and if not (empty: with the next)."""


def make_filter(passage: Passage) -> bytes:
    """The filter's program. What ends before it can be read is dropped by the kernel."""
    steps: list[_Step | str] = [
        (_LOAD_HALF, _UDP, "", ""),
        (_JUMP_EQUAL, _HANDSHAKE, "", "pass"),
        (_LOAD_WORD, _REQUEST, "", ""),
        *_bans([origin for origin in passage.banned if len(origin) == 4], version=4),
        *_bans([origin for origin in passage.banned if len(origin) == 8], version=6),
        (_LOAD_WORD, _REQUEST, "", ""),
        (_JUMP_EQUAL, _INDUCTION, "pass", ""),
        (_LOAD_WORD, _WINDOW, "", ""),
        (_JUMP_ABOVE, MOST_WINDOW, "drop", ""),
        (_LOAD_WORD, _PACKET_SIZE, "", ""),
        (_JUMP_FROM, LEAST_PACKET, "", "drop"),
        (_JUMP_ABOVE, MOST_PACKET, "drop", ""),
        (_LOAD_WORD, _RANDOM, "", ""),
        (_JUMP_ABOVE, int(min(1.0, passage.share) * _ALL), "drop", "pass"),
        "pass",
        (_RETURN, _ALL, "", ""),
        "drop",
        (_RETURN, 0, "", ""),
    ]
    return _assemble(steps)


def attach(handle: int, passage: Passage) -> None:
    """Put the filter before a socket, instead of the one that was there."""
    program = make_filter(passage)
    held = ctypes.create_string_buffer(program, len(program))
    with socket.socket(fileno=socket.dup(handle)) as same:
        same.setsockopt(
            socket.SOL_SOCKET,
            _SO_ATTACH_FILTER,
            struct.pack("HL", len(program) // 8, ctypes.addressof(held)),
        )


def _bans(origins: list[bytes], version: int) -> list[_Step | str]:
    """Drop what comes from there. An IPv6 origin is compared in two halves."""
    if not origins:
        return []
    end = f"not-{version}"
    steps: list[_Step | str] = [
        (_LOAD_BYTE, _NET, "", ""),
        (_AND, 0xF0, "", ""),
        (_JUMP_EQUAL, version << 4, "", end),
    ]
    if version == 4:
        steps.append((_LOAD_WORD, _NET + 12, "", ""))
        steps += [(_JUMP_EQUAL, int.from_bytes(origin), "drop", "") for origin in origins]
        return [*steps, end]
    for place, origin in enumerate(origins):
        steps += [
            (_LOAD_WORD, _NET + 8, "", ""),
            (_JUMP_EQUAL, int.from_bytes(origin[:4]), "", f"other-{place}"),
            (_LOAD_WORD, _NET + 12, "", ""),
            (_JUMP_EQUAL, int.from_bytes(origin[4:]), "drop", ""),
            f"other-{place}",
        ]
    return [*steps, end]


def _assemble(steps: list[_Step | str]) -> bytes:
    """Names of places become distances; all of them lie ahead, at most 255 instructions away."""
    places: dict[str, int] = {}
    program: list[_Step] = []
    for step in steps:
        if isinstance(step, str):
            places[step] = len(program)
        else:
            program.append(step)
    return b"".join(
        struct.pack(
            "HBBI",
            what,
            places[yes] - here - 1 if yes else 0,
            places[no] - here - 1 if no else 0,
            number,
        )
        for here, (what, number, yes, no) in enumerate(program)
    )
