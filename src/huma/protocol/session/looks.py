"""A second look, on a fresh connection, at a mirror that gave what does not verify (spec/client.md, M9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huma.config import LOOK_EVERY_MS
from huma.protocol.session.blame import another_verified
from huma.protocol.session.requests import Purpose

if TYPE_CHECKING:
    from huma.protocol.session.context import Context
    from huma.protocol.session.requests import Request, Target


class Looks:
    """At most one look at a mirror in a while, and only once another mirror has given what verifies."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._wanted: dict[str, Target] = {}

    def consider(self, request: Request) -> None:
        """This request brought what does not verify."""
        standing = self._context.board.standing(request.mirror)
        last = standing.looked_at
        if request.purpose is Purpose.LOOK or request.target.kind not in {"file", "playlist"}:
            return
        if last is None or self._context.mono - last >= LOOK_EVERY_MS:
            self._wanted.setdefault(request.mirror, request.target)

    def drive(self) -> None:
        """Look, when it can tell something and the line can bear it."""
        context = self._context
        for mirror, target in list(self._wanted.items()):
            if context.line_slow or context.is_audio_only(target.rendition or ""):
                continue
            if another_verified(context, mirror, target.kind):
                del self._wanted[mirror]
                context.board.standing(mirror).looked_at = context.mono
                context.launch(target, mirror, Purpose.LOOK)

    def on_verified(self, request: Request) -> None:
        """It was a flipped bit, not a lie."""
        if request.purpose is Purpose.LOOK:
            self._context.board.standing(request.mirror).forged = 0
