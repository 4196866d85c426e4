"""onMetaData: what an encoder says of its stream."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from huma.net.rtmp.amf0 import parse_values, render_values
from huma.net.rtmp.commands import amf0_content

if TYPE_CHECKING:
    from huma.net.rtmp.amf0 import Value
    from huma.net.rtmp.limits import Limits
    from huma.net.rtmp.messages import Message

_SET: Final = "@setDataFrame"
_NAME: Final = "onMetaData"
_SIZE_MAX: Final = 16_384
_RATE_MAX: Final = 1_000


@dataclass(frozen=True, slots=True)
class Description:
    """The script tag's payload as it came, and what is shown of it. Zero means that it was not said."""

    script: bytes
    has_picture: bool = False
    has_sound: bool = False
    frame_rate: float = 0.0
    width: int = 0
    height: int = 0


def parse_description(message: Message, limits: Limits) -> Description | None:
    """The description in a data message; None in any other kind of data."""
    content = amf0_content(message)
    values = parse_values(content, limits)
    if values and values[0] == _SET:
        content = content[len(render_values(_SET)) :]
        values = values[1:]
    if len(values) < 2 or values[0] != _NAME or not isinstance(values[1], dict):
        return None
    members = values[1]
    return Description(
        content,
        "videocodecid" in members,
        "audiocodecid" in members,
        _number(members.get("framerate"), _RATE_MAX),
        int(_number(members.get("width"), _SIZE_MAX)),
        int(_number(members.get("height"), _SIZE_MAX)),
    )


def _number(value: Value, most: float) -> float:
    """A number in its bounds; zero for anything else."""
    if isinstance(value, bool) or not isinstance(value, float) or not math.isfinite(value):
        return 0.0
    return value if 0 < value <= most else 0.0
