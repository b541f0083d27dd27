"""What a carrier answers: its price, or that it will not; one that wins gets a trip, and there is one that wins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from b2b.contracts.tenders import OfferAccepted, OfferMade
from b2b.core.actor import CARRIER, Actor, acting_as, system
from b2b.core.errors import DomainError, Forbidden, Invalid, NotFound, Problem
from b2b.core.machine import IllegalTransition
from b2b.core.money import Money
from b2b.db.locks import lock, lock_one
from b2b.db.transactions import unit_of_work
from b2b.outbox.publish import publish
from logistics import states
from logistics.models import Offer, Shipment, Tender, Vehicle
from logistics.policies import verifier
from logistics.policies.hours import planning_day
from logistics.policies.roads import GreatCircleRoads, Roads
from logistics.policies.screening import REASONS
from logistics.selectors import dispatching
from logistics.selectors import tender as tenders
from logistics.services import dispatch, planner, planning, tender, tender_round
from logistics.services.planning import Proposal

DESK: Final = system("tenders")  # a carrier may neither read nor plan shipments before it has won them
PLANNING_S: Final = 0.1  # one vehicle's round: a plan at once


class TenderTaken(DomainError):
    """Somebody else has won this load, or it is not offered any more."""

    code = "tender_taken"


class OfferExpired(DomainError):
    """The time to answer is over."""

    code = "offer_expired"


@dataclass(frozen=True, slots=True)
class Commitment:
    """How a carrier would fetch a load: with this vehicle, at this moment, by this verified plan."""

    vehicle_id: int
    pickup_at: datetime
    proposal: Proposal


@unit_of_work()
def offer(
    offer_id: UUID, *, price: Decimal, vehicle_code: str, pickup_at: datetime, by: Actor, at: datetime
) -> Offer:
    """Name a carrier's price for a load, in the tender's currency; named again it replaces the one before.

    :raises NotFound: when it was not asked. :raises Invalid: when vehicle, moment or price cannot be.
    :raises TenderTaken: when it is over. :raises OfferExpired: when it is too late.
    """
    made = _visible(offer_id, by)
    with acting_as(DESK):
        held = tender.hold(made.tender_id)
        made = lock_one(Offer.objects.filter(pk=offer_id))
        _in_time(held, made, at)
    if held.price is not None:
        raise Invalid(
            "the price is fixed: accept it or decline", problems=[Problem("fixed_price", "", "/price")]
        )
    vehicle = _vehicle(made, vehicle_code)
    _check(held, vehicle, pickup_at, price)
    made.advance("offer", by=by, at=at, price=price, pickup_at=pickup_at, vehicle_id=vehicle.pk)
    publish(
        OfferMade(
            occurred_at=at, offer_id=made.pk, number=made.number, carrier_id=made.carrier_id, price=price,
            currency=held.currency, pickup_at=pickup_at,
        )
    )  # fmt: skip
    return made


@unit_of_work()
def end(offer_id: UUID, verb: str, *, by: Actor, at: datetime, reason: str = "") -> Offer:
    """Decline or withdraw an offer for its carrier, or refuse it for the operator; whoever is next is asked.

    :raises NotFound: when it is not the actor's to see. :raises Forbidden: when the verb is the other side's.
    :raises IllegalTransition: when its status does not allow it.
    """
    made = _visible(offer_id, by)
    if (verb == "refuse") != by.sees_all:
        raise Forbidden("a carrier declines or withdraws, the operator refuses")
    with acting_as(DESK):
        held = tender.hold(made.tender_id)
        made = lock_one(Offer.objects.filter(pk=offer_id))
        tender_round.close([made], verb, by=by, at=at, reason=reason)
        tender_round.ask_on([held], by=by, at=at)
    return made


def prepare(
    offer_id: UUID,
    *,
    by: Actor,
    at: datetime,
    vehicle_code: str = "",
    pickup_at: datetime | None = None,
    roads: Roads | None = None,
) -> Commitment:
    """Plan the round with which a load would be carried; writes nothing and must not be called in a unit of work.

    :raises NotFound: when it was not asked. :raises Forbidden: when it is not the caller's to accept.
    :raises Invalid: when the vehicle cannot carry the load in time; says why for each shipment.
    :raises TenderTaken: when it is over.
    """
    made = _visible(offer_id, by)
    with acting_as(DESK):
        held = made.tender
        if held.status != states.OPEN:
            raise TenderTaken(f"{held.number} is {held.status.lower()}")
        _whose(held, made, by)
        if made.status == states.OFFERED and made.vehicle is not None and made.pickup_at is not None:
            vehicle, moment = made.vehicle, made.pickup_at
        else:
            vehicle, moment = _vehicle(made, vehicle_code), pickup_at or held.pickup_from_at
        _check(held, vehicle, moment)
        return Commitment(vehicle.pk, moment, _plan(held, made, vehicle, max(moment, at), roads))


@unit_of_work()
def accept(offer_id: UUID, commitment: Commitment, *, by: Actor, at: datetime) -> Offer:
    """Let an offer win its tender: plan the trip, tell the winner and the others.

    A carrier accepts the price it was asked at, the operator one that was named. Of several at once one wins.

    :raises NotFound: when it is not the actor's to see. :raises Forbidden: when it is the other side's to accept.
    :raises TenderTaken: when somebody was quicker. :raises OfferExpired: when it is too late.
    :raises PlanOutdated: when the vehicle or the goods changed meanwhile.
    """
    made = _visible(offer_id, by)
    with acting_as(DESK):
        lock(Vehicle.objects.filter(pk=commitment.vehicle_id))
        held = tender.hold(made.tender_id)
        living = lock(tenders.live([held.pk]))
        made = next((one for one in living if one.pk == offer_id), made)
        _in_time(held, made, at)
        _whose(held, made, by)
        trip = dispatch.publish_plan(commitment.proposal, by=DESK, at=at).trips[0]
        price = commitment.proposal.agreed
        assert price is not None
        made.advance(
            "accept",
            by=by,
            at=at,
            price=price.amount,
            vehicle_id=commitment.vehicle_id,
            pickup_at=commitment.pickup_at,
        )
        held.advance("award", by=by, at=at, trip_id=trip.pk, queue=[])
        tender_round.close([one for one in living if one.pk != made.pk], "lose", by=by, at=at)
        publish(
            OfferAccepted(
                occurred_at=at, offer_id=made.pk, number=made.number, carrier_id=made.carrier_id, trip_id=trip.pk,
                price=price.amount, currency=price.currency, pickup_at=commitment.pickup_at,
            )
        )  # fmt: skip
    return made


def _visible(offer_id: UUID, by: Actor) -> Offer:
    found = tenders.offers(by).filter(pk=offer_id).first()
    if found is None or not (by.sees_all or by.kind == CARRIER):
        raise NotFound("there is no such offer")
    return found


def _in_time(held: Tender, made: Offer, at: datetime) -> None:
    if held.status != states.OPEN or made.status not in states.LIVE:
        raise TenderTaken(f"{held.number} is {held.status.lower()}, the offer {made.status.lower()}")
    if held.pickup_until_at <= at or (made.status == states.INVITED and made.expires_at <= at):
        raise OfferExpired


def _whose(held: Tender, made: Offer, by: Actor) -> None:
    if made.status == states.OFFERED and not by.sees_all:
        raise Forbidden("the operator chooses among the prices that were named")
    if made.status == states.INVITED and (by.sees_all or held.price is None):
        raise IllegalTransition(
            f"{made.number} waits for its carrier, who takes the price, or names one where there is none",
            state=made.status,
            verb="accept",
        )


def _vehicle(made: Offer, code: str) -> Vehicle:
    found = Vehicle.objects.filter(carrier_id=made.carrier_id, code=code, is_active=True).first()
    if found is None:
        raise Invalid(
            "the load needs a vehicle",
            problems=[Problem("unknown_vehicle", f"there is no active vehicle {code}", "/vehicle")],
        )
    return found


def _check(held: Tender, vehicle: Vehicle, pickup_at: datetime, price: Decimal | None = None) -> None:
    problems = []
    if price is not None and price <= 0:
        problems.append(Problem("no_price", "a price is above zero", "/price"))
    if not held.pickup_from_at <= pickup_at <= held.pickup_until_at:
        window = f"{held.pickup_from_at.isoformat()} to {held.pickup_until_at.isoformat()}"
        problems.append(Problem("outside_window", f"the load is ready {window}", "/pickup_at"))
    too_small = vehicle.capacity_weight_g < held.weight_g or vehicle.capacity_volume_cm3 < held.volume_cm3
    if too_small:
        problems.append(Problem("too_small", f"{vehicle.code} is too small for the load", "/vehicle"))
    if missing := set(held.required_skills) - set(vehicle.skills):
        problems.append(
            Problem("needs_skill", f"{vehicle.code} lacks {', '.join(sorted(missing))}", "/vehicle")
        )
    if problems:
        raise Invalid("the load cannot be carried so", problems=problems)


def _plan(held: Tender, made: Offer, vehicle: Vehicle, leaves_at: datetime, roads: Roads | None) -> Proposal:
    shipments = list(tenders.shipments(DESK, held))
    day = planning_day(leaves_at, (), held.warehouse_site.time_zone)
    draft = planning.draft(
        held.warehouse_site,
        shipments,
        [vehicle],
        day=day,
        at=leaves_at,
        roads=roads or GreatCircleRoads(),
        busy=dispatching.busy_until([vehicle.pk]),
    )
    found = planner.solve(draft.problem, seconds=PLANNING_S)
    if violations := verifier.verify(draft.problem, found):
        raise dispatch.InvalidPlan(violations=[str(violation) for violation in violations])
    price = Money.of(made.price if made.price is not None else 0, held.currency)
    versions = {shipment.pk: shipment.version for shipment in shipments}
    proposal = replace(Proposal(draft, found, versions), waits_as=states.TENDERED, agreed=price)
    if left := planning.left_out(proposal):
        raise Invalid("the vehicle cannot carry the load", problems=list(_why(left)))
    return proposal


def _why(left: Sequence[tuple[Shipment, str]]) -> list[Problem]:
    return [Problem(reason.lower(), f"{one.number}: {REASONS[reason]}", "/vehicle") for one, reason in left]
