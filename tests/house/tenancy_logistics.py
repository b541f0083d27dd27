"""Who may do what at the routes of logistics: a carrier's work for a dealer."""

from __future__ import annotations

from typing import Any

from b2b.core.actor import CARRIER, DEALER, OPERATOR, acting_as, system
from b2b.core.money import Money
from logistics.services import freight_invoice
from tests.factories import logistics, tenders
from tests.house.tenancy_line import Case, Line, World


def _shipment(world: World, until: str = "DEPARTED") -> Case:
    made = logistics.haul(world[DEALER], world[CARRIER], until=until)
    return Case({"shipment_id": made.shipment.pk})


def _arrivals(world: World) -> Case:
    case = _shipment(world)
    logistics.arrivals_told()
    return case


def _delivered(world: World) -> Case:
    return _shipment(world, until="DELIVERED")


def _shipments(world: World) -> Case:
    return Case(marker=logistics.haul(world[DEALER], world[CARRIER]).shipment.number)


def _trip(world: World) -> Case:
    return Case({"trip_id": logistics.haul(world[DEALER], world[CARRIER], until="PLANNED").trip.pk})


def _trips(world: World) -> Case:
    return Case(marker=logistics.haul(world[DEALER], world[CARRIER]).trip.number)


def _vehicles(world: World) -> Case:
    return Case(marker=logistics.vehicle(world[CARRIER]).code)


def _position(world: World) -> Case:
    made = logistics.vehicle(world[CARRIER])
    logistics.seen(made)
    return Case(marker=made.code)


def _nearest(world: World) -> Case:
    logistics.seen(logistics.vehicle(world[CARRIER], shift_start="00:00", shift_end="23:59:59"))
    return Case(query="?latitude=30.5&longitude=114.3")


def _tender(world: World) -> Case:
    offer, _ = tenders.asked(world[DEALER], world[CARRIER])
    return Case({"tender_id": offer.tender_id}, marker=offer.tender.number)


def _tenders(world: World) -> Case:
    return Case(marker=_tender(world).marker)


def _offer(world: World) -> Case:
    offer, _ = tenders.asked(world[DEALER], world[CARRIER], price=Money.of(500, "CNY"))
    return Case({"offer_id": offer.pk}, marker=offer.number)


def _offers(world: World) -> Case:
    return Case(marker=_offer(world).marker)


def _route_plan(world: World) -> Case:
    return Case({"plan_id": logistics.route_plan_of(world[DEALER], world[CARRIER]).pk})


def _route_plans(world: World) -> Case:
    return Case(marker=logistics.route_plan_of(world[DEALER], world[CARRIER]).number)


def _freight_invoice(world: World) -> Case:
    trip = logistics.haul(world[DEALER], world[CARRIER]).trip  # not at its end: it is disputed
    bill = freight_invoice.Bill(
        world[CARRIER].pk, "OWN-INVOICE", logistics.MORNING.date(), trip.currency, [(trip.number, trip.cost)]
    )
    with acting_as(system("test")) as platform:
        made = freight_invoice.receive(bill, by=platform, at=logistics.MORNING)
    return Case({"invoice_id": made.pk}, marker="OWN-INVOICE")


def _freight_invoices(world: World) -> Case:
    return Case(marker=_freight_invoice(world).marker)


CARRIED = frozenset({"owner", DEALER, OPERATOR})
HAULED = frozenset({"owner", OPERATOR})
OVERSEEN = frozenset({OPERATOR})
OWN = frozenset({"owner"})
DESK: dict[str, Any] = {"owner": OPERATOR, "sees": frozenset({"owner", "rival"})}
BECAUSE: dict[str, Any] = {"body": lambda world: {"reason": "full"}}

