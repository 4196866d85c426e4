from __future__ import annotations

import json
import re
from pathlib import Path

from huma.net.pages import PagePin, load_pages, pinned

PAGE = """<!doctype html><meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'self'">
<script type="application/json" id="huma-pin"></script><p>{name}</p>"""
PIN = PagePin("a" * 52, ("https://m.example/",), root='{"x": "</script><script>alert(1)//"}')


def built(folder: Path) -> Path:
    for name in ("index.html", "local.html", "player.html"):
        (folder / name).write_text(PAGE.format(name=name))
    (folder / "assets").mkdir()
    (folder / "assets/hls-12345678.js").write_text("x")
    (folder / "sw.js").write_text("y")
    return folder


def test_each_file_is_shown_under_its_path_with_its_headers(tmp_path: Path) -> None:
    files = {file.path: file for file in load_pages(built(tmp_path))}
    assert set(files) == {"", "index.html", "local.html", "player.html", "assets/hls-12345678.js", "sw.js"}
    assert "immutable" in files["assets/hls-12345678.js"].cache_control
    assert files["sw.js"].cache_control == "no-cache"
    assert files["sw.js"].content_type.startswith("text/javascript")
    for file in files.values():
        headers = dict(file.extra)
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["content-security-policy"].startswith("default-src 'none'")
    assert (
        dict(files["index.html"].extra)["content-security-policy"] == "default-src 'none'; script-src 'self'"
    )


def test_the_front_page_may_ask_http_mirrors_only_without_tls(tmp_path: Path) -> None:
    folder = built(tmp_path)
    assert b"local.html" in next(file.data for file in load_pages(folder) if file.path == "")
    assert b"index.html" in next(file.data for file in load_pages(folder, tls=True) if file.path == "")
    policy = dict(next(file.extra for file in load_pages(folder, tls=True) if file.path == "sw.js"))
    assert "http:" not in policy["content-security-policy"].replace("https:", "")


def test_the_pin_stands_in_the_page_and_cannot_leave_its_element(tmp_path: Path) -> None:
    page = next(file.data for file in load_pages(built(tmp_path), pin=PIN) if file.path == "").decode()
    elements = re.findall(r'<script type="application/json" id="huma-pin">(.*?)</script>', page)
    assert len(elements) == 1
    assert json.loads(elements[0]) == {"event": PIN.event, "mirrors": list(PIN.mirrors), "root": PIN.root}
    assert page.count("<script") == 1


def test_a_page_without_a_place_stays_as_it_is() -> None:
    assert pinned(b"<p>hello</p>", PIN) == b"<p>hello</p>"


def test_pages_that_were_not_built_are_none(tmp_path: Path) -> None:
    assert load_pages(tmp_path / "nowhere") == []


def test_no_link_is_followed_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "x.txt").symlink_to(tmp_path / "secret")
    assert load_pages(folder) == []
