"""What is wrong with a broadcast now, gathered from all its parts into one list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

WARNING: Final = "warning"
ALARM: Final = "alarm"
STORE_OLD_MS: Final = 15_000
SOON_FULL_S: Final = 3600
KEY_SOON_S: Final = 86_400
AGED: Final = 0.55
"""A little over half of a life: a desk that works signs its shortest documents at half of it."""
OLD: Final = 0.8


def troubles(state: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every trouble of a state: alarms first, the oldest first among equals."""
    found = [
        *_of_publisher(state["publisher"]),
        *_of_stores(state["stores"]),
        *_of_outputs(state["outputs"], state["recording"]),
        *of_trust(state["trust"]),
        *_of_doors(state["inputs"]),
    ]
    return [*state["alarms"], *sorted(found, key=lambda each: each["level"] != ALARM)]


def alarm(code: str, where: str, level: str = ALARM, *, since_ms: int | None = None) -> dict[str, Any]:
    """One trouble as the console shows it."""
    return {"code": code, "where": where, "level": level, "since_ms": since_ms}


def _of_publisher(publisher: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    if publisher["code"]:
        yield alarm(publisher["code"], "publisher")


def _of_stores(stores: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for store in stores:
        if not store["ok"]:
            yield alarm(store["code"], store["name"])
        elif store["age_ms"] is not None and store["age_ms"] > STORE_OLD_MS:
            yield alarm("store-old", store["name"])


def _of_outputs(
    outputs: Sequence[Mapping[str, Any]], recording: Mapping[str, Any] | None
) -> Iterator[dict[str, Any]]:
    for output in outputs:
        if not output["connected"]:
            yield alarm(output["code"] or "output-waiting", output["label"], WARNING)
    if recording is not None:
        if recording["code"]:
            yield alarm(recording["code"], "recording")
        elif recording["full_in_s"] is not None and recording["full_in_s"] < SOON_FULL_S:
            yield alarm("record-soon-full", "recording", WARNING)


def of_trust(documents: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Documents that grow old, or are over."""
    for each in documents:
        if each["left_s"] <= 0:
            yield alarm("trust-expired", each["name"])
        elif each["age"] is not None and each["age"] >= OLD:
            yield alarm("trust-old", each["name"])
        elif (each["age"] is not None and each["age"] >= AGED) or each["short"]:
            yield alarm("trust-old", each["name"], WARNING)


def _of_doors(inputs: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for each in inputs:
        door = each["door"]
        if door is not None and door["code"]:
            yield alarm(door["code"], each["name"])
        if door is not None and door["key_left_s"] < KEY_SOON_S:
            yield alarm("key-ends", each["name"], ALARM if door["key_left_s"] <= 0 else WARNING)
