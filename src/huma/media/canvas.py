"""A picture that numpy writes into and FFmpeg reads, without a copy between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL import Image

BT709: Final = 1
LIMITED: Final = 1


def planes(frame: VideoFrame) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]:
    """The luma and both chroma planes of a yuv420p frame, as views into it."""
    width, height = frame.width, frame.height
    chroma = (height + 1) // 2, (width + 1) // 2
    return _view(frame, 0, height, width), _view(frame, 1, *chroma), _view(frame, 2, *chroma)


def _view(frame: VideoFrame, index: int, height: int, width: int) -> NDArray[np.uint8]:
    plane = frame.planes[index]
    rows = np.frombuffer(memoryview(plane), dtype=np.uint8, count=plane.line_size * height)
    return rows.reshape(height, plane.line_size)[:, :width]


def blank(width: int, height: int) -> VideoFrame:
    """A black yuv420p frame."""
    frame = VideoFrame(width, height, "yuv420p")
    luma, *chroma = planes(frame)
    luma[:] = 16
    for plane in chroma:
        plane[:] = 128
    return tag(frame)


def copied(frame: VideoFrame) -> VideoFrame:
    """A frame of its own with the same picture: what is set on one must not show on the other."""
    twin = VideoFrame(frame.width, frame.height, "yuv420p")
    for target, source in zip(planes(twin), planes(frame), strict=True):
        target[:] = source
    return tag(twin)


def tag(frame: VideoFrame) -> VideoFrame:
    """Say that the frame is BT.709 in the limited range, as all frames of ours are."""
    frame.colorspace = BT709
    frame.color_range = LIMITED
    return frame


def from_image(image: Image.Image) -> VideoFrame:
    """An RGB image as a yuv420p frame."""
    rgb: Any = VideoFrame.from_ndarray(np.asarray(image.convert("RGB")), format="rgb24")
    frame = VideoReformatter().reformat(
        rgb,
        format="yuv420p",
        dst_colorspace=Colorspace.ITU709,
        src_color_range=ColorRange.JPEG,
        dst_color_range=ColorRange.MPEG,
        threads=1,
    )
    return tag(frame)
