"""What a driver does on a trip, told at once or later: each action once, in its order, and none of them lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from b2b.core.actor import Actor
from b2b.core.errors import DomainError, Invalid, NotFound, Problem
from b2b.core.geo import GeoPoint
from b2b.db.locks import advisory_lock
from b2b.db.transactions import unit_of_work
from logistics.models import DriverAction, DriverPass, Drop, Evidence, Shipment, Stop
from logistics.policies import photo, tracking
from logistics.policies.acceptance import Outcome
from logistics.services import delivery, trip
from logistics.services.tracking import Sighting, record

START: Final = "START"
ARRIVE: Final = "ARRIVE"
DELIVER: Final = "DELIVER"
FAIL: Final = "FAIL"
SOURCE: Final = "driver"


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a driver did; `content` holds what the kind needs, `action_id` is the device's own name for it."""

    action_id: str
    kind: str
    occurred_at: datetime
    content: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of an action; `problem` says why it was refused."""

    action_id: str
    problem: str = ""


def act(held: DriverPass, actions: Sequence[Action], *, by: Actor, at: datetime) -> list[Answer]:
    """Carry out actions in their order, each in a transaction of its own, and answer each.

    An action that was told before is answered as it was then. One that is refused is kept with the reason and stops
    none of those after it: they are facts of the road, whatever the desk thinks of them.
    """
    return [_once(held, action, by=by, at=at) for action in actions]


def _once(held: DriverPass, action: Action, *, by: Actor, at: datetime) -> Answer:
    problem = ""
    try:
        known = _carry_out(held, action, by=by, at=at)
    except DomainError as error:
        if error.status >= 500:  # nobody's fault and perhaps gone in a moment: the device keeps it
            raise
        problem = "; ".join([error.message, *(one.message for one in error.problems)])[:500]
        known = _keep(held, action, problem, at=at)
    return known or Answer(action.action_id, problem)


@unit_of_work()
def _carry_out(held: DriverPass, action: Action, *, by: Actor, at: datetime) -> Answer | None:
    if known := _known(held, action):
        return known
    if action.kind not in KINDS:
        raise Invalid(f"{action.kind} is none of {', '.join(KINDS)}")
    KINDS[action.kind](held, action, by, at)
    _write(held, action, "", at=at)
    return None


@unit_of_work()
def _keep(held: DriverPass, action: Action, problem: str, *, at: datetime) -> Answer | None:
    known = _known(held, action)
    if known is None:
        _write(held, action, problem, at=at)
    return known


def _known(held: DriverPass, action: Action) -> Answer | None:
    advisory_lock(f"logistics.driver:{held.trip_id}")
    told = DriverAction.objects.filter(trip_id=held.trip_id, action_id=action.action_id).first()
    return Answer(told.action_id, told.problem) if told else None


def _write(held: DriverPass, action: Action, problem: str, *, at: datetime) -> None:
    DriverAction.objects.create(
        trip_id=held.trip_id,
        carrier_id=held.carrier_id,
        action_id=action.action_id,
        kind=action.kind[:16],
        occurred_at=action.occurred_at,
        received_at=at,
        content=action.content,
        problem=problem,
    )


def _start(held: DriverPass, action: Action, by: Actor, at: datetime) -> None:
    trip.depart(held.trip_id, by=by, at=min(action.occurred_at, at), driver_id=held.driver_id)


def _arrive(held: DriverPass, action: Action, by: Actor, at: datetime) -> None:
    stop = Stop.objects.filter(trip_id=held.trip_id, sequence=action.content.get("stop", 0)).first()
    if stop is None:
        raise NotFound("the trip has no such stop")
    aboard = Drop.objects.filter(stop=stop, outcome=Drop.Outcome.OPEN).values_list("shipment_id", flat=True)
    name = f"{stop.pk}:{action.action_id}"
    told = [Sighting(key, SOURCE, name, tracking.ARRIVED, action.occurred_at) for key in aboard]
    record(told, by=by, at=at)
    early = Stop.objects.filter(pk=stop.pk).exclude(actual_arrival_at__lte=action.occurred_at)
    early.update(actual_arrival_at=action.occurred_at)


def _deliver(held: DriverPass, action: Action, by: Actor, at: datetime) -> None:
    content, shipment_id = action.content, _aboard(held, action)
    for name, kind in (("photo_sha256", "PHOTO"), ("signature_sha256", "SIGNATURE")):
        told = content.get(name)
        if told and not Evidence.objects.filter(shipment_id=shipment_id, kind=kind, sha256=told).exists():
            raise Invalid(
                "a picture is missing", problems=[Problem("no_evidence", "send it first", f"/{name}")]
            )
    position = content.get("position") or {}
    capture = delivery.Capture(
        capture_id=action.action_id,
        signer_name=content.get("signer_name", ""),
        signer_role=content.get("signer_role", ""),
        delivered_at=action.occurred_at,
        position=GeoPoint(**position) if position else None,
        outcomes=[Outcome(**line) for line in content.get("lines", ())],
        photo_sha256=content.get("photo_sha256", ""),
        signature_sha256=content.get("signature_sha256", ""),
    )
    delivery.confirm(shipment_id, capture=capture, by=by, at=at)


def _fail(held: DriverPass, action: Action, by: Actor, at: datetime) -> None:
    delivery.fail(
        _aboard(held, action),
        reason=action.content.get("reason", ""),
        by=by,
        at=at,
        failed_at=action.occurred_at,
    )


def _aboard(held: DriverPass, action: Action) -> UUID:
    """Return the shipment an action names, if it is on the trip of the pass.

    :raises NotFound: when it is not.
    """
    key: UUID | str | None = action.content.get("shipment_id")
    if key is None:
        raise NotFound("the action names no shipment")
    found = (
        Drop.objects.filter(trip_id=held.trip_id, shipment_id=key)
        .values_list("shipment_id", flat=True)
        .first()
    )
    if found is None:
        raise NotFound("the trip has no such shipment")
    return found


KINDS: Final[dict[str, Callable[[DriverPass, Action, Actor, datetime], None]]] = {
    START: _start,
    ARRIVE: _arrive,
    DELIVER: _deliver,
    FAIL: _fail,
}


@unit_of_work()
def keep_evidence(
    held: DriverPass, shipment_id: UUID, kind: str, content: bytes, *, by: Actor, at: datetime
) -> str:
    """Keep a photo or a signature and return its SHA-256; the same again changes nothing.

    :raises NotFound: when the shipment is not on the trip. :raises Invalid: when it is no picture, or too large.
    """
    if kind not in Evidence.Kind.values:
        raise Invalid(f"{kind} is none of {', '.join(Evidence.Kind.values)}")
    media_type = photo.media_type(content)
    _aboard(held, Action("", kind, at, {"shipment_id": shipment_id}))
    shipment = Shipment.objects.visible_to(by).get(pk=shipment_id)
    named = sha256(content).hexdigest()
    Evidence.objects.bulk_create(
        [
            Evidence(
                shipment=shipment, dealer_id=shipment.dealer_id, carrier_id=held.carrier_id, kind=kind,
                sha256=named, media_type=media_type, content=content, received_at=at,
            )
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    return named
