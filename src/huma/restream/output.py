"""An output beside the signed path: it may be dead, slow or hanging, and nobody but itself notices.

    segment ─▶ a short line, whose oldest pair gives way ─▶ our thread ─▶ a pipe ─▶ the sender process ─▶ platform

`take` only ever appends to the line. Each pair is a closed group of pictures with its sound, so that what is left out
leaves nothing that cannot be decoded. A sender that ends is started again after a pause that grows; one that does not
move although it has something to send is killed first.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from huma.errors import HumaError
from huma.media.pairing import Pairing
from huma.media.selection import select
from huma.restream.child import Child
from huma.restream.order import Order
from huma.restream.stream import Stream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from huma.media.pairing import Pair
    from huma.media.segment import Segment
    from huma.protocol.event import Event
    from huma.restream.address import Kind, OutputAddress

LINE_PAIRS: Final = 8
"""So many pairs wait at most: with ticks of a second, a platform that is away loses what is older."""
_FRESH_PAIRS: Final = 2
STUCK_S: Final = 10.0
FIRST_PAUSE_S: Final = 0.5
LONGEST_PAUSE_S: Final = 30.0
_SETTLED_S: Final = 5.0
_SLACK_S: Final = 3.0
_LOOK_S: Final = 0.25
_FEED_BYTES: Final = 256 * 1024

MESSAGES: Final[Mapping[str, str]] = {
    "output-unreachable": "it cannot be reached",
    "output-refused": "it does not take us: look at the key",
    "output-closed": "it has hung up",
    "output-stuck": "it takes nothing any more",
    "output-crashed": "the sender died",
    "output-missing": "SRT needs libsrt: apt install libsrt1.5-gnutls",
    "output-failed": "it cannot be sent to",
    "bad-segment": "a segment cannot be passed on",
    "bug": "a mistake of ours",
}


@dataclass(frozen=True, slots=True)
class OutputState:
    """How an output is doing. Neither address nor key stands in it.

    Attributes:
        label: What people call it.
        kind: rtmp, srt, file or pipe.
        connected: Whether the other side takes what we send.
        since_ms: Since when, in Unix milliseconds.
        sent_bytes: What has been sent, over all connections.
        reconnects: How often it had to be called again.
        dropped: Pairs of segments that were left out.
        code: Why it is not connected, or was not last time; empty when all is well.
    """

    label: str
    kind: Kind
    connected: bool = False
    since_ms: int | None = None
    sent_bytes: int = 0
    reconnects: int = 0
    dropped: int = 0
    code: str = ""

    @property
    def message(self) -> str:
        """The code in words."""
        return MESSAGES.get(self.code, self.code)


class Output:
    """Sends the best picture and one language on to one place."""

    def __init__(
        self,
        event: Event,
        address: OutputAddress,
        *,
        handle: int = 1,
        stuck_s: float = STUCK_S,
        longest_pause_s: float = LONGEST_PAUSE_S,
    ) -> None:
        self._selection = select(event, language=address.language)
        self._pairing = Pairing(self._selection)
        self._order = Order(
            address.kind, address.url, address.options, handle if address.kind == "pipe" else -1
        )
        self._stuck_s = stuck_s
        self._longest_pause_s = longest_pause_s
        self._lock = threading.Lock()
        self._line: deque[Pair] = deque()
        self._closing = threading.Event()
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._state = OutputState(address.label, address.kind)
        self._sent_before = 0
        self._child: Child | None = None
        self._stream: Stream | None = None
        self._thread = threading.Thread(target=self._run, name=f"output-{address.kind}", daemon=True)

    @property
    def state(self) -> OutputState:
        """How it is doing, from any thread."""
        with self._lock:
            return self._state

    @property
    def pid(self) -> int | None:
        """The sender's process, if one runs."""
        child = self._child
        return None if child is None else child.pid

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def take(self, segment: Segment) -> None:
        """Take a segment, from any thread. It never waits and never fails: the oldest gives way."""
        with self._lock:
            if self._closing.is_set():
                return
            for pair in self._pairing.add(segment):
                self._line.append(pair)
            self._shorten(LINE_PAIRS)
        with suppress(OSError):
            os.eventfd_write(self._wake, 1)

    def close(self, timeout: float = 5.0) -> bool:
        """Send what waits, and hang up; what is not sent after `timeout` seconds is left. True when all was."""
        until = time.monotonic() + timeout
        with self._lock:
            self._line.extend(self._pairing.rest())
        self._closing.set()
        with suppress(OSError):
            os.eventfd_write(self._wake, 1)
        if self._thread.is_alive():
            self._thread.join(max(0.0, until - time.monotonic()))
        child, finished = self._child, not self._thread.is_alive()
        if child is not None and not finished:
            child.stop()  # its thread sees it off
            self._thread.join(1.0)
        return finished

    # -- the thread ----------------------------------------------------------------------------------

    def _run(self) -> None:
        pause = FIRST_PAUSE_S
        while not self._closing.is_set() or self._line:
            if not self._line:
                self._closing.wait(_LOOK_S)
                continue
            code, lasted = self._serve()
            if not code:
                continue  # what follows a change of parameters goes out, also when it is the last
            if self._closing.is_set():
                break
            pause = FIRST_PAUSE_S if lasted > _SETTLED_S else min(pause * 2, self._longest_pause_s)
            self._closing.wait(pause)
            with self._lock:
                self._shorten(_FRESH_PAIRS)  # who comes back wants what is on now
                self._state = replace(self._state, reconnects=self._state.reconnects + 1)

    def _serve(self) -> tuple[str, float]:
        """One life of a sender: why it ended (empty where that was right), and how many seconds it passed on."""
        self._stream = None
        try:
            child = self._child = Child(self._order, self._wake)
        except OSError:
            return self._ended("output-crashed"), 0.0
        try:
            code = self._feed(child)
        except HumaError as error:
            code = error.code
        except Exception:  # noqa: BLE001 - it must come back, and nobody else may hear of it
            code = "bug"
        finally:
            self._child = None
            child.kill()
        self._sent_before += child.sent
        return self._ended(code, self._lost(child) if code else 0), child.at

    def _feed(self, child: Child) -> str:
        stream: Stream | None = None
        moved_at, last = time.monotonic(), (0.0, 0, False)
        while not child.over:
            # what waits for a connection waits in the line, where the oldest gives way
            while (stream is None or child.connected) and child.unsent < _FEED_BYTES:
                pair = self._next(stream)
                if pair is None:
                    break
                stream = self._stream = stream or Stream(pair)
                child.offer(stream.place(pair))
            if not child.unsent and self._nothing_follows(stream):
                child.finish()
            child.step(_LOOK_S)
            self._watch(child)
            now, found = time.monotonic(), (child.at, child.unsent, child.connected)
            behind = stream is not None and child.at < stream.end - _SLACK_S
            owes = behind or child.unsent > 0 or not child.connected
            if found != last or not owes:
                moved_at, last = now, found
            elif now - moved_at > self._stuck_s:
                return "output-stuck"
        if child.succeeded:
            return ""
        return child.code or "output-crashed"

    def _next(self, stream: Stream | None) -> Pair | None:
        """The next pair, if the sender can go on with it."""
        with self._lock:
            fits = bool(self._line) and (stream is None or stream.fits(self._line[0]))
            return self._line.popleft() if fits else None

    def _nothing_follows(self, stream: Stream | None) -> bool:
        """Whether this sender has had all that it can take: the end has come, or a change of parameters."""
        with self._lock:
            if self._line:
                return stream is not None and not stream.fits(self._line[0])
            return self._closing.is_set()

    def _shorten(self, most: int) -> None:
        """Let the oldest go; the lock is held."""
        over = len(self._line) - most
        for _ in range(over):
            self._line.popleft()
        if over > 0:
            self._state = replace(self._state, dropped=self._state.dropped + over)

    def _lost(self, child: Child) -> int:
        return 0 if self._stream is None else self._stream.lost(child.at)

    def _watch(self, child: Child) -> None:
        if self._stream is not None:
            self._stream.passed(child.at)
        with self._lock:
            state = self._state
            since = state.since_ms if state.connected else int(time.time() * 1000)
            self._state = replace(
                state,
                connected=child.connected,
                since_ms=since if child.connected else None,
                sent_bytes=self._sent_before + child.sent,
                code="" if child.connected else state.code,
            )

    def _ended(self, code: str, lost: int = 0) -> str:
        with self._lock:
            self._state = replace(
                self._state,
                connected=False,
                since_ms=None,
                sent_bytes=self._sent_before,
                dropped=self._state.dropped + lost,
                code=code or self._state.code,
            )
        return code
