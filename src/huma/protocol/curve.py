"""Which encodings of edwards25519 are ever handed to a library (spec/documents.md, D14, D15).

Libraries disagree about odd keys, so that two of them could judge one signature differently. Each oddity is refused by
its bytes alone, before any library sees it, and in the same way on the TypeScript side (`ed25519.ts`).
"""

from __future__ import annotations

from typing import Final

P: Final = 2**255 - 19
ORDER: Final = 2**252 + 27742317777372353535851937790883648493

_SMALL_ORDER_Y: Final = frozenset(
    {
        0,
        1,
        P - 1,
        0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826,
        0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7,
    }
)
"""The y of the eight points whose order divides 8. x is 0 only for two of them, so that an odd sign of 0 falls too."""


def is_sound_point(encoded: bytes) -> bool:
    """Whether these 32 bytes have y below p, and are not a point of small order."""
    y = int.from_bytes(encoded, "little") & (2**255 - 1)
    return len(encoded) == 32 and y < P and y not in _SMALL_ORDER_Y


def is_sound_signature(signature: bytes) -> bool:
    """Whether this is 64 bytes with a sound R, and S below the order of the group."""
    return (
        len(signature) == 64
        and is_sound_point(signature[:32])
        and int.from_bytes(signature[32:], "little") < ORDER
    )
