"""Media files from a store, several at once, each verified before anybody looks at it."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from huma.errors import DigestError, StoreError
from huma.protocol import names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Future

    from huma.protocol.names import MediaRef
    from huma.store.port import Store

AT_ONCE: Final = 6
_AHEAD: Final = 12


def fetch_all(store: Store, wanted: Iterable[tuple[MediaRef, int]]) -> Iterator[bytes]:
    """The files of that name and size, in their order. So many are fetched ahead that a far store is no slow one."""
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="clip") as pool:
        waiting: deque[Future[bytes]] = deque()
        try:
            for ref, size in wanted:
                waiting.append(pool.submit(fetch, store, ref, size))
                if len(waiting) > _AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for each in waiting:
                each.cancel()


def fetch(store: Store, ref: MediaRef, size: int) -> bytes:
    """One file, which is exactly the one that was signed."""
    data = store.get(ref.path, size)
    if data is None:
        raise StoreError(
            f"{store.name} has no {ref.path}",
            code="clip-missing",
            hint="It may be gone there (--keep), and be had from another mirror.",
        )
    if len(data) != size:
        raise DigestError(f"want {size} bytes of {ref.digest[:12]}…, got {len(data)}")
    return names.verify_digest(data, ref.digest)
