"""Rows about the trust documents: their expiry, steering, targets, the first fetch."""

from __future__ import annotations

from collections.abc import Callable

from huma.check.trust_checks import countdown
from huma.keys import repository
from huma.protocol.roster import Mirror
from huma.protocol.steering import Steering, render_steering
from tests.check.stage import FAIL, HOUR_MS, WARN, Provocation, Stage, later, provoked, roster
from tests.keys.eventmaking import DAY_MS, NOW


def very_long_event(stage: Stage) -> None:
    stage.sign(end_ms=NOW + 800 * DAY_MS)


def steer(steering: Steering) -> Callable[[Stage], None]:
    return lambda stage: repository.set_target(stage.event, "steering.json", render_steering(steering), NOW)


def torn_target(stage: Stage) -> None:
    (stage.event.public / stage.event.trusted.target_path("player.html")).write_bytes(b"<q>")


def lost_target(stage: Stage) -> None:
    (stage.event.public / stage.event.trusted.target_path("index.m3u8")).unlink()


def stale_boot(stage: Stage) -> None:
    (stage.event.public / "trust/boot.json").write_bytes(b'{"v":1,"files":{}}')


def fat_boot(stage: Stage) -> None:
    import hashlib

    names = [hashlib.sha256(str(n).encode()).hexdigest() for n in range(600)]
    mirrors = tuple(
        Mirror(f"m{n}", f"https://{name[:60]}.example/", name, "server", "volunteer")
        for n, name in enumerate(names)
    )
    roster(*mirrors)(stage)


PROVOCATIONS: list[Provocation] = [
    ("expiry", WARN, "timestamp 2 expires in 22 h 0 min", later(2 * HOUR_MS)),
    ("expiry", FAIL, "timestamp 2 expired 1 h 0 min ago", later(25 * HOUR_MS)),
    ("expiry", WARN, "snapshot 2 expires in 4 d", later(3 * DAY_MS)),
    ("expiry", FAIL, "root 1 expired", later(367 * DAY_MS)),
    ("expiry", FAIL, "before the event ends", very_long_event),
    ("steering", WARN, "all mirrors weigh the same", later(25 * HOUR_MS)),
    ("steering", WARN, "does not list: m9", steer(Steering(weights={"m9": 5}))),
    ("steering", FAIL, "every mirror is withdrawn", steer(Steering(withdrawn=("m1", "m2")))),
    ("targets", FAIL, "player.html", torn_target),
    ("targets", FAIL, "index.m3u8", lost_target),
    ("boot", WARN, "not made of the documents in force", stale_boot),
    ("boot", WARN, "slow on thin lines", fat_boot),
]  # fmt: skip


test_what_is_wrong_is_said_with_its_mend = provoked(PROVOCATIONS)


def test_countdowns_are_read_at_a_glance() -> None:
    assert [countdown(ms) for ms in (59_000, 240_000, 86_340_000, 31_532_400_000)] == [
        "0 min", "4 min", "23 h 59 min", "364 d 23 h",
    ]  # fmt: skip
