"""The demo's parts, wired: the broadcast of `huma live` into a folder, and the demo's room in front of that folder."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import tempfile
import threading
import webbrowser
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console

from huma.cli.live import LiveOptions
from huma.cli.liveinputs import InputOptions
from huma.cli.liveplan import LivePlan, plan
from huma.cli.liverun import OnAir
from huma.cli.output import INTERRUPTED, OK, Output, now_ms
from huma.cli.sourcelook import check_files, read_sources
from huma.cli.timehost import NO_NTP
from huma.demo.forger import Forger
from huma.demo.forgery import encode_forgery
from huma.demo.prepared import PreparedProgramme, prepare
from huma.demo.room import Broadcast, DemoRoom, Doors
from huma.errors import BugError, HumaError, UsageError
from huma.keys.creation import Holders, create
from huma.keys.eventtoml import EventConfig
from huma.keys.ladder import AudioRung, VideoRung
from huma.protocol.event import Language
from huma.protocol.signature import Ed25519Signer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from fractions import Fraction

KEEP_MS: Final = 600_000
WARM_UP_SEGMENTS: Final = 4
WARM_UP_WITHIN_S: Final = 30.0
END_WITHIN_S: Final = 20.0

_TITLE: Final = {"en": "Huma demo", "fa": "نمایش هما"}
_LANGUAGES: Final = (Language("en", "English"), Language("fa", "فارسی"))
_VIDEO: Final = (VideoRung("v360", 640, 360, 600_000), VideoRung("v144", 256, 144, 120_000))
_AUDIO: Final = (AudioRung("a", 96_000, 2),)
_DAY_MS: Final = 86_400_000


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What the person asked for."""

    sources: tuple[str, ...]
    port: int | None
    browser: bool
    light: bool
    seconds: Fraction | None

    @property
    def shown_as(self) -> str:
        """The source as the page names it: never with a path of this machine."""
        return ", ".join(Path(source).name for source in self.sources)


class Backstage(Output):
    """What the broadcast says: warnings and `--json` as ever, but no status line over the demo's own words."""

    def __init__(self, *, as_json: bool) -> None:
        super().__init__(as_json=as_json)
        self.console = Console(quiet=True)


def run(output: Output, options: DemoOptions) -> int:
    """Show it until somebody has seen enough; gives the exit code."""
    if not (_pages() / "demo.html").is_file():
        raise UsageError("the pages have not been built", code="no-pages", hint="Run: make pages")
    check_files(read_sources(options.sources))
    with tempfile.TemporaryDirectory(prefix="huma-demo-") as folder, _state_in(Path(folder) / "state"):
        return asyncio.run(_Stage(output, options, Path(folder)).run())


@contextmanager
def _state_in(folder: Path) -> Iterator[None]:
    """Keep the broadcast's log with the rest of the demo, so that it goes with the rest."""
    before = os.environ.get("XDG_STATE_HOME")
    os.environ["XDG_STATE_HOME"] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ["XDG_STATE_HOME"]
        else:
            os.environ["XDG_STATE_HOME"] = before


