"""Any picture onto the canvas: size, shape, rotation, interlacing, colours."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

import numpy as np
from av.error import FFmpegError
from av.filter.graph import Graph
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

from huma.media.canvas import blank, planes, tag

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

    from huma.media.feed import Canvas

_UNSPECIFIED: Final = frozenset((0, 2, 3))
_BT709: Final = 1
_HD_HEIGHT: Final = 720
_NEARLY: Final = 4


class Fitter:
    """Makes pictures of one source fit. Not for two threads at once."""

    def __init__(self, canvas: Canvas, pixel_aspect: Fraction | None = None) -> None:
        self._canvas = canvas
        self._aspect = pixel_aspect if pixel_aspect and Fraction(1, 20) < pixel_aspect < 20 else Fraction(1)
        self._scaler = VideoReformatter()
        self._weave: tuple[tuple[int, int, str], Graph] | None = None

    def fit(self, frame: VideoFrame) -> VideoFrame:
        """The picture on the canvas, upright, with bars where its shape leaves room."""
        if frame.interlaced_frame:
            frame = self._deinterlaced(frame)
        turns = round(frame.rotation / 90) % 4
        wide, high = frame.width * self._aspect, Fraction(frame.height)
        if turns % 2:
            wide, high = high, wide
        width, height = self._size(wide, high)
        scaled = self._scaled(frame, *((height, width) if turns % 2 else (width, height)))
        if not turns and (width, height) == (self._canvas.width, self._canvas.height):
            return scaled
        return self._placed(scaled, turns)

    def _size(self, wide: Fraction, high: Fraction) -> tuple[int, int]:
        """The largest even size of that shape within the canvas; a sliver of a bar is not worth it."""
        full = self._canvas
        share = min(full.width / wide, full.height / high)
        width, height = (max(2, round(length * share) & ~1) for length in (wide, high))
        if full.width - width < _NEARLY and full.height - height < _NEARLY:
            return full.width, full.height
        return min(width, full.width), min(height, full.height)

    def _scaled(self, frame: VideoFrame, width: int, height: int) -> VideoFrame:
        guess = Colorspace.ITU709 if frame.height >= _HD_HEIGHT else Colorspace.ITU601
        unknown = frame.colorspace in _UNSPECIFIED
        convert = not (frame.colorspace == _BT709 or (unknown and guess == Colorspace.ITU709))
        full_range = frame.color_range == ColorRange.JPEG or frame.format.name.startswith(
            ("yuvj", "rgb", "bgr", "gbr")
        )
        scaled = self._scaler.reformat(
            frame,
            width,
            height,
            "yuv420p",
            src_colorspace=guess if unknown and convert else None,
            dst_colorspace=Colorspace.ITU709 if convert else None,
            interpolation=Interpolation.BICUBIC,
            src_color_range=ColorRange.JPEG if full_range else None,
            dst_color_range=ColorRange.MPEG if full_range else None,
            threads=1,
        )
        return tag(scaled)

    def _placed(self, picture: VideoFrame, turns: int) -> VideoFrame:
        """The picture turned, in the middle of a black canvas."""
        whole = blank(self._canvas.width, self._canvas.height)
        for target, source in zip(planes(whole), planes(picture), strict=True):
            upright = np.rot90(source, turns)
            high, wide = upright.shape
            top, left = (target.shape[0] - high) // 2, (target.shape[1] - wide) // 2
            target[top : top + high, left : left + wide] = upright
        return whole

    def _deinterlaced(self, frame: VideoFrame) -> VideoFrame:
        """Both fields as one picture; if the filter will not have it, the frame as it is."""
        shape = frame.width, frame.height, frame.format.name
        try:
            if self._weave is None or self._weave[0] != shape:
                self._weave = shape, _yadif(frame)
            graph = self._weave[1]
            graph.vpush(frame)
            # The filter holds one frame back: the picture is one frame old, and stands where the newest would.
            return graph.vpull()
        except (FFmpegError, ValueError):
            return frame


def _yadif(frame: VideoFrame) -> Graph:
    graph = Graph()
    graph.threads = 1
    source = graph.add_buffer(
        width=frame.width,
        height=frame.height,
        format=frame.format,
        time_base=frame.time_base or Fraction(1, 90_000),
    )
    weave = graph.add("yadif", "mode=send_frame:deint=interlaced")
    graph.link_nodes(source, weave, graph.add("buffersink")).configure()
    return graph
