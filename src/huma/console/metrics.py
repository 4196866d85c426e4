"""The same state as Prometheus reads it (text format 0.0.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from prometheus_client import Metric

    Row = tuple[tuple[str, ...], float | None]

TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_STATUS: Final = ("waiting", "playing", "stalled", "reconnecting", "ended")


def render_metrics(state: Mapping[str, Any]) -> bytes:
    """Every number of a state. No label is an address."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_State(state))
    return generate_latest(registry)


class _State:
    """One state as a collector."""

    def __init__(self, state: Mapping[str, Any]) -> None:
        self._state = state

    def collect(self) -> Iterator[Metric]:
        yield from _of_programme(self._state)
        yield from _of_inputs(self._state["inputs"])
        yield from _of_languages(self._state["languages"])
        yield from _of_stores(self._state["stores"])
        yield from _of_outputs(self._state["outputs"], self._state["recording"])
        yield _gauge(
            "huma_alarm",
            "Alarms that stand now.",
            ("alarm", "where"),
            [((each["code"], each["where"]), 1) for each in self._state["alarms"]],
        )
        yield _gauge(
            "huma_trust_seconds_left",
            "Until a trust document expires.",
            ("document",),
            [((each["name"],), each["left_s"]) for each in self._state["trust"]],
        )


def _of_programme(state: Mapping[str, Any]) -> Iterator[Metric]:
    programme, publisher = state["programme"], state["publisher"]
    yield _gauge("huma_on_air", "Whether the programme, not the slate, is on the air.", (), [
        ((), float(publisher["tick"] is not None and programme["origin"] == "programme"))])  # fmt: skip
    yield _gauge("huma_tick", "The newest tick that was published.", (), [((), publisher["tick"])])
    yield _gauge("huma_delay_seconds", "From the end of a tick to its signature.", (), [
        ((), _seconds(publisher["delay_ms"]))])  # fmt: skip
    yield _gauge("huma_encoder_speed", "Made time by real time.", (), [((), programme["speed"])])
    yield _counter("huma_frames_dropped", "Pictures left out because encoding was too slow.", (), [
        ((), programme["dropped"])])  # fmt: skip
    yield _counter("huma_segments", "Segments that were published.", (), [((), publisher["segments"])])
    yield _counter("huma_segments_dropped", "Segments that were left out.", (), [((), publisher["dropped"])])
    yield _counter("huma_media_bytes", "Media that was published.", (), [((), publisher["media_bytes"])])
    yield _counter("huma_input_switches", "How often the input on the air changed.", (), [
        ((), state["input"]["switches"])])  # fmt: skip


def _of_inputs(inputs: Sequence[Mapping[str, Any]]) -> Iterator[Metric]:
    yield _gauge("huma_input_on_air", "Whether this input is on the air.", ("input",), [
        ((each["name"],), float(each["on_air"])) for each in inputs])  # fmt: skip
    yield _gauge("huma_input_status", "1 for the status that an input has.", ("input", "status"), [
        ((each["name"], status), float(each["status"] == status)) for each in inputs for status in _STATUS])  # fmt: skip
    yield _gauge("huma_input_bits_per_second", "What arrives.", ("input",), [
        ((each["name"],), each["kbps"] * 1000) for each in inputs])  # fmt: skip
    yield _gauge("huma_input_key_interval_seconds", "The longest of the last key-frame distances.", ("input",), [
        ((each["name"],), each["key_interval_s"]) for each in inputs])  # fmt: skip
    yield _counter("huma_input_faults", "Packets that could not be decoded.", ("input",), [
        ((each["name"],), each["faults"]) for each in inputs])  # fmt: skip
    yield _counter("huma_input_opened", "How often it was opened.", ("input",), [
        ((each["name"],), each["opened"]) for each in inputs])  # fmt: skip
    yield _counter("huma_door_refused", "Who was sent away, by reason.", ("input", "reason"), [
        ((each["name"], reason), count) for each in inputs if each["door"]
        for reason, count in each["door"]["refused"].items()])  # fmt: skip


def _of_languages(languages: Sequence[Mapping[str, Any]]) -> Iterator[Metric]:
    for name in ("momentary", "short_term", "integrated"):
        yield _gauge(f"huma_loudness_{name}_lufs", "EBU R 128.", ("language",), [
            ((each["code"],), each["levels"][name]) for each in languages])  # fmt: skip
    yield _gauge("huma_true_peak_dbtp", "The highest true peak since the beginning.", ("language",), [
        ((each["code"],), each["levels"]["true_peak"]) for each in languages])  # fmt: skip


def _of_stores(stores: Sequence[Mapping[str, Any]]) -> Iterator[Metric]:
    yield _gauge("huma_store_ok", "Whether the last thing that was tried succeeded.", ("store",), [
        ((each["place"],), float(each["ok"])) for each in stores])  # fmt: skip
    yield _gauge("huma_store_age_seconds", "Since it got a live playlist.", ("store",), [
        ((each["place"],), _seconds(each["age_ms"])) for each in stores])  # fmt: skip
    yield _gauge("huma_store_behind", "Files still to be brought.", ("store",), [
        ((each["place"],), each["behind"]) for each in stores])  # fmt: skip


def _of_outputs(
    outputs: Sequence[Mapping[str, Any]], recording: Mapping[str, Any] | None
) -> Iterator[Metric]:
    yield _gauge("huma_output_connected", "Whether the other side takes what we send.", ("output",), [
        ((each["label"],), float(each["connected"])) for each in outputs])  # fmt: skip
    yield _counter("huma_output_reconnects", "How often it was called again.", ("output",), [
        ((each["label"],), each["reconnects"]) for each in outputs])  # fmt: skip
    if recording is not None:
        yield _gauge("huma_recording_ok", "Whether it records.", (), [((), float(not recording["code"]))])
        yield _counter("huma_recording_bytes", "What was written.", (), [((), recording["bytes"])])
        yield _gauge("huma_recording_full_in_seconds", "Until its disk is full.", (), [
            ((), recording["full_in_s"])])  # fmt: skip


def _gauge(name: str, words: str, labels: tuple[str, ...], rows: Sequence[Row]) -> Metric:
    return _filled(GaugeMetricFamily(name, words, labels=labels), rows)


def _counter(name: str, words: str, labels: tuple[str, ...], rows: Sequence[Row]) -> Metric:
    return _filled(CounterMetricFamily(name, words, labels=labels), rows)


def _filled(family: GaugeMetricFamily | CounterMetricFamily, rows: Sequence[Row]) -> Metric:
    """What cannot be told is left out; what has the same labels (two outputs of one name) is told once."""
    known: dict[tuple[str, ...], float] = {}
    for labels, value in rows:
        if value is not None:
            known.setdefault(labels, float(value))
    for labels, value in known.items():
        family.add_metric(list(labels), value)
    return family


def _seconds(ms: int | None) -> float | None:
    return None if ms is None else ms / 1000
