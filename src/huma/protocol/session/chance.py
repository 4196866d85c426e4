"""All the chance of a session: one small generator, seeded, the same in both languages (spec/client.md, S8)."""

from __future__ import annotations

_MASK = 0xFFFFFFFF


def fnv1a(text: str) -> int:
    """A 32-bit mark of `text`; it spreads, it protects nothing."""
    mark = 0x811C9DC5
    for byte in text.encode():
        mark = ((mark ^ byte) * 0x01000193) & _MASK
    return mark


class Mulberry32:
    """32 bits of state, 32 bits out."""

    def __init__(self, seed: int) -> None:
        self._state = seed & _MASK

    def next(self) -> int:
        """The next number from 0 to 2^32 - 1."""
        self._state = (self._state + 0x6D2B79F5) & _MASK
        mixed = ((self._state ^ (self._state >> 15)) * (self._state | 1)) & _MASK
        mixed ^= (mixed + (((mixed ^ (mixed >> 7)) * (mixed | 61)) & _MASK)) & _MASK
        return mixed ^ (mixed >> 14)

    def below(self, bound: int) -> int:
        """A number from 0 to `bound` - 1."""
        return self.next() * bound >> 32

    def jitter(self, ms: int, percent: int) -> int:
        """`ms`, give or take `percent`."""
        swing = ms * percent // 100
        return ms - swing + self.below(2 * swing + 1)
