"""The life cycle of a webhook subscription."""

from __future__ import annotations

from typing import Final

from b2b.core.machine import Machine

SUBSCRIPTION: Final = Machine(
    "Webhook subscription",
    {
        "ACTIVE": {"pause": "PAUSED", "disable": "DISABLED", "end": "ENDED"},
        "PAUSED": {"resume": "ACTIVE", "disable": "DISABLED", "end": "ENDED"},
        "DISABLED": {"resume": "ACTIVE", "end": "ENDED"},
        "ENDED": {},
    },
)
