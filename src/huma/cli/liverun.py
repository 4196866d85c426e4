"""A broadcast from its first tick to its signed end."""

from __future__ import annotations

import logging
import signal
import sys
import threading
import time
from dataclasses import dataclass, field
from fractions import Fraction
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from huma.broadcast.delivery import Delivery
from huma.broadcast.publisher import SWITCH_INTERVAL_S, Publisher
from huma.broadcast.spool import Spool
from huma.broadcast.watch import PublicWatch
from huma.cli.consoleword import greet_console
from huma.cli.livebeside import Beside
from huma.cli.liveconsole import start_console
from huma.cli.livegreeting import greet
from huma.cli.livenotices import LiveNotices
from huma.cli.liveplan import revoked_in
from huma.cli.livestatus import LiveStatus
from huma.cli.livetrust import TrustKeeper
from huma.cli.output import DEGRADED, INTERRUPTED, OK
from huma.config import CONSOLE_PORT
from huma.errors import BugError, HumaError, UsageError
from huma.net.pages import PagePin, load_pages
from huma.net.server import EmbeddedServer
from huma.store.folder import FolderStore
from huma.store.memory import MemoryStore

if TYPE_CHECKING:
    from types import FrameType

    from huma.cli.live import LiveOptions
    from huma.cli.liveplan import LivePlan
    from huma.cli.output import Output
    from huma.console.server import Console
    from huma.media.segment import Segment
    from huma.media.state import Programme
    from huma.store.port import Store

LOOK_EVERY_S: Final = 0.1
END_WITHIN_S: Final = 15.0
LEAVE_WITHIN_S: Final = 10.0
FLUSH_WITHIN_S: Final = 20.0
FAILING_WITHIN_S: Final = 8.0
NOT_FOR_VIEWERS: Final = frozenset({"console.html", "desk.html", "demo.html"})
BESIDE_WITHIN_S: Final = 8.0


@dataclass(slots=True)
class Ending:
    """Why and how it ends. The first signal asks for a signed end, the second for none at all."""

    signals: list[int] = field(default_factory=list)
    at: threading.Event = field(default_factory=threading.Event)
    fault: HumaError | None = None

    def on_signal(self, number: int, _: FrameType | None) -> None:
        """Called by the system."""
        self.signals.append(number)
        self.at.set()

    def on_fault(self, fault: HumaError) -> None:
        """Called by any part that cannot go on."""
        self.fault = self.fault or fault
        self.at.set()

    @property
    def impatient(self) -> bool:
        """Whether somebody wants it to end at once."""
        return len(self.signals) > 1


