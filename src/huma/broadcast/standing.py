"""May this key sign here and now? What the log says, against what any store shows in public (PROTOCOL 6.2, 7, 8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from huma.errors import KeyStoreError
from huma.protocol.playlist import signed_digest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from huma.broadcast.log import Logged
    from huma.protocol.playlist import LivePlaylist


@dataclass(frozen=True, slots=True)
class Shown:
    """A playlist that a store shows, verified."""

    store: str
    playlist: LivePlaylist


@dataclass(frozen=True, slots=True)
class Standing:
    """The key may sign. `base` holds, for each rendition, the newest playlist of a lower rank to go on from."""

    base: Mapping[str, LivePlaylist]
    resumes: bool
    takes_back_end: bool


class HigherRankError(KeyStoreError):
    """Somebody holds a valid key of a higher rank: whoever sees it stops at once."""

    code = "higher-rank"
    hint = "The standby is on the air. Coming back needs a new key of a still higher rank."
    exit_code = 4


class LogBehindError(KeyStoreError):
    """This key signed more than this machine's log knows: signing on could contradict it."""

    code = "log-behind"
    hint = "Go on with the key of the next rank: huma live … --rank N"


class KeySpentError(LogBehindError):
    """This key came back from a back-up: nobody here knows what it signed since, whatever the log says."""

    code = "key-spent"


def judge_standing(
    *,
    keyid: str,
    rank: int,
    logged: Mapping[str, Logged],
    used_before: bool,
    shown: Sequence[Shown],
    revoked: frozenset[str] = frozenset(),
    spent: bool = False,
) -> Standing:
    """Decide whether the key `keyid` of `rank` may sign; or raise why not."""
    if keyid in revoked:
        raise KeyStoreError(
            f"the live key of rank {rank} is revoked: no viewer believes it",
            code="revoked",
            hint=LogBehindError.hint,
        )
    refuse_higher(rank, shown)
    if spent:
        raise KeySpentError(
            f"the live key of rank {rank} came back from a back-up, and may have signed since"
        )
    if used_before and not logged:
        raise LogBehindError(
            f"the live key of rank {rank} was used before, and its log is not on this machine"
        )
    for each in shown:
        if each.playlist.keyid == keyid:
            _refuse_unknown(each, logged.get(each.playlist.rendition))
    lower = [each.playlist for each in shown if each.playlist.rank < rank]
    base: dict[str, LivePlaylist] = {}
    for playlist in sorted(lower, key=lambda each: (each.rank, each.tick)):
        base[playlist.rendition] = playlist
    return Standing(base, bool(logged), any(each.chain.ended for each in logged.values()))


def refuse_higher(rank: int, shown: Sequence[Shown]) -> None:
    """Raise if any store shows a higher rank."""
    for each in shown:
        if each.playlist.rank > rank:
            raise HigherRankError(
                f"{each.store} shows {each.playlist.rendition} signed by rank {each.playlist.rank}"
            )


def _refuse_unknown(shown: Shown, logged: Logged | None) -> None:
    """What stands in public must be in the log: a later tick, or other bytes at the last, are not."""
    playlist = shown.playlist
    known = logged.chain.tick if logged is not None else -1
    if playlist.tick > known:
        raise LogBehindError(
            f"{shown.store} shows {playlist.rendition} up to tick {playlist.tick}, signed with this key; the log "
            f"here ends at {known}" + ("" if logged else ": it is lost")
        )
    if (
        logged is not None
        and playlist.tick == known
        and playlist.signed_digest != signed_digest(logged.playlist)
    ):
        raise LogBehindError(
            f"{shown.store} shows another {playlist.rendition} at tick {known} than the log has"
        )
