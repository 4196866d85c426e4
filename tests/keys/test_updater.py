"""A stranger checks us: python-tuf's own client over what we made, served by an ordinary web server."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tuf.api.exceptions import DownloadError, ExpiredMetadataError, RepositoryError
from tuf.ngclient import Updater

from huma.cli.output import now_ms
from huma.keys import repository
from huma.keys.creation import Holders, create
from huma.keys.eventdir import EventDir
from huma.keys.eventtoml import EventConfig
from huma.keys.sealed import release_root
from huma.protocol.event import parse_event
from huma.protocol.roster import Mirror, Roster, parse_roster, render_roster
from tests.keys.eventmaking import DAY_MS, LANGUAGES, passphrase


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        return


@contextmanager
def served(folder: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def client(tmp_path: Path) -> Path:
    (tmp_path / "client/targets").mkdir(parents=True)
    return tmp_path / "client"


@pytest.fixture(params=["solo", "two of three"])
def made(request: pytest.FixtureRequest, tmp_path: Path) -> EventDir:
    now = now_ms()
    config = EventConfig({"en": "Try"}, now, now + DAY_MS, LANGUAGES)
    holders = Holders() if request.param == "solo" else Holders(2, 3, solo=False)
    return create(tmp_path / "event", config, now=now, holders=holders, passphrases=passphrase)


def updater(url: str, client: Path, made: EventDir) -> Updater:
    return Updater(
        str(client),
        f"{url}trust/",
        str(client / "targets"),
        f"{url}targets/",
        bootstrap=(made.public / "trust/1.root.json").read_bytes(),
    )


def fetched(url: str, client: Path, made: EventDir, name: str) -> bytes:
    found = updater(url, client, made)
    found.refresh()
    info = found.get_targetinfo(name)
    assert info is not None
    return Path(found.download_target(info)).read_bytes()


def test_every_target_is_accepted(made: EventDir, client: Path) -> None:
    with served(made.public) as url:
        assert parse_event(fetched(url, client, made, "event.json")) == made.event
        assert parse_roster(fetched(url, client, made, "roster.json")) == Roster()
        for name in ("steering.json", "index.m3u8", "index-slow.m3u8"):
            assert fetched(url, client, made, name)


def test_what_is_signed_later_is_accepted_as_an_update(made: EventDir, client: Path) -> None:
    with served(made.public) as url:
        fetched(url, client, made, "roster.json")
        now = now_ms() + 1000
        roster = Roster((Mirror("m1", "https://a.example/", "A", "server", "trusted"),))
        repository.set_targets(made, {"roster.json": render_roster(roster), "player.html": b"<p>"}, now)
        repository.sign_delegated(made, "steering", now)
        repository.sign_timestamp(made, now)
        assert parse_roster(fetched(url, client, made, "roster.json")) == roster
        assert fetched(url, client, made, "player.html") == b"<p>"


def test_the_cold_pair_signs_what_is_accepted(made: EventDir, client: Path) -> None:
    with served(made.public) as url:
        fetched(url, client, made, "event.json")
        repository.sign_snapshot(made, now_ms(), pair=repository.COLD_PAIR)
        assert fetched(url, client, made, "event.json")
        assert updater_version(url, client, made) % 2 == 1


def updater_version(url: str, client: Path, made: EventDir) -> int:
    found = updater(url, client, made)
    found.refresh()
    return found._trusted_set.timestamp.version


def test_the_sealed_root_is_accepted_and_shuts_the_old_desk_out(made: EventDir, client: Path) -> None:
    with served(made.public) as url:
        fetched(url, client, made, "event.json")
        old = (made.public / "trust/timestamp.json").read_bytes()
        assert release_root(made, now_ms()) == 2
        assert fetched(url, client, made, "event.json")
        (made.public / "trust/timestamp.json").write_bytes(old)
        with pytest.raises(RepositoryError):
            updater_version(url, client, made)


def test_an_expired_timestamp_is_refused(made: EventDir, client: Path) -> None:
    with served(made.public) as url:
        repository.sign_timestamp(made, now_ms() - 25 * 3600 * 1000)
        with pytest.raises(ExpiredMetadataError):
            updater_version(url, client, made)


def test_a_swapped_target_is_refused(made: EventDir, client: Path) -> None:
    place = made.public / made.trusted.target_path("event.json")
    place.write_bytes(place.read_bytes().replace(b"Try", b"Lie"))
    with served(made.public) as url, pytest.raises((RepositoryError, DownloadError)):
        fetched(url, client, made, "event.json")
