"""Loads offered to carriers, for tests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from b2b.core.actor import acting_as
from b2b.directory.models import Organization
from logistics.models import Offer, Shipment, Tender
from logistics.services import tender, tender_answer
from tests.factories import catalog, directory
from tests.factories import logistics as make

AT = make.MORNING


def terms(**values: Any) -> tender.Terms:
    """Return terms with a pick-up during the day and an hour to answer."""
    return tender.Terms(
        **{
            "pickup_from_at": AT + timedelta(minutes=30),
            "pickup_until_at": AT + timedelta(hours=6),
            "answer_minutes": 60,
            **values,
        }
    )


def opened(shipments: list[Shipment], *carriers: Organization, **values: Any) -> Tender:
    """Offer shipments to carriers."""
    with acting_as(make.PLATFORM) as platform:
        return tender.open_tender(
            [one.pk for one in shipments],
            terms(carriers=[one.code for one in carriers], **values),
            by=platform,
            at=AT,
        )


def offer_of(made: Tender, carrier: Organization) -> Offer:
    """Return what a carrier was asked."""
    with acting_as(make.PLATFORM):
        return Offer.objects.select_related("tender").get(tender=made, carrier=carrier)


def accepted(offer: Offer, vehicle_code: str, by: Any, **values: Any) -> Offer:
    """Take a load at its price."""
    with acting_as(by):
        commitment = tender_answer.prepare(offer.pk, vehicle_code=vehicle_code, by=by, at=AT, **values)
        return tender_answer.accept(offer.pk, commitment, by=by, at=AT)


def asked(dealer: Organization, carrier: Organization, **values: Any) -> tuple[Offer, str]:
    """Ask a carrier that has a van to carry a shipment of a dealer; return its offer and the van's code."""
    warehouse = directory.warehouse(latitude="30.500000", longitude="114.300000")
    shop = directory.site(dealer, latitude="30.600000", longitude="114.300000")
    load = make.shipments(warehouse, [make.packed_unit(shop, catalog.product())])
    van = make.vehicle(carrier, shift_start="00:00", shift_end="23:59:59")
    return offer_of(opened(load, carrier, **values), carrier), van.code
