"""H.264 byte streams: NAL units, parameter sets, and the `avcC` box that MP4 wants (ISO/IEC 14496-15)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from huma.errors import MediaError

SLICE_IDR: Final = 5
SPS: Final = 7
PPS: Final = 8
_LEFT_OUT: Final = frozenset((9, 12))  # access unit delimiters and filler mean nothing inside MP4


@dataclass(frozen=True, slots=True)
class SequenceParameters:
    """What a sequence parameter set says about the pictures."""

    profile: int
    constraints: int
    level: int
    width: int
    height: int

    @property
    def codecs(self) -> str:
        """The codecs string of RFC 6381."""
        return f"avc1.{self.profile:02x}{self.constraints:02x}{self.level:02x}"


def split_annexb(data: bytes) -> list[bytes]:
    """The NAL units between start codes."""
    units, at = [], data.find(b"\0\0\1")
    while at >= 0:
        start = at + 3
        at = data.find(b"\0\0\1", start)
        unit = data[start:] if at < 0 else data[start:at]
        unit = unit.rstrip(b"\0")  # trailing zeros, and the first byte of a long start code
        if unit:
            units.append(unit)
    return units


def split_avcc(data: bytes, length_size: int) -> list[bytes]:
    """The NAL units behind length fields; a unit that is cut off ends the list."""
    units, at = [], 0
    while at + length_size <= len(data):
        size = int.from_bytes(data[at : at + length_size])
        at += length_size
        if not size or at + size > len(data):
            break
        units.append(data[at : at + size])
        at += size
    return units


def is_annexb(data: bytes) -> bool:
    """Whether `data` begins with a start code."""
    return data[:3] == b"\0\0\1" or data[:4] == b"\0\0\0\1"


def join_avcc(units: list[bytes], *, keep_parameters: bool = False) -> bytes:
    """A sample of MP4: each unit behind four bytes of length, without what the init segment holds."""
    parts = []
    for unit in units:
        kind = unit[0] & 31
        if kind in _LEFT_OUT or (kind in (SPS, PPS) and not keep_parameters):
            continue
        parts += [struct.pack(">I", len(unit)), unit]
    return b"".join(parts)


def avcc_record(sps: list[bytes], pps: list[bytes]) -> bytes:
    """The content of `avcC` for these parameter sets."""
    if not sps or not pps:
        raise MediaError("the H.264 stream has no parameter sets", code="no-parameters")
    first = parse_sps(sps[0])
    record = bytearray((1, first.profile, first.constraints, first.level, 0xFF, 0xE0 | len(sps)))
    for unit in sps:
        record += struct.pack(">H", len(unit)) + unit
    record.append(len(pps))
    for unit in pps:
        record += struct.pack(">H", len(unit)) + unit
    if first.profile in (100, 110, 122, 144):
        chroma, luma_depth, chroma_depth = _high_fields(sps[0])
        record += bytes((0xFC | chroma, 0xF8 | luma_depth, 0xF8 | chroma_depth, 0))
    return bytes(record)


def parameters_in(units: list[bytes]) -> tuple[list[bytes], list[bytes]]:
    """The sequence and the picture parameter sets among `units`."""
    return [unit for unit in units if unit[0] & 31 == SPS], [unit for unit in units if unit[0] & 31 == PPS]


def parameters_of_record(record: bytes) -> tuple[list[bytes], list[bytes], int]:
    """The parameter sets in an `avcC`, and how many bytes its length fields have."""
    try:
        sets: tuple[list[bytes], list[bytes]] = ([], [])
        at = 5
        for found, mask in zip(sets, (31, 255), strict=True):
            count, at = record[at] & mask, at + 1
            for _ in range(count):
                (size,) = struct.unpack_from(">H", record, at)
                found.append(record[at + 2 : at + 2 + size])
                at += 2 + size
        length_size = (record[4] & 3) + 1
    except (IndexError, struct.error):
        raise MediaError("the H.264 stream's avcC record is cut off", code="no-parameters") from None
    if at > len(record) or not all(map(all, sets)):
        raise MediaError("the H.264 stream's avcC record is damaged", code="no-parameters")
    return sets[0], sets[1], length_size


class _Bits:
    """A reader of the bits of a parameter set."""

    def __init__(self, unit: bytes) -> None:
        self._value = int.from_bytes(unit)
        self._left = len(unit) * 8

    def take(self, count: int) -> int:
        self._left -= count
        if self._left < 0:
            raise MediaError("an H.264 parameter set is cut off", code="no-parameters")
        return self._value >> self._left & ((1 << count) - 1)

    def golomb(self) -> int:
        zeros = 0
        while not self.take(1):
            zeros += 1
            if zeros > 32:
                raise MediaError("an H.264 parameter set is damaged", code="no-parameters")
        return (1 << zeros) - 1 + self.take(zeros)

    def signed(self) -> int:
        value = self.golomb()
        return (value + 1) // 2 if value & 1 else -(value // 2)


def parse_sps(unit: bytes) -> SequenceParameters:
    """What the sequence parameter set `unit` says."""
    bits = _Bits(unit.replace(b"\0\0\3", b"\0\0"))
    bits.take(8)
    profile, constraints, level = bits.take(8), bits.take(8), bits.take(8)
    chroma, *_ = _read_high(bits, profile)
    _skip_order(bits)
    bits.golomb()
    bits.take(1)
    width, rows = (bits.golomb() + 1) * 16, bits.golomb() + 1
    frames_only = bits.take(1)
    if not frames_only:
        bits.take(1)
    height = rows * 16 * (2 - frames_only)
    bits.take(1)
    if bits.take(1):
        left, right, top, bottom = (bits.golomb() for _ in range(4))
        across, down = {1: (2, 2), 2: (2, 1)}.get(chroma, (1, 1))
        width -= (left + right) * across
        height -= (top + bottom) * down * (2 - frames_only)
    if not (0 < width <= 16384 and 0 < height <= 16384):
        raise MediaError(f"an H.264 parameter set asks for {width}×{height} pixels", code="no-parameters")
    return SequenceParameters(profile, constraints, level, width, height)


def _high_fields(unit: bytes) -> tuple[int, int, int]:
    bits = _Bits(unit.replace(b"\0\0\3", b"\0\0"))
    bits.take(8)
    profile = bits.take(8)
    bits.take(16)
    return _read_high(bits, profile)


def _read_high(bits: _Bits, profile: int) -> tuple[int, int, int]:
    """Past the identifier and the fields of the high profiles: chroma format and both depths less eight."""
    bits.golomb()
    if profile not in (100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135):
        return 1, 0, 0
    chroma = bits.golomb()
    if chroma == 3:
        bits.take(1)
    luma, depth = bits.golomb(), bits.golomb()
    bits.take(1)
    if bits.take(1):
        for index in range(12 if chroma == 3 else 8):
            if bits.take(1):
                _skip_scaling(bits, 16 if index < 6 else 64)
    return chroma & 3, luma & 7, depth & 7


def _skip_scaling(bits: _Bits, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.signed()) % 256
        last = following or last


def _skip_order(bits: _Bits) -> None:
    """Past the frame number's and the picture order count's fields."""
    bits.golomb()
    kind = bits.golomb()
    if kind == 0:
        bits.golomb()
    elif kind == 1:
        bits.take(1)
        bits.signed()
        bits.signed()
        for _ in range(min(bits.golomb(), 255)):
            bits.signed()
