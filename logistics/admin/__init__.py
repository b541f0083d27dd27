"""The pages of logistics on both sites; importing the package registers them."""

from logistics.admin import (
    board,
    fleet,
    home,
    offer_load,
    on_order,
    pending,
    plan,
    route_plan,
    shipment,
    tender,
    trip,
)

__all__ = [
    "board",
    "fleet",
    "home",
    "offer_load",
    "on_order",
    "pending",
    "plan",
    "route_plan",
    "shipment",
    "tender",
    "trip",
]
