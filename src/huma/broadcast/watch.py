"""Looks at the stores from time to time: a higher rank ends us at once, a store that lost its files is filled again."""

from __future__ import annotations

import threading
from itertools import count
from typing import TYPE_CHECKING, Final

from huma.broadcast.standing import HigherRankError, LogBehindError
from huma.config import REVOKED_MAX_BYTES
from huma.errors import HumaError, KeyStoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from huma.broadcast.chain import Chain
    from huma.broadcast.delivery import Delivery
    from huma.broadcast.publiclook import PublicReader
    from huma.broadcast.signer import LiveSigner
    from huma.broadcast.storeworker import StoreWorker

LOOK_EVERY_S: Final = 5.0
_LAG_TICKS: Final = 24
"""A store that shows less than this behind what was put there has just not been asked again yet."""


class PublicWatch:
    """One thread a store, so that one that hangs keeps nobody from seeing the others."""

    def __init__(
        self,
        reader: PublicReader,
        delivery: Delivery,
        signer: LiveSigner,
        chains: Callable[[], Mapping[str, Chain]],
        *,
        revoked: Callable[[bytes], frozenset[str]],
        on_fault: Callable[[HumaError], None],
        every_s: float = LOOK_EVERY_S,
    ) -> None:
        self._reader = reader
        self._delivery = delivery
        self._signer = signer
        self._chains = chains
        self._revoked = revoked
        self._on_fault = on_fault
        self._every_s = every_s
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(worker,), name="watch", daemon=True)
            for worker in delivery.workers
        ]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End; a thread that waits for a store ends by the store's own time limit."""
        self._stop.set()

    def look(self, worker: StoreWorker, rendition: str) -> None:
        """Look once at one rendition of one store; raise what must end the broadcast."""
        before = worker.state
        before_tick = self._chains()[rendition].tick
        shown = self._reader.read(worker.store, rendition)
        if shown is None:
            if before.ok and not before.behind and before.newest_tick is not None:
                self._delivery.refill(worker)
            return
        playlist = shown.playlist
        if playlist.rank > self._signer.rank:
            raise HigherRankError(f"{shown.store} shows {rendition} signed by rank {playlist.rank}")
        if playlist.keyid == self._signer.keyid and playlist.tick > self._chains()[rendition].tick:
            raise LogBehindError(
                f"{shown.store} shows {rendition} at tick {playlist.tick}, signed with our key, and not by us",
                code="key-used-elsewhere",
            )
        if before.ok and not before.behind and playlist.tick < before_tick - _LAG_TICKS:
            self._delivery.refill(worker)

    def _look_revoked(self, worker: StoreWorker) -> None:
        data = worker.store.get("live/revoked.json", REVOKED_MAX_BYTES)
        if data is not None and self._signer.keyid in self._revoked(data):
            raise KeyStoreError(
                "our live key is revoked: no viewer believes it any more",
                code="revoked",
                hint=LogBehindError.hint,
            )

    def _run(self, worker: StoreWorker) -> None:
        renditions: Sequence[str] = sorted(self._chains())
        for turn in count():
            if self._stop.wait(self._every_s):
                return
            try:
                self.look(worker, renditions[turn % len(renditions)])
                self._look_revoked(worker)
            except KeyStoreError as error:
                self._on_fault(error)
                return
            except HumaError:
                continue  # the store's own trouble shows in its state
