"""Life cycles of logistics: what may become of a shipment, a trip and the visit that joins them."""

from __future__ import annotations

from typing import Final

from b2b.core.machine import Machine

READY: Final = "READY"
PLANNED: Final = "PLANNED"
IN_TRANSIT: Final = "IN_TRANSIT"
DELIVERED: Final = "DELIVERED"
FAILED: Final = "FAILED"
RETURNED: Final = "RETURNED"
CANCELLED: Final = "CANCELLED"
DEPARTED: Final = "DEPARTED"
COMPLETED: Final = "COMPLETED"

SHIPMENT: Final = Machine(
    "shipment",
    {
        READY: {"plan": PLANNED, "cancel": CANCELLED},
        PLANNED: {"depart": IN_TRANSIT, "unplan": READY},
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
        PLANNED: {"depart": DEPARTED, "cancel": CANCELLED},
        DEPARTED: {"complete": COMPLETED},
        COMPLETED: {},
        CANCELLED: {},
    },
)
