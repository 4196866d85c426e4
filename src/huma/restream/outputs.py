"""All outputs of a broadcast."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from huma.restream.output import Output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from huma.media.segment import Segment
    from huma.protocol.event import Event
    from huma.restream.address import OutputAddress
    from huma.restream.output import OutputState


class Outputs:
    """Takes each segment once for all of them."""

    def __init__(self, event: Event, addresses: Sequence[OutputAddress], *, handle: int = 1) -> None:
        self._outputs = [Output(event, each, handle=handle) for each in addresses]

    @property
    def states(self) -> list[OutputState]:
        """How each is doing."""
        return [each.state for each in self._outputs]

    def start(self) -> None:
        """Begin."""
        for each in self._outputs:
            each.start()

    def take(self, segment: Segment) -> None:
        """Take a segment, from any thread; it never waits and never fails."""
        for each in self._outputs:
            each.take(segment)

    def close(self, timeout: float = 5.0) -> bool:
        """Send what waits and hang up, all within `timeout` seconds; True when everything was sent."""
        until = time.monotonic() + timeout
        closed = [each.close(max(0.2, until - time.monotonic())) for each in self._outputs]
        return all(closed)
