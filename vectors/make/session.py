"""Make vectors/session/*.json anew: `python -m vectors.make.session`. The same bytes every time.

Each is a script recorded from the simulator: what happened to a session, when, and what it commanded.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.simulator.mirrors import LIES, Attack
from tests.simulator.script import render, script_of

from vectors.make import session_scenes as scenes

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulator.viewer import Viewer

FOLDER: Final = Path(__file__).parent.parent / "session"

PLAIN: Final[dict[str, Callable[[], Viewer]]] = {
    made.__name__.replace("_", "-"): made
    for made in (
        scenes.two_of_three_lie,
        scenes.two_requests_one_bad_moment,
        scenes.take_over,
        scenes.revoked_key,
        scenes.two_versions,
        scenes.far_future,
        scenes.everything_dead,
        scenes.cut_off,
        scenes.ended,
        scenes.suspended,
        scenes.asleep_and_met_by_a_thief,
        scenes.asleep_with_a_penalty,
        scenes.slow_to_begin,
        scenes.before_the_beginning,
        scenes.slow_line,
        scenes.slow_ladder,
        scenes.audio_only,
        scenes.hints_alone,
        scenes.many_mirrors,
        scenes.restored,
        scenes.no_longer_wanted,
        scenes.newer_timestamp,
    )
}
AT_START: Final = (
    Attack.HANG,
    Attack.STALE,
    Attack.REPLAY_OLD,
    Attack.CORRUPT,
    Attack.HANG_MID_BODY,
    Attack.HTML,
)


def scripts() -> dict[str, Callable[[], bytes]]:
    """By name: how to make each file."""

    def bytes_of(made: Callable[[], Viewer], why: str) -> Callable[[], bytes]:
        def make() -> bytes:
            viewer = made()
            return render(script_of(viewer, why, viewer.config, scenes.SEED))

        return make

    found = {name: bytes_of(made, made.__doc__ or "") for name, made in PLAIN.items()}
    for attack in LIES:
        why = f"The mirror in use turns bad after four seconds: {attack}."
        found[f"{attack}-while-playing"] = bytes_of(partial(scenes.lie_while_playing, attack), why)
    for attack in AT_START:
        why = f"The mirror that is asked first was bad before we came: {attack}."
        found[f"{attack}-at-the-start"] = bytes_of(partial(scenes.lie_from_the_start, attack), why)
    for name, off in (("behind", -scenes.DAY_MS), ("ahead", scenes.DAY_MS)):
        why = f"Our clock is a day {name}, and one of three mirrors is stale."
        found[f"clock-a-day-{name}"] = bytes_of(partial(scenes.wrong_clock, off), why)
    return found


def main() -> None:
    """Write every file, and take away what is no vector any more."""
    FOLDER.mkdir(exist_ok=True)
    made = {f"{name}.json": make() for name, make in scripts().items()}
    for path in FOLDER.glob("*.json"):
        if path.name not in made:
            path.unlink()
    for name, data in made.items():
        (FOLDER / name).write_bytes(data)


if __name__ == "__main__":
    main()
