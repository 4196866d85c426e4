"""Make the vectors of the documents anew: `python -m vectors.make.documents`. The same bytes every time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from vectors.make import chapter, jsondocuments, kit, playlist, recording, saved, smallthings

if TYPE_CHECKING:
    from collections.abc import Callable

NOUNS: Final[dict[str, Callable[[], dict[str, kit.Vector]]]] = {
    "chapter": chapter.vectors,
    "checkpoint": chapter.checkpoint_vectors,
    "clocktext": smallthings.time_vectors,
    "event": jsondocuments.event_vectors,
    "grid": smallthings.grid_vectors,
    "link": smallthings.link_vectors,
    "names": smallthings.names_vectors,
    "playlist": playlist.vectors,
    "publickey": smallthings.publickey_vectors,
    "recording": recording.recording_vectors,
    "revocation": jsondocuments.revocation_vectors,
    "roster": jsondocuments.roster_vectors,
    "saved": saved.saved_vectors,
    "signature": smallthings.signature_vectors,
    "steering": jsondocuments.steering_vectors,
    "strictjson": jsondocuments.json_vectors,
    "words": smallthings.words_vectors,
}


def files(noun: str) -> dict[str, bytes]:
    """The files of one noun, by name."""
    return {f"{name}.json": kit.render(vector) for name, vector in NOUNS[noun]().items()}


def main() -> None:
    """Write every file, and take away what is no vector any more."""
    for noun in NOUNS:
        folder = kit.FOLDER / noun
        folder.mkdir(exist_ok=True)
        wanted = files(noun)
        for path in folder.glob("*.json"):
            if path.name not in wanted:
                path.unlink()
        for name, data in wanted.items():
            (folder / name).write_bytes(data)


if __name__ == "__main__":
    main()
