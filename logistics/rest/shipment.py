"""Shipments, what was seen of them, and how they ended."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponseBase
from rest_framework.request import Request

from b2b.core.actor import CARRIER, DEALER, OPERATOR, Actor
from b2b.core.geo import GeoPoint
from b2b.http.views import CommandView, DetailView, ListView
from logistics.policies.acceptance import Outcome
from logistics.rest import inputs, shapes
from logistics.rest.filters import ShipmentFilter
from logistics.selectors import proofs
from logistics.selectors import shipment as shipments
from logistics.services import delivery, shipment, tracking

PARTIES = (DEALER, CARRIER, OPERATOR)
HAULIERS = (CARRIER, OPERATOR)


class Shipments(ListView):
    """List the shipments the caller receives, carries or oversees."""

    scope, kinds = "logistics", PARTIES
    selector = shipments.visible
    serializer = shapes.ShipmentShape
    filterset = ShipmentFilter


class OneShipment(DetailView):
    """Show a shipment with its packages and lines."""

    scope, kinds = "logistics", PARTIES
    selector = shipments.detailed
    serializer = shapes.ShipmentDetail


class Tracking(ListView, CommandView):
    """List what was seen of a shipment, the latest told first; POST tells more, in any order, twice if need be."""

    scope, kinds, write_kinds = "logistics", PARTIES, HAULIERS
    serializer = shapes.TrackingShape
    input, output = inputs.SightingsInput, shapes.RecordedShape

    def rows(self, actor: Actor) -> QuerySet[Any]:
        """Return the events of the shipment the URL names."""
        return shipments.tracking(actor, self.kwargs.get("shipment_id"))

    def get(self, request: Request, **where: Any) -> HttpResponseBase:
        """Answer with a page, or 404 when there is no such shipment."""
        shipments.require(self.actor, where["shipment_id"])
        return super().get(request, **where)

    def find(self) -> Any:
        """Check that whoever tells something may see the shipment."""
        return shipments.require(self.actor, self.kwargs["shipment_id"])

    def call(self, data: Any, *, by: Actor, at: Any, shipment_id: UUID) -> Any:
        """Record the events."""
        seen = []
        for event in data["events"]:
            point = event.pop("position", None) or {}
            where = {name: proofs.micro_degrees(degrees) for name, degrees in point.items()}
            seen.append(tracking.Sighting(shipment_id=shipment_id, **event, **where))
        return {"new": tracking.record(seen, by=by, at=at)}


class Delivery(DetailView, CommandView):
    """Show the proof that a shipment was delivered; POST brings one. The same capture_id again changes nothing."""

    scope, kinds, write_kinds = "logistics", PARTIES, HAULIERS
    lookup_field = "shipment_id"
    serializer = output = shapes.ProofShape
    input, status = inputs.ProofInput, HTTPStatus.CREATED

    def rows(self, actor: Actor) -> QuerySet[Any]:
        """Return the proofs of the shipment the URL names."""
        return proofs.of_shipment(actor, self.kwargs.get("shipment_id"))

    def find(self) -> Any:
        """Return the proof there is; who brings one must see the shipment."""
        if self.request.method == "POST":
            return shipments.require(self.actor, self.kwargs["shipment_id"])
        return super().find()

    def call(self, data: Any, *, by: Actor, at: Any, shipment_id: UUID) -> Any:
        """Confirm the delivery."""
        point = data.pop("position", None)
        capture = delivery.Capture(
            delivered_at=data.pop("delivered_at", at),
            position=GeoPoint(**point) if point else None,
            outcomes=[Outcome(**line) for line in data.pop("lines", ())],
            **data,
        )
        return delivery.confirm(shipment_id, capture=capture, by=by, at=at)


class Failure(CommandView):
    """Say that nobody took a shipment; said twice it counts once."""

    scope, kinds = "logistics", HAULIERS
    selector = shipments.visible
    input, output = inputs.FailureInput, shapes.ShipmentShape

    def call(self, data: Any, *, by: Actor, at: Any, shipment_id: UUID) -> Any:
        """Record the failed attempt."""
        return delivery.fail(shipment_id, by=by, at=at, **data)


class Retry(CommandView):
    """Put a shipment whose delivery failed back to the plan; the operator's decision, not the carrier's."""

    scope, kinds = "logistics", HAULIERS
    selector = shipments.visible
    input, output = inputs.ReasonInput, shapes.ShipmentShape

    def call(self, data: Any, *, by: Actor, at: Any, shipment_id: UUID) -> Any:
        """Let the next plan take it."""
        return shipment.retry(shipment_id, by=by, at=at, **data)
