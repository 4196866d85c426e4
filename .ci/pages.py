"""Whether the built pages belong to the sources that stand here: a rule of bytes, not of clocks.

`.pages.stamp` holds two digests: of everything below `web/` as it was before the build, and of everything below
`src/huma/pages` as the build left it. Pages are current when both are still so; whatever else is found, they are
built again.

    .ci/pages.py            prints the digest of web/
    .ci/pages.py DIGEST     prints the stamp of a build that began with that digest
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

SOURCES = "web"
PAGES = "src/huma/pages"
STAMP = ".pages.stamp"
NOT_SOURCES = {"node_modules", "dist"}


def digest_of(folder: Path) -> str:
    """One digest of all names and bytes below a folder."""
    total = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder)
        if name.parts[0] in NOT_SOURCES or not file.is_file():
            continue
        total.update(f"{name.as_posix()}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()


def stamp_after(root: Path, sources: str) -> str:
    """What to write into the stamp after a build that began with these sources."""
    return f"{sources} {digest_of(root / PAGES)}\n"


def are_current(root: Path) -> bool:
    """Whether the pages that stand here were built from the sources that stand here."""
    stamp = root / STAMP
    if not stamp.is_file() or not (root / PAGES / "index.html").is_file():
        return False
    return stamp.read_text() == stamp_after(root, digest_of(root / SOURCES))


if __name__ == "__main__":
    here = Path(__file__).resolve().parents[1]
    line = stamp_after(here, sys.argv[1]) if len(sys.argv) > 1 else digest_of(here / SOURCES) + "\n"
    sys.stdout.write(line)
