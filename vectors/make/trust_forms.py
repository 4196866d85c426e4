"""Vectors of form: what is not strictly the JSON, the signature or the member that it should be. T2, T3."""

# ruff: noqa: D103 -- the name and the first argument say why

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from vectors.make.trustcase import ROLES, Case, bent, case, published
from vectors.make.trustrepo import Doc, Repo, resign, to_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

ORDER = 2**252 + 27742317777372353535851937790883648493


def raw(why: str, expect: str, change: Callable[[bytes], bytes]) -> Case:
    """A timestamp whose bytes are changed after it was signed."""
    repo = published()
    return Case(why, expect, repo).offer("trust/timestamp.json", change(repo.get("timestamp")))


def signatures(why: str, expect: str, change: Callable[[list[Doc]], object]) -> Case:
    """A timestamp whose signatures are changed."""

    def apply(data: bytes) -> bytes:
        document = json.loads(data)
        change(document["signatures"])
        return to_bytes(document)

    return raw(why, expect, apply)


@case
def form_spaces_do_not_matter() -> Case:
    repo = Repo()
    repo.list_digests = False
    repo.publish()
    spaced = json.dumps(json.loads(repo.get("timestamp")), indent=2).encode()
    return (
        Case("the signature is over the canonical form", "ok", repo)
        .offer("trust/timestamp.json", spaced)
        .result(wanted=["trust/1.snapshot.json"])
    )


@case
def form_unknown_members_are_signed() -> Case:
    made = bent(
        "a member that is yet to come is part of what is signed",
        "ok",
        "timestamp",
        lambda s: s.update(note={"fa": 'سلام "\\\n', "n": [1, True, None]}),
    )
    return made.result(wanted=["trust/1.snapshot.json"])


@case
def form_member_added() -> Case:
    return raw(
        "an added member breaks the signature",
        "bad-signature",
        lambda data: data.replace(b'"signed":{', b'"signed":{"a":1,'),
    )


