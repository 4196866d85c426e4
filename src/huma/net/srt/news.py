"""What a listener says of itself: a line of JSON now and then. It is parsed as a stranger's word would be."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

from huma.net.srt.admission import REASONS

if TYPE_CHECKING:
    from collections.abc import Mapping

FAILURES: Final = frozenset(("srt-missing", "srt-failed"))
_MOST: Final = 2**53 - 1


@dataclass(frozen=True, slots=True)
class LineQuality:
    """What libsrt measures of the publisher's line. Packets since the publication began, times in ms."""

    latency_ms: int = 0
    round_trip_ms: float = 0.0
    lost: int = 0
    dropped: int = 0
    retransmitted: int = 0


@dataclass(frozen=True, slots=True)
class News:
    """How a listener is doing.

    Attributes:
        listening: Whether it takes callers.
        confined: Whether the kernel holds it in.
        failed: Why it cannot go on; empty otherwise.
        line: The publisher's line; None where there is no publisher.
        refused: How many were sent away, by reason.
    """

    listening: bool = False
    confined: bool = False
    failed: str = ""
    line: LineQuality | None = None
    refused: Mapping[str, int] = field(default_factory=dict)


class NewsError(Exception):
    """What came is no news of a listener of ours."""


def render_news(news: News) -> bytes:
    """One line."""
    return json.dumps(asdict(news), separators=(",", ":")).encode() + b"\n"


def parse_news(line: bytes) -> News:
    """What a line says.

    Raises:
        NewsError: It is none of ours.
    """
    try:
        members = json.loads(line)
        refused, quality = members["refused"], members["line"]
        failed = members["failed"]
        if failed not in FAILURES | {""}:
            raise NewsError
        return News(
            listening=members["listening"] is True,
            confined=members["confined"] is True,
            failed=str(failed),
            line=None if quality is None else _parse_quality(quality),
            refused={reason: _count(refused[reason]) for reason in sorted(REASONS & refused.keys())},
        )
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        raise NewsError from None


def _parse_quality(members: dict[str, Any]) -> LineQuality:
    return LineQuality(
        latency_ms=_count(members["latency_ms"]),
        round_trip_ms=_time(members["round_trip_ms"]),
        lost=_count(members["lost"]),
        dropped=_count(members["dropped"]),
        retransmitted=_count(members["retransmitted"]),
    )


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _MOST:
        raise ValueError
    return value


def _time(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value) or value < 0:
        raise ValueError
    return float(value)
