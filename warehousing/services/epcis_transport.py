"""Tell what happens to packages outside the house: loaded onto a vehicle, taken over at the dealer's door."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from b2b.contracts.logistics import DeliveryConfirmed, Departed
from b2b.core.epcis import event, uris
from b2b.core.epcis.event import Facts
from b2b.core.errors import NotYet
from b2b.db.transactions import unit_of_work
from b2b.directory.models import Organization, Site
from warehousing.models import EpcisEvent, Package
from warehousing.policies.epcis_events import Mention, Told
from warehousing.services import epcis


@unit_of_work()
def loaded(trip: Departed, *, at: datetime) -> int:
    """Write an event of loading for each shipment of a trip; told twice, once.

    :raises NotYet: when a package of the trip is not known.
    """
    told = []
    wanted = {key: shipment for shipment in trip.shipments for key in shipment.package_ids}
    packages = {
        package.pk: package
        for package in Package.objects.filter(pk__in=wanted).select_related("warehouse__site", "dealer")
    }
    if len(packages) < len(wanted):
        raise NotYet(f"{len(wanted) - len(packages)} packages of trip {trip.number} are not known yet")
    known = _told([shipment.shipment_id for shipment in trip.shipments], "loading", at)
    for shipment in trip.shipments:
        inside = [packages[key] for key in shipment.package_ids]
        if not inside or shipment.shipment_id in known:
            continue
        house = inside[0].warehouse
        place = uris.place(house.site.gln, house.code)
        facts = Facts(
            at=at,
            step="loading",
            disposition="in_progress",
            read_point=place,
            location=place,
            transactions=_papers(shipment.number, trip.number),
        )
        told.append(_of_packages(inside, facts, shipment.shipment_id, shipment.dealer_id))
    carrier = trip.carrier_id if Organization.objects.filter(pk=trip.carrier_id).exists() else None
    return epcis.record(told, document_type="shipment", carrier_id=carrier)


@unit_of_work()
def delivered(delivery: DeliveryConfirmed) -> int:
    """Write the event of a dealer taking goods over; told twice, once.

    :raises NotYet: when the departure of the shipment is not known.
    """
    inside = list(
        Package.objects.filter(shipment_id=delivery.shipment_id).select_related("dealer").order_by("pk")
    )
    if not inside:
        raise NotYet(f"shipment {delivery.number} has not departed, as far as is known")
    if _told([delivery.shipment_id], "accepting", delivery.delivered_at):
        return 0
    site = Site.objects.filter(pk=delivery.ship_to_site_id).first()
    place = uris.place(site.gln, site.code) if site else ""
    facts = Facts(
        at=delivery.delivered_at,
        step="accepting",
        disposition="in_progress",
        read_point=place,
        location=place,
        owners=("", uris.party(inside[0].dealer.gln, inside[0].dealer.code)),
        transactions=_papers(delivery.number),
    )
    carrier = delivery.carrier_id if Organization.objects.filter(pk=delivery.carrier_id).exists() else None
    told = _of_packages(inside, facts, delivery.shipment_id, delivery.dealer_id)
    return epcis.record([told], document_type="shipment", carrier_id=carrier)


def _papers(shipment: str, trip: str = "") -> tuple[tuple[str, str], ...]:
    bol = ("bol", uris.private("bt", "bol", shipment))
    return (bol, ("urn:midstream:btt:trip", uris.private("bt", "trip", trip))) if trip else (bol,)


def _told(shipment_ids: Collection[UUID], step: str, at: datetime) -> set[UUID]:
    """Return the shipments of which a step is told already."""
    rows = EpcisEvent.objects.filter(document_id__in=shipment_ids, biz_step=step, event_time=at)
    return {key for key in rows.values_list("document_id", flat=True) if key is not None}


def _of_packages(packages: Sequence[Package], facts: Facts, shipment_id: UUID, dealer_id: int) -> Told:
    mentions = [
        Mention(uris.unit(package.sscc), "EPC", facts.action, unit_id=package.handling_unit_id)
        for package in packages
    ]
    made = event.object_event(facts, epcs=[one.uri for one in mentions])
    return Told(made, mentions, shipment_id, dealer_id, None)