@case
def form_not_json() -> Case:
    return raw("cut in the middle", "malformed", lambda data: data[: len(data) // 2])


@case
def form_byte_order_mark() -> Case:
    return raw("a byte order mark", "malformed", lambda data: b"\xef\xbb\xbf" + data)


@case
def form_name_twice() -> Case:
    return raw(
        "a name twice: parsers choose differently",
        "malformed",
        lambda data: data.replace(b'"version":1}', b'"version":1,"version":2}', 1),
    )


@case
def form_fraction() -> Case:
    return raw("a version of 1.0", "malformed", lambda data: data.replace(b'"version":1}', b'"version":1.0}'))


@case
def form_exponent() -> Case:
    return raw("a version of 1e0", "malformed", lambda data: data.replace(b'"version":1}', b'"version":1e0}'))


@case
def form_huge_number() -> Case:
    return bent(
        "a version of 2^53 is not exact in every language",
        "malformed",
        "timestamp",
        lambda s: s.update(version=2**53),
    )


@case
def form_version_zero() -> Case:
    return bent("version 0", "malformed", "timestamp", lambda s: s.update(version=0))


@case
def form_version_true() -> Case:
    return bent("a version that is true", "malformed", "timestamp", lambda s: s.update(version=True))


@case
def form_version_text() -> Case:
    return bent("a version as text", "malformed", "timestamp", lambda s: s.update(version="1"))


@case
def form_no_such_day() -> Case:
    return bent(
        "the 30th of February", "malformed", "timestamp", lambda s: s.update(expires="2027-02-30T00:00:00Z")
    )


@case
def form_leap_second() -> Case:
    return bent("a leap second", "malformed", "timestamp", lambda s: s.update(expires="2026-12-31T23:59:60Z"))


@case
def form_moment_with_another_letter() -> Case:
    return bent(
        "a moment that ends in another letter than Z",
        "malformed",
        "timestamp",
        lambda s: s.update(expires="2026-12-31T23:59:59z"),
    )


@case
def form_time_zone() -> Case:
    return bent(
        "a moment in another zone",
        "malformed",
        "timestamp",
        lambda s: s.update(expires="2026-12-31T23:59:59+03:30"),
    )


@case
def form_another_specification() -> Case:
    return bent(
        "metadata of TUF 2, which is yet to come",
        "malformed",
        "timestamp",
        lambda s: s.update(spec_version="2.0.0"),
    )


@case
def form_name_not_ascii() -> Case:
    return bent(
        "a name that languages sort differently", "malformed", "timestamp", lambda s: s.update({"\uffee": 1})
    )


@case
def form_half_a_surrogate() -> Case:
    return raw(
        "text that has no bytes",
        "malformed",
        lambda data: data.replace(b'"signed":{', b'"signed":{"a":"\\udc00",'),
    )


@case
def form_nested_without_end() -> Case:
    return raw(
        "lists in lists",
        "malformed",
        lambda data: data.replace(b'"signed":{', b'"signed":{"a":' + b"[" * 40 + b"]" * 40 + b","),
    )


@case
def form_too_large() -> Case:
    return raw("a timestamp of more than 16 KiB", "too-large", lambda data: data + b" " * 16384)


@case
def form_is_a_list() -> Case:
    return raw("a list instead of an object", "malformed", lambda data: b"[" + data + b"]")


@case
def signature_missing() -> Case:
    return signatures("no signature", "bad-signature", lambda found: found.clear())


@case
def signature_twice() -> Case:
    return signatures("one key id twice", "malformed", lambda found: found.append(found[0]))


@case
def signature_in_capitals() -> Case:
    return signatures(
        "a signature in another spelling counts for nothing",
        "bad-signature",
        lambda found: found[0].update(sig=found[0]["sig"].upper()),
    )


@case
def signature_plus_order() -> Case:
    def change(found: list[Doc]) -> None:
        sig = bytes.fromhex(found[0]["sig"])
        s = int.from_bytes(sig[32:], "little") + ORDER
        found[0]["sig"] = (sig[:32] + s.to_bytes(32, "little")).hex()

    return signatures("S + L is S to a lenient library", "bad-signature", change)


@case
def signature_under_another_keyid() -> Case:
    return signatures(
        "the right signature under the id of another key",
        "bad-signature",
        lambda found: found[0].update(keyid="0" * 64),
    )


@case
def signature_of_an_unknown_kind_beside() -> Case:
    made = signatures(
        "a signature that is yet to come, beside a good one",
        "ok",
        lambda found: found.append({"keyid": "f" * 64, "sig": "base64:AAAA"}),
    )
    return made.result(wanted=["trust/1.snapshot.json"])


@case
def signature_of_another_document() -> Case:
    repo = published()
    other = json.loads(repo.get("snapshot"))
    document = json.loads(repo.get("timestamp"))
    stolen = resign({"signed": other["signed"]}, ("timestamp",))["signatures"]
    return Case("a signature over another document", "bad-signature", repo).offer(
        "trust/timestamp.json", to_bytes({**document, "signatures": stolen})
    )


@case
def signature_by_thirty_strangers() -> Case:
    strangers = [{"keyid": f"{n:064x}", "sig": "0" * 128} for n in range(30)]
    made = signatures(
        "strangers' signatures beside a good one count for nothing",
        "ok",
        lambda found: found.extend(strangers),
    )
    return made.result(wanted=["trust/1.snapshot.json"])


@case
def signature_flood() -> Case:
    strangers = [{"keyid": f"{n:064x}", "sig": ""} for n in range(64)]
    return signatures("more signatures than anyone needs", "malformed", lambda found: found.extend(strangers))


@case
def documents_in_any_spelling_of_json() -> Case:
    repo = Repo()
    repo.list_digests = False
    repo.publish()
    made = Case("documents written by another tool, with spaces and escapes", "ok", repo)
    for name in ROLES:
        made.offer(
            repo.path(name), json.dumps(json.loads(repo.get(name)), indent=1, ensure_ascii=True).encode()
        )
    return made.result(wanted=[])
