"""Vectors of event.json, roster.json, steering.json and revoked.json."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from huma.protocol.revocation import Revocation, render_revoked, sign_revocation
from huma.protocol.signature import Ed25519Signer, sign
from vectors.make import kit

if TYPE_CHECKING:
    from vectors.make.kit import Vector

SMALL_ORDER = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"
NOT_CANONICAL = "f0" + "ff" * 30 + "7f"
ONION = "http://" + "a" * 56 + ".onion/"


def _change(document: dict[str, Any], path: str, value: Any) -> bytes:
    """`document` with the member at `path` (as in `renditions.0.name`) set; the value None takes it out."""
    copy = json.loads(json.dumps(document))
    at: Any = copy
    *steps, last = path.split(".")
    for step in steps:
        at = at[int(step) if isinstance(at, list) else step]
    key: Any = int(last) if isinstance(at, list) else last
    if value is None:
        del at[key]
    elif isinstance(at, list) and key == len(at):
        at.append(value)
    else:
        at[key] = value
    return json.dumps(copy, ensure_ascii=False).encode()


def _vector(why: str, expect: str, data: bytes, **more: Any) -> Vector:
    return {"why": why, "expect": expect, **more, **kit.content(data)}


def _rows(
    document: dict[str, Any], rows: tuple[tuple[str, str, str, str, Any], ...]
) -> list[tuple[str, Vector]]:
    return [
        (name, _vector(why, expect, _change(document, path, value)))
        for name, why, expect, path, value in rows
    ]


# fmt: off
EVENT: dict[str, Any] = json.loads(kit.EVENT_TEXT)
EVENT_ROWS: tuple[tuple[str, str, str, str, Any], ...] = (
    ("unknown-members", "what is unknown is ignored", "ok", "later", {"a": [1, None, True]}),
    ("no-schedule", "an empty schedule", "ok", "schedule", []),
    ("version-2", "an event of a later protocol", "unknown-version", "v", 2),
    ("version-as-text", "not an integer", "malformed", "v", "1"),
    ("version-true", "true is no 1", "malformed", "v", True),
    ("no-title", "a member is missing", "malformed", "title", None),
    ("title-without-language", "no text at all", "malformed", "title", {}),
    ("title-of-a-list", "not an object", "malformed", "title", ["A meeting"]),
    ("title-in-a-strange-language", "not a language tag", "malformed", "title.EN", "A meeting"),
    ("title-with-a-line-feed", "no control characters", "malformed", "title.en", "A\nmeeting"),
    ("title-with-a-line-separator", "no control characters", "malformed", "title.en", "A\u2028meeting"),
    ("title-too-long", "at most 512 bytes of UTF-8", "malformed", "title.fa", "ی" * 257),
    ("ends-before-it-starts", "the times contradict each other", "malformed", "end", "2026-11-23T18:00:00.000Z"),
    ("start-without-milliseconds", "one spelling only", "malformed", "start", "2026-11-23T18:00:00Z"),
    ("start-as-a-number", "a text", "malformed", "start", 1795456800000),
    ("tick-of-zero", "positive integers", "malformed", "tick", [0, 15]),
    ("tick-of-three-numbers", "two integers", "malformed", "tick", [16, 15, 1]),
    ("tick-of-one-number", "two integers", "malformed", "tick", [16]),
    ("tick-of-ten-milliseconds", "too short", "malformed", "tick", [1, 100]),
    ("tick-of-eleven-seconds", "too long", "malformed", "tick", [11, 1]),
    ("copy-as-a-number", "true or false", "malformed", "copy", 0),
    ("copy-with-long-segments", "a copy counts segments", "malformed", "copy", True),
    ("language-twice", "each once", "malformed", "languages.1.code", "en"),
    ("language-name-with-a-quotation-mark", "it stands in an index", "malformed", "languages.0.name", 'Eng"lish'),
    ("rendition-in-an-unlisted-language", "each is listed", "malformed", "renditions.1.language", "ku"),
    ("no-renditions", "at least one", "malformed", "renditions", []),
    ("rendition-twice", "names are different", "malformed", "renditions.1.name", "v360"),
    ("rendition-named-as-a-path", "not a name", "malformed", "renditions.0.name", "../v"),
    ("rendition-in-capitals", "not a name", "malformed", "renditions.0.name", "V360"),
    ("rendition-of-a-strange-kind", "video or audio", "malformed", "renditions.0.kind", "smell"),
    ("rendition-without-max-bytes", "its limit is missing", "malformed", "renditions.0.max_bytes", None),
    ("rendition-over-8-mib", "no segment is larger", "malformed", "renditions.0.max_bytes", 8388609),
    ("rendition-of-17-ticks", "at most 16", "malformed", "renditions.0.ticks_per_segment", 17),
    ("rendition-with-a-quotation-mark-in-codecs", "it stands in an index", "malformed", "renditions.0.codecs", 'avc1"'),
    ("video-without-width", "a member is missing", "malformed", "renditions.0.width", None),
    ("audio-without-language", "a member is missing", "malformed", "renditions.1.language", None),
    ("no-live-keys", "at least one", "malformed", "live_keys", []),
    ("seventeen-live-keys", "at most 16", "malformed", "live_keys", EVENT["live_keys"] * 9),
    ("live-key-twice", "each once", "malformed", "live_keys.1", {**EVENT["live_keys"][0], "rank": 2}),
    ("two-keys-of-one-rank", "ranks are different", "malformed", "live_keys.1.rank", 1),
    ("rank-0", "ranks begin at 1", "malformed", "live_keys.0.rank", 0),
    ("keyid-of-another-key", "it is the digest of the key", "malformed", "live_keys.0.keyid", EVENT["live_keys"][1]["keyid"]),
    ("key-of-small-order", "anybody can sign for it", "bad-key", "live_keys.0.public", SMALL_ORDER),
    ("key-that-is-not-canonical", "y is not below p", "bad-key", "live_keys.0.public", NOT_CANONICAL),
    ("key-in-capitals", "one spelling only", "bad-key", "live_keys.0.public", EVENT["live_keys"][0]["public"].upper()),
    ("key-that-ends-before-it-begins", "the times contradict each other", "malformed", "live_keys.0.not_after", "2026-11-22T17:59:00.000Z"),
)
MIRROR: dict[str, Any] = {"id": "m1", "url": "https://a.example/", "operator": "Example", "class": "server", "tier": "trusted", "addresses": ["192.0.2.7", "2001:db8::7"], "spki": ["ab" * 32]}
ROSTER: dict[str, Any] = {"v": 1, "mirrors": [MIRROR, {**MIRROR, "id": "m2", "url": "https://b.example:8443/huma/2026/", "tier": "volunteer", "addresses": [], "spki": []}]}
ROSTER_ROWS: tuple[tuple[str, str, str, str, Any], ...] = (
    ("plain", "two mirrors", "ok", "v", 1),
    ("no-mirrors", "an empty roster", "ok", "mirrors", []),
    ("ipv6", "a bare address", "ok", "mirrors.0.url", "https://[2001:db8::7]:8443/"),
    ("onion", "an onion service", "ok", "mirrors.0", {**MIRROR, "url": ONION, "class": "onion"}),
    ("lan", "a mirror in a private network says so", "ok", "mirrors.0", {**MIRROR, "url": "http://192.168.1.7:8401/", "class": "lan"}),
    ("loopback-of-class-lan", "this machine", "ok", "mirrors.0", {**MIRROR, "url": "http://127.0.0.1:8401/", "class": "lan"}),
    ("version-2", "a roster of a later protocol", "unknown-version", "v", 2),
    ("id-twice", "each once", "malformed", "mirrors.1.id", "m1"),
    ("id-with-a-space", "not an id", "malformed", "mirrors.0.id", "m 1"),
    ("no-operator", "a member is missing", "malformed", "mirrors.0.operator", None),
    ("strange-class", "one of five", "malformed", "mirrors.0.class", "cloud"),
    ("strange-tier", "one of two", "malformed", "mirrors.0.tier", "gold"),
    ("url-without-slash", "paths are appended", "bad-url", "mirrors.0.url", "https://a.example"),
    ("url-of-ftp", "http or https", "bad-url", "mirrors.0.url", "ftp://a.example/"),
    ("url-of-javascript", "http or https", "bad-url", "mirrors.0.url", "javascript:alert(1)/"),
    ("url-with-a-password", "no credentials", "bad-url", "mirrors.0.url", "https://me:secret@a.example/"),
    ("url-with-a-query", "no query", "bad-url", "mirrors.0.url", "https://a.example/?x=/"),
    ("url-with-a-fragment", "no fragment", "bad-url", "mirrors.0.url", "https://a.example/#/"),
    ("url-in-capitals", "one spelling only", "bad-url", "mirrors.0.url", "https://A.example/"),
    ("url-in-unicode", "one spelling only", "bad-url", "mirrors.0.url", "https://هما.example/"),
    ("url-with-the-usual-port", "one spelling only", "bad-url", "mirrors.0.url", "https://a.example:443/"),
    ("url-with-port-65536", "no such port", "bad-url", "mirrors.0.url", "https://a.example:65536/"),
    ("url-with-dots", "no path upwards", "bad-url", "mirrors.0.url", "https://a.example/x/../"),
    ("url-with-a-number-for-a-host", "browsers read it as 127.0.0.1", "bad-url", "mirrors.0.url", "https://2130706433/"),
    ("url-with-a-short-address", "browsers read it as 127.0.0.1", "bad-url", "mirrors.0.url", "https://127.1/"),
    ("url-with-a-hexadecimal-address", "browsers read it as 127.0.0.1", "bad-url", "mirrors.0.url", "https://0x7f000001/"),
    ("url-with-leading-zeros", "browsers read it as octal", "bad-url", "mirrors.0.url", "https://010.0.0.1/"),
    ("url-with-mapped-ipv4", "one spelling only", "bad-url", "mirrors.0.url", "https://[::ffff:127.0.0.1]/"),
    ("url-of-a-mapped-loopback", "an IPv4 address in disguise", "private-address", "mirrors.0.url", "https://[::ffff:7f00:1]/"),
    ("loopback-of-class-server", "this machine", "private-address", "mirrors.0.url", "http://127.0.0.1:8401/"),
    ("localhost-of-class-server", "this machine", "private-address", "mirrors.0.url", "https://localhost/"),
    ("private-address-of-class-server", "somebody's own network", "private-address", "mirrors.0.url", "https://10.0.0.1/"),
    ("link-local-address", "a cloud's metadata service", "private-address", "mirrors.0.url", "http://169.254.169.254/"),
    ("carrier-address", "a provider's own network", "private-address", "mirrors.0.url", "https://100.64.0.1/"),
    ("unique-local-ipv6", "somebody's own network", "private-address", "mirrors.0.url", "https://[fd00::1]/"),
    ("router-by-name", "a name without a dot", "private-address", "mirrors.0.url", "http://router/"),
    ("name-of-a-local-network", "found by multicast", "private-address", "mirrors.0.url", "http://printer.local/"),
    ("onion-of-class-server", "the class must say it", "bad-url", "mirrors.0.url", ONION),
    ("server-of-class-onion", "not an onion address", "bad-url", "mirrors.0.class", "onion"),
    ("address-that-is-a-name", "an IP address", "malformed", "mirrors.0.addresses", ["a.example"]),
    ("address-in-long-form", "one spelling only", "malformed", "mirrors.0.addresses", ["2001:0db8::7"]),
    ("nine-addresses", "at most 8", "malformed", "mirrors.0.addresses", ["192.0.2.7"] * 9),
    ("pin-too-short", "a SHA-256", "malformed", "mirrors.0.spki", ["ab" * 31]),
    ("not-a-list", "mirrors is a list", "malformed", "mirrors", {}),
)
STEERING: dict[str, Any] = {"v": 1, "weights": {"m1": 100, "m2": 1}, "withdrawn": ["m3"], "hints": [{"network": "AS64496", "avoid": ["m1"]}]}
STEERING_ROWS: tuple[tuple[str, str, str, str, Any], ...] = (
    ("plain", "weights, a withdrawal, a hint", "ok", "v", 1),
    ("with-a-url-in-an-unknown-member", "ignored", "ok", "mirrors", ["https://evil.example/"]),
    ("version-2", "of a later protocol", "unknown-version", "v", 2),
    ("weight-0", "1 to 100; a withdrawal says more", "malformed", "weights.m1", 0),
    ("weight-101", "1 to 100", "malformed", "weights.m1", 101),
    ("weight-true", "an integer", "malformed", "weights.m1", True),
    ("weight-of-a-url", "mirrors have ids", "malformed", "weights", {"https://evil.example/": 100}),
    ("weights-in-a-list", "an object", "malformed", "weights", [100]),
    ("withdrawn-twice", "each once", "malformed", "withdrawn", ["m3", "m3"]),
    ("withdrawn-url", "mirrors have ids", "malformed", "withdrawn", ["https://evil.example/"]),
    ("withdrawn-number", "texts", "malformed", "withdrawn", [3]),
    ("hint-as-text", "an object", "malformed", "hints", ["AS64496"]),
    ("hint-without-network", "a member is missing", "malformed", "hints", [{"avoid": ["m1"]}]),
    ("no-hints", "a member is missing", "malformed", "hints", None),
)
RAW_ROWS = (
    ("empty", "nothing at all", b""),
    ("html", "a captive portal", b"<!doctype html>\n"),
    ("member-twice", "no name stands twice", b'{"v":1,"v":1}'),
    ("a-list", "an object", b"[]"),
    ("not-utf-8", "bytes that are no text", b'{"v":1,"x":"\xff"}'),
)
# fmt: on


def event_vectors() -> dict[str, Vector]:
    """event.json, by file name."""
    value = {
        "epoch_ms": kit.EPOCH_MS,
        "tick": [16, 15],
        "copy": False,
        "title": EVENT["title"],
        "renditions": [each["name"] for each in EVENT["renditions"]],
        "keyids": [key["keyid"] for key in EVENT["live_keys"]],
        "ranks": [1, 2],
        "windows": [[kit.NOT_BEFORE_MS, kit.NOT_AFTER_MS]] * 2,
    }
    plain = _vector("three renditions, two keys", "ok", kit.EVENT_TEXT.encode(), value=value)
    float_rank = _vector(
        "1.0 is no integer", "malformed", kit.EVENT_TEXT.replace('"rank":1', '"rank":1.0').encode()
    )
    copy = _vector("a copied stream", "ok", kit.COPY_EVENT_TEXT.encode())
    first = [("plain", plain), ("rank-with-a-fraction", float_rank), ("copied", copy)]
    return kit.named(*first, *_raw(), *_rows(EVENT, EVENT_ROWS))


def roster_vectors() -> dict[str, Vector]:
    """roster.json, by file name."""
    return kit.named(*_raw(), *_rows(ROSTER, ROSTER_ROWS))


def steering_vectors() -> dict[str, Vector]:
    """steering.json, by file name."""
    return kit.named(*_raw(), *_rows(STEERING, STEERING_ROWS))


def _raw() -> list[tuple[str, Vector]]:
    return [(name, _vector(why, "malformed", data)) for name, why, data in RAW_ROWS]


def _root_id(key: Ed25519Signer) -> str:
    """A TUF key id is any 64 digits here: this module checks that the right key is looked up."""
    return key.public.hex[::-1]


def revocation_vectors() -> dict[str, Vector]:
    """revoked.json, by file name: each says which keys count as revoked after two of three roots signed."""
    one, two, three = ((_root_id(root), root) for root in kit.ROOTS)
    stranger = (_root_id(kit.STRANGER), kit.STRANGER)
    a, b = kit.A.public.keyid, kit.B.public.keyid
    good = sign_revocation(kit.EVENT_ID, a, [one, two])
    of_b = sign_revocation(kit.EVENT_ID, b, [two, three])
    alone = sign_revocation(kit.EVENT_ID, a, [one])
    other = sign_revocation(kit.OTHER_EVENT_ID, a, [one, two])
    for_live = Revocation(kit.EVENT_ID, a, tuple(_wrong_purpose(root) for root in (one, two)))
    swapped = Revocation(kit.EVENT_ID, b, good.signatures)
    twice = Revocation(kit.EVENT_ID, a, alone.signatures * 2)
    renamed = sign_revocation(kit.EVENT_ID, a, [one, ("ab" * 32, kit.ROOTS[0])])
    sixteen = [f"{n:016x}" for n in range(16)]
    rows: tuple[tuple[str, str, list[Revocation], list[str]], ...] = (
        ("none", "nothing is revoked", [], []),
        ("one", "two of three roots signed", [good], [a]),
        ("two", "two keys, by different pairs of roots", [good, of_b], [a, b]),
        ("all-live-keys", "an event may have 16", [sign_revocation(kit.EVENT_ID, key, [one, two]) for key in sixteen], sixteen),
        ("three-signatures-one-bad", "the good two are enough", [sign_revocation(kit.EVENT_ID, a, [one, stranger, three])], [a]),
        ("below-the-threshold", "one of two", [alone], []),
        ("one-root-twice", "distinct keys", [twice], []),
        ("one-root-under-two-ids", "distinct keys, not distinct names", [renamed], []),
        ("signed-by-strangers", "not a root", [sign_revocation(kit.EVENT_ID, a, [stranger, one])], []),
        ("of-another-event", "the same roots, another event", [other], []),
        ("signatures-of-another-key", "the key id is signed", [swapped], []),
        ("signed-for-another-purpose", "not a signature over a revocation", [for_live], []),
    )  # fmt: skip
    made = [(name, _revoked(why, render_revoked(entries), keyids)) for name, why, entries, keyids in rows]
    return kit.named(*made, *_odd_revoked(render_revoked([good]), a), *_raw())


def _odd_revoked(data: bytes, keyid: str) -> list[tuple[str, Vector]]:
    junk = b'{"revoked":[7,{"event":"x"},{"keyid":"y","signatures":{}},'
    padded = data[:-1] + b" " * (65_537 - len(data)) + b"\n"
    old_root = [{"threshold": 1, "keys": {_root_id(kit.STRANGER): kit.STRANGER.public.hex}}, *_roles()]
    return [
        ("among-junk", _revoked("malformed entries are skipped", data.replace(b'{"revoked":[', junk), [keyid])),
        ("by-an-older-root", {**_revoked("the threshold of any root of the chain", data, [keyid]), "roots": old_root}),
        ("a-role-without-a-threshold", {**_revoked("0 is not enough", data, []), "roots": [{"threshold": 0, "keys": {}}]}),
        ("not-a-list", _vector("revoked is a list", "malformed", b'{"revoked":{}}')),
        ("over-64-kib", _vector("one byte over the limit", "too-large", padded)),
        ("keyid-changed", _revoked("a mirror names another key", data.replace(keyid.encode(), b"0" * 16), [])),
    ]  # fmt: skip


def _revoked(why: str, data: bytes, keyids: list[str]) -> Vector:
    more = {"event_id": kit.EVENT_ID, "roots": _roles(), "revoked": sorted(keyids)}
    return _vector(why, "ok", data, **more)


def _roles() -> list[Vector]:
    keys = {_root_id(root): root.public.hex for root in kit.ROOTS}
    return [{"threshold": 2, "keys": {**keys, "ab" * 32: kit.ROOTS[0].public.hex}}]


def _wrong_purpose(root: tuple[str, Ed25519Signer]) -> Any:
    made = sign_revocation(kit.EVENT_ID, kit.A.public.keyid, [root]).signatures[0]
    payload = f"{kit.EVENT_ID}\0{kit.A.public.keyid}".encode()
    return type(made)(made.keyid, sign("live", payload, root[1]))


def json_vectors() -> dict[str, Vector]:
    """JSON itself, by file name."""
    rows = (
        ("plain", "every kind of value", "ok", b' {"a":[1,-7,0,true,false,null,"\\u0645\\ud83d\\ude00\\n"],"":{}} '),
        ("greatest-integer", "2^53-1", "ok", b"[9007199254740991,-9007199254740991]"),
        ("sixteen-levels", "as deep as allowed", "ok", b"[" * 16 + b"]" * 16),
        ("brackets-in-a-text", "they do not count", "ok", b'["' + b"[{" * 40 + b'","\\"[[[[[[[[[[[[[[[[[[[["]'),
        ("names-of-javascript", "only names", "ok", b'{"__proto__":{"x":1},"constructor":2,"hasOwnProperty":3,"toString":4}'),
        ("seventeen-levels", "too deep", "malformed", b"[" * 17 + b"]" * 17),
        ("ten-thousand-levels", "no parser may lose its stack", "malformed", b"[" * 10_000),
        ("name-twice", "which one counts", "malformed", b'{"a":1,"a":1}'),
        ("name-twice-by-escape", "the same name spelt twice", "malformed", b'{"a":1,"\\u0061":2}'),
        ("proto-twice", "the same name", "malformed", b'{"__proto__":1,"__proto__":2}'),
        ("fraction", "no fractions", "malformed", b"[1.0]"),
        ("exponent", "no exponents", "malformed", b"[1e2]"),
        ("nan", "no number", "malformed", b"[NaN]"),
        ("infinity", "no number", "malformed", b"[-Infinity]"),
        ("minus-zero", "two zeros are one too many", "malformed", b"[-0]"),
        ("integer-of-2-to-the-53", "not exact everywhere", "malformed", b"[9007199254740992]"),
        ("integer-of-5000-digits", "no work for a liar", "malformed", b"[" + b"9" * 5000 + b"]"),
        ("leading-zero", "not JSON", "malformed", b"[01]"),
        ("leading-plus", "not JSON", "malformed", b"[+1]"),
        ("trailing-comma", "not JSON", "malformed", b"[1,]"),
        ("single-quotes", "not JSON", "malformed", b"['a']"),
        ("comment", "not JSON", "malformed", b"[1] // one"),
        ("two-values", "one document", "malformed", b"{} {}"),
        ("byte-order-mark", "no BOM", "malformed", b"\xef\xbb\xbf{}"),
        ("utf-16", "UTF-8 only", "malformed", "{}".encode("utf-16-le")),
        ("overlong-utf-8", "not UTF-8", "malformed", b'["\xc0\xaf"]'),
        ("surrogate-in-utf-8", "not UTF-8", "malformed", b'["\xed\xa0\x80"]'),
        ("raw-control-character", "not JSON", "malformed", b'["\x01"]'),
        ("raw-line-feed-in-a-text", "not JSON", "malformed", b'["a\nb"]'),
        ("unclosed-text", "not JSON", "malformed", b'["' + b'\\"' * 1000),
        ("unclosed-list", "not JSON", "malformed", b"[1"),
        ("non-breaking-space", "not a space of JSON", "malformed", b"[1,\xc2\xa02]"),
        ("form-feed", "not a space of JSON", "malformed", b"[1,\x0c2]"),
        ("bad-escape", "not JSON", "malformed", b'["\\x41"]'),
        ("short-escape", "not JSON", "malformed", b'["\\u12"]'),
        ("over-the-limit", "16 KiB in all these vectors", "too-large", b" " * (16 * 1024 + 1)),
    )  # fmt: skip
    return kit.named(*((name, _json(why, expect, data)) for name, why, expect, data in rows))


def _json(why: str, expect: str, data: bytes) -> Vector:
    vector: Vector = {
        "why": why,
        "expect": expect,
        "max_bytes": 16 * 1024,
        "base64": base64.b64encode(data).decode(),
    }
    return {**vector, "value": json.loads(data)} if expect == "ok" else vector