LINES: dict[str, Line] = {
    "shipments/": Line(_shipments, owner=CARRIER, sees=CARRIED),
    "shipments/<uuid:shipment_id>/": Line(_shipment, owner=CARRIER, sees=CARRIED),
    "shipments/<uuid:shipment_id>/tracking/": Line(_shipment, owner=CARRIER, sees=CARRIED, changes=HAULED),
    "shipments/<uuid:shipment_id>/arrivals/": Line(_arrivals, owner=CARRIER, sees=CARRIED),
    "shipments/<uuid:shipment_id>/delivery/": Line(_delivered, owner=CARRIER, sees=CARRIED, changes=HAULED),
    "shipments/<uuid:shipment_id>/failure/": Line(_shipment, owner=CARRIER, changes=HAULED),
    "shipments/<uuid:shipment_id>/retry/": Line(
        _shipment, owner=CARRIER, changes=OVERSEEN, body=lambda world: {"reason": "again"}
    ),
    "trips/": Line(_trips, owner=CARRIER, changes=OVERSEEN),
    "trips/<uuid:trip_id>/": Line(_trip, owner=CARRIER),
    "trips/<uuid:trip_id>/depart/": Line(_trip, owner=CARRIER, changes=HAULED),
    "trips/<uuid:trip_id>/cancel/": Line(
        _trip, owner=CARRIER, changes=OVERSEEN, body=lambda world: {"reason": "snow"}
    ),
    "tenders/": Line(_tenders, **DESK, changes=frozenset({"owner", "rival"})),
    "tenders/<uuid:tender_id>/": Line(_tender, **DESK),
    "tenders/<uuid:tender_id>/withdraw/": Line(
        _tender, owner=OPERATOR, changes=frozenset({"owner", "rival"}), **BECAUSE
    ),
    "offers/": Line(_offers, owner=CARRIER),
    "offers/<uuid:offer_id>/": Line(_offer, owner=CARRIER, changes=OWN),
    "offers/<uuid:offer_id>/accept/": Line(_offer, owner=CARRIER, changes=HAULED),
    "offers/<uuid:offer_id>/decline/": Line(_offer, owner=CARRIER, changes=OWN, **BECAUSE),
    "offers/<uuid:offer_id>/withdraw/": Line(_offer, owner=CARRIER, changes=OWN, **BECAUSE),
    "offers/<uuid:offer_id>/refuse/": Line(_offer, owner=CARRIER, changes=OVERSEEN, **BECAUSE),
    "freight-invoices/": Line(_freight_invoices, owner=CARRIER, changes=frozenset({"owner", "rival"})),
    "freight-invoices/<uuid:invoice_id>/": Line(_freight_invoice, owner=CARRIER),
    "freight-invoices/<uuid:invoice_id>/accept/": Line(
        _freight_invoice, owner=CARRIER, changes=OVERSEEN, **BECAUSE
    ),
    "freight-invoices/<uuid:invoice_id>/reject/": Line(
        _freight_invoice, owner=CARRIER, changes=OVERSEEN, **BECAUSE
    ),
    "positions/": Line(
        _position,
        owner=CARRIER,
        changes=frozenset({"owner", "rival", OPERATOR}),
        body=lambda world: {"positions": [{}]},
    ),
    "route-plans/": Line(_route_plans, owner=CARRIER, sees=OVERSEEN, changes=OVERSEEN),
    "route-plans/<uuid:plan_id>/": Line(_route_plan, owner=CARRIER, sees=OVERSEEN),
    "route-plans/<uuid:plan_id>/accept/": Line(_route_plan, owner=CARRIER, changes=OVERSEEN),
    "route-plans/<uuid:plan_id>/cancel/": Line(_route_plan, owner=CARRIER, changes=OVERSEEN),
    "route-plans/<uuid:plan_id>/again/": Line(_route_plan, owner=CARRIER, changes=OVERSEEN),
    "vehicles/nearest/": Line(_nearest, owner=CARRIER, sees=OVERSEEN),
    "vehicles/": Line(_vehicles, owner=CARRIER),
}
