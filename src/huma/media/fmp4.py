"""Fragmented MP4 (CMAF) from bare packets: one init segment a track, one fragment a closed group of pictures.

Muxers hold a fragment back until the packet after it arrives. Here a fragment exists the moment its last packet
does, and the same packets always give the same bytes.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from huma.media.boxes import box, descriptor, full_box

if TYPE_CHECKING:
    from collections.abc import Sequence

_SYNC: Final = 0x02000000
_NOT_SYNC: Final = 0x01010000
_MATRIX: Final = struct.pack(">9i", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_BT709: Final = box(b"colr", b"nclx", struct.pack(">HHHB", 1, 1, 1, 0))
_ISO_639_2: Final = {
    "ar": "ara", "az": "aze", "de": "deu", "en": "eng", "es": "spa", "fa": "fas", "fr": "fra", "he": "heb",
    "hy": "hye", "it": "ita", "ku": "kur", "nl": "nld", "ps": "pus", "pt": "por", "ru": "rus", "sq": "sqi",
    "sv": "swe", "tr": "tur", "uk": "ukr", "ur": "urd", "zh": "zho",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class VideoTrack:
    """H.264 pictures. `avcc` is the content of the `avcC` box."""

    timescale: int
    width: int
    height: int
    avcc: bytes
    pixel_aspect: tuple[int, int] = (1, 1)
    bt709: bool = False


@dataclass(frozen=True, slots=True)
class AudioTrack:
    """AAC sound. `config` is its AudioSpecificConfig."""

    timescale: int
    channels: int
    sample_rate: int
    config: bytes
    bit_rate: int = 0
    language: str = ""


Track = VideoTrack | AudioTrack


@dataclass(frozen=True, slots=True)
class Sample:
    """A coded picture or AAC frame; `offset` is presentation minus decode time, and may be negative."""

    data: bytes
    duration: int
    offset: int = 0
    key: bool = True


def init_segment(track: Track) -> bytes:
    """The ftyp and moov boxes: all that a player needs before the first fragment."""
    video = isinstance(track, VideoTrack)
    mvhd = full_box(
        b"mvhd",
        0,
        0,
        struct.pack(">IIIIIH10x", 0, 0, 1000, 0, 0x10000, 0x100),
        _MATRIX,
        bytes(24),
        struct.pack(">I", 2),
    )
    trex = full_box(b"trex", 0, 0, struct.pack(">5I", 1, 1, 0, 0, _NOT_SYNC if video else _SYNC))
    return box(b"ftyp", b"iso6", struct.pack(">I", 0), b"iso6cmf2mp41") + box(
        b"moov", mvhd, _trak(track), box(b"mvex", trex)
    )


def fragment(sequence: int, base_decode_time: int, samples: Sequence[Sample]) -> bytes:
    """The moof and mdat boxes of `samples` in decode order, the first at `base_decode_time` in the time scale."""
    first = samples[0]
    uniform_duration = all(sample.duration == first.duration for sample in samples)
    offsets = any(sample.offset for sample in samples)
    all_sync = all(sample.key for sample in samples)
    head_sync = first.key and not any(sample.key for sample in samples[1:])

    flags = 0x000201 | (0 if uniform_duration else 0x100) | (0x800 if offsets else 0)
    if not all_sync:
        flags |= 0x004 if head_sync else 0x400
    rows = b"".join(_row(sample, flags) for sample in samples)
    head = struct.pack(">I", _SYNC) if flags & 0x004 else b""

    def moof(data_offset: int) -> bytes:
        tfhd = struct.pack(">III", 1, first.duration, _SYNC if all_sync else _NOT_SYNC)
        trun = struct.pack(">Ii", len(samples), data_offset)
        return box(
            b"moof",
            full_box(b"mfhd", 0, 0, struct.pack(">I", sequence & 0xFFFFFFFF)),
            box(
                b"traf",
                full_box(b"tfhd", 0, 0x020028, tfhd),
                full_box(b"tfdt", 1, 0, struct.pack(">Q", base_decode_time)),
                full_box(b"trun", 1, flags, trun, head, rows),
            ),
        )

    return moof(len(moof(0)) + 8) + box(b"mdat", *(sample.data for sample in samples))


def _row(sample: Sample, flags: int) -> bytes:
    row = struct.pack(">I", sample.duration) if flags & 0x100 else b""
    row += struct.pack(">I", len(sample.data))
    if flags & 0x400:
        row += struct.pack(">I", _SYNC if sample.key else _NOT_SYNC)
    return row + struct.pack(">i", sample.offset) if flags & 0x800 else row


def _trak(track: Track) -> bytes:
    video = isinstance(track, VideoTrack)
    width, height = _shown_size(track) if isinstance(track, VideoTrack) else (0, 0)
    tkhd = full_box(
        b"tkhd",
        0,
        3,
        struct.pack(">IIIII8xhhh2x", 0, 0, 1, 0, 0, 0, 0, 0 if video else 0x100),
        _MATRIX,
        struct.pack(">II", width << 16, height << 16),
    )
    handler = full_box(b"hdlr", 0, 0, bytes(4), b"vide" if video else b"soun", bytes(12), b"huma\0")
    media = full_box(b"vmhd", 0, 1, bytes(8)) if video else full_box(b"smhd", 0, 0, bytes(4))
    data_info = box(b"dinf", full_box(b"dref", 0, 0, struct.pack(">I", 1), full_box(b"url ", 0, 1)))
    language = track.language if isinstance(track, AudioTrack) else ""
    mdhd = full_box(
        b"mdhd", 0, 0, struct.pack(">IIIIHH", 0, 0, track.timescale, 0, _packed_language(language), 0)
    )
    extended = full_box(b"elng", 0, 0, language.encode() + b"\0") if language else b""
    return box(
        b"trak",
        tkhd,
        box(b"mdia", mdhd, extended, handler, box(b"minf", media, data_info, _sample_table(track))),
    )


def _sample_table(track: Track) -> bytes:
    entry = _video_entry(track) if isinstance(track, VideoTrack) else _audio_entry(track)
    return box(
        b"stbl",
        full_box(b"stsd", 0, 0, struct.pack(">I", 1), entry),
        full_box(b"stts", 0, 0, bytes(4)),
        full_box(b"stsc", 0, 0, bytes(4)),
        full_box(b"stsz", 0, 0, bytes(8)),
        full_box(b"stco", 0, 0, bytes(4)),
    )


def _video_entry(track: VideoTrack) -> bytes:
    head = struct.pack(
        ">6xH16xHHIIIH32sHh",
        1,
        track.width,
        track.height,
        0x480000,
        0x480000,
        0,
        1,
        b"",
        24,
        -1,
    )
    aspect = box(b"pasp", struct.pack(">II", *track.pixel_aspect))
    return box(b"avc1", head, box(b"avcC", track.avcc), aspect, _BT709 if track.bt709 else b"")


def _audio_entry(track: AudioTrack) -> bytes:
    # The field is 16.16: a rate above 65535 Hz does not fit and is told by the config alone.
    rate = track.sample_rate if track.sample_rate < 1 << 16 else 0
    head = struct.pack(">6xH8xHHII", 1, track.channels, 16, 0, rate << 16)
    decoder = descriptor(
        4,
        struct.pack(">BBBHII", 0x40, 0x15, 0, 0, track.bit_rate, track.bit_rate),
        descriptor(5, track.config),
    )
    return box(
        b"mp4a",
        head,
        full_box(b"esds", 0, 0, descriptor(3, struct.pack(">HB", 1, 0), decoder, descriptor(6, b"\2"))),
    )


def _shown_size(track: VideoTrack) -> tuple[int, int]:
    across, down = track.pixel_aspect
    return (track.width * across // down, track.height) if across and down else (track.width, track.height)


def _packed_language(code: str) -> int:
    letters = _ISO_639_2.get(code.partition("-")[0], code if len(code) == 3 and code.isalpha() else "und")
    first, second, third = (ord(letter) - 0x60 for letter in letters)
    return first << 10 | second << 5 | third
