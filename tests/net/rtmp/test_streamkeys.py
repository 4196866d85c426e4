from __future__ import annotations

import pytest

from huma.errors import UsageError
from huma.net.rtmp.refusals import EXPIRED_KEY, WRONG_KEY
from huma.net.rtmp.streamkeys import StreamKey, StreamKeys, hash_key, make_key

NEVER = 2**53


def test_a_made_key_opens_its_door_until_it_ends() -> None:
    key = make_key()
    mine = StreamKey.of("main", key, 1_000, "fa")
    keys = StreamKeys([mine, StreamKey.of("other", make_key(), NEVER)])
    assert keys.find(key, 999) is mine
    assert keys.find(key, 1_000) is EXPIRED_KEY
    assert keys.find(key + "x", 0) is WRONG_KEY
    assert keys.find("", 0) is WRONG_KEY
    assert keys.find("x" * 1_000_000, 0) is WRONG_KEY


def test_keys_are_kept_as_hashes_only() -> None:
    key = make_key()
    kept = StreamKeys([StreamKey.of("main", key, NEVER)])
    assert key not in repr(kept.keys)
    assert kept.keys[0].digest == hash_key(key)


def test_made_keys_are_good_keys_and_differ() -> None:
    made = {make_key() for _ in range(100)}
    assert len(made) == 100
    for key in made:
        StreamKey.of("a", key, NEVER)


@pytest.mark.parametrize(
    "key", ["short", "a" * 200, "with a space in it ...", "slash/slash/slash/", "q?uestion=mark....."]
)
def test_a_key_that_could_be_guessed_or_does_not_fit_an_address_is_refused(key: str) -> None:
    with pytest.raises(UsageError) as refused:
        StreamKey.of("main", key, NEVER)
    assert key not in str(refused.value.as_dict())


@pytest.mark.parametrize("name", ["", "Main", "a b", "x" * 33, "../x"])
def test_names_of_doors_are_plain(name: str) -> None:
    with pytest.raises(UsageError):
        StreamKey(name, bytes(32), NEVER)


def test_doors_and_keys_are_different_ones() -> None:
    one = StreamKey.of("main", "k" * 20, NEVER)
    with pytest.raises(UsageError, match="same name"):
        StreamKeys([one, StreamKey.of("main", "j" * 20, NEVER)])
    with pytest.raises(UsageError, match="same stream key"):
        StreamKeys([one, StreamKey.of("other", "k" * 20, NEVER)])
    with pytest.raises(UsageError, match="more than"):
        StreamKeys([StreamKey.of(f"d{each}", f"{each:020}", NEVER) for each in range(65)])
