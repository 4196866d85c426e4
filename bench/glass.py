"""From the camera's clock to the screen, read from the barcode in the picture: Huma beside low-latency hls.js.

Both players stand in the demo's page and take the same static files from the same mirrors. The clock is drawn into
each picture before it is encoded, and read from the picture that is on the screen.
"""

from __future__ import annotations

import statistics
import sys

from bench.browser import Picture, chromium, longest_stall_s, measured_page, page_now, take_pictures
from bench.faults import open_both
from bench.report import MIN_ROUNDS, Comparison, Goal, Report, Series
from bench.running import running_demo

SETTLE_S = 15.0
LOOK_S = 20.0


def delay_s(pictures: list[Picture]) -> float:
    """The median delay of one round."""
    delays = [picture.shown_at - picture.stamp for picture in pictures if picture.stamp]
    return statistics.median(delays) / 1000


def main(rounds: int = MIN_ROUNDS) -> int:
    """Rounds of one page each, both players at once."""
    found: dict[str, list[float]] = {"huma": [], "stock": []}
    stalls: dict[str, list[float]] = {"huma": [], "stock": []}
    with running_demo() as demo, chromium() as browser:
        for _ in range(rounds):
            with measured_page(browser) as page:
                left, right = open_both(page, f"{demo.address}?stock=low-latency")
                page.wait_for_timeout(SETTLE_S * 1000)
                take_pictures(left)
                take_pictures(right)
                page.wait_for_timeout(LOOK_S * 1000)
                for name, frame in (("stock", left), ("huma", right)):
                    pictures = take_pictures(frame)
                    found[name].append(delay_s(pictures))
                    stalls[name].append(longest_stall_s(pictures, page_now(frame)))
    report = Report("glass", "seconds from the burnt-in clock to the screen, static files")
    common = {"segments": "1.07 s", "source": "huma demo (test, 360p + 144p), loopback"}
    report.add(
        Comparison(
            "glass to glass",
            Series("huma", "s", tuple(found["huma"]), common),
            Series(
                "hls.js",
                "s",
                tuple(found["stock"]),
                {**common, "config": "lowLatencyMode, liveSyncDurationCount 1, maxLiveSyncPlaybackRate 1.2"},
            ),
            Goal(2.5),
            f"longest stall meanwhile: huma {max(stalls['huma']):.2f} s, hls.js {max(stalls['stock']):.2f} s",
        )
    )
    return report.show()


if __name__ == "__main__":
    sys.exit(main())
