"""The keys of an event's doors, kept beside its other keys and shown once, on a card.

Of an RTMP stream key only a hash is kept. SRT encrypts with its passphrase, so that one has to be kept itself.
"""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from huma.errors import HumaError, KeyStoreError, UsageError
from huma.keys.durable import PRIVATE_FILE, write_whole
from huma.net.rtmp.limits import MAX_KEYS
from huma.net.rtmp.streamkeys import StreamKey, make_key
from huma.net.srt.limits import LATENCY_MS
from huma.net.srt.settings import check_settings
from huma.protocol.clocktext import format_ms, parse_ms

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from huma.cli.liveinputs import DoorKind, DoorPlace
    from huma.keys.eventdir import EventDir

DOORS_FILE: Final = "doors.json"
_MAX_BYTES: Final = 262_144
_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class DoorKey:
    """What opens one door: the hash of a stream key, or a passphrase; and until when, in Unix milliseconds."""

    not_after_ms: int
    digest: bytes = field(default=b"", repr=False)
    passphrase: str = field(default="", repr=False)

    def fits(self, kind: DoorKind) -> bool:
        """Whether it is a key of such a door."""
        return bool(self.passphrase) if kind == "srt" else bool(self.digest)


class DoorKeys:
    """The file of door keys of one event."""

    def __init__(self, eventdir: EventDir) -> None:
        self._path = eventdir.keys / DOORS_FILE

    @property
    def path(self) -> Path:
        """Where it stands."""
        return self._path

    def changed_ns(self) -> int:
        """When it was written last; 0 where there is none."""
        try:
            return self._path.stat().st_mtime_ns
        except OSError:
            return 0

    def read(self) -> dict[str, DoorKey]:
        """Every key that was made, by its door.

        Raises:
            KeyStoreError: `doors-broken`: the file is not what we wrote.
        """
        try:
            with self._path.open("rb") as file:
                data = file.read(_MAX_BYTES + 1)
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise KeyStoreError(
                f"{DOORS_FILE} cannot be read: {error.strerror}", code="doors-broken"
            ) from None
        try:
            return _parse(data)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError, HumaError):
            raise KeyStoreError(
                f"{DOORS_FILE} is not as it was written",
                code="doors-broken",
                hint="Delete it and make new keys: huma live --card.",
            ) from None

    def renew(self, places: Sequence[DoorPlace], not_after_ms: int) -> dict[str, str]:
        """Make a new key for each of these doors; what was good for them before is not any more."""
        made = {place.name: make_key() for place in places}
        known = self.read()
        for place in places:
            key = made[place.name]
            known[place.name] = (
                DoorKey(not_after_ms, passphrase=key)
                if place.kind == "srt"
                else DoorKey(not_after_ms, digest=StreamKey.of(place.name, key, not_after_ms).digest)
            )
        if len(known) > MAX_KEYS:
            raise UsageError(
                f"more than {MAX_KEYS} doors", code="stream-key", hint=f"Take some out of keys/{DOORS_FILE}."
            )
        doors = {name: _row(key) for name, key in sorted(known.items())}
        data = json.dumps({"v": _VERSION, "doors": doors}, indent=1) + "\n"
        write_whole(self._path, data.encode(), PRIVATE_FILE)
        return made

    def of(self, places: Sequence[DoorPlace]) -> dict[str, DoorKey]:
        """The keys of these doors; UsageError `door-no-key` where one has none of its kind."""
        known = self.read()
        missing = [
            place.name
            for place in places
            if place.name not in known or not known[place.name].fits(place.kind)
        ]
        if missing:
            raise UsageError(
                f"there is no key for the door {', '.join(missing)}",
                code="door-no-key",
                hint="Make it, and see what to type into the encoder: the same command with --card.",
            )
        return {place.name: known[place.name] for place in places}


def _row(key: DoorKey) -> dict[str, str]:
    until = {"until": format_ms(key.not_after_ms)}
    return {"passphrase": key.passphrase, **until} if key.passphrase else {"hash": key.digest.hex(), **until}


def _parse(data: bytes) -> dict[str, DoorKey]:
    if len(data) > _MAX_BYTES:
        raise ValueError
    value: Any = json.loads(data)
    if value["v"] != _VERSION or len(value["doors"]) > MAX_KEYS:
        raise ValueError
    return {name: _key(name, door) for name, door in value["doors"].items()}


def _key(name: str, door: Any) -> DoorKey:
    until_ms = parse_ms(door["until"])
    if "passphrase" in door:
        check_settings("", door["passphrase"], LATENCY_MS, None)
        return DoorKey(until_ms, passphrase=door["passphrase"])
    key = StreamKey(name, bytes.fromhex(door["hash"]), until_ms)
    if len(key.digest) != 32:
        raise ValueError
    return DoorKey(until_ms, digest=key.digest)


def reachable_host(host: str) -> str:
    """What encoders should type: of a door that listens everywhere, this machine's address towards the world.

    No packet is sent: a datagram socket that is connected only learns which way it would send.
    """
    if host not in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        return host
    family, beyond = (socket.AF_INET6, "2001:db8::1") if ":" in host else (socket.AF_INET, "192.0.2.1")
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((beyond, 9))
            return str(probe.getsockname()[0])
    except OSError:
        return "127.0.0.1" if family == socket.AF_INET else "::1"
