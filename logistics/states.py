"""Life cycles of logistics: what may become of a shipment, a trip, a tender and a carrier's offer."""

from __future__ import annotations

from typing import Final

from b2b.core.machine import Machine

READY: Final = "READY"
TENDERED: Final = "TENDERED"
PLANNED: Final = "PLANNED"
IN_TRANSIT: Final = "IN_TRANSIT"
DELIVERED: Final = "DELIVERED"
FAILED: Final = "FAILED"
RETURNED: Final = "RETURNED"
CANCELLED: Final = "CANCELLED"
QUEUED: Final = "QUEUED"
RUNNING: Final = "RUNNING"
FOUND: Final = "FOUND"
DEPARTED: Final = "DEPARTED"
COMPLETED: Final = "COMPLETED"
OPEN: Final = "OPEN"
AWARDED: Final = "AWARDED"
WITHDRAWN: Final = "WITHDRAWN"
LAPSED: Final = "LAPSED"
INVITED: Final = "INVITED"
OFFERED: Final = "OFFERED"
ACCEPTED: Final = "ACCEPTED"
DECLINED: Final = "DECLINED"
REFUSED: Final = "REFUSED"
EXPIRED: Final = "EXPIRED"
LOST: Final = "LOST"
RECEIVED: Final = "RECEIVED"
DISPUTED: Final = "DISPUTED"
REJECTED: Final = "REJECTED"

SHIPMENT: Final = Machine(
    "shipment",
    {
        READY: {"plan": PLANNED, "tender": TENDERED, "cancel": CANCELLED},
        TENDERED: {"plan": PLANNED, "release": READY},
        PLANNED: {"depart": IN_TRANSIT, "replan": PLANNED, "unplan": READY},
        IN_TRANSIT: {"deliver": DELIVERED, "fail": FAILED},
        FAILED: {"retry": READY, "return": RETURNED},
        DELIVERED: {},
        RETURNED: {},
        CANCELLED: {},
    },
)

TRIP: Final = Machine(
    "trip",
    {
        PLANNED: {"depart": DEPARTED, "replan": PLANNED, "cancel": CANCELLED},
        DEPARTED: {"complete": COMPLETED},
        COMPLETED: {},
        CANCELLED: {},
    },
)

TENDER: Final = Machine(
    "tender",
    {
        OPEN: {"award": AWARDED, "withdraw": WITHDRAWN, "lapse": LAPSED},
        AWARDED: {},
        WITHDRAWN: {},
        LAPSED: {},
    },
)

# An asked carrier takes the price there is ("accept") or names its own ("offer"), which the operator accepts.
OFFER: Final = Machine(
    "offer",
    {
        INVITED: {
            "offer": OFFERED,
            "accept": ACCEPTED,
            "decline": DECLINED,
            "expire": EXPIRED,
            "lose": LOST,
        },
        OFFERED: {
            "offer": OFFERED,
            "accept": ACCEPTED,
            "withdraw": WITHDRAWN,
            "refuse": REFUSED,
            "expire": EXPIRED,
            "lose": LOST,
        },
        ACCEPTED: {},
        DECLINED: {},
        WITHDRAWN: {},
        REFUSED: {},
        EXPIRED: {},
        LOST: {},
    },
)
FREIGHT_INVOICE: Final = Machine(
    "freight invoice",
    {
        RECEIVED: {"accept": ACCEPTED, "dispute": DISPUTED},
        DISPUTED: {"accept": ACCEPTED, "reject": REJECTED},
        ACCEPTED: {},
        REJECTED: {},
    },
)
LIVE: Final = (INVITED, OFFERED)

ROUTE_PLAN: Final = Machine(
    "route plan",
    {
        QUEUED: {"start": RUNNING, "cancel": CANCELLED},
        RUNNING: {"find": FOUND, "fail": FAILED, "cancel": CANCELLED},
        FOUND: {"accept": ACCEPTED, "again": QUEUED, "cancel": CANCELLED},
        FAILED: {"again": QUEUED},
        CANCELLED: {"again": QUEUED},
        ACCEPTED: {},
    },
)
