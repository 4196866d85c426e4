"""The clock that a machine reads out of the picture: Unix milliseconds as 64 black and white cells.

The lowest ninth of the picture holds two rows of 32 cells, read like text, white = 1. Cells 0 and 1 are white and
black, cells 62 and 63 black and white: they give the threshold. Between them stand 48 bits of milliseconds and the
low 12 bits of their CRC-16/XMODEM (over the six bytes, big-endian), each with the highest bit first.
At 256×144 a cell is 8×8 pixels, which survives 120 kbit/s.
"""

from __future__ import annotations

import binascii
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

COLUMNS: Final = 32
ROWS: Final = 2
STRIP: Final = 9
_BLACK: Final = 16
_WHITE: Final = 235
_PAYLOAD_BITS: Final = 60
_CHECK_BITS: Final = 12
_LEAST_CONTRAST: Final = 60


def encode(unix_ms: int) -> NDArray[np.bool_]:
    """The cells for `unix_ms`, two rows of 32."""
    stamp = unix_ms & ((1 << 48) - 1)
    payload = stamp << _CHECK_BITS | _check(stamp)
    bits = [1, 0, *(payload >> bit & 1 for bit in reversed(range(_PAYLOAD_BITS))), 0, 1]
    return np.array(bits, dtype=np.bool_).reshape(ROWS, COLUMNS)


def draw(luma: NDArray[np.uint8], unix_ms: int) -> None:
    """Draw the cells into the lowest ninth of a picture's luma plane. Its colour there should be neutral."""
    height, width = luma.shape
    top = strip_top(height)
    levels = np.where(encode(unix_ms), _WHITE, _BLACK).astype(np.uint8)
    columns = np.arange(width) * COLUMNS // width
    middle = top + (height - top) // 2
    luma[top:middle] = levels[0][columns]
    luma[middle:] = levels[1][columns]


def strip_top(height: int) -> int:
    """The first row of the strip in a picture of that height."""
    return height - height // STRIP


def decode(luma: NDArray[np.uint8]) -> int | None:
    """The Unix milliseconds that a picture's luma plane shows, or None where none can be read for certain."""
    height, width = luma.shape
    if width < 2 * COLUMNS or height < 4 * STRIP:
        return None
    top = height - height / STRIP
    row_height, cell_width = (height - top) / ROWS, width / COLUMNS
    means = np.empty((ROWS, COLUMNS))
    for row in range(ROWS):
        lower, upper = _core(top + row * row_height, row_height)
        lines = luma[lower:upper].astype(np.float32).mean(axis=0)
        for column in range(COLUMNS):
            left, right = _core(column * cell_width, cell_width)
            means[row, column] = lines[left:right].mean()
    return _read(means.reshape(-1))


def _core(start: float, length: float) -> tuple[int, int]:
    """The inner half of a cell: its edges are smeared by scaling and coding."""
    lower = round(start + length / 4)
    return lower, max(lower + 1, round(start + length * 3 / 4))


def _read(means: NDArray[np.float64]) -> int | None:
    white, black = (means[0] + means[63]) / 2, (means[1] + means[62]) / 2
    if white - black < _LEAST_CONTRAST:
        return None
    payload = 0
    for level in means[2:62]:
        payload = payload << 1 | int(level > (white + black) / 2)
    stamp, check = payload >> _CHECK_BITS, payload & ((1 << _CHECK_BITS) - 1)
    return stamp if check == _check(stamp) else None


def _check(stamp: int) -> int:
    return binascii.crc_hqx(stamp.to_bytes(6), 0) & ((1 << _CHECK_BITS) - 1)
