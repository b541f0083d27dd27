"""Goods are signed for, or nobody takes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from b2b.contracts.logistics import DeliveredLine, DeliveryConfirmed, DeliveryFailed
from b2b.core.actor import Actor
from b2b.core.errors import Invalid, Problem
from b2b.core.geo import GeoPoint
from b2b.db.transactions import unit_of_work
from b2b.outbox.publish import publish
from logistics import states
from logistics.models import Drop, ProofOfDelivery, Shipment, ShipmentLine
from logistics.policies import tracking
from logistics.policies.acceptance import Outcome, Taken, settle
from logistics.services import proof, visit
from logistics.services.tracking import PLATFORM, Sighting, append

CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Capture:
    """What the device at the door recorded; without outcomes everything was taken.

    `capture_id` is the device's own name for it: sent again, it changes nothing. Hashes in lower-case hex.
    """

    capture_id: str
    signer_name: str
    delivered_at: datetime
    signer_role: str = ""
    position: GeoPoint | None = None
    outcomes: Sequence[Outcome] = ()
    photo_sha256: str = ""
    signature_sha256: str = ""


@unit_of_work()
def confirm(shipment_id: UUID, *, capture: Capture, by: Actor, at: datetime) -> ProofOfDelivery:
    """Keep the proof that a shipment arrived, in full or in part, and publish DeliveryConfirmed.

    The same capture again returns the proof there is. :raises Invalid: when the capture does not add up; its problems
    say which line. :raises NotFound: when the shipment is not the actor's. :raises Forbidden: when they may see it
    only. :raises IllegalTransition: when it is not in transit.
    """
    seen = visit.visible(shipment_id, by)
    shipment, drop = visit.hold(seen)
    known = ProofOfDelivery.objects.filter(shipment=shipment, capture_id=capture.capture_id).first()
    if known is not None:
        return known
    if drop is None:
        raise visit.not_in_transit(shipment, "deliver")
    _check(capture, at)
    lines = list(ShipmentLine.objects.filter(shipment=shipment).order_by("line_number"))
    taken = settle({line.line_number: line.quantity for line in lines}, capture.outcomes)
    signed = proof.write(shipment, drop, capture, [(line, taken[line.line_number]) for line in lines], at=at)
    shipment.advance("deliver", by=by, at=at, delivered_at=capture.delivered_at)
    visit.end(drop, Drop.Outcome.DELIVERED, by=by, at=at, arrived_at=capture.delivered_at)
    name = f"{signed.pk}:delivered"
    append([Sighting(shipment.pk, PLATFORM, name, tracking.DELIVERED, capture.delivered_at)], at=at)
    publish(_confirmed(shipment, drop, capture, lines, taken, at))
    return signed


def _check(capture: Capture, at: datetime) -> None:
    problems = []
    if not capture.capture_id:
        problems.append(Problem("required", "a capture needs its own id", "/capture_id"))
    if not capture.signer_name.strip():
        problems.append(Problem("required", "somebody has to sign", "/signer_name"))
    if capture.delivered_at > at + CLOCK_SKEW:
        problems.append(Problem("in_the_future", "it has not happened yet", "/delivered_at"))
    for name in ("photo_sha256", "signature_sha256"):
        told = getattr(capture, name)
        if told and not proof.is_sha256(told):
            problems.append(Problem("not_a_hash", "64 lower-case hexadecimal digits", f"/{name}"))
    if problems:
        raise Invalid("the proof is not complete", problems=problems)


def _confirmed(
    shipment: Shipment,
    drop: Drop,
    capture: Capture,
    lines: Sequence[ShipmentLine],
    taken: dict[int, Taken],
    at: datetime,
) -> DeliveryConfirmed:
    return DeliveryConfirmed(
        occurred_at=at,
        shipment_id=shipment.pk,
        number=shipment.number,
        dealer_id=shipment.dealer_id,
        carrier_id=drop.carrier_id,
        ship_to_site_id=shipment.ship_to_site_id,
        delivered_at=capture.delivered_at,
        currency=shipment.currency,
        freight_amount=shipment.freight_amount,
        lines=tuple(
            DeliveredLine(
                order_id=line.order_id,
                order_version=line.order_version,
                order_line_id=line.order_line_id,
                product_id=line.product_id,
                delivered_quantity=taken[line.line_number].accepted_quantity,
                short_quantity=taken[line.line_number].short_quantity,
            )
            for line in lines
        ),
    )


@unit_of_work()
def fail(
    shipment_id: UUID, *, reason: str, by: Actor, at: datetime, failed_at: datetime | None = None
) -> Shipment:
    """Say that nobody could take a shipment, and publish DeliveryFailed; said twice it counts once.

    :raises Invalid: without a reason. :raises NotFound: when the shipment is not the actor's. :raises Forbidden: when
    they may see it only. :raises IllegalTransition: when it is not in transit.
    """
    seen = visit.visible(shipment_id, by)
    if not reason.strip():
        raise Invalid("say why", problems=[Problem("required", "a failed delivery has a reason", "/reason")])
    shipment, drop = visit.hold(seen)
    if shipment.status == states.FAILED:
        return shipment
    if drop is None:
        raise visit.not_in_transit(shipment, "fail")
    shipment.advance("fail", by=by, at=at, reason=reason)
    moment = failed_at or at
    visit.end(drop, Drop.Outcome.FAILED, by=by, at=at, arrived_at=moment, reason=reason)
    name = f"{drop.trip_id}:failed"
    append([Sighting(shipment.pk, PLATFORM, name, tracking.ATTEMPT_FAILED, moment, note=reason[:300])], at=at)
    publish(
        DeliveryFailed(
            occurred_at=at,
            shipment_id=shipment.pk,
            number=shipment.number,
            dealer_id=shipment.dealer_id,
            carrier_id=drop.carrier_id,
            reason=reason,
        )
    )
    return shipment
