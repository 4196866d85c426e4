"""All checks, in the order in which a person should read them."""

from __future__ import annotations

from typing import Final

from huma.check.event_checks import EVENT_CHECKS
from huma.check.key_checks import KEY_CHECKS
from huma.check.mirror_checks import MIRROR_CHECKS
from huma.check.trust_checks import TRUST_CHECKS
from huma.check.world_checks import WORLD_CHECKS

CHECKS: Final = (*EVENT_CHECKS, *KEY_CHECKS, *TRUST_CHECKS, *MIRROR_CHECKS, *WORLD_CHECKS)
