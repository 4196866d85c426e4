from __future__ import annotations

import pytest

from tests.clip.published import Published, publish


@pytest.fixture(scope="session")
def aired(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """Nobody changes anything in it."""
    return publish(tmp_path_factory.mktemp("aired"))
