"""The organiser's desk: keeps the trust documents fresh, and every store up to date (PROTOCOL 2, `huma desk`)."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from huma.desk.duties import Duties, duties_at
from huma.desk.publishing import Reading, Store, StoreShelf
from huma.errors import HumaError, KeyStoreError
from huma.keys import repository
from huma.keys.repository import COLD_PAIR, FIRST_PAIR, is_version_of
from huma.protocol.roster import render_roster

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from huma.keys.eventdir import EventDir

TURN_EVERY_S: Final = 10.0
READ_WITHIN_S: Final = 8.0
PUBLISH_WITHIN_S: Final = 30.0
_LOOK_S: Final = 0.2
COLD_READS: Final = 2
"""How many stores the cold pair reads before it signs: one alone could show it yesterday."""

T = TypeVar("T")


def wall_ms() -> int:
    """The clock of this machine."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class StoreState:
    """How one store took the last turn. `code` is empty when all is well."""

    name: str
    code: str = ""
    message: str = ""
    written: int = 0

    @property
    def ok(self) -> bool:
        """Whether it holds all that we hold."""
        return not self.code


@dataclass(frozen=True, slots=True)
class DeskTurn:
    """One turn of the desk."""

    at_ms: int
    signed: tuple[str, ...]
    timestamp_version: int
    expires_ms: int
    resting: bool
    revoked: int
    stores: tuple[StoreState, ...]
    warnings: tuple[HumaError, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether every store has everything."""
        return not self.warnings and all(store.ok for store in self.stores)


class Desk:
    """Signs what is due and brings it to the stores. `huma desk` runs it, and `huma live` of a solo event in a thread."""

    def __init__(
        self,
        eventdir: EventDir,
        stores: Sequence[Store] = (),
        *,
        clock: Callable[[], int] = wall_ms,
        report: Callable[[DeskTurn], None] = lambda _: None,
        pair: int = FIRST_PAIR,
        resume: bool = False,
    ) -> None:
        self._eventdir = eventdir
        self._shelves = [StoreShelf(store, eventdir) for store in stores]
        self._clock = clock
        self._report = report
        self._pair = pair
        self._is_told = resume or pair != FIRST_PAIR
        self._hurried = threading.Event()
        self._pool = ThreadPoolExecutor(max(1, len(stores)), thread_name_prefix="huma-desk")
        self._busy: dict[StoreShelf, Future[object]] = {}

    def run(self, stop: threading.Event, *, every_s: float = TURN_EVERY_S) -> None:
        """Take turns until told to stop."""
        try:
            while not stop.is_set():
                try:
                    self.turn()
                except HumaError as error:
                    self._report(self._failed(error))
                self._rest(stop, every_s)
        finally:
            self.close()

    def hurry(self) -> None:
        """Take the next turn at once: something was changed that should be everywhere soon. From any thread."""
        self._hurried.set()

    def turn(self) -> DeskTurn:
        """Read every store, sign what is due, bring it to every store that could be read."""
        read, states = self._each(self._shelves, StoreShelf.read, READ_WITHIN_S)
        warnings = self._judge(read)
        resting = self._rests(read)
        signed: list[str] = []
        if not resting:
            signed, troubles = self._sign()
            warnings += troubles
        written, failures = self._each(list(read), StoreShelf.publish, PUBLISH_WITHIN_S)
        states |= failures
        states |= {shelf: StoreState(shelf.name, written=count) for shelf, count in written.items()}
        done = self._turned(
            tuple(signed), resting, tuple(states[shelf] for shelf in self._shelves), tuple(warnings)
        )
        self._report(done)
        return done

    def close(self) -> None:
        """Let the threads go; a store that hangs ends by its own time limit."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _rest(self, stop: threading.Event, every_s: float) -> None:
        until = time.monotonic() + every_s
        while time.monotonic() < until and not self._hurried.is_set():
            if stop.wait(min(_LOOK_S, every_s)):
                return
        self._hurried.clear()

    def _sign(self) -> tuple[list[str], list[HumaError]]:
        """Sign what is due. One document that cannot be signed does not keep the others from being fresh."""
        now, signed, troubles = self._clock(), list[str](), list[HumaError]()
        trusted = self._eventdir.trusted
        due = duties_at(trusted, now)
        snapshot = due.snapshot or self._is_told
        if trusted.timestamp is None:
            due = Duties(
                steering=False, snapshot=True, timestamp=True
            )  # first of all there must be a chain again
        steps: tuple[tuple[tuple[str, ...], Callable[[], bool], Callable[[int], object]], ...] = (
            (("roster", "snapshot", "timestamp"), self._roster_is_due, self._sign_roster),
            (
                ("steering", "snapshot", "timestamp"),
                lambda: due.steering and self._has("steering"),
                self._sign_steering,
            ),
            (("snapshot", "timestamp"), lambda: snapshot and not signed, self._sign_snapshot),
            (("timestamp",), lambda: due.timestamp and not signed, self._sign_timestamp),
        )
        for names, is_due, step in steps:
            try:
                if is_due():
                    step(now)
                    signed += [name for name in names if name not in signed]
                    self._is_told = False
            except HumaError as error:
                troubles.append(error)
        return signed, troubles

    def _sign_timestamp(self, now: int) -> None:
        repository.sign_timestamp(self._eventdir, now, pair=self._pair)

    def _sign_snapshot(self, now: int) -> None:
        repository.sign_snapshot(self._eventdir, now, pair=self._pair)

    def _sign_roster(self, now: int) -> None:
        roster = render_roster(self._eventdir.config.roster)
        repository.sign_delegated(self._eventdir, "roster", now, roster, pair=self._pair)

    def _sign_steering(self, now: int) -> None:
        repository.sign_delegated(self._eventdir, "steering", now, pair=self._pair)

    def _has(self, key: str) -> bool:
        return self._eventdir.has_key(key)

    def _roster_is_due(self) -> bool:
        """Whether event.toml lists mirrors, and others than the roster. An empty list there takes nobody's mirrors away."""
        try:
            wanted = self._eventdir.config.roster
        except HumaError:
            return False  # a person is typing in it just now; huma check says what is wrong
        if self._eventdir.trusted.timestamp is None:
            return False
        return bool(wanted.mirrors) and wanted != self._eventdir.roster and self._has("roster")

    def _judge(self, read: dict[StoreShelf, Reading]) -> list[HumaError]:
        """What the stores showed that a person must know. The cold pair signs blind for nobody."""
        if self._pair == COLD_PAIR and len(read) < COLD_READS:
            raise KeyStoreError(
                f"the cold pair reads {COLD_READS} stores before it signs, and {len(read)} answered",
                code="cold-reads",
                hint="Give two stores with --to; one alone could show an old state.",
            )
        return [
            HumaError(
                f"{shelf.name} holds another timestamp {reading.found.version}, genuinely signed",
                code="conflict",
                hint="Two desks sign with the same keys. Stop one of them.",
            )
            for shelf, reading in read.items()
            if reading.found.conflict
        ]

    def _rests(self, read: dict[StoreShelf, Reading]) -> bool:
        """A pair that sees the other's newer version rests until told."""
        timestamp = self._eventdir.trusted.timestamp
        newest = max(
            [timestamp.head.version if timestamp else 0, *(each.found.version for each in read.values())]
        )
        return not self._is_told and not is_version_of(newest, self._pair)

    def _each(
        self, shelves: Sequence[StoreShelf], work: Callable[[StoreShelf], T], within_s: float
    ) -> tuple[dict[StoreShelf, T], dict[StoreShelf, StoreState]]:
        """Do `work` for all shelves at once. One that fails or hangs is told, and keeps nobody waiting."""
        done: dict[StoreShelf, T] = {}
        states: dict[StoreShelf, StoreState] = {}
        jobs: dict[StoreShelf, Future[T]] = {}
        for shelf in shelves:
            before = self._busy.get(shelf)
            if before is not None and not before.done():
                states[shelf] = _slow(shelf)
            else:
                jobs[shelf] = self._pool.submit(work, shelf)
        wait(jobs.values(), timeout=within_s)
        for shelf, job in jobs.items():
            if not job.done():
                self._busy[shelf] = job  # type: ignore[assignment]  # a Future is only asked whether it is done
                states[shelf] = _slow(shelf)
                continue
            try:
                done[shelf] = job.result()
            except HumaError as error:
                states[shelf] = StoreState(shelf.name, error.code, error.message)
            except Exception as error:  # noqa: BLE001 - our own mistake at one store must not stop the others
                states[shelf] = StoreState(shelf.name, "bug", f"{shelf.name}: {type(error).__name__}")
        return done, states

    def _turned(
        self,
        signed: tuple[str, ...],
        resting: bool,
        stores: tuple[StoreState, ...],
        warnings: tuple[HumaError, ...],
    ) -> DeskTurn:
        trusted = self._eventdir.trusted
        head = trusted.timestamp.head if trusted.timestamp else None
        return DeskTurn(
            at_ms=self._clock(),
            signed=signed,
            timestamp_version=head.version if head else 0,
            expires_ms=head.expires_ms if head else 0,
            resting=resting,
            revoked=len(trusted.revoked(self._eventdir.read("live/revoked.json") or b'{"revoked":[]}')),
            stores=stores,
            warnings=warnings,
        )

    def _failed(self, error: HumaError) -> DeskTurn:
        return DeskTurn(self._clock(), (), 0, 0, resting=False, revoked=0, stores=(), warnings=(error,))


def _slow(shelf: StoreShelf) -> StoreState:
    return StoreState(shelf.name, "store-slow", f"{shelf.name} does not answer in time")
