"""The doors of a broadcast, and the cards that tell encoders how to reach them."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final

from huma.cli.doorkeys import DoorKeys, reachable_host
from huma.cli.output import now_ms
from huma.net.rtmp.card import make_card
from huma.net.rtmp.server import RtmpServer
from huma.net.rtmp.streamkeys import StreamKeys
from huma.protocol.clocktext import format_ms

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from huma.cli.liveinputs import DoorPlace
    from huma.cli.output import Output
    from huma.media.doors import DoorSource
    from huma.net.rtmp.state import DoorState
    from huma.net.rtmp.streamkeys import StreamKey

_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")


class Doors:
    """Every door of a broadcast. They listen from the moment they are made, and let encoders in from `start` on."""

    def __init__(self, places: Sequence[DoorPlace], keys: DoorKeys) -> None:
        self._places, self._keys = places, keys
        self._servers: dict[tuple[str, int], RtmpServer] = {}
        self._read_at_ns = keys.changed_ns()
        found = keys.of(places)
        with ExitStack() as undo:
            for host, port in dict.fromkeys((place.host, place.port) for place in places):
                server = RtmpServer(self._keys_at(host, port, found), host, port)
                undo.callback(server.stop)
                self._servers[host, port] = server
            undo.pop_all()

    @property
    def sources(self) -> Mapping[str, DoorSource]:
        """What stands behind `door:NAME`."""
        return {place.name: self._servers[place.host, place.port].door(place.name) for place in self._places}

    @property
    def states(self) -> list[DoorState]:
        """How each door is doing, in the order in which they were named."""
        found = {door.name: door for server in self._servers.values() for door in server.state.doors}
        return [found[place.name] for place in self._places if place.name in found]

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

    def stop(self) -> None:
        """Send everyone away."""
        for server in self._servers.values():
            server.stop()

    def follow_keys(self) -> bool:
        """Take over keys that were made meanwhile; whoever sends with an old one is cut. Whether there were any."""
        changed = self._keys.changed_ns()
        if changed == self._read_at_ns:
            return False
        found = self._keys.of(self._places)
        self._read_at_ns = changed
        for (host, port), server in self._servers.items():
            server.set_keys(self._keys_at(host, port, found))
        return True

    def _keys_at(self, host: str, port: int, found: Mapping[str, StreamKey]) -> StreamKeys:
        return StreamKeys(
            [found[place.name] for place in self._places if (place.host, place.port) == (host, port)]
        )


def write_cards(output: Output, places: Sequence[DoorPlace], keys: DoorKeys, life_ms: int) -> None:
    """Make new keys for these doors, and write down what to type into an encoder: for people's eyes only."""
    import segno

    not_after_ms = now_ms() + life_ms
    made = keys.renew(places, not_after_ms)
    for place in places:
        card = make_card(place.name, made[place.name], host=reachable_host(place.host), port=place.port)
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