class OnAir:
    """All parts of a broadcast."""

    def __init__(self, output: Output, options: LiveOptions, plan: LivePlan) -> None:
        self.output = output
        self.options = options
        self.plan = plan
        self.ending = Ending()
        self.server = _open_server(options, plan)
        self.shown: list[Store] = (
            [] if self.server is None else [MemoryStore(self.server.url, shelf=self.server)]
        )
        stores = [*self.shown, *plan.stores]
        spool = Spool(plan.state / "spool")
        self.delivery = Delivery(stores, spool, wall=plan.clock.wall, keep_ms=options.keep_ms)
        opening = plan.opening
        self.publisher = Publisher(
            plan.event,
            plan.signer,
            opening.chains,
            log=plan.log,
            spool=spool,
            delivery=self.delivery,
            clock=plan.clock,
            first_tick=opening.first_tick,
        )
        self.watch = PublicWatch(
            plan.reader,
            self.delivery,
            plan.signer,
            lambda: self.publisher.chains,
            revoked=lambda data: revoked_in(plan.eventdir, data),
            on_fault=self.ending.on_fault,
        )
        self.programme = _open_programme(options, plan)
        self.beside = Beside(options, plan.event)
        self.console: Console | None = None
        self.status = LiveStatus(output, copy=plan.event.copy)
        self.notices = LiveNotices(output)
        self.trust = TrustKeeper(
            plan.eventdir, stores=plan.stores, shown=self.shown, solo=plan.solo, report=self.status.desk
        )
        self._making = threading.Thread(target=self._make, name="programme", daemon=True)
        self._finished = threading.Event()
        self.whole = False  # whether the end is signed, and every store has it

    def begin(self) -> None:
        """Start everything; what was signed before is sent again before anything new."""
        if self.server is not None:
            self.server.start()
            self._show_pages(self.server)
        self.plan.doors.start()
        self.beside.start()
        self.trust.start()
        self.delivery.resume(self.plan.logged, self.plan.documents, self.plan.log.named())
        self.publisher.start()
        self.watch.start()
        if self.options.seconds is not None and not self.plan.event.copy:
            end = self.plan.opening.new_tick + _ticks(self.options.seconds, self.plan.event.grid.duration)
            self.publisher.end_before(end)
            self.programme.stop(at_tick=end)
        self._making.start()
        self._open_console()

    def _open_console(self) -> None:
        """The technician's page. Nobody asked for it by name: then a taken port is no trouble, another one does."""
        if self.options.console is None:
            return
        host, port = self.options.console
        try:
            self.console = start_console(self, (host, port))
        except UsageError:
            if self.options.console_asked:
                raise
            self.console = start_console(self, (host, 0))
        greet_console(self.output, self.console, address="huma status --address", port=CONSOLE_PORT)

    def go_on(self) -> None:
        """Until the programme ends, somebody wants it to end, or something breaks."""
        until = None
        while not self.ending.at.is_set() and not self._finished.is_set():
            self._show_status()
            state = self.publisher.state
            if self.options.seconds is not None and self.plan.event.copy and state.segments:
                until = until or time.monotonic() + float(self.options.seconds)
                if time.monotonic() >= until:
                    break
            self._follow_keys()
            try:
                self.publisher.check()
            except HumaError as error:
                self.ending.on_fault(error)
            self.ending.at.wait(LOOK_EVERY_S)

    def end(self) -> bool:
        """End the programme, sign ENDED, bring it to the stores; True when every store has all of it."""
        if self.plan.event.copy:
            self.publisher.hold_last()
        if not self._finished.is_set():
            self.programme.stop()
        until = time.monotonic() + END_WITHIN_S
        while (
            not self._finished.wait(LOOK_EVERY_S) and time.monotonic() < until and not self.ending.impatient
        ):
            self._show_status()
        if self.ending.fault is not None:
            return False
        signed = not self.ending.impatient
        self.publisher.close(ended=signed)
        self.beside.close(BESIDE_WITHIN_S)
        self._show_status()
        flushed, tick = self._flush(), self.publisher.state.tick
        self.whole = flushed and signed and tick is not None
        if self.whole:
            self.output.event("state", state="ended", tick=tick)
            self.output.say("Ended, and signed as ended.", style="bold green")
            self._stay()
        elif self.ending.impatient and signed and tick is not None:
            self.output.say("Ended at once: the end is signed, and not every store has it.", style="yellow")
        elif self.ending.impatient:
            self.output.say("Ended at once, without a signed end: started again, it goes on.", style="yellow")
        return flushed

    def close(self) -> None:
        """Let go of everything, whatever has happened."""
        self.publisher.abandon()
        self.programme.stop()
        if self._making.ident is not None:
            self._making.join(LEAVE_WITHIN_S)
        if self.console is not None:
            self.console.stop()
        self.beside.close(BESIDE_WITHIN_S)
        self.plan.doors.stop()
        self.watch.stop()
        self.trust.stop()
        self.delivery.stop()
        if self.server is not None:
            self.server.stop()

    def _make(self) -> None:
        try:
            self.programme.run(self._pass_on)
        except HumaError as error:
            self.ending.on_fault(error)
        except Exception as error:  # noqa: BLE001 - a thread that dies silently would leave us on the air with nothing
            fault = BugError(f"the programme failed: {type(error).__name__}")
            fault.__cause__ = error
            self.ending.on_fault(fault)
        finally:
            self._finished.set()
            self.ending.at.set()

    def _follow_keys(self) -> None:
        """Keys of doors that were made anew are good at once; a file that cannot be read changes nothing."""
        try:
            if self.plan.doors.follow_keys():
                self.output.say("  New stream keys are good from now on.", style="dim")
        except HumaError as error:
            self.notices.once(error)

    def _pass_on(self, segment: Segment) -> None:
        """The signed path first; what runs beside it takes the same bytes, and never holds it up."""
        self.publisher.accept(segment)
        self.beside.take(segment)

    def _flush(self) -> bool:
        if any(store.behind for store in self.delivery.states):
            self.output.say("Bringing the end to the stores …", style="dim")
        begun = time.monotonic()
        while time.monotonic() < begun + FLUSH_WITHIN_S and not self.ending.impatient:
            if self.delivery.flush(LOOK_EVERY_S):
                return True
            late = [store for store in self.delivery.states if store.behind]
            if time.monotonic() > begun + FAILING_WITHIN_S and not any(store.ok for store in late):
                break
            self._show_status()
        if self.ending.impatient:
            return False  # what is missing now was not waited for
        for store in self.delivery.states:
            if store.behind:
                self.output.warn(
                    f"{store.name} lacks {store.behind} files of the end", code=store.code or "store-slow"
                )
        return False

    def _stay(self) -> None:
        """Viewers of our own server ask for the end within a few seconds."""
        if self.server is not None and self.options.stay_s and not self.ending.impatient:
            self.status.staying(self.options.stay_s)
            until = time.monotonic() + self.options.stay_s
            while time.monotonic() < until and not self.ending.impatient:
                time.sleep(LOOK_EVERY_S)

    def _show_status(self) -> None:
        state = self.publisher.state
        grid = self.plan.event.grid
        self.status.jumped(self.plan.clock.jumped_ms())
        self.status.show(
            state,
            self.programme.state(),
            self.delivery.states,
            now_ms=self.plan.clock.wall(),
            tick_end_ms=None if state.tick is None or self.plan.event.copy else grid.start_ms(state.tick + 1),
        )

        self.notices.programme(self.programme)
        self.notices.doors(self.plan.doors.states, self.plan.doors.refused)
        self.notices.recording(self.beside.recording)
        if not self._finished.is_set():  # at the end they are let go of, which is no news
            self.notices.outputs(self.beside.outputs)

    def _show_pages(self, server: EmbeddedServer) -> None:
        plan, own = self.plan, self.options.url or server.url
        roster = [mirror.url for mirror in plan.eventdir.roster.mirrors]
        root = plan.eventdir.read("trust/1.root.json") or b""
        pin = PagePin(plan.event_id, tuple(dict.fromkeys([own, *roster]))[:8], root.decode())
        folder = Path(str(files("huma").joinpath("pages")))
        for page in load_pages(folder, pin=pin, tls=own.startswith("https:")):
            if page.path in NOT_FOR_VIEWERS:
                continue
            server.put(
                page.path,
                page.data,
                content_type=page.content_type,
                cache_control=page.cache_control,
                extra=page.extra,
            )


