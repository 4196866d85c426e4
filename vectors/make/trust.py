"""Make vectors/trust/*.json anew: `python -m vectors.make.trust`. The same bytes every time."""

from __future__ import annotations

from pathlib import Path

from vectors.make import trust_chain, trust_files, trust_forms, trust_news, trust_root
from vectors.make.trustcase import CASES

FOLDER = Path(__file__).parent.parent / "trust"
PARTS = (trust_chain, trust_files, trust_forms, trust_news, trust_root)


def make() -> dict[str, bytes]:
    """Every vector by file name."""
    return {f"{name}.json": make_case().render() for name, make_case in sorted(CASES.items())}


def main() -> None:
    """Write them all, and remove those that are no longer made."""
    made = make()
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.glob("*.json"):
        if path.name not in made:
            path.unlink()
    for name, data in made.items():
        (FOLDER / name).write_bytes(data)
    print(f"{len(made)} vectors")  # noqa: T201


if __name__ == "__main__":
    main()
