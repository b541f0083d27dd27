"""What logistics tells the others: goods left, goods arrived, or did not."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from b2b.contracts.base import Event, Part


class CarriedLine(Part):
    """A quantity of one order line inside a shipment."""

    order_id: UUID
    order_version: int
    order_line_id: int
    product_id: int
    quantity: int


class CarriedShipment(Part):
    """One drop of a trip."""

    shipment_id: UUID
    number: str
    dealer_id: int
    ship_to_site_id: int
    package_ids: tuple[UUID, ...]
    lines: tuple[CarriedLine, ...]


class Departed(Event):
    """A vehicle left the warehouse with these shipments."""

    topic: ClassVar[str] = "logistics.trip.departed.v1"
    aggregate: ClassVar[str] = "trip_id"
    party_fields: ClassVar[tuple[str, ...]] = ("carrier_id",)

    trip_id: UUID
    number: str
    carrier_id: int
    warehouse_site_id: int
    shipments: tuple[CarriedShipment, ...]


class DeliveredLine(Part):
    """What arrived of one order line; `short_quantity` was shipped but refused, lost or damaged."""

    order_id: UUID
    order_version: int
    order_line_id: int
    product_id: int
    delivered_quantity: int
    short_quantity: int = 0


class DeliveryConfirmed(Event):
    """A dealer signed for goods: the proof of delivery that invoices follow from."""

    topic: ClassVar[str] = "logistics.delivery.confirmed.v1"
    aggregate: ClassVar[str] = "shipment_id"
    party_fields: ClassVar[tuple[str, ...]] = ("dealer_id", "carrier_id")

    shipment_id: UUID
    number: str
    dealer_id: int
    carrier_id: int
    ship_to_site_id: int
    delivered_at: datetime
    currency: str
    freight_amount: Decimal
    lines: tuple[DeliveredLine, ...]


class DeliveryFailed(Event):
    """Nobody could take the goods; they are on their way back or to another attempt."""

    topic: ClassVar[str] = "logistics.delivery.failed.v1"
    aggregate: ClassVar[str] = "shipment_id"
    party_fields: ClassVar[tuple[str, ...]] = ("dealer_id", "carrier_id")

    shipment_id: UUID
    number: str
    dealer_id: int
    carrier_id: int
    reason: str


class ETAChanged(Event):
    """A shipment under way is now thought to arrive outside its window, or inside it again, or much later or sooner.

    `p50_at` and `p80_at` are when it arrives by half and by four fifths of the chances; `was_p80_at` is what was told
    before, null the first time. `is_late` when four fifths end after `window_closes_at`.
    """

    topic: ClassVar[str] = "logistics.eta.changed.v1"
    aggregate: ClassVar[str] = "shipment_id"
    party_fields: ClassVar[tuple[str, ...]] = ("dealer_id", "carrier_id")

    shipment_id: UUID
    number: str
    trip_id: UUID
    dealer_id: int
    carrier_id: int
    p50_at: datetime
    p80_at: datetime
    was_p80_at: datetime | None
    window_closes_at: datetime | None
    is_late: bool
