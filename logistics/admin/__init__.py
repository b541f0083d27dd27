"""The pages of logistics on both sites; importing the package registers them."""

from logistics.admin import fleet, home, offer_load, on_order, plan, shipment, tender, trip

__all__ = ["fleet", "home", "offer_load", "on_order", "plan", "shipment", "tender", "trip"]
