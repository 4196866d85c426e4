"""Vectors of live playlists that a signer signed who keeps no rule: name, why, expect, what is replaced, by what."""

from __future__ import annotations

from vectors.make import kit
from vectors.make.playlistbase import BASE, BODY, LAST_URI, SECOND_ENTRY


def _next_letter() -> str:
    letters = "abcdefghijklmnopqrstuvwxyz234567"
    return letters[letters.index(kit.EVENT_ID[-1]) + 1]


def _header() -> str:
    return BODY.split("\n")[1]


def _date_line() -> str:
    return next(line + "\n" for line in BODY.split("\n") if line.startswith("#EXT-X-PROGRAM-DATE-TIME:"))


# fmt: off
_EVENT, _KEYID = f'EVENT="{kit.EVENT_ID}"', f'KEYID="{kit.A.public.keyid}"'
_ISSUED = "ISSUED=2026-11-23T18:21:02.800Z"
_PREV = f'PREV="{BASE.prev}"'
_CHAPTER_SHA = f'CHAPTERSHA="{BASE.chapter_sha}"'
HEADER_ROWS = (
    ("version-2", "a playlist of a later protocol", "unknown-version", "V=1,", "V=2,"),
    ("no-version", "V is missing", "malformed", "V=1,", ""),
    ("version-with-a-leading-zero", "01 is no integer of ours", "malformed", "V=1,", "V=01,"),
    ("chapter-as-live", "a chapter signed for live", "wrong-type", "TYPE=live", "TYPE=chapter"),
    ("no-type", "TYPE is missing", "malformed", "TYPE=live,", ""),
    ("another-event", "the same key signed another event", "wrong-event", _EVENT, f'EVENT="{kit.OTHER_EVENT_ID}"'),
    ("event-id-in-capitals", "one spelling only", "malformed", _EVENT, _EVENT.upper()),
    ("event-id-with-loose-bits", "52 letters of base32 hold four bits that must be zero", "malformed", _EVENT, f'EVENT="{kit.EVENT_ID[:-1]}{_next_letter()}"'),
    ("event-without-quotes", "EVENT is a quoted string", "malformed", _EVENT, f"EVENT={kit.EVENT_ID}"),
    ("another-rendition", "the picture in place of the sound", "wrong-rendition", 'RENDITION="v360"', 'RENDITION="a-fa"'),
    ("rendition-with-a-slash", "not the name of a rendition", "malformed", 'RENDITION="v360"', 'RENDITION="../v360"'),
    ("keyid-of-15-digits", "a key id has 16 digits", "malformed", _KEYID, _KEYID[:-2] + '"'),
    ("tick-not-end-of-last-segment", "TICK is one too high", "malformed", "TICK=1239,", "TICK=1240,"),
    ("tick-negative", "no sign", "malformed", "TICK=1239,", "TICK=-1239,"),
    ("tick-of-2-to-the-53", "not below 2^53", "malformed", "TICK=1239,", "TICK=9007199254740992,"),
    ("tick-with-a-fraction", "an integer", "malformed", "TICK=1239,", "TICK=1239.0,"),
    ("tick-in-persian-digits", "only 0 to 9 are digits", "malformed", "TICK=1239,", "TICK=۱۲۳۹,"),
    ("no-tick", "TICK is missing", "malformed", "TICK=1239,", ""),
    ("attribute-twice", "TICK stands twice", "malformed", "TICK=1239,", "TICK=1239,TICK=1239,"),
    ("unknown-attribute-twice", "no attribute stands twice", "malformed", "TICK=1239,", "X=1,TICK=1239,X=1,"),
    ("attribute-without-a-value", "not an attribute list", "malformed", "TICK=1239,", "TICK=1239,X,"),
    ("comma-at-the-end-of-the-header", "not an attribute list", "malformed", _CHAPTER_SHA, _CHAPTER_SHA + ","),
    ("space-in-the-header", "not an attribute list", "malformed", "TICK=1239,", "TICK=1239, "),
    ("header-twice", "the header stands once", "malformed", "#EXT-X-VERSION:7\n", f"{_header()}\n#EXT-X-VERSION:7\n"),
    ("header-on-line-3", "the header is line 2", "malformed", f"{_header()}\n#EXT-X-VERSION:7\n", f"#EXT-X-VERSION:7\n{_header()}\n"),
    ("issued-without-milliseconds", "one spelling only", "malformed", _ISSUED, "ISSUED=2026-11-23T18:21:02Z"),
    ("issued-on-30-february", "no such day", "malformed", _ISSUED, "ISSUED=2026-02-30T18:21:02.800Z"),
    ("issued-at-second-60", "no leap seconds", "malformed", _ISSUED, "ISSUED=2026-11-23T18:21:60.800Z"),
    ("issued-with-an-offset", "UTC only", "malformed", _ISSUED, "ISSUED=2026-11-23T18:21:02.800+00:00"),
    ("issued-before-the-key", "one millisecond too early", "key-window", _ISSUED, "ISSUED=2026-11-23T17:58:59.999Z"),
    ("issued-after-the-key", "one millisecond too late", "key-window", _ISSUED, "ISSUED=2026-12-24T17:59:00.001Z"),
    ("prev-without-prevtick", "they stand together", "malformed", ",PREVTICK=1238", ""),
    ("prev-in-capitals", "digests are lower case", "malformed", _PREV, _PREV.upper()),
    ("chapter-without-its-digest", "they stand together", "malformed", "," + _CHAPTER_SHA, ""),
    ("chaptersha-too-short", "a digest has 64 digits", "malformed", _CHAPTER_SHA, _CHAPTER_SHA[:-2] + '"'),
    ("ended-no", "ENDED is YES or absent", "malformed", _CHAPTER_SHA, _CHAPTER_SHA + ",ENDED=NO"),
    ("ended-without-endlist", "they stand together", "malformed", _CHAPTER_SHA, _CHAPTER_SHA + ",ENDED=YES"),
    ("endlist-without-ended", "a forged end", "malformed", LAST_URI, LAST_URI + "#EXT-X-ENDLIST\n"),
)

