"""Loads are offered to carriers: opened over shipments that wait, withdrawn while nobody has won."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from b2b.core.actor import Actor
from b2b.core.errors import Forbidden, Invalid, NotFound, Problem
from b2b.core.ids import uuid7
from b2b.core.money import Money
from b2b.db.locks import lock
from b2b.db.models import advance_all, record
from b2b.db.transactions import unit_of_work
from b2b.directory.models import Organization
from logistics import states
from logistics.models import Shipment, Tender, TenderedShipment
from logistics.policies.roads import GreatCircleRoads
from logistics.selectors import dispatching, matching
from logistics.selectors import tender as tenders
from logistics.selectors.nearest import MOST
from logistics.services import tender_round
from logistics.services.numbering import take_each

MOST_SHIPMENTS = 60  # what one vehicle can drop on a day, and more
MOST_CARRIERS = 50


@dataclass(frozen=True, slots=True)
class Terms:
    """What is offered to carriers, and how they are asked.

    `carriers` are codes, the first asked first; without them those of the `nearest` vehicles that fit. With a `price`
    the first that takes it wins, without one carriers name theirs.
    """

    pickup_from_at: datetime
    pickup_until_at: datetime
    answer_minutes: int
    mode: str = Tender.Mode.BROADCAST
    carriers: Sequence[str] = ()
    nearest: int = 5
    price: Money | None = None
    currency: str = "CNY"


@unit_of_work()
def open_tender(shipment_ids: Sequence[UUID], terms: Terms, *, by: Actor, at: datetime) -> Tender:
    """Offer shipments that wait at one warehouse as one load, and ask the first carrier or all of them.

    :raises Forbidden: unless the operator or the platform asks. :raises NotFound: for an unknown shipment.
    :raises Invalid: when the terms or the load make no sense, or nobody is there to be asked; says what and where.
    :raises IllegalTransition: when a shipment does not wait any more.
    """
    _operator_only(by)
    shipments = lock(Shipment.objects.filter(pk__in=set(shipment_ids)).select_related("warehouse_site"))
    if len(shipments) != len(set(shipment_ids)):
        raise NotFound("there is no such shipment")
    _check(shipments, terms, at)
    made = _tender(shipments, terms, at)
    made.queue = _whom_to_ask(made, terms, by=by, at=at)
    issuer = made.warehouse_site.organization
    made.number = take_each("TENDER", {issuer.pk: 1}, {issuer.pk: issuer.code}, "TD")[issuer.pk][0]
    made.save(force_insert=True)
    TenderedShipment.objects.bulk_create(TenderedShipment(tender=made, shipment=one) for one in shipments)
    record([(made, "create", "", states.OPEN)], by=by, at=at)
    advance_all(shipments, "tender", by=by, at=at, reason=made.number)
    tender_round.ask_on([made], by=by, at=at)
    return made


@unit_of_work()
def withdraw(tender_id: UUID, *, by: Actor, at: datetime, reason: str = "") -> Tender:
    """Take a tender back; its shipments wait for a plan again, and who was asked is told.

    :raises Forbidden: unless the operator or the platform asks. :raises IllegalTransition: when it is over.
    """
    _operator_only(by)
    made = hold(tender_id)
    made.advance("withdraw", by=by, at=at, reason=reason, queue=[])
    tender_round.give_back([made], by=by, at=at, reason=reason)
    return made


def hold(tender_id: UUID) -> Tender:
    """Lock the shipments of a tender, then the tender, and return it.

    :raises NotFound: when there is none.
    """
    lock(Shipment.objects.filter(pk__in=tenders.shipment_ids([tender_id])))
    held = lock(Tender.objects.filter(pk=tender_id))
    if not held:
        raise NotFound("there is no such tender")
    return held[0]


def _operator_only(by: Actor) -> None:
    if not by.sees_all:
        raise Forbidden("only the operator offers loads to carriers")


def _check(shipments: Sequence[Shipment], terms: Terms, at: datetime) -> None:
    problems = []
    if not 1 <= len(shipments) <= MOST_SHIPMENTS:
        problems.append(Problem("size", f"1 to {MOST_SHIPMENTS} shipments make a load", "/shipments"))
    if len({one.warehouse_site_id for one in shipments}) > 1:
        problems.append(Problem("several_warehouses", "a load leaves from one warehouse", "/shipments"))
    stopped = dispatching.blocked(shipments)
    problems += [
        Problem("goods_blocked", f"{one.number}: {stopped[one.pk]}", "/shipments", remedy="leave it out")
        for one in shipments
        if one.pk in stopped
    ]
    if terms.pickup_from_at >= terms.pickup_until_at:
        problems.append(Problem("no_window", "the pick-up ends before it begins", "/pickup_until_at"))
    if terms.pickup_until_at <= at:
        problems.append(Problem("in_the_past", "the pick-up is over", "/pickup_until_at"))
    if terms.answer_minutes < 1:
        problems.append(Problem("no_time", "give at least a minute to answer", "/answer_minutes"))
    if terms.price is not None and terms.price.amount <= 0:
        problems.append(Problem("no_price", "a price is above zero; leave it out to ask for one", "/price"))
    if problems:
        raise Invalid("the load cannot be offered", problems=problems)


def _tender(shipments: Sequence[Shipment], terms: Terms, at: datetime) -> Tender:
    roads, warehouse = GreatCircleRoads(), shipments[0].warehouse_site
    return Tender(
        id=uuid7(),
        mode=terms.mode,
        warehouse_site=warehouse,
        price=terms.price.amount if terms.price else None,
        currency=terms.price.currency if terms.price else terms.currency,
        pickup_from_at=terms.pickup_from_at,
        pickup_until_at=terms.pickup_until_at,
        answer_minutes=terms.answer_minutes,
        required_skills=sorted({skill for one in shipments for skill in one.required_skills}),
        drops=len({one.ship_to_site_id for one in shipments}),
        distance_m=max(roads.distance_m(warehouse.point, one.point) for one in shipments),
        weight_g=sum(one.weight_g for one in shipments),
        volume_cm3=sum(one.volume_cm3 for one in shipments),
        created_at=at,
        updated_at=at,
    )


def _whom_to_ask(made: Tender, terms: Terms, *, by: Actor, at: datetime) -> list[dict[str, Any]]:
    """Return the carriers in the order in which they are asked, each with why."""
    load = matching.Load(
        0,
        made.warehouse_site.point,
        made.weight_g,
        made.volume_cm3,
        frozenset(made.required_skills),
        made.pickup_until_at,
    )
    near = matching.candidates(by, [load], at=at, count=MOST)[0]
    nearest: dict[int, list[dict[str, int | str]]] = {}
    for candidate in near:
        nearest.setdefault(candidate.carrier_id, candidate.reasons)
    if not terms.carriers:
        chosen = list(nearest)[: terms.nearest]
        if not chosen:
            raise Invalid(
                "nobody is there to be asked",
                problems=[
                    Problem(
                        "no_candidate",
                        "no vehicle that fits was seen in time for the pick-up",
                        "/carriers",
                        remedy="name carriers to ask",
                    )
                ],
            )
        return [{"carrier": key, "reasons": nearest[key]} for key in chosen]
    return [
        {"carrier": key, "reasons": nearest.get(key) or [{"code": "NAMED"}]} for key in _named(terms.carriers)
    ]


def _named(codes: Sequence[str]) -> list[int]:
    wanted = list(dict.fromkeys(codes))[:MOST_CARRIERS]
    known = dict(
        Organization.objects.filter(
            code__in=wanted, kind=Organization.Kind.CARRIER, is_active=True
        ).values_list("code", "pk")
    )
    unknown = [
        Problem("unknown_carrier", f"there is no active carrier {code}", f"/carriers/{row}")
        for row, code in enumerate(wanted)
        if code not in known
    ]
    if unknown:
        raise Invalid("some carriers cannot be asked", problems=unknown)
    return [known[code] for code in wanted]
