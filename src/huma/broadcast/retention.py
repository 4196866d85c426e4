"""Which media files nobody needs any more."""

from __future__ import annotations

from collections import OrderedDict


class Retention:
    """Media by the moment at which a live playlist last named them; kept for `keep_ms` after that, or for ever."""

    def __init__(self, keep_ms: int | None) -> None:
        self._keep_ms = keep_ms
        self._named: OrderedDict[str, int] = OrderedDict()

    @property
    def keeps_all(self) -> bool:
        """Whether nothing ever leaves."""
        return self._keep_ms is None

    def name(self, path: str, now_ms: int) -> None:
        """A live playlist names `path` now."""
        if self._keep_ms is not None:
            self._named[path] = now_ms
            self._named.move_to_end(path)

    def expired(self, now_ms: int) -> list[str]:
        """What has not been named for long enough; told once."""
        if self._keep_ms is None:
            return []
        gone: list[str] = []
        while self._named and next(iter(self._named.values())) + self._keep_ms < now_ms:
            gone.append(self._named.popitem(last=False)[0])
        return gone
