from __future__ import annotations

import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vectors.make.trustrepo import Repo

from huma.config import BOOT_MAX_BYTES, KIB
from huma.errors import HumaError, MalformedError
from huma.protocol.boot import is_boot_path, parse_boot, render_boot

DIGEST = "ab" * 32


def whole() -> dict[str, bytes]:
    repo = Repo()
    repo.publish()
    files = dict(repo.files)
    for name in ("event.json", "roster.json", "steering.json"):
        files[repo.target_path(name)] = repo.contents[name]
    return files


def test_the_exact_bytes_come_back() -> None:
    files = whole()
    files["trust/2.root.json"] = '{ "spaces": "\\u06af",\n "text": "گردهمایی \\ud83d\\ude00 😀" }\n'.encode()
    assert parse_boot(render_boot(files)) == files


def test_it_is_small_on_a_thin_line() -> None:
    assert len(gzip.compress(render_boot(whole()))) < 24 * KIB


@pytest.mark.parametrize(
    "path",
    ["trust/timestamp.json", "trust/1.root.json", "trust/12.snapshot.json", "trust/9007199254740991.roster.json", f"targets/{DIGEST}.event.json"],
)  # fmt: skip
def test_paths_that_belong_into_it(path: str) -> None:
    assert is_boot_path(path)


@pytest.mark.parametrize(
    "path",
    ["trust/boot.json", "trust/0.root.json", "trust/01.root.json", "trust/1.timestamp.json", "../trust/1.root.json",
     "trust/9007199254740992.root.json", f"targets/{DIGEST}.player.html", "live/revoked.json", "trust/1.root.json\n", ""],
)  # fmt: skip
def test_paths_that_do_not(path: str) -> None:
    assert not is_boot_path(path)
    assert parse_boot(json.dumps({"v": 1, "files": {path: "x"}}).encode()) == {}
    with pytest.raises(MalformedError):
        render_boot({path: b"x"})


def test_what_is_not_text_is_not_carried() -> None:
    with pytest.raises(MalformedError):
        render_boot({"trust/timestamp.json": b"\xff"})


def test_it_has_limits() -> None:
    with pytest.raises(MalformedError) as caught:
        parse_boot(b" " * (BOOT_MAX_BYTES + 1))
    assert caught.value.code == "too-large"
    with pytest.raises(MalformedError):
        parse_boot(json.dumps({"v": 1, "files": {str(n): "" for n in range(300)}}).encode())


@given(st.binary(max_size=200) | st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["v", "files", "x"]), inner, max_size=3)).map(lambda value: json.dumps(value).encode()))  # fmt: skip
def test_any_bytes_end_in_files_or_in_one_of_our_errors(data: bytes) -> None:
    try:
        files = parse_boot(data)
    except HumaError:
        return
    assert all(is_boot_path(path) for path in files)
