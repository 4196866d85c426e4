"""The trust documents beside a broadcast: the desk itself for one person, else what the desk elsewhere has signed."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from huma.desk.desk import Desk
from huma.desk.publishing import StoreShelf
from huma.errors import HumaError
from huma.keys.absorb import absorb

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from huma.desk.desk import DeskTurn
    from huma.keys.eventdir import EventDir
    from huma.store.port import Store

FOLLOW_EVERY_S: Final = 15.0
LEAVE_WITHIN_S: Final = 3.0


class TrustKeeper:
    """A thread that keeps trust documents fresh where viewers look for them.

    `shown` are the stores that belong to this process (the embedded server): they get everything at once, since a
    slow store must not keep viewers here waiting for their first document.
    """

    def __init__(
        self,
        eventdir: EventDir,
        *,
        stores: Sequence[Store],
        shown: Sequence[Store],
        solo: bool,
        report: Callable[[DeskTurn], None],
    ) -> None:
        self._eventdir = eventdir
        self._stores = stores
        self._shelves = [StoreShelf(store, eventdir) for store in shown]
        self._stop = threading.Event()
        self._report = report
        self._desk = Desk(eventdir, [*shown, *stores], report=self._tell) if solo else None
        self._thread = threading.Thread(target=self._run, name="trust", daemon=True)

    def start(self) -> None:
        """Show what there is, then begin to keep it fresh."""
        self._show()
        self._thread.start()

    def stop(self) -> None:
        """End, and see the turn out that is being taken; one that hangs at a store is left behind."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(LEAVE_WITHIN_S)

    def _tell(self, turn: DeskTurn) -> None:
        if not self._stop.is_set():  # afterwards the folder may be gone, and nobody can mend anything
            self._report(turn)

    def _run(self) -> None:
        if self._desk is not None:
            self._desk.run(self._stop)
            return
        while not self._stop.wait(FOLLOW_EVERY_S):
            for store in self._stores:
                try:
                    absorb(self._eventdir, store.get)
                except HumaError:
                    continue  # the next store, or the next turn
            self._show()

    def _show(self) -> None:
        for shelf in self._shelves:
            try:
                shelf.publish()
            except HumaError:
                continue  # told by the desk's own turn
