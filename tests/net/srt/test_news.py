"""What a listener says of itself is parsed as a stranger's word."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huma.net.srt.news import LineQuality, News, NewsError, parse_news, render_news

FULL = News(
    listening=True,
    confined=True,
    line=LineQuality(200, 12.5, 4, 1, 3),
    refused={"busy": 2, "passphrase": 7},
)


@pytest.mark.parametrize("news", [News(), News(failed="srt-missing"), FULL])
def test_what_is_written_can_be_read(news: News) -> None:
    line = render_news(news)
    assert line.endswith(b"\n")
    assert parse_news(line) == news


@given(st.binary(max_size=300))
def test_any_bytes_are_news_or_an_error_of_ours(data: bytes) -> None:
    with suppress(NewsError):
        assert isinstance(parse_news(data), News)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("refused", {"busy": -1}), ("refused", {"busy": 1.5}), ("refused", {"busy": True}), ("refused", {"busy": 2**53}),
        ("failed", "call 203.0.113.9"), ("failed", []), ("refused", []), ("refused", None),
        ("refused", {"busy": "x"}), ("line", 3), ("line", {}), ("line", {**asdict(LineQuality()), "lost": -1}),
        ("line", {**asdict(LineQuality()), "round_trip_ms": 10**400}),
        ("line", {**asdict(LineQuality()), "round_trip_ms": float("nan")}),
    ],
)  # fmt: skip
def test_what_no_listener_of_ours_says(member: str, value: object) -> None:
    with pytest.raises(NewsError):
        parse_news(json.dumps({**asdict(FULL), member: value}).encode())


def test_reasons_of_its_own_are_left_out() -> None:
    line = json.dumps({**asdict(FULL), "refused": {"busy": 1, "203.0.113.9": 5}}).encode()
    assert parse_news(line).refused == {"busy": 1}


def test_depth_is_no_way_in() -> None:
    with pytest.raises(NewsError):
        parse_news(b"[" * 100_000)
