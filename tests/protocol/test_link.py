"""Links: what is written is read back, and strangers' texts end in a sentence that helps."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.protocol.document_strategies import urls
from vectors.make import kit

from huma.errors import HumaError, UsageError
from huma.protocol.link import Link, parse_link, render_link, render_page_link

links = st.builds(Link, st.just(kit.EVENT_ID), st.lists(urls, max_size=8, unique=True).map(tuple))


@given(links)
def test_what_is_rendered_is_read_back(link: Link) -> None:
    assert parse_link(render_link(link)) == link
    assert parse_link(render_page_link("https://watch.example/live?a=b", link)) == link


@given(st.text(max_size=200))
@example("huma:1:")
@example("#1:?m=")
@example("huma:1:" + kit.EVENT_ID + "?m=%")
@example("huma:1:" + kit.EVENT_ID + "?m=%ff%fe")
def test_arbitrary_text_ends_in_our_error(text: str) -> None:
    with pytest.raises(HumaError):
        parse_link(text)


@given(st.integers(min_value=0), st.characters())
def test_one_wrong_letter_never_leads_to_a_private_network(where: int, letter: str) -> None:
    text = render_link(Link(kit.EVENT_ID, ("https://a.example/",)))
    at = where % len(text)
    try:
        link = parse_link(text[:at] + letter + text[at + 1 :])
    except UsageError:
        return
    assert all(mirror.startswith("https://") for mirror in link.mirrors)


@pytest.mark.parametrize(
    ("event_id", "mirrors"),
    [("short", ()), (kit.EVENT_ID, ("http://a.example/",)), (kit.EVENT_ID, ("https://a.example/",) * 9)],
)
def test_what_cannot_be_read_is_not_written(event_id: str, mirrors: tuple[str, ...]) -> None:
    with pytest.raises(UsageError):
        render_link(Link(event_id, mirrors))


@pytest.mark.parametrize("page", ["watch.example", "https://a/#b", "https://a b/", "javascript:x"])
def test_a_page_has_a_url(page: str) -> None:
    with pytest.raises(UsageError):
        render_page_link(page, Link(kit.EVENT_ID))


def test_the_longest_link_fits_the_limit() -> None:
    long = tuple(f"https://m{n}.example/" + "x" * 230 + "/" for n in range(8))
    assert parse_link(render_page_link("https://watch.example/", Link(kit.EVENT_ID, long))).mirrors == long
