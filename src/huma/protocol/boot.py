"""trust/boot.json: all the trust documents in one file, for one fetch on a long, thin link (spec/trust.md, T12).

It proves nothing: each file in it is verified as if it had come by itself, and any fault means fetching them singly.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from huma.config import BOOT_MAX_BYTES, MAX_INTEGER, MAX_ROOT_ROTATIONS
from huma.errors import MalformedError
from huma.protocol.strictjson import as_members, parse_members, parse_version, render_json

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_FILES = MAX_ROOT_ROTATIONS + 16

_PATH = re.compile(
    r"trust/(?:([1-9][0-9]{0,15})\.(?:root|snapshot|targets|roster|steering)|timestamp)\.json"
    r"|targets/[0-9a-f]{64}\.(?:event|roster|steering)\.json"
)


def is_boot_path(path: str) -> bool:
    """Whether a file of this path belongs into boot.json."""
    found = _PATH.fullmatch(path)
    return found is not None and (found[1] is None or int(found[1]) <= MAX_INTEGER)


def parse_boot(data: bytes) -> dict[str, bytes]:
    """The files by path, unverified. Unknown paths are left out, so that later versions may add some."""
    members = parse_members(data, BOOT_MAX_BYTES, "boot.json")
    parse_version(members)
    files = as_members(members.get("files"), "files").members
    if len(files) > MAX_FILES:
        raise MalformedError(f"boot.json has more than {MAX_FILES} files")
    found = {}
    for path, text in files.items():
        if not isinstance(text, str):
            raise MalformedError("boot.json: a file is not text")
        if is_boot_path(path):
            found[path] = _encode(text)
    return found


def render_boot(files: Mapping[str, bytes]) -> bytes:
    """boot.json in its one spelling. What `parse_boot` would not give back is refused here."""
    try:
        data = render_json({"v": 1, "files": {path: text.decode("utf-8") for path, text in files.items()}})
    except UnicodeDecodeError:
        raise MalformedError("boot.json carries text only") from None
    if parse_boot(data) != dict(files):
        raise MalformedError("boot.json carries trust documents and three targets, nothing else")
    return data


def _encode(text: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        raise MalformedError("boot.json: half a surrogate pair") from None
