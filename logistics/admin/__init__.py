"""The pages of logistics on both sites; importing the package registers them."""

from logistics.admin import (
    alert,
    board,
    fleet,
    freight_invoice,
    home,
    offer_load,
    on_order,
    pending,
    plan,
    position,
    route_plan,
    shipment,
    tender,
    trip,
)

__all__ = [
    "alert",
    "board",
    "fleet",
    "freight_invoice",
    "home",
    "offer_load",
    "on_order",
    "pending",
    "plan",
    "position",
    "route_plan",
    "shipment",
    "tender",
    "trip",
]
