"""The pages of logistics on both sites; importing the package registers them."""

from logistics.admin import fleet, home, on_order, plan, shipment, trip

__all__ = ["fleet", "home", "on_order", "plan", "shipment", "trip"]
