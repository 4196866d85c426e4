"""Whether bytes are MPEG-TS: packets of 188 bytes that begin with 0x47."""

from __future__ import annotations

from itertools import chain
from typing import Final

PACKET: Final = 188
_MARK: Final = b"\x47"
_ENOUGH: Final = 4 * PACKET


class SyncWatch:
    """Follows a stream of packets. A few lost or damaged ones do no harm: it finds its step again."""

    def __init__(self) -> None:
        self._phase = 0
        self._held = bytearray()
        self._strange = 0

    def add(self, data: bytes) -> int:
        """Look at what follows; gives how many bytes there have been since the last that were in step."""
        self._held += data
        if len(self._held) < _ENOUGH:
            return self._strange
        size = len(self._held)
        found = _find_step(self._held, self._phase)
        self._phase = 0 if found is None else (found - size) % PACKET
        self._strange = self._strange + size if found is None else 0
        self._held.clear()
        return self._strange


def _find_step(data: bytearray, likely: int) -> int | None:
    """Where the first packet begins, when one begins every 188 bytes from there on."""
    for phase in chain((likely,), range(PACKET)):
        marks = data[phase::PACKET]
        if marks.count(_MARK) == len(marks):
            return phase
    return None
