"""An organiser in front of a real `huma desk`, beside a real `huma live` and two mirrors that do as they are told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from huma.cli.output import now_ms
from huma.keys.creation import create
from huma.keys.eventtoml import EventConfig
from huma.keys.ladder import VideoRung
from huma.protocol.event import Language
from huma.protocol.roster import Mirror
from tests.browser.technician import TITLE
from tests.cli.airing import Airing
from tests.cli.desking import Desk
from tests.keys.eventmaking import DAY_MS


class Carrier(ThreadingHTTPServer):
    """A mirror that serves a folder; while it `lies`, one letter of each signed playlist is another."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), partial(_Carried, directory=str(folder)))
        self.lies = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


class _Carried(SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Carrier)
        path = Path(self.translate_path(self.path))
        if not self.server.lies or path.parent.name != "live" or not path.is_file():
            super().do_GET()
            return
        body = path.read_bytes().replace(b"TICK=", b"TICK=9", 1)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Nothing: this is a test."""


@dataclass
class Headquarters:
    """What the organiser has: an event on the air, a desk, and mirrors, the last of them not in the roster yet."""

    airing: Airing
    desk: Desk
    carriers: dict[str, Carrier] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        return str(self.desk.word["url"]) + "/"

    @property
    def address(self) -> str:
        return f"{self.origin}#{self.desk.word['token']}"

    def state(self) -> dict[str, Any]:
        return self.desk.state()


@contextmanager
def headquarters(folder: Path) -> Iterator[Headquarters]:
    """`north` and `east` are in the roster; `south` carries the same, and nobody knows."""
    (folder / "home").mkdir()
    (folder / "out").mkdir()
    with ExitStack() as parts:
        carriers = {name: Carrier(folder / "out") for name in ("north", "east", "south")}
        for carrier in carriers.values():
            Thread(target=carrier.serve_forever, args=(0.05,), daemon=True).start()
            parts.callback(carrier.server_close)
            parts.callback(carrier.shutdown)
        mirrors = tuple(
            Mirror(name, carriers[name].url, f"Radio {name.title()}", "lan", "volunteer")
            for name in ("north", "east")
        )
        now = now_ms()
        config = EventConfig(
            TITLE,
            now,
            now + DAY_MS,
            (Language("en", "English"), Language("fa", "فارسی")),
            video=(VideoRung("v144", 256, 144, 120_000),),
            mirrors=mirrors,
        )
        event = create(folder / "event", config, now=now)
        words = ["test", "--event", str(event.path), "--to", str(folder / "out"), "--console", "off"]
        airing = parts.enter_context(Airing(words, folder / "home"))
        airing.until_ticks(2)
        more = ("--console", "127.0.0.1:0")
        desk = parts.enter_context(Desk(event, folder / "out", folder / "home", more))
        yield Headquarters(airing, desk, carriers)
