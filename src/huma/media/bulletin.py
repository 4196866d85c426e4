"""What a programme wants to tell people: kept for its state, and logged."""

from __future__ import annotations

import logging
import threading
from collections import deque
from typing import Final

_LOG = logging.getLogger("huma.media")
_KEPT: Final = 20


class Bulletin:
    """The last messages, safe to write and read from any thread. A message that repeats is kept once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._messages: deque[str] = deque(maxlen=_KEPT)

    def tell(self, message: str) -> None:
        """Keep and log `message`, unless it was the last one."""
        with self._lock:
            if self._messages and self._messages[-1] == message:
                return
            self._messages.append(message)
        _LOG.info("%s", message)

    def messages(self) -> tuple[str, ...]:
        """The last messages, oldest first."""
        with self._lock:
            return tuple(self._messages)