def run(output: Output, options: LiveOptions, plan: LivePlan) -> int:
    """Go on the air, stay there, end; gives the exit code."""
    # what media logs stands in its state as well, and is told there without tearing the status line
    logging.getLogger("huma").addHandler(logging.NullHandler())
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    air = OnAir(output, options, plan)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, air.ending.on_signal)
    try:
        greet(output, options, plan, None if air.server is None else air.server.url)
        with air.status:
            air.begin()
            air.go_on()
            flushed = air.end()
    finally:
        air.close()
    if air.ending.fault is not None:
        raise air.ending.fault
    never_on_air = air.ending.signals and air.publisher.state.tick is None
    if air.whole:
        return OK  # whoever is impatient now has missed nothing but the moment for the last viewers
    if air.ending.impatient or never_on_air:
        return INTERRUPTED
    return OK if flushed else DEGRADED


def _open_server(options: LiveOptions, plan: LivePlan) -> EmbeddedServer | None:
    if plan.serve is None:
        return None
    attic = next((store.root for store in plan.stores if isinstance(store, FolderStore)), None)
    return EmbeddedServer(*plan.serve, tls=options.tls, attic=attic)


def _open_programme(options: LiveOptions, plan: LivePlan) -> Programme:
    """A source that is signed as it is, or inputs that are encoded, with their switches."""
    if options.copy:
        from huma.media.programme import open_programme

        return open_programme(
            list(options.sources),
            event=plan.event,
            first_tick=plan.opening.first_tick,
            loop=options.loop,
            copy=True,
            clock=plan.clock,
            doors=plan.doors.sources,
        )
    from huma.media.intake import open_intake

    return open_intake(
        options.inputs.plan(loop=options.loop),
        event=plan.event,
        first_tick=plan.opening.first_tick,
        clock=plan.clock,
        doors=plan.doors.sources,
    )


def _ticks(seconds: Fraction, tick: Fraction) -> int:
    """So many whole ticks as hold that much programme; at least one."""
    return max(1, -int(-seconds / tick // 1))
