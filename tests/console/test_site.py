"""The console's answers: nothing without the token, and never a crash."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huma.console.history import samples
from huma.console.metrics import render_metrics
from huma.console.server import Console
from huma.errors import HumaError, UsageError
from huma.net.pages import PageFile
from huma.protocol.strictjson import Members
from tests.console.states import state

TOKEN = "token-of-this-test-0123456789abcdef"
PAGE = PageFile("console.html", b"<p>console</p>", "text/html; charset=utf-8", "no-cache",
                (("content-security-policy", "default-src 'none'"), ("referrer-policy", "no-referrer")))  # fmt: skip


class Room:
    """A broadcast that remembers what it was told, and can fail."""

    def __init__(self) -> None:
        self.done: list[tuple[str, Any]] = []
        self.fault: Exception | None = None
        self.console = Console(
            self.look,
            {"slate": self.slate, "fail": self.fail},
            token=TOKEN,
            host="127.0.0.1",
            port=0,
            page=PAGE,
            metrics=render_metrics,
            series=samples,
        )

    def look(self) -> dict[str, Any]:
        if self.fault is not None:
            raise self.fault
        return state()

    def slate(self, members: Members) -> dict[str, Any]:
        self.done.append(("slate", members.flag("on")))
        return {"so": True}

    def fail(self, _: Members) -> dict[str, Any]:
        raise self.fault or HumaError("no")

    def ask(self, method: str, path: str, token: str | None = TOKEN, **more: Any) -> httpx.Response:
        headers = {} if token is None else {"x-huma-token": token}
        return httpx.request(method, self.console.origin + path, headers=headers, trust_env=False, **more)


@pytest.fixture(scope="module")
def running() -> Iterator[Room]:
    room = Room()
    room.console.start()
    yield room
    room.console.stop()


@pytest.fixture
def room(running: Room) -> Room:
    running.done, running.fault = [], None
    return running


@pytest.mark.parametrize("token", [None, "", "x", TOKEN[:-1], TOKEN + "x"])
def test_without_the_token_nothing_is_told_and_nothing_done(room: Room, token: str | None) -> None:
    for method, path in (
        ("GET", "/state"),
        ("GET", "/history"),
        ("POST", "/do/slate"),
        ("POST", "/do/nothing"),
    ):
        answer = room.ask(method, path, token, content=b'{"on":true}' if method == "POST" else None)
        assert answer.status_code == 403, path
        assert answer.json()["code"] == "token"
    assert room.done == []


def test_the_page_and_the_numbers_need_none_on_loopback(room: Room) -> None:
    page = room.ask("GET", "/", None)
    assert page.content == PAGE.data
    assert page.headers["content-security-policy"] == "default-src 'none'"
    assert page.headers["x-frame-options"] == "DENY"
    assert page.headers["cache-control"] == "no-store"
    numbers = room.ask("GET", "/metrics", None)
    assert numbers.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert b"huma_on_air 1.0" in numbers.content


def test_the_state_and_a_command(room: Room) -> None:
    assert room.ask("GET", "/state").json() == state()
    bearer = httpx.get(
        room.console.origin + "/state", headers={"authorization": f"Bearer {TOKEN}"}, trust_env=False
    )
    assert bearer.status_code == 200
    assert room.ask("POST", "/do/slate", content=b'{"on":true}').json() == {"v": 1, "so": True}
    assert room.done == [("slate", True)]


def test_the_history_grows(room: Room) -> None:
    end = time.monotonic() + 10
    while not (found := room.ask("GET", "/history").json())["at"]:
        assert time.monotonic() < end
        time.sleep(0.05)
    assert found["series"]["input.main.kbps"][0] == 2500


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (UsageError("there is none", code="input-unknown", hint="main"), 400, "input-unknown"),
        (HumaError("not now", code="later"), 409, "later"),
        (RuntimeError("/secret/path 192.0.2.1"), 500, "bug"),
    ],
)
def test_what_goes_wrong_is_told_and_ends_nothing(
    room: Room, fault: Exception, status: int, code: str
) -> None:
    room.fault = fault
    answer = room.ask("POST", "/do/fail", content=b"{}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert "secret" not in answer.text
    assert room.ask("GET", "/state").status_code in (400, 409, 500)
    room.fault = None
    assert room.ask("GET", "/state").status_code == 200


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.binary(max_size=200)
    | st.sampled_from([b"[]", b"{}", b'{"on":1}', b'{"on":true,"on":false}', b"[" * 900, b" " * 3000])
)
def test_any_body_is_answered(room: Room, body: bytes) -> None:
    room.done = []
    answer = room.ask("POST", "/do/slate", content=body)
    assert answer.status_code in (400, 409, 413)
    assert answer.json()["code"]
    assert room.done == []


def test_other_paths_methods_and_names(room: Room) -> None:
    assert room.ask("GET", "/etc/passwd").status_code == 404
    assert room.ask("GET", "/do/slate").status_code == 404
    unknown = room.ask("POST", "/do/nothing", content=b"{}")
    assert unknown.status_code == 404
    assert unknown.json()["hint"] == "There are: fail, slate."
    assert room.ask("POST", "/state", content=b"{}").status_code == 404
    assert room.ask("DELETE", "/state").status_code == 405
    elsewhere = httpx.get(room.console.origin + "/", headers={"host": "evil.example"}, trust_env=False)
    assert elsewhere.status_code == 421


def test_a_taken_port_is_told(room: Room) -> None:
    port = int(room.console.origin.rpartition(":")[2])
    with pytest.raises(UsageError, match="in use"):
        Console(room.look, {}, token=TOKEN, host="127.0.0.1", port=port).start()


def test_elsewhere_than_on_loopback_the_numbers_need_the_token() -> None:
    room = Room()
    console = Console(room.look, {}, token=TOKEN, host="0.0.0.0", port=0, metrics=render_metrics)
    console.start()
    try:
        assert not console.is_loopback
        assert httpx.get(console.origin + "/metrics", trust_env=False).status_code == 403
        assert httpx.get(console.origin + "/", trust_env=False).status_code == 404, "no page was built"
    finally:
        console.stop()
