from __future__ import annotations

import shlex

from huma.net.rtmp.card import make_card


def test_the_card_has_what_obs_and_ffmpeg_ask_for() -> None:
    card = make_card("main", "THEKEY", host="studio.example", port=1935)
    fields = dict(card.fields)
    assert fields["Server"] == "rtmp://studio.example:1935/live"
    assert fields["Stream Key"] == "THEKEY"
    assert (fields["Keyframe Interval"], fields["Rate Control"]) == ("1 s", "CBR")
    assert (fields["Profile"], fields["Sample Rate"]) == ("high", "48 kHz")
    line = shlex.split(card.ffmpeg)
    assert line[-1] == "rtmp://studio.example:1935/live/THEKEY"
    assert line[line.index("-ar") + 1] == "48000"


def test_an_ipv6_address_and_tls() -> None:
    card = make_card("main", "THEKEY", host="::1", port=443, secure=True)
    assert dict(card.fields)["Server"] == "rtmps://[::1]:443/live"
