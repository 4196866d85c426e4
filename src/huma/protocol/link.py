"""Links: the event id that everything starts from, and hints where to ask first.

The rules: spec/documents.md, D56, D57.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

from huma.config import LINK_MAX_BYTES, MAX_HINTS
from huma.errors import MalformedError, UsageError
from huma.protocol.hosts import parse_mirror_url
from huma.protocol.names import is_event_id

SCHEME: Final = "huma:"
VERSION: Final = "1"

_LINK = re.compile(r"(?:huma:|(?:https?|file)://[!-\"$-~]*#|#)([0-9]{1,3}):([^?]*)(?:\?(.*))?")
_PRINTABLE = re.compile(r"[!-~]*")
_PAGE = re.compile(r"(?:https?|file)://[!-\"$-~]*")
_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class Link:
    """An event, and mirrors to ask first. The mirrors of a link are hints, and count as one operator."""

    event_id: str
    mirrors: tuple[str, ...] = ()


def parse_link(text: str, *, allow_loopback: bool = False, allow_private: bool = False) -> Link:
    """The link that somebody was given: `huma:1:…`, a page's URL with `#1:…`, or that fragment alone."""
    text = text.strip(" \t\r\n")
    found = _LINK.fullmatch(text) if _PRINTABLE.fullmatch(text) and len(text) <= LINK_MAX_BYTES else None
    if found is None:
        raise _bad("this is not a link of huma")
    if found[1] != VERSION:
        raise UsageError(
            "this link needs a newer huma", code="unknown-version", hint="Update huma, then try again."
        )
    if not is_event_id(found[2]):
        raise _bad("the link is cut short, or a letter of its event id is wrong")
    parameters = (part.partition("=") for part in (found[3] or "").split("&"))
    hints = [_decode(value) for name, _, value in parameters if name == "m"]
    if len(hints) > MAX_HINTS:
        raise _bad(f"a link names at most {MAX_HINTS} mirrors")
    mirrors = dict.fromkeys(_hint(hint, allow_loopback, allow_private) for hint in hints)
    return Link(found[2], tuple(mirrors))


def render_link(link: Link) -> str:
    """The link for programs: `huma:1:<event id>?m=…`."""
    return SCHEME + render_fragment(link)


def render_page_link(page_url: str, link: Link) -> str:
    """The link for browsers: all of it stands in the fragment, which no browser sends to a server."""
    if not _PAGE.fullmatch(page_url):
        raise _bad("the page needs a URL of http, https or file, without a fragment")
    return f"{page_url}#{render_fragment(link)}"


def render_fragment(link: Link) -> str:
    """What both forms end in: `1:<event id>?m=…`."""
    if not is_event_id(link.event_id) or len(link.mirrors) > MAX_HINTS:
        raise _bad("a link names one event and at most 8 mirrors")
    for mirror in link.mirrors:
        _hint(mirror, allow_loopback=True, allow_private=True)
    hints = "&".join(f"m={quote(mirror, safe=':/')}" for mirror in link.mirrors)
    return f"{VERSION}:{link.event_id}" + (f"?{hints}" if hints else "")


def _decode(value: str) -> str:
    if _PERCENT.search(value):
        raise _bad("the link has a broken percent sign")
    return unquote(value, errors="replace")


def _hint(text: str, allow_loopback: bool, allow_private: bool) -> str:
    """`text`, if it is a mirror that a link may send somebody to. A final slash that got lost is put back."""
    url = text if text.endswith("/") else text + "/"
    try:
        parts = parse_mirror_url(url)
    except MalformedError:
        raise _bad("the link names something that is not a mirror's address") from None
    if (parts.zone == "loopback" and not allow_loopback) or (parts.zone == "private" and not allow_private):
        raise UsageError(
            "the link leads into a private network",
            code="private-address",
            hint="Follow it only if you know who gave it to you, and say so with the flag for private addresses.",
        )
    if parts.zone == "public" and parts.scheme != "https":
        raise UsageError(
            "the link names a mirror without https",
            code="insecure-address",
            hint="Ask the organiser for a new link.",
        )
    return url


def _bad(message: str) -> UsageError:
    return UsageError(
        message, code="bad-link", hint="Copy the whole link again, from the first letter to the last."
    )
