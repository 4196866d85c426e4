"""The doors of a broadcast, and the cards that tell encoders how to reach them."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from huma.cli.doorkeys import DoorKeys, reachable_host
from huma.cli.output import now_ms
from huma.errors import UsageError
from huma.net.rtmp.card import make_card
from huma.net.rtmp.server import RtmpServer
from huma.net.rtmp.streamkeys import StreamKey, StreamKeys
from huma.net.srt.card import srt_card
from huma.net.srt.door import SrtDoor
from huma.protocol.clocktext import format_ms

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from huma.cli.liveinputs import DoorKind, DoorPlace
    from huma.cli.output import Output
    from huma.media.doors import DoorSource
    from huma.net.rtmp.state import DoorState
    from huma.net.srt.state import SrtState

_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class DoorLook:
    """How one door is doing, whatever it speaks. No key and no address.

    Attributes:
        name: The door's name.
        kind: rtmp or srt.
        open: Whether somebody sends.
        streams: How many came, since the start.
        lost: Of the stream that comes: tags or packets that are missing for good.
        round_trip_ms: To the encoder and back; None where it is not known.
        refused: Who was sent away, by reason.
        not_after_ms: Until when its key is good.
        code: Why nobody can come in; empty when all is well.
    """

    name: str
    kind: DoorKind
    open: bool
    streams: int
    lost: int
    round_trip_ms: float | None
    refused: Mapping[str, int]
    not_after_ms: int
    code: str = ""


class Doors:
    """Every door of a broadcast. They listen from the moment they are made, and let encoders in from `start` on."""

    def __init__(self, places: Sequence[DoorPlace], keys: DoorKeys) -> None:
        self._places, self._keys = places, keys
        self._servers: dict[tuple[str, int], RtmpServer] = {}
        self._srt: dict[str, SrtDoor] = {}
        self._read_at_ns = keys.changed_ns()
        self._found = keys.of(places)
        with ExitStack() as undo:
            for place in places:
                if place.kind == "srt":
                    door = self._srt[place.name] = self._open_srt(place)
                    undo.callback(door.stop)
                elif (place.host, place.port) not in self._servers:
                    stream_keys = self._keys_at(place.host, place.port)
                    server = RtmpServer(stream_keys, place.host, place.port)
                    undo.callback(server.stop)
                    self._servers[place.host, place.port] = server
            undo.pop_all()

    @property
    def sources(self) -> Mapping[str, DoorSource]:
        """What stands behind `door:NAME`."""
        return {
            place.name: self._srt[place.name]
            if place.kind == "srt"
            else self._servers[place.host, place.port].door(place.name)
            for place in self._places
        }

    @property
    def states(self) -> list[DoorLook]:
        """How each door is doing, in the order in which they were named."""
        rtmp = {door.name: door for server in self._servers.values() for door in server.state.doors}
        return [
            _look_srt(self._srt[place.name].state, self._found[place.name].not_after_ms)
            if place.kind == "srt"
            else _look_rtmp(rtmp[place.name])
            for place in self._places
            if place.kind == "srt" or place.name in rtmp
        ]

    @property
    def refused(self) -> Mapping[str, int]:
        """Who was sent away before it was known which door he wanted, by reason."""
        total: Counter[str] = Counter()
        for server in self._servers.values():
            total.update(server.state.refused)
        return total

    def start(self) -> None:
        """Let encoders in."""
        for server in self._servers.values():
            server.start()
        for door in self._srt.values():
            door.start()

    def stop(self) -> None:
        """Send everyone away."""
        for server in self._servers.values():
            server.stop()
        for door in self._srt.values():
            door.stop()

    def follow_keys(self) -> bool:
        """Take over stream keys that were made meanwhile; whoever sends with an old one is cut. Whether there were any.

        A new passphrase is good when the broadcast is started again: SRT has it in every packet.
        """
        changed = self._keys.changed_ns()
        if changed == self._read_at_ns:
            return False
        self._found = self._keys.of(self._places)
        self._read_at_ns = changed
        for (host, port), server in self._servers.items():
            server.set_keys(self._keys_at(host, port))
        return True

    def _keys_at(self, host: str, port: int) -> StreamKeys:
        here = [
            place
            for place in self._places
            if place.kind == "rtmp" and (place.host, place.port) == (host, port)
        ]
        return StreamKeys(
            [
                StreamKey(
                    place.name,
                    self._found[place.name].digest,
                    self._found[place.name].not_after_ms,
                    place.language,
                )
                for place in here
            ]
        )

    def _open_srt(self, place: DoorPlace) -> SrtDoor:
        key = self._found[place.name]
        if key.not_after_ms <= now_ms():
            raise UsageError(
                f"the passphrase of the door {place.name} has ended",
                code="door-no-key",
                hint="Make another one: the same command with --card.",
            )
        return SrtDoor(place.name, place.host, place.port, key.passphrase, option=f"srt://{place.host}:PORT")


def _look_rtmp(door: DoorState) -> DoorLook:
    return DoorLook(
        name=door.name,
        kind="rtmp",
        open=door.stream is not None,
        streams=door.streams,
        lost=0 if door.stream is None else door.stream.dropped,
        round_trip_ms=None,
        refused=door.refused,
        not_after_ms=door.not_after_ms,
    )


def _look_srt(state: SrtState, not_after_ms: int) -> DoorLook:
    return DoorLook(
        name=state.name,
        kind="srt",
        open=state.in_use,
        streams=state.publications,
        lost=state.packets_dropped,
        round_trip_ms=round(state.round_trip_ms, 1) if state.in_use else None,
        refused=state.refused,
        not_after_ms=not_after_ms,
        code=state.code,
    )


def write_cards(output: Output, places: Sequence[DoorPlace], keys: DoorKeys, life_ms: int) -> None:
    """Make new keys for these doors, and write down what to type into an encoder: for people's eyes only."""
    import segno

    not_after_ms = now_ms() + life_ms
    made = keys.renew(places, not_after_ms)
    for place in places:
        make = srt_card if place.kind == "srt" else make_card
        card = make(place.name, made[place.name], host=reachable_host(place.host), port=place.port)
        output.say()
        output.say(f"Door {place.name}" + (f" ({place.language})" if place.language else ""), style="bold")
        width = max(len(name) for name, _ in card.fields)
        for name, value in card.fields:
            output.say(f"  {name:<{width}}  {value}")
        output.say(f"  good until {format_ms(not_after_ms)[:16].replace('T', ' ')} UTC", style="dim")
        output.say(f"  {card.ffmpeg}", style="dim")
        if not output.as_json:
            segno.make(card.url, error="m", micro=False).terminal(compact=True)
    output.say(
        "A key is shown this once: only a hash of it is kept. Whoever has it can send.", style="yellow"
    )
    if any(place.host not in _LOOPBACK for place in places):
        output.warn(
            "RTMP crosses the net in the clear, the stream key too",
            hint="Put TLS in front of it: docs/reference/rtmp.md says how.",
            code="door-in-the-clear",
        )
