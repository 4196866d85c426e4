"""Segments in; media on disk, log, signature, stores: in that order, and nothing out of it.

    segment ─▶ spool ─▶ sign ─▶ log (fsync) ─▶ every store's backlog: media, then the playlist

One thread does all of it for all renditions, so that a batch shares one fsync of the log.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from huma.broadcast.pending import Pending, Ready
from huma.broadcast.signer import entry_of
from huma.errors import BugError, HumaError, MediaError, StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from huma.broadcast.chain import Chain
    from huma.broadcast.delivery import Delivery
    from huma.broadcast.log import LiveLog
    from huma.broadcast.signer import LiveSigner, Numbered, SignedStep
    from huma.broadcast.spool import Spool
    from huma.media.clock import Clock
    from huma.media.segment import Segment
    from huma.protocol.event import Event
    from huma.protocol.segments import SegmentEntry

SWITCH_INTERVAL_S: Final = 0.001
"""For `sys.setswitchinterval`: how long an encoder's Python may keep the interpreter from the publisher. With the usual
5 ms, twice as many segments were late (bench/publish.py)."""
STUCK_S: Final = 15.0
RETRY_S: Final = 1.0
_TIDY_EVERY_S: Final = 2.0
_LATENCIES: Final = 2000


@dataclass(frozen=True, slots=True)
class PublisherState:
    """How publishing is doing. `code` is empty when all is well; `latency_ms` is of the last segment.

    `tick` is what every rendition of the fastest ladder has reached, `issued_ms` when. `programme_s` is how much programme
    this run has signed. `dropped` counts segments that could not be published in time and were left out.
    """

    first_tick: int | None = None
    tick: int | None = None
    issued_ms: int | None = None
    programme_s: float = 0.0
    segments: int = 0
    media_bytes: int = 0
    latency_ms: float = 0.0
    dropped: int = 0
    code: str = ""
    message: str = ""


class Publisher:
    """Takes segments from encoder threads and brings them, signed, to the stores."""

    def __init__(
        self,
        event: Event,
        signer: LiveSigner,
        chains: Mapping[str, Chain],
        *,
        log: LiveLog,
        spool: Spool,
        delivery: Delivery,
        clock: Clock,
        first_tick: int,
    ) -> None:
        self._signer = signer
        self._first_tick = first_tick
        self._chains = dict(chains)
        self._log = log
        self._spool = spool
        self._delivery = delivery
        self._clock = clock
        self._max_bytes = {each.name: each.max_bytes for each in event.renditions}
        ticks = {each.name: each.ticks_per_segment for each in event.renditions}
        self._leading = min(ticks, key=lambda name: ticks[name])
        self._programme = Fraction(0)
        self._pending = Pending(
            ticks, first_tick=first_tick, tick=None if event.copy else event.grid.duration
        )
        self._changed = threading.Condition()
        self._closing = False
        self._busy = False
        self._unsynced = False
        self._fault: HumaError | None = None
        self._state = PublisherState()
        self._moved_at = time.monotonic()
        self._tidied_at = time.monotonic()
        self._latencies: deque[float] = deque(maxlen=_LATENCIES)
        self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)

    @property
    def state(self) -> PublisherState:
        """How it is doing."""
        with self._changed:
            return self._state

    @property
    def chains(self) -> Mapping[str, Chain]:
        """Each rendition, as far as it has been signed."""
        with self._changed:
            return dict(self._chains)

    @property
    def latencies_ms(self) -> list[float]:
        """From a segment's last byte to its playlist on the way to the stores, of the last segments."""
        with self._changed:
            return list(self._latencies)

    @property
    def unended(self) -> list[str]:
        """Renditions whose last playlist does not say that it is the end."""
        with self._changed:
            return [name for name, chain in self._chains.items() if not chain.ended]

    def start(self) -> None:
        """Begin to publish."""
        self._thread.start()

    def accept(self, segment: Segment) -> None:
        """Take a finished segment; called from any thread. It never waits."""
        with self._changed:
            self.check()
            if not self._closing:
                self._pending.add(segment)
                self._changed.notify_all()

    def check(self) -> None:
        """Raise what has ended the publishing, if anything has."""
        if self._fault is not None:
            raise self._fault

    def end_before(self, tick: int) -> None:
        """The programme will end before `tick`."""
        with self._changed:
            self._pending.end_before(tick)

    def hold_last(self) -> None:
        """The programme will end soon, nobody knows when: keep each rendition's newest segment back."""
        with self._changed:
            self._pending.hold_last()

    def drain(self, timeout: float) -> bool:
        """Wait until all that was taken is published; False when it is not after `timeout` seconds."""
        with self._changed:
            return self._changed.wait_for(
                lambda: not (self._pending.waiting or self._busy) or self._fault is not None, timeout
            )

    def close(self, timeout: float = 30.0, *, ended: bool = True) -> None:
        """Publish what is left, say ENDED where nothing has said it yet, then end the thread."""
        with self._changed:
            self._closing = True
            self._pending.close()
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout)
        self.check()
        if ended and not self._thread.is_alive():
            self._end_rest()

    def abandon(self, timeout: float = 10.0) -> None:
        """Sign nothing more, not even an end, and end the thread: nothing is left that uses the log."""
        with self._changed:
            self._closing = True
            self._pending.drop()
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def _end_rest(self) -> None:
        """The programme ended where a segment ended: only a new one can say so. The last is shown once more."""
        rest = [chain for chain in self._chains.values() if not chain.ended and chain.window]
        now_ms = self._clock.wall()
        steps = [
            self._signer.extend(chain, [(_next(chain), _again(chain))], now_ms=now_ms, ended=True)
            for chain in rest
        ]
        self._log.commit(self._signer.keyid, steps)
        for step in steps:
            self._delivery.publish(step)
        with self._changed:
            self._chains.update((step.chain.rendition, step.chain) for step in steps)
            self._state = replace(self._state, tick=_tick_of(self._chains, self._first_tick))

    # -- the thread ----------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while (ready := self._take()) is not None:
                if ready:
                    self._publish(ready)
                    self._unsynced = True
                elif self._unsynced:
                    self._spool.sync()
                    self._unsynced = False
                self._tidy()
        except HumaError as error:
            self._fail(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, it must end the broadcast and not just a thread
            fault = BugError(f"publishing failed: {type(error).__name__}: {error}")
            fault.__cause__ = error
            self._fail(fault)

    def _take(self) -> dict[str, Ready] | None:
        """What may be published now; None at the end."""
        with self._changed:
            ready = self._pending.take()
            self._busy = bool(ready)
            self._changed.notify_all()
            if ready:
                return ready
            if self._closing:
                return None
            if self._pending.waiting and time.monotonic() - self._moved_at > STUCK_S:
                raise MediaError(
                    f"no segment of {self._pending.slowest} has come for {STUCK_S:.0f} s",
                    code="rendition-stuck",
                    hint="Its encoder stands still, or has too little processor; start again with fewer renditions.",
                )
            if not self._pending.waiting:
                self._moved_at = time.monotonic()
            if not self._unsynced:
                self._changed.wait(_TIDY_EVERY_S)
            return {}

    def _publish(self, ready: dict[str, Ready]) -> None:
        try:
            entries = {name: self._keep(each) for name, each in ready.items()}
            now_ms = self._clock.wall()
            steps = [
                self._signer.extend(self._chains[name], numbered, now_ms=now_ms, ended=ready[name].ended)
                for name, numbered in entries.items()
                if numbered
            ]
            self._log.commit(self._signer.keyid, steps, named=self._delivery.named(steps, now_ms))
        except StoreError as error:
            self._wait_for_disk(ready, error)
            return
        for step in steps:
            self._delivery.publish(step)
        self._programme += sum(entry.duration for _, entry in entries.get(self._leading, ()))
        self._note(ready, steps, now_ms)

    def _keep(self, ready: Ready) -> list[Numbered]:
        """Put media on disk and on the way; gives what a playlist may list."""
        numbered: list[Numbered] = []
        for segment in ready.segments:
            next_n = self._chains[segment.rendition].next_n
            if next_n is not None and segment.n < next_n:
                continue  # signed before a restart: it is out, and cannot be signed twice
            if len(segment.data) > self._max_bytes[segment.rendition]:
                continue  # no viewer would take it; the gap is told by a new window
            entry = entry_of(segment)
            if self._spool.size(entry.init.path) is None:
                self._spool.put(entry.init.path, segment.init)
                self._delivery.media(entry.init.path, len(segment.init))
            self._spool.put(entry.ref.path, segment.data)
            self._delivery.media(entry.ref.path, len(segment.data))
            numbered.append((segment.n, entry))
        return numbered

    def _wait_for_disk(self, ready: dict[str, Ready], error: StoreError) -> None:
        """Nothing was signed. Keep what may still fill the gap, say so, and try again in a moment."""
        with self._changed:
            self._pending.put_back(ready)
            self._state = replace(
                self._state, code=error.code, message=error.message, dropped=self._pending.dropped
            )
            if not self._closing:
                self._changed.wait(RETRY_S)
                return
        raise error

    def _note(self, ready: dict[str, Ready], steps: list[SignedStep], now_ms: int) -> None:
        mono = self._clock.mono()
        with self._changed:
            self._moved_at = time.monotonic()
            for step in steps:
                self._chains[step.chain.rendition] = step.chain
            segments = [segment for each in ready.values() for segment in each.segments]
            self._latencies.extend(mono - segment.complete_mono for segment in segments)
            tick = _tick_of(self._chains, self._first_tick)
            self._state = PublisherState(
                first_tick=self._first_tick,
                tick=tick,
                issued_ms=self._state.issued_ms if tick == self._state.tick else now_ms,
                programme_s=float(self._programme),
                segments=self._state.segments + len(segments),
                media_bytes=self._state.media_bytes + sum(len(segment.data) for segment in segments),
                latency_ms=self._latencies[-1],
                dropped=self._pending.dropped,
            )
            self._changed.notify_all()

    def _tidy(self) -> None:
        """What has time: between two ticks, and never before a playlist is out."""
        if time.monotonic() - self._tidied_at < _TIDY_EVERY_S:
            return
        self._tidied_at = time.monotonic()
        done = self._delivery.tidy()
        try:
            self._log.forget(self._signer.keyid, done.documents, done.media)
            self._log.tidy()
        except StoreError as error:  # a full disk: what was not forgotten costs nothing but room
            with self._changed:
                self._state = replace(self._state, code=error.code, message=error.message)

    def _fail(self, fault: HumaError) -> None:
        with self._changed:
            self._fault = fault
            self._state = replace(self._state, code=fault.code, message=fault.message)
            self._changed.notify_all()


def _tick_of(chains: Mapping[str, Chain], first_tick: int) -> int | None:
    """The tick that every rendition of the fastest ladder has reached in this run."""
    fastest = min(chain.ticks_per_segment for chain in chains.values())
    tick = min(chain.tick for chain in chains.values() if chain.ticks_per_segment == fastest)
    return None if tick < first_tick else tick


def _next(chain: Chain) -> int:
    return chain.next_n or 0


def _again(chain: Chain) -> SegmentEntry:
    """The last segment once more, from where it ended, behind a discontinuity."""
    last = chain.window[-1]
    ended_ms = (last.pdt_ms or 0) + int(last.duration * 1000)
    return replace(last, discontinuity=True, pdt_ms=ended_ms, skip=0)