_URI = f"../media/{kit.media('segment 1235').name}\n"
_DIGEST = kit.media("segment 1235").digest
_MAP_URI = f'#EXT-X-MAP:URI="../media/{kit.INIT.name}"\n'
FORM_ROWS = (
    ("media-sequence-one-too-low", "the numbers do not end at TICK", "malformed", "SEQUENCE:1234", "SEQUENCE:1233"),
    ("no-media-sequence", "a line is missing", "malformed", "#EXT-X-MEDIA-SEQUENCE:1234\n", ""),
    ("version-6-of-hls", "the one version of HLS", "malformed", "#EXT-X-VERSION:7", "#EXT-X-VERSION:6"),
    ("target-duration-0", "at least 1", "malformed", "TARGETDURATION:2", "TARGETDURATION:0"),
    ("target-duration-61", "at most 60", "malformed", "TARGETDURATION:2", "TARGETDURATION:61"),
    ("segment-over-target-duration", "2.5 seconds round to 3, and the target is 2", "malformed", "1.066667,", "2.500000,"),
    ("unknown-tag", "a line that no rule knows", "malformed", _URI, "#EXT-X-GAP\n" + _URI),
    ("comment", "no comments", "malformed", _URI, "# a comment\n" + _URI),
    ("absolute-uri", "no other host", "malformed", _URI, f"https://evil.example/media/{_DIGEST}.m4s\n"),
    ("uri-without-dots", "a live playlist stands one folder deep", "malformed", _URI, _URI[3:]),
    ("uri-climbs-out", "no path out of the mirror", "malformed", _URI, "../" + _URI),
    ("uri-with-percent-signs", "one spelling only", "malformed", _URI, _URI.replace("../media", "..%2Fmedia")),
    ("uri-with-a-query", "one spelling only", "malformed", _URI, _URI.replace(".m4s", ".m4s?x=1")),
    ("uri-in-capitals", "digests are lower case", "malformed", _DIGEST, _DIGEST.upper()),
    ("uri-of-63-digits", "a digest has 64 digits", "malformed", _DIGEST, _DIGEST[:-1]),
    ("uri-of-a-password-file", "nothing but media", "malformed", _URI, "../../etc/passwd\n"),
    ("uri-with-a-bidi-override", "nothing but media", "malformed", _URI, _URI.replace("media/", "media/\u202e")),
    ("segment-with-the-ending-of-an-init", "m4s for segments", "malformed", f"{_DIGEST}.m4s", f"{_DIGEST}.mp4"),
    ("init-with-the-ending-of-a-segment", "mp4 for init segments", "malformed", kit.INIT.name, kit.INIT.name[:-3] + "m4s"),
    ("no-map", "the first segment has none", "malformed", f"#EXT-X-HUMA-SIZE:744\n{_MAP_URI}", ""),
    ("map-without-size", "its size is missing", "malformed", "#EXT-X-HUMA-SIZE:744\n", ""),
    ("map-with-byterange", "no other attribute", "malformed", _MAP_URI, _MAP_URI.replace('"\n', '",BYTERANGE="1@0"\n')),
    ("map-changes-without-discontinuity", "only behind a DISCONTINUITY", "malformed", SECOND_ENTRY, f'#EXT-X-HUMA-SIZE:745\n#EXT-X-MAP:URI="../media/{kit.media("another init", "mp4").name}"\n{SECOND_ENTRY}'),
    ("map-repeated", "written only when it changes", "malformed", SECOND_ENTRY, f"#EXT-X-DISCONTINUITY\n#EXT-X-HUMA-SIZE:744\n{_MAP_URI}#EXT-X-PROGRAM-DATE-TIME:2026-11-23T18:21:00.000Z\n{SECOND_ENTRY}"),
    ("init-of-65-kib", "an init segment has at most 64 KiB", "malformed", "SIZE:744", "SIZE:65537"),
    ("no-date", "the first segment has none", "malformed", _date_line(), ""),
    ("date-in-the-middle", "dates stand first and behind a DISCONTINUITY", "malformed", SECOND_ENTRY, _date_line() + SECOND_ENTRY),
    ("discontinuity-without-date", "the time after a cut is unknown", "malformed", SECOND_ENTRY, "#EXT-X-DISCONTINUITY\n" + SECOND_ENTRY),
    ("skip-in-a-live-playlist", "only chapters skip", "malformed", SECOND_ENTRY, f"#EXT-X-HUMA-SKIP:20\n#EXT-X-DISCONTINUITY\n{_date_line()}{SECOND_ENTRY}"),
    ("vod-in-a-live-playlist", "only chapters are VOD", "malformed", "DISCONTINUITY-SEQUENCE:0\n", "DISCONTINUITY-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n"),
    ("duration-with-five-decimals", "six decimals", "malformed", "1.066667,", "1.06667,"),
    ("duration-without-decimals", "six decimals", "malformed", "1.066667,", "1,"),
    ("duration-with-an-exponent", "six decimals", "malformed", "1.066667,", "1.066667e0,"),
    ("duration-negative", "no sign", "malformed", "1.066667,", "-1.066667,"),
    ("duration-nan", "a number", "malformed", "1.066667,", "nan,"),
    ("duration-zero", "more than nothing", "malformed", "1.066667,", "0.000000,"),
    ("duration-with-a-title", "no text", "malformed", "1.066667,", "1.066667,hello"),
    ("no-size", "every segment has one", "malformed", f"#EXT-X-HUMA-SIZE:{100_000 + 1235}\n", ""),
    ("size-0", "at least one byte", "malformed", f"SIZE:{100_000 + 1235}", "SIZE:0"),
    ("size-over-8-mib", "no segment is larger", "malformed", f"SIZE:{100_000 + 1235}", "SIZE:8388609"),
    ("size-over-max-bytes", "the rendition allows 500,000", "too-large", f"SIZE:{100_000 + 1235}", "SIZE:500001"),
    ("size-twice", "one size a segment", "malformed", SECOND_ENTRY, SECOND_ENTRY + "#EXT-X-HUMA-SIZE:101235\n"),
    ("extinf-without-uri", "the list ends too early", "malformed", LAST_URI, ""),
)
# fmt: on
