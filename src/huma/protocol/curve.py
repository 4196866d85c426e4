"""Which 32 bytes are an honest point of edwards25519 (spec/documents.md, K).

Only public values pass through here. Libraries disagree about odd keys, so that two of them could judge one signature
differently; a point that no honest key generator can make is therefore refused before any library sees it.
"""

from __future__ import annotations

from typing import Final, TypeAlias

P: Final = 2**255 - 19
ORDER: Final = 2**252 + 27742317777372353535851937790883648493
_D: Final = -121665 * pow(121666, -1, P) % P
_SQRT_MINUS_1: Final = pow(2, (P - 1) // 4, P)

_Point: TypeAlias = tuple[int, int, int, int]
"""Extended coordinates X, Y, Z, T with x = X/Z, y = Y/Z, xy = T/Z."""

_IDENTITY: Final[_Point] = (0, 1, 1, 0)


def _decode(encoded: bytes) -> _Point | None:
    """The point, if the 32 bytes are its one canonical encoding (RFC 8032, 5.1.3)."""
    if len(encoded) != 32:
        return None
    number = int.from_bytes(encoded, "little")
    y, sign = number & (2**255 - 1), number >> 255
    if y >= P:
        return None
    u, v = (y * y - 1) % P, (_D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if v * x * x % P == -u % P:
        x = x * _SQRT_MINUS_1 % P
    if v * x * x % P != u or (x == 0 and sign == 1):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def _add(a: _Point, b: _Point) -> _Point:
    e1 = (a[1] - a[0]) * (b[1] - b[0]) % P
    e2 = (a[1] + a[0]) * (b[1] + b[0]) % P
    e3 = 2 * a[3] * b[3] * _D % P
    e4 = 2 * a[2] * b[2] % P
    e, f, g, h = e2 - e1, e4 - e3, e4 + e3, e2 + e1
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(scalar: int, point: _Point) -> _Point:
    total = _IDENTITY
    while scalar:
        if scalar & 1:
            total = _add(total, point)
        point = _add(point, point)
        scalar >>= 1
    return total


def _is_identity(point: _Point) -> bool:
    return point[0] == 0 and point[1] == point[2]


def is_canonical_point(encoded: bytes) -> bool:
    """Whether `encoded` is the canonical encoding of a point that is not of small order."""
    point = _decode(encoded)
    return point is not None and not _is_identity(_times(8, point))


def is_prime_order_point(encoded: bytes) -> bool:
    """Whether `encoded` is the canonical encoding of a point of the group that honest keys come from."""
    point = _decode(encoded)
    return point is not None and not _is_identity(point) and _is_identity(_times(ORDER, point))
