"""What a session tells its shell to do, and what it shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from huma.protocol.saved import SavedBelief


@dataclass(frozen=True, slots=True)
class Fetch:
    """Ask `mirror` for `path`; report first byte, progress (each 16 KiB or 100 ms), then one finding.

    The shell enforces `max_bytes` and refuses redirects. The session itself cancels what is silent or slow:
    `first_byte_ms` and `min_bytes_per_s` say what it will hold the mirror to. `fresh` forbids caches and,
    where the shell can, reused connections: a second look at a mirror under suspicion.
    """

    req: int
    mirror: str
    url: str
    kind: str
    path: str
    rendition: str | None
    digest: str | None
    size: int | None
    max_bytes: int
    first_byte_ms: int
    min_bytes_per_s: int
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Cancel:
    """Stop this request; whatever it still reports is ignored."""

    req: int


@dataclass(frozen=True, slots=True)
class Deliver:
    """Hand the bytes got by `req` to the one who wanted.

    A file is delivered in the very batch that answers its `FileVerified`, or never. The bytes of a verified
    playlist may be delivered later too: the shell keeps them until `Forget`.
    """

    want: int
    req: int


@dataclass(frozen=True, slots=True)
class Forget:
    """The bytes of this playlist request will not be asked for any more."""

    req: int


@dataclass(frozen=True, slots=True)
class GiveUp:
    """The answer to an `Unwant`: nothing will be delivered for this want."""

    want: int


@dataclass(frozen=True, slots=True)
class WakeAt:
    """Send `Wake` at this monotonic time; replaces every earlier wish."""

    mono: int


@dataclass(frozen=True, slots=True)
class Note:
    """Something that a person may want to see; never an address of a viewer."""

    what: str
    mirror: str | None = None
    code: str | None = None
    ms: int | None = None
    rank: int | None = None
    tick: int | None = None


@dataclass(frozen=True, slots=True)
class RefreshTrust:
    """A newer timestamp exists: run the trust workflow, then send `Trust`."""


@dataclass(frozen=True, slots=True)
class Save:
    """Keep this over restarts (spec/client.md, B8)."""

    state: SavedBelief


Command = Fetch | Cancel | Deliver | Forget | GiveUp | WakeAt | Note | RefreshTrust | Save


@dataclass(frozen=True, slots=True)
class Caught:
    """A mirror, and what it was caught at: forging, frozen or stale."""

    mirror: str
    what: str


@dataclass(frozen=True, slots=True)
class View:
    """What a page shows."""

    status: str
    signed_at: int | None
    mirror: str | None
    rank: int
    refused_bytes: int
    refusals: int
    caught: tuple[Caught, ...]
    two_versions: bool
    behind_ms: int | None
    line_slow: bool
