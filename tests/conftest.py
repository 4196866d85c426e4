from __future__ import annotations

import pytest

SLOW = ("browser", "system")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that wait for browsers and servers begin first, so that no worker is left alone with them at the end."""
    items.sort(key=lambda item: not any(item.get_closest_marker(mark) for mark in SLOW))
