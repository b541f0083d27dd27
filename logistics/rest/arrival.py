"""When a shipment arrives, as it was told at each moment."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseBase
from rest_framework import serializers
from rest_framework.request import Request

from b2b.core.actor import CARRIER, DEALER, OPERATOR, Actor
from b2b.http.views import ListView
from logistics.selectors import arrivals
from logistics.selectors import shipment as shipments


class ArrivalShape(serializers.Serializer[Any]):
    """When a shipment arrives by half and by four fifths of the chances, as thought at `computed_at`; the newest holds.

    `seen_at` is when its vehicle was seen last; late means that four fifths end after the drop point closes.
    """

    computed_at = serializers.DateTimeField()
    p50_at = serializers.DateTimeField()
    p80_at = serializers.DateTimeField()
    window_closes_at = serializers.DateTimeField(allow_null=True)
    is_late = serializers.BooleanField()
    seen_at = serializers.DateTimeField(allow_null=True)


class Arrivals(ListView):
    """List what was told of when a shipment arrives, the newest first; empty before it is on its way."""

    scope, kinds = "logistics", (DEALER, CARRIER, OPERATOR)
    serializer = ArrivalShape

    def rows(self, actor: Actor) -> QuerySet[Any]:
        """Return what was told of the shipment the URL names."""
        return arrivals.of_shipment(actor, self.kwargs.get("shipment_id"))

    def get(self, request: Request, **where: Any) -> HttpResponseBase:
        """Answer with a page, or 404 when there is no such shipment."""
        shipments.require(self.actor, where["shipment_id"])
        return super().get(request, **where)
