"""Checks of the trust documents: fresh, complete, small enough."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Final

from huma.check.finding import Check, Finding, fail, ok, warn
from huma.config import BOOT_MAX_BYTES
from huma.errors import HumaError
from huma.keys.eventdir import BOOT
from huma.keys.repository import boot_json
from huma.protocol.steering import parse_steering

if TYPE_CHECKING:
    from collections.abc import Iterator

    from huma.check.scene import Scene
    from huma.protocol.trust.metadata import Head

BOOT_GZIP_BYTES: Final = 24_000

_MINUTE_MS: Final = 60_000
_DAY_MS: Final = 24 * 3600 * 1000
_SOON_MS: Final = {"timestamp": 23 * 3600 * 1000, "snapshot": 5 * _DAY_MS}
"""Left over by a desk that works: a timestamp is never over an hour old, a snapshot never over two days."""


def _expiry(scene: Scene) -> Iterator[Finding]:
    trusted = scene.trusted
    heads = [trusted.root.head]
    heads += [
        each.head for each in (trusted.timestamp, trusted.snapshot, trusted.targets) if each is not None
    ]
    if "roster" in trusted.delegated:
        heads.append(trusted.delegated["roster"].head)
    for head in heads:
        yield _expires(scene, head)


def _expires(scene: Scene, head: Head) -> Finding:
    left = head.expires_ms - scene.now
    name = f"{head.role} {head.version}"
    if left <= 0:
        return fail(f"{name} expired {countdown(-left)} ago", _mend(head))
    if head.role in _SOON_MS and left < _SOON_MS[head.role]:
        return warn(f"{name} expires in {countdown(left)}: no desk has signed for a while", _mend(head))
    if head.role not in _SOON_MS and head.expires_ms < scene.event.end_ms:
        return fail(f"{name} expires in {countdown(left)}, before the event ends", _mend(head))
    return ok(f"{name} expires in {countdown(left)}")


def _mend(head: Head) -> str:
    """Who can sign it again."""
    if head.role in ("timestamp", "snapshot"):
        return "Start huma desk --event DIR, and leave it running."
    return f"The holders of {head.role} must sign it anew: docs/how-to/keys.md."


def _steering(scene: Scene) -> Iterator[Finding]:
    held = scene.trusted.delegated.get("steering")
    if held is None:
        yield warn("none is signed: all mirrors weigh the same")
        return
    left = held.head.expires_ms - scene.now
    if left <= 0:
        yield warn(f"expired {countdown(-left)} ago: all mirrors weigh the same")
    else:
        yield ok(f"steering {held.head.version} expires in {countdown(left)}")
    steering = parse_steering(scene.trusted.target("steering.json", _target(scene, "steering.json")))
    known = {mirror.id for mirror in scene.roster.mirrors}
    unknown = sorted({*steering.weights, *steering.withdrawn} - known)
    if unknown:
        yield warn(f"it speaks of mirrors that the roster does not list: {', '.join(unknown[:5])}")
    if known and known <= set(steering.withdrawn):
        yield fail("every mirror is withdrawn", "Sign another steering, or let this one expire.")


def _targets(scene: Scene) -> Iterator[Finding]:
    trusted = scene.trusted
    documents = [each for each in (trusted.targets, *trusted.delegated.values()) if each is not None]
    names = sorted(name for document in documents for name in document.files)
    wrong = []
    for name in names:
        try:
            trusted.target(name, _target(scene, name))
        except HumaError:
            wrong.append(name)
    if wrong:
        yield fail(f"missing, or another file than the signed one: {', '.join(wrong)}")
    else:
        yield ok(f"{len(names)} files are the signed ones")


def _boot(scene: Scene) -> Iterator[Finding]:
    data = scene.eventdir.read(BOOT)
    if data is None or data != boot_json(scene.eventdir):
        yield warn("boot.json is not made of the documents in force", "huma desk --event DIR --once")
        return
    packed = len(gzip.compress(data, 9))
    if len(data) > BOOT_MAX_BYTES:
        yield fail(f"{len(data)} bytes: no client takes more than {BOOT_MAX_BYTES}")
    elif packed > BOOT_GZIP_BYTES:
        yield warn(f"{packed} bytes gzipped: over {BOOT_GZIP_BYTES}, and slow on thin lines")
    else:
        yield ok(f"{packed} bytes gzipped, of at most {BOOT_GZIP_BYTES}")


def _target(scene: Scene, name: str) -> bytes:
    return scene.eventdir.read(scene.trusted.target_path(name)) or b""


def countdown(ms: int) -> str:
    """The time left, in two units: 364 d 23 h, 23 h 59 min, 4 min."""
    minutes = ms // _MINUTE_MS
    days, hours = divmod(minutes // 60, 24)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"


TRUST_CHECKS: Final = (
    Check("expiry", "No document is about to expire", "the expiry of root, timestamp, snapshot, targets, roster", "Start huma desk --event DIR, and leave it running.", _expiry, frozenset({"trust"})),
    Check("steering", "Steering is of today", "its expiry, and the mirrors that it names", "Leave huma desk running with the steering key, or let the guard sign one.", _steering, frozenset({"trust"})),
    Check("targets", "Signed files are there", "each file against its signed digest", "Take public/ from a backup or from any store: whatever comes is verified.", _targets, frozenset({"trust"})),
    Check("boot", "The first fetch is small", "trust/boot.json: what is in it, and its size", "Fewer mirrors, shorter schedule: everybody fetches it first.", _boot, frozenset({"trust"})),
)  # fmt: skip
