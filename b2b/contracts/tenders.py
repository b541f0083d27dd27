"""What logistics tells carriers of loads: they are asked, they won, it is over."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from b2b.contracts.base import Event


class OfferInvited(Event):
    """A carrier is asked to carry a load; with a price it may take it, without one it names its own."""

    topic: ClassVar[str] = "logistics.offer.invited.v1"
    aggregate: ClassVar[str] = "offer_id"
    party_fields: ClassVar[tuple[str, ...]] = ("carrier_id",)

    offer_id: UUID
    number: str
    carrier_id: int
    expires_at: datetime
    weight_g: int
    volume_cm3: int
    price: Decimal | None
    currency: str


class OfferMade(Event):
    """A carrier named its price for a load."""

    topic: ClassVar[str] = "logistics.offer.made.v1"
    aggregate: ClassVar[str] = "offer_id"
    party_fields: ClassVar[tuple[str, ...]] = ("carrier_id",)

    offer_id: UUID
    number: str
    carrier_id: int
    price: Decimal
    currency: str
    pickup_at: datetime


class OfferAccepted(Event):
    """A carrier won a load: its trip is planned."""

    topic: ClassVar[str] = "logistics.offer.accepted.v1"
    aggregate: ClassVar[str] = "offer_id"
    party_fields: ClassVar[tuple[str, ...]] = ("carrier_id",)

    offer_id: UUID
    number: str
    carrier_id: int
    trip_id: UUID
    price: Decimal
    currency: str
    pickup_at: datetime


class OfferClosed(Event):
    """A carrier that was asked need not answer any more; the status says why."""

    topic: ClassVar[str] = "logistics.offer.closed.v1"
    aggregate: ClassVar[str] = "offer_id"
    party_fields: ClassVar[tuple[str, ...]] = ("carrier_id",)

    offer_id: UUID
    number: str
    carrier_id: int
    status: str
    reason: str = ""


class TenderLapsed(Event):
    """Nobody took a load; its shipments wait for a plan again."""

    topic: ClassVar[str] = "logistics.tender.lapsed.v1"
    aggregate: ClassVar[str] = "tender_id"

    tender_id: UUID
    number: str
    warehouse_site_id: int
