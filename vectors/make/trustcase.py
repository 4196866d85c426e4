"""How a vector of the trust documents is told: what is offered, in order, and what must come of the last file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from vectors.make.trustrepo import NOW_MS, Doc, Repo, compact, event_id

if TYPE_CHECKING:
    from collections.abc import Callable

ROLES = ("timestamp", "snapshot", "targets", "roster", "steering")


class Case:
    """One vector: what is offered, in order. All steps but the last are good; `expect` speaks of the last."""

    def __init__(self, why: str, expect: str, repo: Repo | None = None) -> None:
        self.repo = repo or Repo()
        self.members: dict[str, Any] = {"why": why, "expect": expect, "now": NOW_MS}
        self.steps: list[Doc] = []
        self.root1: bytes | None = None

    def offer(self, path: str, data: bytes) -> Case:
        """One file from a mirror."""
        self.steps.append({"path": path, "text": data.decode()})
        return self

    def document(self, *names: str) -> Case:
        """Present versions from the repository."""
        for name in names:
            self.offer(self.repo.path(name), self.repo.get(name))
        return self

    def roots(self, first: int = 2, last: int | None = None) -> Case:
        """The chain after 1.root.json."""
        for version in range(first, (last or len(self.repo.roots)) + 1):
            self.offer(f"trust/{version}.root.json", self.repo.roots[version - 1])
        return self

    def target(self, name: str, data: bytes | None = None) -> Case:
        """A target by its place."""
        return self.offer(self.repo.target_path(name), self.repo.contents[name] if data is None else data)

    def boot(self, value: object) -> Case:
        """A boot.json."""
        return self.offer("trust/boot.json", value if isinstance(value, bytes) else compact(value))

    def state(self, root: int, **versions: int) -> Case:
        """What is remembered from before."""
        self.members["state"] = {"event": event_id(self.repo.roots[0]), "root": root, "versions": versions}
        return self

    def result(self, **members: object) -> Case:
        """What must hold at the end."""
        self.members["result"] = members
        return self

    def render(self) -> bytes:
        """The vector's file."""
        root1 = self.repo.roots[0]
        members = {
            "event": event_id(root1),
            "root": (self.root1 or root1).decode(),
            **self.members,
            "steps": self.steps,
        }
        return (json.dumps(members, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


CASES: dict[str, Callable[[], Case]] = {}


def case(make: Callable[[], Case]) -> Callable[[], Case]:
    """Register a vector under the function's name: `root_unsigned` is root-unsigned.json."""
    CASES[make.__name__.replace("_", "-")] = make
    return make


def published(**bends: Callable[[Doc], object]) -> Repo:
    """A whole repository, with these documents bent before they are signed."""
    repo = Repo()
    repo.bends = dict(bends)
    repo.publish()
    return repo


def bent(why: str, expect: str, role: str, bend: Callable[[Doc], object]) -> Case:
    """A repository in which one document is signed by the right keys, and wrong in itself."""
    repo = published(**{role: bend})
    before = ROLES[: ROLES.index(role)] if role in ROLES else ()
    return Case(why, expect, repo).document(*before, *((role,) if role != "root" else ()))
