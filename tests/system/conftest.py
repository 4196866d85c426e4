"""What the tests of the command line have, for those that set real servers beside it."""

from __future__ import annotations

from tests.cli.conftest import event, home

__all__ = ["event", "home"]
