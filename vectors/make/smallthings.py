"""Vectors of names, moments, ticks, words, keys, signatures and links."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mnemonic import Mnemonic

from huma.protocol.curve import ORDER, P
from huma.protocol.names import TARGET_NAMES, render_event_id
from huma.protocol.signature import sign
from vectors.make import kit

if TYPE_CHECKING:
    from vectors.make.kit import Vector

HEX = "0123456789abcdef" * 4
ID = kit.EVENT_ID
Y8 = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826


def _rows(noun: str, *rows: tuple[str, str, str, Any]) -> list[tuple[str, Vector]]:
    return [
        (f"{noun}-{name}", {"why": why, "expect": expect, "kind": noun, "input": given})
        for name, why, expect, given in rows
    ]


def names_vectors() -> dict[str, Vector]:
    """Names, by file name: each says of what `kind` its input should be."""
    return kit.named(*_paths(), *_uris(), *_integers(), *_ids())


def _paths() -> list[tuple[str, Vector]]:
    good = [
        ("segment", f"media/{HEX}.m4s"),
        ("init", f"media/{HEX}.mp4"),
        ("captions", f"media/{HEX}.vtt"),
        ("live-playlist", "live/v360.m3u8"),
        ("revoked", "live/revoked.json"),
        ("chapter", "archive/a-fa/2-17.m3u8"),
        ("checkpoint", "archive/checkpoint-2.json"),
        ("timestamp", "trust/timestamp.json"),
        ("boot", "trust/boot.json"),
        ("index", "index.m3u8"),
        ("slow-index", "index-slow.m3u8"),
        *((role, f"trust/12.{role}.json") for role in ("root", "snapshot", "targets", "roster", "steering")),
        *(("target-" + name.replace(".", "-"), f"targets/{HEX}.{name}") for name in TARGET_NAMES),
    ]
    bad = [
        ("empty", "nothing", ""),
        ("slash-in-front", "no path of ours", "/live/v360.m3u8"),
        ("upwards", "no path upwards", "live/../trust/boot.json"),
        ("percent", "one spelling only", "live/v360%2em3u8"),
        ("query", "no query", "live/v360.m3u8?x"),
        ("capitals", "digests are lower case", f"media/{HEX.upper()}.m4s"),
        ("short-digest", "64 digits", f"media/{HEX[1:]}.m4s"),
        ("other-ending", "no such file", f"media/{HEX}.html"),
        ("rendition-with-a-dot", "not a name", "live/v.360.m3u8"),
        ("rendition-of-33-letters", "at most 32", f"live/{'v' * 33}.m3u8"),
        ("chapter-with-leading-zero", "one spelling only", "archive/v360/1-01.m3u8"),
        ("root-without-version", "roots have versions", "trust/root.json"),
        ("root-with-leading-zero", "one spelling only", "trust/01.root.json"),
        ("versioned-timestamp", "it has none in its name", "trust/3.timestamp.json"),
        ("target-of-another-name", "no such target", f"targets/{HEX}.evil.json"),
        ("secret-key", "never on a mirror", "keys/root-1.pem"),
        ("hidden-file", "never on a mirror", ".git/config"),
        ("line-feed-at-the-end", "one spelling only", "live/v360.m3u8\n"),
        ("bidi", "letters of another alphabet", "live/\u202ev360.m3u8"),
    ]
    accepted = [(name, "one of ours", "ok", path) for name, path in good]
    return _rows("path", *accepted, *((name, why, "malformed", path) for name, why, path in bad))


def _uris() -> list[tuple[str, Vector]]:
    rows: list[tuple[str, str, str, Any]] = [
        ("of-a-live-playlist", "one folder deep", "ok", [f"../media/{HEX}.m4s", 1]),
        ("of-a-chapter", "two folders deep", "ok", [f"../../media/{HEX}.mp4", 2]),
        ("not-deep-enough", "a chapter stands two folders deep", "malformed", [f"../media/{HEX}.m4s", 2]),
        ("too-deep", "a live playlist stands one folder deep", "malformed", [f"../../media/{HEX}.m4s", 1]),
        ("absolute", "no path from the top", "malformed", [f"/media/{HEX}.m4s", 1]),
        ("of-another-host", "no other host", "malformed", [f"//evil.example/media/{HEX}.m4s", 1]),
        ("with-line-feed", "one spelling only", "malformed", [f"../media/{HEX}.m4s\n", 1]),
        ("with-backslashes", "one spelling only", "malformed", [f"..\\media\\{HEX}.m4s", 1]),
        ("with-a-dot", "one spelling only", "malformed", [f".././media/{HEX}.m4s", 1]),
    ]
    return _rows("uri", *rows)


def _integers() -> list[tuple[str, Vector]]:
    rows = [
        ("zero", "the least", "ok", "0"),
        ("greatest", "2^53-1", "ok", "9007199254740991"),
        ("too-great", "2^53", "malformed", "9007199254740992"),
        ("of-17-digits", "far above", "malformed", "10000000000000000"),
        ("empty", "nothing", "malformed", ""),
        ("with-plus", "no sign", "malformed", "+1"),
        ("with-space", "one spelling only", "malformed", " 1"),
        ("with-underscore", "one spelling only", "malformed", "1_000"),
        ("arabic", "only 0 to 9", "malformed", "١٢٣"),
        ("hexadecimal", "decimal only", "malformed", "0x10"),
        ("with-line-feed", "one spelling only", "malformed", "1\n"),
    ]
    return _rows("integer", *rows)


def _ids() -> list[tuple[str, Vector]]:
    loose = ID[:-1] + "abcdefghijklmnopqrstuvwxyz234567"["abcdefghijklmnopqrstuvwxyz234567".index(ID[-1]) + 1]
    return [
        *_rows(
            "event_id",
            ("plain", "52 letters", "ok", ID),
            ("of-zeros", "32 zero bytes", "ok", "a" * 52),
            ("in-capitals", "one spelling only", "malformed", ID.upper()),
            ("with-loose-bits", "the last letter holds one bit", "malformed", loose),
            ("too-short", "cut by a messenger", "malformed", ID[:-1]),
            ("too-long", "one letter more", "malformed", ID + "a"),
            ("with-padding", "no padding", "malformed", ID + "===="),
            ("with-a-zero", "base32 has no 0, 1, 8, 9", "malformed", "0" + ID[1:]),
        ),
        *_rows(
            "rendition",
            ("plain", "letters and digits", "ok", "v360"),
            ("with-hyphen", "a hyphen inside", "ok", "a-fa"),
            ("of-32-letters", "the longest", "ok", "v" * 32),
            ("empty", "at least one letter", "malformed", ""),
            ("with-hyphen-in-front", "it would look like an option", "malformed", "-v"),
            ("in-capitals", "lower case", "malformed", "V360"),
            ("with-a-dot", "no dots", "malformed", "v.1"),
        ),
    ]


def time_vectors() -> dict[str, Vector]:
    """Moments, by file name."""
    good = [
        ("epoch", "1970-01-01T00:00:00.000Z", 0),
        ("plain", "2026-11-23T18:21:02.800Z", 1795458062800),
        ("leap-day", "2024-02-29T23:59:59.999Z", 1709251199999),
        ("last", "9999-12-31T23:59:59.999Z", 253402300799999),
    ]
    bad = [
        ("year-1969", "before the epoch", "1969-12-31T23:59:59.999Z"),
        ("year-10000", "five digits", "10000-01-01T00:00:00.000Z"),
        ("leap-day-2100", "2100 has none", "2100-02-29T00:00:00.000Z"),
        ("month-13", "no such month", "2026-13-01T00:00:00.000Z"),
        ("hour-24", "one spelling only", "2026-11-23T24:00:00.000Z"),
        ("second-60", "no leap seconds", "2026-12-31T23:59:60.000Z"),
        ("small-letters", "one spelling only", "2026-11-23t18:21:02.800z"),
        ("space", "one spelling only", "2026-11-23 18:21:02.800Z"),
        ("two-decimals", "three", "2026-11-23T18:21:02.80Z"),
        ("six-decimals", "three", "2026-11-23T18:21:02.800000Z"),
        ("comma", "one spelling only", "2026-11-23T18:21:02,800Z"),
        ("offset", "UTC only", "2026-11-23T18:21:02.800+03:30"),
        ("persian-digits", "only 0 to 9", "۲۰۲۶-11-23T18:21:02.800Z"),
        ("line-feed", "one spelling only", "2026-11-23T18:21:02.800Z\n"),
        ("empty", "nothing", ""),
    ]
    accepted = [
        (name, {"why": "a moment", "expect": "ok", "input": text, "value": ms}) for name, text, ms in good
    ]
    refused = [(name, {"why": why, "expect": "malformed", "input": text}) for name, why, text in bad]
    return kit.named(*accepted, *refused)


def grid_vectors() -> dict[str, Vector]:
    """Ticks, by file name: `starts` is tick and its first millisecond, `ticks` a millisecond and its tick."""
    at = 1_000_000
    fast = {
        "starts": [[0, at], [1, at + 1066], [2, at + 2133], [15, at + 16_000], [-1, at - 1067], [10**12, at + 1066666666666666]],
        "ticks": [[at, 0], [at + 1065, 0], [at + 1066, 1], [at - 1, -1], [at + 15_999, 14], [at + 16_000, 15], [0, -938]],
    }  # fmt: skip
    film = {
        "starts": [[1, at + 960], [25, at + 24_000]],
        "ticks": [[at + 959, 0], [at + 960, 1], [at + 24_000, 25]],
    }
    return kit.named(
        ("thirty-frames", {"why": "16/15 s", "expect": "ok", "tick": [16, 15], "epoch_ms": at, **fast}),
        ("twenty-five-frames", {"why": "24/25 s", "expect": "ok", "tick": [24, 25], "epoch_ms": at, **film}),
    )


def words_vectors() -> dict[str, Vector]:
    """Words and digits, by file name; the words come from the package `mnemonic`, not from our code."""
    seeds = {
        "zeros": bytes(32),
        "ones": b"\xff" * 32,
        "plain": bytes(range(32)),
        "one": bytes(15) + b"\x01" + bytes(16),
    }
    found = []
    for name, raw in seeds.items():
        words = Mnemonic("english").to_mnemonic(raw[:16]).split()
        digits = str(int.from_bytes(raw[:16], "big")).rjust(39, "0")
        groups = [digits[at : at + 3] for at in range(0, 39, 3)]
        found.append(
            (
                name,
                {
                    "why": "128 bits",
                    "expect": "ok",
                    "input": render_event_id(raw),
                    "words": words,
                    "digits": groups,
                },
            )
        )
    return kit.named(
        *found, ("not-an-event-id", {"why": "letters are missing", "expect": "malformed", "input": ID[:20]})
    )


def publickey_vectors() -> dict[str, Vector]:
    """Public keys, by file name: the eight points of small order, and every encoding that is not canonical in kind."""

    def point(y: int, sign: int = 0) -> str:
        return (y | sign << 255).to_bytes(32, "little").hex()

    good = [
        ("plain", kit.A.public.hex),
        (
            "sign-of-x-set",
            next(k.public.hex for k in (kit.A, kit.B, kit.C, *kit.ROOTS) if k.public.raw[31] > 127),
        ),
    ]
    bad = [
        ("identity", "order 1", point(1)),
        ("order-2", "order 2", point(P - 1)),
        ("order-4", "order 4", point(0)),
        ("order-4-with-sign", "order 4", point(0, 1)),
        ("order-8", "order 8", point(Y8)),
        ("order-8-with-sign", "order 8", point(Y8, 1)),
        ("order-8-other", "order 8", point(P - Y8)),
        ("order-8-other-with-sign", "order 8", point(P - Y8, 1)),
        ("identity-with-sign", "x is 0 and its sign is odd", point(1, 1)),
        ("order-2-with-sign", "x is 0 and its sign is odd", point(P - 1, 1)),
        ("y-is-p", "0 spelt otherwise", point(P)),
        ("y-is-p-plus-1", "1 spelt otherwise", point(P + 1)),
        ("y-is-p-plus-18", "the greatest below 2^255", point(P + 18)),
        ("y-is-p-plus-3-with-sign", "not below p", point(P + 3, 1)),
        ("too-short", "32 bytes", "ab" * 31),
        ("too-long", "32 bytes", "ab" * 33),
        ("capitals", "one spelling only", kit.A.public.hex.upper()),
        ("not-hexadecimal", "hexadecimal digits", "zz" * 32),
        ("empty", "nothing", ""),
    ]  # fmt: skip
    accepted = [(name, {"why": "an honest key", "expect": "ok", "public": public}) for name, public in good]
    refused = [(name, {"why": why, "expect": "bad-key", "public": public}) for name, why, public in bad]
    return kit.named(*accepted, *refused)


def signature_vectors() -> dict[str, Vector]:
    """Signatures, by file name."""
    text = "what was said\n"
    good = sign("packet", text.encode(), kit.A)
    s = int.from_bytes(good[32:], "little")
    high = good[:32] + (s + ORDER).to_bytes(32, "little")
    order = good[:32] + ORDER.to_bytes(32, "little")
    r_above_p = (P + 3).to_bytes(32, "little") + good[32:]
    small_r = Y8.to_bytes(32, "little") + good[32:]
    rows = [
        ("plain", "an honest signature", "ok", "packet", text, good),
        ("another-purpose", "the purpose is signed", "bad-signature", "live", text, good),
        ("another-text", "the text is signed", "bad-signature", "packet", text + " ", good),
        ("s-plus-order", "the same signature spelt otherwise", "bad-signature", "packet", text, high),
        ("s-is-the-order", "S must be below it", "bad-signature", "packet", text, order),
        ("s-is-huge", "S must be below the order", "bad-signature", "packet", text, good[:32] + b"\xff" * 32),
        ("r-is-not-canonical", "y is not below p", "bad-signature", "packet", text, r_above_p),
        ("r-of-small-order", "no honest signer makes it", "bad-signature", "packet", text, small_r),
        ("r-with-the-other-sign", "another point", "bad-signature", "packet", text, good[:31] + bytes([good[31] ^ 128]) + good[32:]),
        ("too-short", "64 bytes", "bad-signature", "packet", text, good[:63]),
        ("too-long", "64 bytes", "bad-signature", "packet", text, good + b"\0"),
        ("empty", "nothing", "bad-signature", "packet", text, b""),
    ]  # fmt: skip
    return kit.named(
        *(
            (
                name,
                {
                    "why": why,
                    "expect": expect,
                    "purpose": purpose,
                    "public": kit.A.public.hex,
                    "text": said,
                    "signature": raw.hex(),
                },
            )
            for name, why, expect, purpose, said, raw in rows
        )
    )


def link_vectors() -> dict[str, Vector]:
    """Links, by file name; `allow` lists what the command line or a flag permits."""
    a, b, onion = "https://a.example/", "https://b.example:8443/x/", "http://" + "a" * 56 + ".onion/"
    eight = [f"https://m{n}.example/" for n in range(8)]
    local, lan = "http://127.0.0.1:8401/", "http://192.168.1.7:8401/"
    good = [
        ("plain", f"huma:1:{ID}?m={a}&m={b}", [a, b], []),
        ("without-mirrors", f"huma:1:{ID}", [], []),
        ("of-a-page", f"https://watch.example/x?y=1#1:{ID}?m={a}", [a], []),
        ("of-a-page-on-plain-http", f"http://watch.example/#1:{ID}", [], []),
        ("of-a-file", f"file:///home/me/player.html#1:{ID}?m={a}", [a], []),
        ("fragment-alone", f"#1:{ID}?m={a}", [a], []),
        ("percent-encoded", f"huma:1:{ID}?m=https%3A%2F%2Fa.example%2F", [a], []),
        ("spaces-around", f" \thuma:1:{ID}?m={a}\r\n", [a], []),
        ("lost-slash", f"huma:1:{ID}?m=https://a.example", [a], []),
        ("mirror-twice", f"huma:1:{ID}?m={a}&m={a}", [a], []),
        ("unknown-parameter", f"huma:1:{ID}?x=1&m={a}&y", [a], []),
        ("onion", f"huma:1:{ID}?m={onion}", [onion], []),
        ("eight-mirrors", f"huma:1:{ID}?" + "&".join("m=" + each for each in eight), eight, []),
        ("loopback-on-the-command-line", f"huma:1:{ID}?m={local}", [local], ["loopback"]),
        ("private-with-the-flag", f"huma:1:{ID}?m={lan}", [lan], ["private"]),
    ]
    bad = [
        ("empty", "nothing", "bad-link", ""),
        ("words", "no link", "bad-link", "watch this!"),
        ("page-without-fragment", "no event", "bad-link", "https://watch.example/"),
        ("event-id-cut", "a messenger cut it", "bad-link", f"huma:1:{ID[:-3]}"),
        ("event-id-in-capitals", "one spelling only", "bad-link", f"huma:1:{ID.upper()}"),
        ("later-version", "of a later protocol", "unknown-version", f"huma:2:{ID}"),
        ("no-version", "the version is missing", "bad-link", f"huma:{ID}"),
        ("javascript", "no page", "bad-link", f"javascript:alert(1)#1:{ID}"),
        ("two-fragments", "which one counts", "bad-link", f"https://a.example/#x#1:{ID}"),
        ("nine-mirrors", "at most 8", "bad-link", f"huma:1:{ID}?" + "&".join("m=" + each for each in [*eight, a])),
        ("mirror-on-plain-http", "anybody on the way could read along", "insecure-address", f"huma:1:{ID}?m=http://a.example/"),
        ("loopback", "this machine", "private-address", f"huma:1:{ID}?m={local}"),
        ("private", "somebody's own network", "private-address", f"huma:1:{ID}?m={lan}"),
        ("metadata-service", "a cloud's own address", "private-address", f"huma:1:{ID}?m=http://169.254.169.254/"),
        ("router", "a name without a dot", "private-address", f"huma:1:{ID}?m=https://router/"),
        ("host-as-a-number", "browsers read it as 127.0.0.1", "bad-link", f"huma:1:{ID}?m=https://2130706433/"),
        ("mirror-with-a-password", "no credentials", "bad-link", f"huma:1:{ID}?m=https://me:secret@a.example/"),
        ("mirror-of-ftp", "http or https", "bad-link", f"huma:1:{ID}?m=ftp://a.example/"),
        ("mirror-empty", "nothing", "bad-link", f"huma:1:{ID}?m="),
        ("mirror-without-equals-sign", "nothing", "bad-link", f"huma:1:{ID}?m"),
        ("mirror-without-equals-sign-and-another", "nothing, and a good one", "bad-link", f"huma:1:{ID}?m&m={a}"),
        ("broken-percent", "cut in the middle", "bad-link", f"huma:1:{ID}?m=https%3A%2F%2Fa.example%2"),
        ("percent-that-is-no-utf-8", "no text", "bad-link", f"huma:1:{ID}?m=https://%ff.example/"),
        ("percent-line-feed", "no control characters", "bad-link", f"huma:1:{ID}?m=https://a.example/%0a"),
        ("unicode", "ASCII only", "bad-link", f"huma:1:{ID}?m=https://هما.example/"),
        ("line-feed-inside", "one line", "bad-link", f"huma:1:{ID}?m={a}\n&x=1"),
        ("too-long", "at most 4 KiB", "bad-link", f"huma:1:{ID}?x=" + "x" * 4096),
    ]  # fmt: skip
    accepted = [
        (
            name,
            {
                "why": "a good link",
                "expect": "ok",
                "input": text,
                "allow": allow,
                "event_id": ID,
                "mirrors": mirrors,
            },
        )
        for name, text, mirrors, allow in good
    ]
    refused = [
        (name, {"why": why, "expect": expect, "input": text, "allow": []}) for name, why, expect, text in bad
    ]
    return kit.named(*accepted, *refused)
