"""One TCP connection: bytes to its session, acts to the door, and an end for everyone who gives no reason to stay."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING, Final, Protocol, cast

from huma.errors import HumaError
from huma.net.rtmp import refusals
from huma.net.rtmp.description import Description
from huma.net.rtmp.handshake import RANDOM_BYTES
from huma.net.rtmp.session import Began, Left, Refused, Reply, Session
from huma.net.rtmp.tags import Tag

if TYPE_CHECKING:
    from huma.net.rtmp.door import RtmpDoor
    from huma.net.rtmp.limits import Limits
    from huma.net.rtmp.publication import Publication
    from huma.net.rtmp.refusals import Refusal
    from huma.net.rtmp.session import Act

_UNREAD: Final = "unread"
_BUG: Final = "bug"


class Hub(Protocol):
    """What a connection needs of its server."""

    limits: Limits

    def now_ms(self) -> int:
        """Monotonic milliseconds."""

    def joined(self, connection: Connection) -> None:
        """A connection is there."""

    def gone(self, connection: Connection) -> None:
        """It is there no more."""

    def admit(self, connection: Connection, key: str) -> Refusal | None:
        """Whether a key may publish; then the connection has its door and its publication."""

    def count(self, reason: str, door: RtmpDoor | None) -> None:
        """Somebody was sent away."""


class Connection(asyncio.Protocol):
    """Lives in the server's thread. It never asks who is at the other end."""

    def __init__(self, hub: Hub) -> None:
        self.door: RtmpDoor | None = None
        self.publication: Publication | None = None
        self._hub = hub
        self._session = Session(self, hub.limits, secrets.token_bytes(RANDOM_BYTES))
        self._transport: asyncio.Transport | None = None
        self._since_ms = hub.now_ms()
        self._leave_by_ms: int | None = None
        self._heard = False

    @property
    def greeted(self) -> bool:
        """Whether the handshake is done."""
        return self._session.greeted

    def admit(self, key: str) -> Refusal | None:
        """Ask the server whether this key may publish."""
        return self._hub.admit(self, key)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody has come."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(high=self._hub.limits.reply_bytes)
        self._hub.joined(self)

    def data_received(self, data: bytes) -> None:
        """Bytes have come. Those of somebody who was told to go are not looked at."""
        if self._leave_by_ms is not None:
            return
        try:
            for act in self._session.receive(data):
                self._do(act)
        except HumaError as error:
            self.cut(error.code if self._heard or self.greeted else refusals.GARBAGE)
        except Exception:  # noqa: BLE001 - one connection's bug must neither end the others nor print where it came from
            self.cut(_BUG)
        self._heard = True

    def pause_writing(self) -> None:
        """Whoever does not read our few answers is no encoder."""
        self.cut(_UNREAD)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - how it ended does not matter
        """The other end has gone, or was sent away."""
        self._end_publication()
        self._hub.gone(self)

    def cut(self, reason: str) -> None:
        """End it at once, and count why."""
        if self._transport is not None and not self._transport.is_closing():
            if self._leave_by_ms is None:
                self._hub.count(reason, self.door)
            self._transport.abort()
        self._end_publication()

    def judge(self, now_ms: int) -> None:
        """End it where its time is over."""
        reason = self._overdue(now_ms)
        if reason is not None:
            self.cut(reason)

    def _overdue(self, now_ms: int) -> str | None:
        limits, age_ms = self._hub.limits, now_ms - self._since_ms
        if self._leave_by_ms is not None:
            return refusals.SILENT if now_ms > self._leave_by_ms else None
        if self.publication is not None:
            return refusals.IDLE if now_ms - self.publication.heard_ms > limits.idle_ms else None
        if not self.greeted and age_ms > limits.handshake_ms:
            return refusals.HANDSHAKE if self._heard else refusals.SILENT
        return refusals.SILENT if age_ms > limits.stranger_ms else None

    def _do(self, act: Act) -> None:
        match act:
            case Reply(data):
                if self._transport is not None:
                    self._transport.write(data)
            case Tag():
                if self.publication is not None:
                    self.publication.take(act)
            case Description():
                if self.publication is not None:
                    self.publication.describe(act)
            case Refused(refusal):
                self._hub.count(refusal.reason, self.door)
                self._leave()
            case Left():
                self._leave()
            case Began():
                pass

    def _leave(self) -> None:
        """Our last words are sent; what still comes is thrown away, so that they are not lost in a reset."""
        self._leave_by_ms = self._hub.now_ms() + self._hub.limits.farewell_ms
        self._end_publication()
        if self._transport is not None and self._transport.can_write_eof():
            self._transport.write_eof()

    def _end_publication(self) -> None:
        publication, self.publication = self.publication, None
        if publication is not None:
            publication.end()
        if self.door is not None and self.door.publication is publication:
            self.door.publication = None
