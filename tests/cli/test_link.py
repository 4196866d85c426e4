from __future__ import annotations

from pathlib import Path

import pytest

from huma.cli.output import now_ms
from huma.keys import repository
from huma.keys.eventdir import EventDir
from huma.protocol.link import parse_link
from huma.protocol.roster import Mirror, Roster, render_roster
from tests.cli.running import huma, lines


def link(event: EventDir, *args: str, home: Path) -> str:
    done = huma("link", "--event", str(event.path), *args, home=home)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_link_alone_is_printed_into_a_pipe(event: EventDir, home: Path) -> None:
    assert link(event, home=home) == f"huma:1:{event.event_id}\n"


def test_without_a_page_it_says_what_the_link_still_needs(event: EventDir, home: Path) -> None:
    bare = huma("link", "--event", str(event.path), home=home)
    assert "needs a page" in bare.stderr
    assert "--page https://" in bare.stderr
    paged = huma("link", "--event", str(event.path), "--page", "https://p.example/", home=home)
    assert paged.stderr == ""
    assert len(lines(huma("link", "--event", str(event.path), "--json", home=home))) == 1


def test_mirrors_and_page(event: EventDir, home: Path) -> None:
    shown = link(event, "--mirror", "https://a.example", "--page", "https://p.example/", home=home).strip()
    assert shown == f"https://p.example/#1:{event.event_id}?m=https://a.example/"
    assert parse_link(shown).mirrors == ("https://a.example/",)


def test_the_roster_gives_trusted_mirrors_first_and_one_of_each_operator(event: EventDir, home: Path) -> None:
    mirrors = [Mirror(f"v{n}", f"https://v{n}.example/", "V", "server", "volunteer") for n in range(9)]
    mirrors += [
        Mirror("c", "https://c.example/", "C", "cdn", "trusted"),
        Mirror("o", "https://o.example/", "O", "home", "volunteer"),
    ]
    repository.set_target(event, "roster.json", render_roster(Roster(tuple(mirrors))), now_ms())
    found = parse_link(link(event, home=home)).mirrors
    assert found[:3] == ("https://c.example/", "https://v0.example/", "https://o.example/")
    assert len(found) == 8


def test_a_mirror_in_a_private_network_is_warned_about(event: EventDir, home: Path) -> None:
    done = huma("link", "--event", str(event.path), "--mirror", "http://192.168.1.5:8400", home=home)
    assert done.returncode == 0
    assert "somebody's own network" in done.stderr


def test_a_mirror_on_this_machine_is_warned_about(event: EventDir, home: Path) -> None:
    done = huma("link", "--event", str(event.path), "--mirror", "http://127.0.0.1:8400", home=home)
    assert done.returncode == 0
    assert "this machine alone" in done.stderr


def test_mirrors_that_no_link_may_name_are_refused(event: EventDir, home: Path) -> None:
    for bad in ("http://a.example/", "ftp://a.example/", "nonsense", "https://a.example/?x=1"):
        done = huma("link", "--event", str(event.path), "--mirror", bad, home=home)
        assert done.returncode == 2
        assert bad == "http://a.example/" or repr(bad) in done.stderr
    many = [part for n in range(9) for part in ("--mirror", f"https://m{n}.example/")]
    assert huma("link", "--event", str(event.path), *many, home=home).returncode == 2


def test_a_mirror_that_is_named_twice_stands_once(event: EventDir, home: Path) -> None:
    twice = ["--mirror", "https://a.example", "--mirror", "https://a.example/"]
    assert link(event, *twice, home=home).count("https://a.example/") == 1


@pytest.mark.parametrize("page", ["", "nonsense", "ftp://x/", "https://x/#y"])
def test_where_no_page_can_stand_is_named(event: EventDir, home: Path, page: str) -> None:
    done = huma("link", "--event", str(event.path), "--page", page, home=home)
    assert done.returncode == 2
    assert repr(page) in done.stderr
    assert "--page https://" in done.stderr


def test_json_and_qr(event: EventDir, home: Path) -> None:
    (told,) = lines(huma("link", "--event", str(event.path), "--json", "--qr", home=home))
    assert parse_link(told["link"]).event_id == event.event_id
    assert len(told["words"]) == 12
    drawn = link(event, "--qr", home=home).splitlines()
    assert len(drawn) > 15
    assert "█" in drawn[2]
