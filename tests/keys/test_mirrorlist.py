"""The list of mirrors in event.toml, changed with people's words left alone."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huma.errors import UsageError
from huma.keys.eventdir import EventDir
from huma.keys.eventtoml import EVENT_TOML
from huma.keys.mirrorlist import add_mirror, remove_mirror
from huma.protocol.roster import Mirror

NORTH = Mirror("north", "https://north.example/", "North", "server", "trusted")
EAST = Mirror(
    "east", "https://east.example/h/", 'E "a" st\\', "home", "volunteer", ("192.0.2.7",), ("ab" * 32,)
)
INLINE = 'mirrors = [ # ours\n  { id = "old", url = "https://old.example/", operator = "Old", class = "cdn", tier = "trusted" }, # kept\n]\n'
TABLES = '\n# ours\n[[mirrors]]\nid = "old" # kept\nurl = "https://old.example/"\noperator = "Old"\nclass = "cdn"\ntier = "trusted"\n'


def text(solo: EventDir) -> str:
    return (solo.path / EVENT_TOML).read_text()


def write(solo: EventDir, more: str, *, first: bool) -> None:
    path = solo.path / EVENT_TOML
    path.write_text(more + path.read_text() if first else path.read_text() + more)


def ids(solo: EventDir) -> list[str]:
    return [mirror.id for mirror in solo.config.mirrors]


def test_into_a_file_that_lists_none(solo: EventDir) -> None:
    before = text(solo)
    add_mirror(solo, NORTH)
    add_mirror(solo, EAST)
    assert solo.config.mirrors == (NORTH, EAST)
    assert text(solo).startswith(before.rstrip("\n"))


@pytest.mark.parametrize("listed", [INLINE, TABLES])
def test_what_people_wrote_stays(solo: EventDir, listed: str) -> None:
    write(solo, listed, first=listed is INLINE)
    add_mirror(solo, NORTH)
    add_mirror(solo, EAST)
    assert ids(solo) == ["old", "north", "east"]
    assert "# ours" in text(solo)
    assert "# kept" in text(solo)
    remove_mirror(solo, "north")
    assert solo.config.mirrors[1:] == (EAST,)
    remove_mirror(solo, "old")
    assert solo.config.mirrors == (EAST,)


def test_what_cannot_be_listed_changes_nothing(solo: EventDir) -> None:
    add_mirror(solo, NORTH)
    before = text(solo)
    wrong = [
        NORTH,
        Mirror("No th", "https://a.example/", "A", "server", "trusted"),
        Mirror("b", "ftp://a.example/", "A", "server", "trusted"),
        Mirror("b", "https://a.example/", "", "server", "trusted"),
        Mirror("b", "https://a.example/", "A", "spaceship", "trusted"),
        Mirror("b", "https://a.example/", "A", "server", "trusted", ("not an address",)),
    ]
    for mirror in wrong:
        with pytest.raises(UsageError):
            add_mirror(solo, mirror)
    for mirror_id in ("nobody", "north"):  # the last one stays
        with pytest.raises(UsageError):
            remove_mirror(solo, mirror_id)
    assert text(solo) == before


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(operator=st.text(min_size=1, max_size=40))
def test_any_name_is_kept_or_refused(solo: EventDir, operator: str) -> None:
    known = len(ids(solo))
    mirror = Mirror(f"m{known}", "https://m.example/", operator, "server", "volunteer")
    try:
        add_mirror(solo, mirror)
    except UsageError:
        assert len(ids(solo)) == known
    else:
        assert solo.config.mirrors[-1] == mirror
