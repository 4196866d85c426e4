from __future__ import annotations

import pytest

from huma.desk.duties import Duties, duties_at
from huma.keys.eventdir import EventDir
from tests.keys.eventmaking import NOW

MINUTE, HOUR = 60_000, 3_600_000


@pytest.mark.parametrize(
    ("later", "due"),
    [
        (0, Duties(steering=False, snapshot=False, timestamp=False)),
        (5 * MINUTE - 1, Duties(steering=False, snapshot=False, timestamp=False)),
        (5 * MINUTE, Duties(steering=False, snapshot=False, timestamp=True)),
        (12 * HOUR, Duties(steering=True, snapshot=False, timestamp=True)),
        (24 * HOUR, Duties(steering=True, snapshot=True, timestamp=True)),
        (-6 * MINUTE, Duties(steering=False, snapshot=False, timestamp=True)),
        (-25 * HOUR, Duties(steering=True, snapshot=True, timestamp=True)),
    ],
)
def test_what_is_due_when(event: EventDir, later: int, due: Duties) -> None:
    assert duties_at(event.trusted, NOW + later) == due
