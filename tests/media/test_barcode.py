from fractions import Fraction

import numpy as np
import pytest
from av.codec.context import CodecContext
from hypothesis import given
from hypothesis import strategies as st

from huma.media import barcode
from huma.media.canvas import blank, planes

NOW = 1_795_000_123_456


@given(st.integers(0, 2**48 - 1))
def test_what_is_drawn_is_read(stamp: int) -> None:
    luma = np.full((144, 256), 128, dtype=np.uint8)
    barcode.draw(luma, stamp)
    assert barcode.decode(luma) == stamp


@pytest.mark.parametrize(
    "size", [(144, 256), (180, 320), (360, 640), (720, 1280), (1080, 1920), (256, 144), (240, 426)]
)
def test_every_size_has_room_for_it(size: tuple[int, int]) -> None:
    luma = np.zeros(size, dtype=np.uint8)
    barcode.draw(luma, NOW)
    assert barcode.decode(luma) == NOW


@given(cell=st.integers(2, 61))
def test_one_wrong_cell_is_noticed(cell: int) -> None:
    luma = np.zeros((144, 256), dtype=np.uint8)
    barcode.draw(luma, NOW)
    row, column = divmod(cell, 32)
    top = 128 + row * 8
    luma[top : top + 8, column * 8 : column * 8 + 8] ^= 16 ^ 235
    assert barcode.decode(luma) is None


@pytest.mark.parametrize("level", [0, 16, 128, 255])
def test_a_picture_without_it_gives_nothing(level: int) -> None:
    assert barcode.decode(np.full((144, 256), level, dtype=np.uint8)) is None


def test_noise_gives_nothing() -> None:
    random = np.random.default_rng(7)
    for _ in range(200):
        assert barcode.decode(random.integers(0, 256, (144, 256), dtype=np.uint8)) is None


def test_a_tiny_picture_gives_nothing() -> None:
    assert barcode.decode(np.zeros((10, 10), dtype=np.uint8)) is None


def test_x264_at_120_kbit_leaves_every_frame_readable() -> None:
    """At 256×144, with noise above the strip that eats the bits."""
    random = np.random.default_rng(3)
    encoder = CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = 256, 144, "yuv420p"
    encoder.time_base, encoder.framerate, encoder.bit_rate, encoder.gop_size = (
        Fraction(1, 30),
        Fraction(30),
        120_000,
        32,
    )
    encoder.options = {"preset": "veryfast", "maxrate": "120k", "bufsize": "84k"}
    ground = random.integers(40, 200, (128, 256), dtype=np.uint8)
    packets, stamps = [], [NOW + slot * 1000 // 30 for slot in range(96)]
    for slot, stamp in enumerate(stamps):
        frame = blank(256, 144)
        luma = planes(frame)[0]
        luma[:128] = np.roll(ground, slot, axis=1)
        barcode.draw(luma, stamp)
        frame.pts = slot
        packets += encoder.encode(frame)
    packets += encoder.encode(None)
    assert sum(packet.size for packet in packets) * 8 / (96 / 30) < 140_000
    decoder = CodecContext.create("h264", "r")
    frames = [frame for packet in [*packets, None] for frame in decoder.decode(packet)]
    assert [barcode.decode(planes(frame)[0]) for frame in frames] == stamps
