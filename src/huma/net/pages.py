"""The built pages, as the server shows them: with the event pinned, and with a policy that lets nothing else in."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from huma.config import PLAYER_MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from huma.net.window import Headers

PIN_ELEMENT: Final = re.compile(
    r'(<script\s+type="application/json"\s+id="huma-pin">)[^<]*(</script>)', re.IGNORECASE
)
_POLICY_ELEMENT: Final = re.compile(
    r'<meta\s+http-equiv="content-security-policy"\s+content="([^"]*)"', re.IGNORECASE
)
_STRICT_POLICY: Final = "default-src 'none'; script-src 'self'; connect-src 'self' https:; base-uri 'none'"
_LOCAL_POLICY: Final = _STRICT_POLICY.replace("https:;", "https: http:;")

_TYPES: Final = {
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "json": "application/json",
    "webmanifest": "application/manifest+json",
    "svg": "image/svg+xml",
    "png": "image/png",
    "woff2": "font/woff2",
    "txt": "text/plain; charset=utf-8",
}
_HASHED = re.compile(r"assets/.*")
_FILE_LIMIT: Final = 500


@dataclass(frozen=True, slots=True)
class PagePin:
    """The event that a page is bound to, and where it may find it."""

    event: str
    mirrors: tuple[str, ...] = ()
    root: str | None = None

    def as_json(self) -> str:
        """JSON that can stand inside a script element."""
        members: dict[str, Any] = {"event": self.event, "mirrors": list(self.mirrors)}
        if self.root is not None:
            members["root"] = self.root
        text = json.dumps(members, ensure_ascii=False, separators=(",", ":"))
        return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


@dataclass(frozen=True, slots=True)
class PageFile:
    """One file to show, with its headers."""

    path: str
    data: bytes
    content_type: str
    cache_control: str
    extra: tuple[tuple[str, str], ...]


def load_pages(folder: Path, *, pin: PagePin | None = None, tls: bool = False) -> list[PageFile]:
    """All built files below `folder`; none where the pages were not built.

    Without TLS the front page is the one that may also ask http mirrors: on loopback and in home networks there
    are no others.
    """
    files = [_load(folder, path, pin, tls=tls) for path in _paths(folder)]
    front = ("index.html", "local.html") if tls else ("local.html", "index.html")
    named = {file.path: file for file in files}
    first = next((named[name] for name in front if name in named), None)
    if first is not None:
        files.append(PageFile("", first.data, first.content_type, first.cache_control, first.extra))
    return files


def pinned(page: bytes, pin: PagePin) -> bytes:
    """The page, bound to one event. A page that has no place for a pin is left as it is."""
    text = page.decode("utf-8")
    return PIN_ELEMENT.sub(lambda found: found[1] + pin.as_json() + found[2], text, count=1).encode()


def _paths(folder: Path) -> Iterator[str]:
    found = sorted(folder.rglob("*")) if folder.is_dir() else []
    for place in found[:_FILE_LIMIT]:
        if place.is_file() and not place.is_symlink() and place.stat().st_size <= PLAYER_MAX_BYTES:
            yield place.relative_to(folder).as_posix()


def _load(folder: Path, path: str, pin: PagePin | None, *, tls: bool) -> PageFile:
    data = (folder / path).read_bytes()
    is_page = path.endswith(".html")
    if is_page and pin is not None:
        data = pinned(data, pin)
    caching = "public, max-age=31536000, immutable" if _HASHED.fullmatch(path) else "no-cache"
    policy = _policy_of(data) if is_page else None
    extra: Headers = [
        ("content-security-policy", policy or (_STRICT_POLICY if tls else _LOCAL_POLICY)),
        ("referrer-policy", "no-referrer"),
        ("permissions-policy", "camera=(), microphone=(), geolocation=()"),
    ]
    content_type = _TYPES.get(path.rpartition(".")[2], "application/octet-stream")
    return PageFile(path, data, content_type, caching, tuple(extra))


def _policy_of(page: bytes) -> str | None:
    """The policy that the build wrote into the page: it knows the hashes of its own code."""
    found = _POLICY_ELEMENT.search(page.decode("utf-8"))
    return html.unescape(found[1]) if found is not None and "%" not in found[1] else None
