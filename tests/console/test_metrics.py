"""What Prometheus reads, read back by its own parser."""

from __future__ import annotations

from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from huma.console.metrics import render_metrics
from tests.console.states import state


def read(value: dict[str, Any]) -> dict[tuple[str, tuple[str, ...]], float]:
    text = render_metrics(value).decode()
    assert "store.example" not in text
    return {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_every_number_is_there() -> None:
    found = read(state())
    assert found["huma_on_air", ()] == 1
    assert found["huma_delay_seconds", ()] == 0.15
    assert found["huma_input_bits_per_second", ("main",)] == 2_500_000
    assert found["huma_input_status", ("main", "playing")] == 1
    assert found["huma_input_status", ("main", "waiting")] == 0
    assert found["huma_door_refused_total", ("main", "wrong-key")] == 2
    assert found["huma_loudness_momentary_lufs", ("fa",)] == -20.5
    assert found["huma_store_ok", ("2",)] == 0
    assert found["huma_store_age_seconds", ("1",)] == 0.7
    assert found["huma_recording_full_in_seconds", ()] == 7200
    assert found["huma_trust_seconds_left", ("timestamp",)] == 80_000
    assert found["huma_alarm", ("silence", "fa")] == 1
    assert found["huma_input_switches_total", ()] == 4


def test_what_cannot_be_told_is_left_out() -> None:
    value = state()
    value["publisher"]["delay_ms"] = value["publisher"]["tick"] = value["programme"]["speed"] = None
    value["recording"] = None
    found = read(value)
    names = {name for name, _ in found}
    assert found["huma_on_air", ()] == 0
    assert not {"huma_tick", "huma_delay_seconds", "huma_encoder_speed", "huma_recording_ok"} & names
    assert ("huma_input_key_interval_seconds", ("backup",)) not in found
    assert ("huma_loudness_integrated_lufs", ("en",)) not in found


def test_two_outputs_of_one_name_and_strange_names() -> None:
    value = state()
    value["outputs"][0]["label"] = value["outputs"][1]["label"] = 'a"b\\c\nd'
    assert read(value)["huma_output_connected", ('a"b\\c\nd',)] == 1
