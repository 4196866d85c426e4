"""Decode times for pictures that are coded in another order than they are shown in.

B-frames are decoded late, so a fragment's first decode time stands before its first presentation time, and its last
before its end. hls.js takes the ones for the others and leaves a hole at each discontinuity; FFmpeg's demuxer, given
negative composition offsets instead, shows all pictures late. So the first few pictures of a fragment are decoded in
quick succession, and the last few no earlier than they must: decoding and showing begin and end together.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def aligned(decodes: Sequence[int], shows: Sequence[int], end: int) -> list[int]:
    """The decode times, the first moved to the first presentation time, the last as near to theirs as they can be.

    They rise strictly, and no picture is decoded after it is shown. Where that cannot be had (a group of pictures that
    leans on the one before) they stay as they are. `end` is when the fragment ends.
    """
    start = min(shows)
    if decodes[0] >= start or shows[0] != start:
        return list(decodes)
    settled = next((index for index, time in enumerate(decodes) if time > start), len(decodes))
    after = decodes[settled] if settled < len(decodes) else end
    # All that is moved is decoded before the second picture is shown.
    after = min([after, *sorted(shows)[1:2]])
    times = [start + (after - start) * index // settled for index in range(settled)] + [*decodes[settled:]]
    rising = all(before < now for before, now in pairwise(times))
    in_time = all(time <= show for time, show in zip(times[:settled], shows, strict=False))
    return _late_at_the_end(times, shows, end) if rising and in_time else list(decodes)


def _late_at_the_end(times: list[int], shows: Sequence[int], end: int) -> list[int]:
    """From the last one backwards, each at its presentation or a step before the next, while that is later."""
    step = min((now - before for before, now in pairwise(times[len(times) // 2 :])), default=1)
    ceiling = end
    for index in reversed(range(len(times))):
        wanted = min(shows[index], ceiling - step)
        if wanted <= times[index]:
            break
        times[index] = ceiling = wanted
    return times
