"""How loud the programme is by EBU R 128, measured on what goes on the air."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import numpy as np
from av.audio.frame import AudioFrame
from av.error import BlockingIOError as NothingYet
from av.error import EOFError as MeterEnd
from av.error import FFmpegError
from av.filter.graph import Graph

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Below the absolute gate of ITU-R BS.1770 nothing is measured.
GATE_LUFS: Final = -70.0


@dataclass(frozen=True, slots=True)
class Loudness:
    """A reading. None stands for less than can be measured.

    Attributes:
        momentary: LUFS over the last 0.4 s.
        short_term: LUFS over the last 3 s.
        integrated: LUFS since the beginning, gated.
        true_peak: The highest true peak since the beginning, in dBTP.
    """

    momentary: float | None = None
    short_term: float | None = None
    integrated: float | None = None
    true_peak: float | None = None


class LoudnessMeter:
    """Takes samples of two channels, gives readings ten times a second. For one thread."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._reading = Loudness()
        self._count = 0
        self._graph: Graph | None = None
        self.reset()

    @property
    def reading(self) -> Loudness:
        """The last reading; safe from any thread."""
        return self._reading

    def reset(self) -> None:
        """Begin anew: the integrated loudness and the highest peak are forgotten."""
        self._graph, self._count, self._reading = _graph(self._rate), 0, Loudness()

    def add(self, samples: NDArray[np.float32]) -> None:
        """Measure what follows. A meter that breaks shows nothing more; the programme does not notice."""
        if self._graph is None or not samples.shape[1]:
            return
        finite = np.nan_to_num(samples, nan=0.0, posinf=1.0, neginf=-1.0)
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(finite), "fltp", "stereo")
        frame.sample_rate, frame.pts, frame.time_base = self._rate, self._count, Fraction(1, self._rate)
        self._count += samples.shape[1]
        try:
            self._graph.push(frame)
            self._pull(self._graph)
        except (FFmpegError, ValueError):
            self._graph, self._reading = None, Loudness()

    def _pull(self, graph: Graph) -> None:
        while True:
            try:
                said = graph.pull().metadata
            except (NothingYet, MeterEnd):
                return
            self._reading = Loudness(
                _level(said.get("lavfi.r128.M")),
                _level(said.get("lavfi.r128.S")),
                _level(said.get("lavfi.r128.I")),
                _peak(said),
            )


def _graph(rate: int) -> Graph:
    graph = Graph()
    graph.threads = 1
    source = graph.add_abuffer(sample_rate=rate, format="fltp", layout="stereo", time_base=Fraction(1, rate))
    meter = graph.add("ebur128", "metadata=1:peak=true")
    graph.link_nodes(source, meter, graph.add("abuffersink")).configure()
    return graph


def _level(text: str | None) -> float | None:
    level = float(text) if text is not None else math.nan
    return level if level > GATE_LUFS else None


def _peak(said: dict[str, str]) -> float | None:
    """FFmpeg gives the peaks as amplitudes."""
    amplitude = max(float(said.get(f"lavfi.r128.true_peaks_ch{channel}", 0)) for channel in (0, 1))
    return 20 * math.log10(amplitude) if amplitude > 0 else None
