"""Documents as Hypothesis draws them: all that the rules allow, and not only what we would write."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st
from vectors.make import kit

from huma.protocol.chapter import Chapter, ChapterRef
from huma.protocol.clocktext import MAX_MS
from huma.protocol.event import Event, Language, Rendition, ScheduleItem
from huma.protocol.names import MediaRef
from huma.protocol.playlist import LivePlaylist
from huma.protocol.revocation import Revocation, RootSignature
from huma.protocol.roster import Mirror, Roster
from huma.protocol.segments import SegmentEntry
from huma.protocol.steering import Hint, Steering

MAX = 2**53 - 1
TICK = Fraction(16, 15)

integers = st.integers(0, MAX)
moments = st.integers(0, MAX_MS)
in_window = st.integers(kit.NOT_BEFORE_MS, kit.NOT_AFTER_MS)
digests = st.binary(min_size=32, max_size=32).map(bytes.hex)
names_ = st.from_regex(r"[a-z0-9][a-z0-9-]{0,31}", fullmatch=True)
languages = st.from_regex(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?", fullmatch=True)
texts = st.text(
    st.characters(exclude_categories=["Cc", "Cs"], exclude_characters='\u2028\u2029"'),
    min_size=1,
    max_size=60,
)
extra_values = st.one_of(
    st.from_regex(r"[!#-+\--~]{1,20}", fullmatch=True),
    st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters='"'), max_size=20).map(
        lambda text: f'"{text}"'
    ),
)
extras = st.dictionaries(st.from_regex(r"X-[A-Z0-9-]{1,8}", fullmatch=True), extra_values, max_size=3).map(
    lambda found: tuple(found.items())
)


@st.composite
def entries(
    draw: st.DrawFn, count: int, *, on_grid: bool, max_bytes: int = 500_000
) -> tuple[SegmentEntry, ...]:
    """Segments of a playlist, with cuts and new encoders among them."""
    micro = st.integers(1, 2_499_999).map(lambda us: Fraction(us, 1_000_000))
    lasting = st.just(TICK) if on_grid else micro
    found: list[SegmentEntry] = []
    init, init_size = MediaRef(draw(digests), "mp4"), draw(st.integers(1, 65_536))
    for n in range(count):
        cut = draw(st.booleans()) if n == 0 else draw(st.integers(0, 5)) == 0
        if cut and n and draw(st.booleans()):
            init, init_size = MediaRef(draw(digests.filter(init.digest.__ne__)), "mp4"), n
        found.append(
            SegmentEntry(
                ref=MediaRef(draw(digests), "m4s"),
                size=draw(st.integers(1, max_bytes)),
                duration=draw(lasting),
                discontinuity=cut,
                init=init,
                init_size=init_size,
                pdt_ms=draw(moments) if n == 0 or cut else None,
            )
        )
    return tuple(found)


@st.composite
def playlists(draw: st.DrawFn) -> LivePlaylist:
    """Any live playlist that key A may sign for the picture of the vectors' event."""
    count = draw(st.integers(1, 12))
    sequence = draw(st.integers(0, 2**40))
    prev = draw(st.none() | st.tuples(digests, integers))
    chapter = draw(st.none() | st.tuples(integers, digests))
    return LivePlaylist(
        event=kit.EVENT_ID,
        rendition="v360",
        keyid=kit.A.public.keyid,
        tick=sequence + count - 1,
        issued_ms=draw(in_window),
        target_duration=draw(st.integers(2, 60)),
        media_sequence=sequence,
        discontinuity_sequence=draw(integers),
        entries=draw(entries(count, on_grid=draw(st.booleans()))),
        prev=prev[0] if prev else None,
        prev_tick=prev[1] if prev else None,
        chapter=chapter[0] if chapter else None,
        chapter_sha=chapter[1] if chapter else None,
        ended=draw(st.booleans()),
        extra=draw(extras),
        rank=1,
    )


@st.composite
def chapters(draw: st.DrawFn) -> Chapter:
    """Any chapter that key A may sign for the picture of the vectors' event."""
    n = draw(st.integers(0, 2**40))
    count = draw(st.integers(1, 20))
    listed = draw(entries(count, on_grid=True))
    offset = draw(st.integers(0, 280 - 40))
    skips = [draw(st.integers(0, 1)) if entry.discontinuity and at else 0 for at, entry in enumerate(listed)]
    prev = draw(st.none() | st.builds(ChapterRef, st.integers(1, MAX), integers, digests))
    return Chapter(
        event=kit.EVENT_ID,
        rendition="v360",
        keyid=kit.A.public.keyid,
        n=n,
        issued_ms=draw(in_window),
        target_duration=draw(st.integers(2, 60)),
        media_sequence=280 * n + offset,
        discontinuity_sequence=draw(integers),
        entries=tuple(replace(entry, skip=skip) for entry, skip in zip(listed, skips, strict=True)),
        prev=prev,
        ended=draw(st.booleans()),
        extra=draw(extras),
        rank=1,
    )