class _Stage:
    """One demo from its first port to its last."""

    def __init__(self, output: Output, options: DemoOptions, folder: Path) -> None:
        self._output = output
        self._options = options
        self._folder = folder
        self._over = asyncio.Event()
        self._stopped = False
        self._shown = False

    async def run(self) -> int:
        """Open, show, close."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._on_signal)
        doors = await Doors.open(self._options.port)
        try:
            with ExitStack() as parts:
                self._output.say("Making an event, and the forger's programme …", style="dim")
                air, forger = await asyncio.to_thread(self._prepare, doors, parts)
                if not self._over.is_set():
                    await self._show(doors, air, forger)
        finally:
            await doors.close()
        return INTERRUPTED if self._stopped and not self._shown else OK

    def _on_signal(self) -> None:
        if not self._stopped:
            self._stopped = True
            self._output.say("Stopping …", style="dim")
        self._over.set()

    def _prepare(self, doors: Doors, parts: ExitStack) -> tuple[OnAir, Forger]:
        """Everything that takes a moment of thought: the event, its keys, the forgery, prepared pictures."""
        now = now_ms()
        config = EventConfig(
            title=_TITLE,
            start_ms=now,
            end_ms=now + _DAY_MS,
            languages=_LANGUAGES,
            video=_VIDEO,
            audio=_AUDIO,
            mirrors=doors.listings(),
        )
        eventdir = create(self._folder / "event", config, now=now, holders=Holders())
        sources = list(self._options.sources)
        prepared = prepare(sources, eventdir.event) if self._options.light else None
        signer = Ed25519Signer.from_seed(secrets.token_bytes(32))
        forger = Forger(signer, encode_forgery(eventdir.event))
        backstage = Backstage(as_json=self._output.as_json)
        options = self._live_options()
        planned = plan(backstage, options, parts)
        air = OnAir(backstage, options, planned)
        if prepared is not None:
            first = planned.opening.first_tick
            air.programme = PreparedProgramme(prepared, planned.event, first, planned.clock)
        return air, forger

    def _live_options(self) -> LiveOptions:
        """What `huma live FILE --event DIR --to FOLDER --loop` would have been asked."""
        return LiveOptions(
            inputs=InputOptions(tuple(self._options.sources)),
            event=self._folder / "event",
            stores=(str(self._folder / "store"),),
            serve=None,
            url=None,
            tls=None,
            seconds=self._options.seconds,
            loop=self._options.sources != ("test",),
            copy=False,
            rank=None,
            keep_ms=KEEP_MS,
            ntp=NO_NTP,
            ignore_clock=False,
            stay_s=0.0,
        )

    async def _show(self, doors: Doors, air: OnAir, forger: Forger) -> None:
        room = DemoRoom(doors, self._on_air(air), forger, _pages(), self._tell)
        loop = asyncio.get_running_loop()

        def broadcast() -> None:
            _broadcast(air)
            loop.call_soon_threadsafe(self._over.set)  # the demo is over when the programme is

        broadcasting = threading.Thread(target=broadcast, name="on-air")
        following = asyncio.create_task(room.run())
        following.add_done_callback(lambda _: self._over.set())
        broadcasting.start()
        try:
            await self._warm_up(air)
            if not self._over.is_set():
                self._ready(room, air.plan)
            await self._over.wait()
        finally:
            following.cancel()
            # nobody is watching any more: no signed end is worth waiting for
            air.ending.signals.extend((signal.SIGINT, signal.SIGINT))
            air.ending.at.set()
            await loop.run_in_executor(None, broadcasting.join, END_WITHIN_S)
            (ended,) = await asyncio.gather(following, return_exceptions=True)
        if air.ending.fault is not None:
            raise air.ending.fault
        if not isinstance(ended, asyncio.CancelledError):
            raise BugError(f"a mirror of the demo failed: {type(ended).__name__}") from ended

    def _on_air(self, air: OnAir) -> Broadcast:
        planned = air.plan
        return Broadcast(
            event=planned.event,
            event_id=planned.event_id,
            root=(planned.eventdir.read("trust/1.root.json") or b"").decode(),
            store=planned.stores[0],
            source=self._options.shown_as,
            light=self._options.light,
            tick=lambda: air.publisher.state.tick,
        )

    async def _warm_up(self, air: OnAir) -> None:
        """A player that came before the first segments would begin with errors that nobody caused."""
        self._output.say("Going on the air …", style="dim")
        wanted = WARM_UP_SEGMENTS * len(air.plan.event.renditions)
        until = asyncio.get_running_loop().time() + WARM_UP_WITHIN_S
        while air.publisher.state.segments < wanted and not self._over.is_set():
            if asyncio.get_running_loop().time() > until:
                return
            await asyncio.sleep(0.1)

    def _ready(self, room: DemoRoom, planned: LivePlan) -> None:
        self._shown = True
        self._output.event(
            "state",
            code="ready",
            address=room.address,
            token=room.site.token,
            id=planned.event_id,
            mirrors=[{"id": mirror.name, "url": mirror.url} for mirror in room.mirrors],
        )
        self._output.say(f"Open   {room.address}", style="bold")
        self._output.say("Left a stock player, right Huma, below them the switches of three mirrors.")
        self._output.say("Ctrl-C ends it and leaves nothing behind.", style="dim")
        if self._options.browser and _has_display():
            threading.Thread(target=webbrowser.open, args=(room.address,), daemon=True).start()

    def _tell(self, line: dict[str, Any]) -> None:
        """What a mirror does now, and what the page saw happen."""
        members = dict(line)
        kind = str(members.pop("event"))
        self._output.event(kind, **members)
        who = members.get("mirror") if kind == "mirror" else members.get("player")
        if kind == "stall" and who is not None:
            self._output.say(f"  {who}: the picture stood still for {members.get('ms', 0) / 1000:.1f} s")
        elif kind == "mirror":
            self._output.say(f"  {who}: {members['code']}")


def _broadcast(air: OnAir) -> None:
    """The thread that is `huma live`."""
    try:
        with air.status:
            air.begin()
            air.go_on()
            air.end()
    except HumaError as error:
        air.ending.on_fault(error)
    except Exception as error:  # noqa: BLE001 - a thread that dies silently would leave a demo of nothing
        fault = BugError(f"the broadcast failed: {type(error).__name__}")
        fault.__cause__ = error
        air.ending.on_fault(fault)
    finally:
        air.close()


def _pages() -> Path:
    return Path(str(files("huma").joinpath("pages")))


def _has_display() -> bool:
    """Whether a browser would open a window, and not take over this terminal."""
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
