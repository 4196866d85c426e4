"""What a lying mirror does with genuine files: damage them, or put its own programme in their place.

Nothing here is pretence: the forged segments are sound media, the forged playlist names each of them by its true
digest and is signed, only with a key that the event never listed. A player that does not check shows all of it.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from huma.demo.fragments import decode_times, media_data, moved_to
from huma.errors import HumaError
from huma.protocol.names import media_name, sha256_hex
from huma.protocol.signature import render_signature, sign

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from huma.protocol.signature import Signer

DAMAGE_EVERY: Final = 499
DAMAGE_AFTER: Final = 24
KEPT_FORGERIES: Final = 96

_SIZE: Final = b"#EXT-X-HUMA-SIZE:"
_MAP: Final = b"#EXT-X-MAP:"
_SIGNATURE: Final = b"#EXT-X-HUMA-SIG:"
_URI = re.compile(rb"\.\./(media/[0-9a-f]{64}\.m4s)")


@dataclass(frozen=True, slots=True)
class Template:
    """The forger's own programme in one rendition: one segment, and the init segment that it plays after."""

    init: bytes
    segment: bytes


def corrupted(segment: bytes) -> bytes:
    """The same length, the same boxes, other pictures: bits are flipped as on a bad line, all through the media.

    The lengths of the H.264 units are left alone. A line that flips a bit in a thousand bytes rarely meets one, and a
    player that stumbles over a wrong length would be spared by accident what it cannot see.
    """
    damaged = bytearray(segment)
    try:
        places = list(media_data(segment))
    except HumaError:
        places = [(0, len(segment))]
    for start, end in places:
        for first, last in _units(segment, start, end):
            for at in range(first + DAMAGE_AFTER, last, DAMAGE_EVERY):
                damaged[at] ^= 0x10
    return bytes(damaged)


def _units(segment: bytes, start: int, end: int) -> list[tuple[int, int]]:
    """Where the units of a picture stand, each behind its length; the whole of it where there are no such lengths."""
    found, at = [], start
    while at + 4 <= end:
        size = int.from_bytes(segment[at : at + 4])
        if size == 0 or at + 4 + size > end:
            return [(start, end)]
        found.append((at + 4, at + 4 + size))
        at += 4 + size
    return found


@dataclass(slots=True)
class Forger:
    """Edits playlists and signs them again with a key of its own, under the name of the right one."""

    signer: Signer
    templates: Mapping[str, Template]
    files: OrderedDict[str, bytes] = field(default_factory=OrderedDict)
    _instead: dict[str, str] = field(default_factory=dict)

    def playlist(self, rendition: str, genuine: bytes, read: Callable[[str], bytes | None]) -> bytes:
        """The forged playlist in the place of a genuine one; `read` gives the genuine media."""
        lines = genuine.removesuffix(b"\n").split(b"\n")
        if not lines[-1].startswith(_SIGNATURE):
            return genuine
        template = self.templates.get(rendition)
        edited = lines[:-1] if template is None else self._edited(lines[:-1], template, read)
        body = b"\n".join(edited) + b"\n"
        signature = render_signature(sign("live", body, self.signer))
        claim, _, _ = lines[-1].partition(b'ED25519="')
        return body + claim + f'ED25519="{signature}"\n'.encode()

    def _edited(
        self, lines: list[bytes], template: Template, read: Callable[[str], bytes | None]
    ) -> list[bytes]:
        edited: list[bytes] = []
        for line in lines:
            if line.startswith(_MAP):
                path = self._keep(template.init, "mp4")
                edited[-1] = _SIZE + str(len(template.init)).encode()
                edited.append(b'#EXT-X-MAP:URI="../' + path.encode() + b'"')
            elif (found := _URI.fullmatch(line)) is not None:
                path = self._forged(found[1].decode("ascii"), template, read)
                edited[-1] = _SIZE + str(len(self.files[path])).encode() if path in self.files else edited[-1]
                edited.append(b"../" + path.encode())
            else:
                edited.append(line)
        return edited

    def _forged(self, genuine_path: str, template: Template, read: Callable[[str], bytes | None]) -> str:
        """The path of the forged segment that stands in for a genuine one; made once."""
        path = self._instead.get(genuine_path)
        if path is not None and path in self.files:
            return path
        genuine = read(genuine_path)
        if genuine is None:
            return genuine_path
        try:
            data = moved_to(template.segment, decode_times(genuine))
        except HumaError:
            return genuine_path
        path = self._keep(data, "m4s")
        self._instead[genuine_path] = path
        return path

    def _keep(self, data: bytes, ext: str) -> str:
        path = f"media/{media_name(sha256_hex(data), ext)}"
        self.files[path] = data
        self.files.move_to_end(path)
        while len(self.files) > KEPT_FORGERIES:
            self.files.popitem(last=False)
        return path
