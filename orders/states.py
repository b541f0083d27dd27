"""The life cycles of the documents of this app."""

from __future__ import annotations

from typing import Final

from b2b.core.machine import Machine

ORDER: Final = Machine(
    "order",
    {
        "DRAFT": {"confirm": "CONFIRMED", "reject": "REJECTED", "cancel": "CANCELLED"},
        "CONFIRMED": {
            "reprice": "CONFIRMED",
            "shorten": "CONFIRMED",
            "cancel": "CANCELLED",
            "complete": "COMPLETED",
        },
        "REJECTED": {},
        "CANCELLED": {},
        "COMPLETED": {},
    },
)

ORDER_CYCLE: Final = Machine(
    "order cycle",
    {
        "DRAFT": {"open": "OPEN", "extend": "DRAFT", "cancel": "CLOSED"},
        "OPEN": {"boxfill": "BOXFILL", "extend": "OPEN", "freeze": "FROZEN", "cancel": "CLOSED"},
        "BOXFILL": {"extend": "BOXFILL", "freeze": "FROZEN", "cancel": "CLOSED"},
        "FROZEN": {"send": "SENT", "close": "CLOSED"},
        "SENT": {"confirm": "CONFIRMED", "close": "CLOSED"},
        "CONFIRMED": {"close": "CLOSED"},
        "CLOSED": {},
    },
)

# A later answer of the factory replaces an earlier one, so a confirmed order can be confirmed again.
PURCHASE_ORDER: Final = Machine(
    "purchase order",
    {
        "DRAFT": {"send": "SENT"},
        "SENT": {"confirm": "CONFIRMED", "reject": "REJECTED"},
        "CONFIRMED": {
            "confirm": "CONFIRMED",
            "shorten": "CONFIRMED",
            "reject": "REJECTED",
            "close": "CLOSED",
        },
        "REJECTED": {},
        "CLOSED": {},
    },
)

DESPATCH_ADVICE: Final = Machine(
    "despatch advice",
    {"ADVISED": {"receive": "RECEIVED"}, "RECEIVED": {"receive": "RECEIVED"}},
)

PRODUCTION_SIGNAL: Final = Machine(
    "production signal",
    {
        "PROPOSED": {"approve": "APPROVED", "cancel": "CANCELLED"},
        "APPROVED": {"send": "SENT", "cancel": "CANCELLED"},
        "SENT": {
            "acknowledge": "ACKNOWLEDGED",
            "commit": "COMMITTED",
            "reject": "REJECTED",
            "expire": "EXPIRED",
        },
        "ACKNOWLEDGED": {"commit": "COMMITTED", "reject": "REJECTED", "expire": "EXPIRED"},
        "COMMITTED": {"commit": "COMMITTED", "fulfil": "FULFILLED"},
        "FULFILLED": {},
        "REJECTED": {},
        "CANCELLED": {},
        "EXPIRED": {},
    },
)

SAVINGS_STATEMENT: Final = Machine("savings statement", {"STATED": {}})