@st.composite
def renditions(draw: st.DrawFn, codes: list[str]) -> Rendition:
    """A rendition in one of these languages."""
    name, ticks = draw(names_), draw(st.integers(1, 16))
    max_bytes, bandwidth = draw(st.integers(1, 8 * 2**20)), draw(st.integers(1, MAX))
    if not codes or draw(st.booleans()):
        size = draw(st.integers(1, 16384))
        rate = (draw(st.integers(1, 100_000)), draw(st.integers(1, 100_000)))
        return Rendition(name, "video", ticks, max_bytes, "avc1.64001f", bandwidth, size, size, rate)
    return Rendition(
        name,
        "audio",
        ticks,
        max_bytes,
        "mp4a.40.2",
        bandwidth,
        language=draw(st.sampled_from(codes)),
        channels=draw(st.integers(1, 64)),
        sample_rate=draw(st.integers(1, 768_000)),
    )


@st.composite
def events(draw: st.DrawFn) -> Event:
    """Any event, with the keys of the vectors."""
    spoken = draw(st.dictionaries(languages, texts.filter(lambda text: len(text.encode()) <= 64), max_size=4))
    start = draw(st.integers(0, MAX_MS - 1))
    named = st.dictionaries(languages, texts, min_size=1, max_size=3)
    parts = draw(st.integers(1, 1000))
    return Event(
        title=draw(named),
        schedule=tuple(draw(st.lists(st.builds(ScheduleItem, moments, named), max_size=3))),
        start_ms=start,
        end_ms=draw(st.integers(start + 1, MAX_MS)),
        tick=(draw(st.integers(-(-parts // 5), 10 * parts)), parts),
        epoch_ms=draw(moments),
        copy=False,
        languages=tuple(Language(code, name) for code, name in spoken.items()),
        renditions=tuple(
            draw(st.lists(renditions(list(spoken)), min_size=1, max_size=5, unique_by=lambda each: each.name))
        ),
        live_keys=tuple(
            draw(st.permutations([kit.live_key(kit.A, 1), kit.live_key(kit.B, draw(st.integers(2, MAX)))]))
        ),
    )


labels = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True)
hosts = st.builds(lambda label: f"{label}.example", labels) | st.just("[2001:db8::7]") | st.just("192.0.2.7")
urls = st.builds(
    lambda host, port, folder: f"https://{host}{port}/{folder}",
    hosts,
    st.sampled_from(["", ":8443"]),
    st.sampled_from(["", "huma/", "a/b-c_d~e/"]),
)
mirrors: st.SearchStrategy[Mirror] = st.builds(
    Mirror,
    id=names_,
    url=urls,
    operator=texts.filter(lambda text: len(text.encode()) <= 128),
    cls=st.sampled_from(["cdn", "server", "home", "lan"]),
    tier=st.sampled_from(["trusted", "volunteer"]),
    addresses=st.lists(st.sampled_from(["192.0.2.7", "2001:db8::7", "::"]), max_size=8).map(tuple),
    spki=st.lists(digests, max_size=3).map(tuple),
)
rosters = st.builds(Roster, st.lists(mirrors, max_size=8, unique_by=lambda mirror: mirror.id).map(tuple))
steerings = st.builds(
    Steering,
    weights=st.dictionaries(names_, st.integers(1, 100), max_size=8),
    withdrawn=st.lists(names_, max_size=5, unique=True).map(tuple),
    hints=st.lists(
        st.builds(
            Hint, texts.filter(lambda text: len(text.encode()) <= 64), st.lists(names_, max_size=3).map(tuple)
        ),
        max_size=3,
    ).map(tuple),
)
signatures = st.binary(min_size=1, max_size=20).map(kit.A.sign)
revocations = st.builds(
    Revocation,
    event=st.sampled_from([kit.EVENT_ID, kit.OTHER_EVENT_ID]),
    keyid=digests.map(lambda digest: digest[:16]),
    signatures=st.lists(st.builds(RootSignature, digests, signatures), max_size=3).map(tuple),
)

json_values: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-MAX, MAX)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


@st.composite
def damaged(draw: st.DrawFn, text: str) -> str:
    """`text` with lines left out, doubled, swapped, or with letters put in: what a signer without rules might sign."""
    lines = text.split("\n")
    for _ in range(draw(st.integers(1, 3))):
        at, other = draw(st.integers(0, len(lines) - 1)), draw(st.integers(0, len(lines) - 1))
        match draw(st.integers(0, 4)):
            case 0:
                lines[at] = ""
            case 1:
                lines.insert(at, lines[other])
            case 2:
                lines[at], lines[other] = lines[other], lines[at]
            case 3:
                cut = draw(st.integers(0, len(lines[at])))
                put = draw(
                    st.sampled_from([*list('0123456789-,"=:./#AZaz \t\r\x00\ufeffی'), "NaN", "1e9", "\u2028"])
                )
                lines[at] = lines[at][:cut] + put + lines[at][cut:]
            case _:
                cut = draw(st.integers(0, len(lines[at])))
                lines[at] = lines[at][:cut] + lines[at][cut + 1 :]
    return "\n".join(line for line in lines[:-1] if line or draw(st.booleans())) + "\n"
