from __future__ import annotations

from pathlib import Path

import pytest

from tests.longer import is_longer

HERE = Path(__file__).parent
SLOW = ("browser", "system")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that wait for browsers and servers begin first, so that no worker is left alone with them at the end."""
    for item in items:
        if item.path.is_relative_to(HERE) and is_longer(item.path.relative_to(HERE).as_posix(), item.name):
            item.add_marker(pytest.mark.longer)
    items.sort(key=lambda item: not any(item.get_closest_marker(mark) for mark in SLOW))
