"""What sounds from which sample on: cuts between sources, each with a short fade from the one to the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

S = TypeVar("S")


class Cuts(Generic[S]):
    """The order of sources. Stretches are asked for in order, each as often as one likes; what lies behind is forgotten."""

    def __init__(self, first: S, fade: int) -> None:
        self._fade = fade
        self._cuts: list[tuple[int, S]] = [(0, first)]

    @property
    def last(self) -> S:
        """What sounds after everything that is known."""
        return self._cuts[-1][1]

    def cut(self, sample: int, source: S) -> None:
        """Let `source` sound from `sample` on. A cut that is the same as the last changes nothing."""
        if source != self.last:
            self._cuts.append((sample, source))

    def sources(self, start: int, count: int) -> list[S]:
        """Those that are heard in that stretch."""
        self._forget(start)
        return [source for at, source in self._cuts if at < start + count]

    def render(
        self, start: int, count: int, read: Callable[[S, int, int], NDArray[np.float32]]
    ) -> NDArray[np.float32]:
        """The mixed samples; `read` gives those of a source from a sample on."""
        self._forget(start)
        heard = read(self._cuts[0][1], start, count)
        for at, source in self._cuts[1:]:
            begin = max(0, at - start)
            if begin >= count:
                break
            own = read(source, start + begin, count - begin)
            fading = min(count, at + self._fade - start) - begin
            rise = np.arange(start + begin - at, start + begin - at + fading, dtype=np.float32) / self._fade
            mixed = heard.copy()
            mixed[:, begin:] = own
            mixed[:, begin : begin + fading] = (
                heard[:, begin : begin + fading] * (1 - rise) + own[:, :fading] * rise
            )
            heard = mixed
        return heard

    def _forget(self, start: int) -> None:
        while len(self._cuts) > 1 and self._cuts[1][0] + self._fade <= start:
            self._cuts.pop(0)
